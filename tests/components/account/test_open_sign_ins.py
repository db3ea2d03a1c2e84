"""The list of a person's sign-ins, and the form that ends one of them."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest


def page(sign_ins, proof_key):
    from dashboard.components.account.open_sign_ins import open_sign_ins

    open_sign_ins(sign_ins, lambda _id: None, None, proof_key=proof_key, proof_is_password=True)


def sign_in(number, *, is_this_one):
    at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    return SimpleNamespace(
        id=UUID(int=number),
        created_at=at,
        last_seen_at=at,
        address="192.0.2.1",
        is_this_one=is_this_one,
    )


@pytest.mark.parametrize(("proof_key", "labels"), [("proof", ["Mot de passe"]), (None, [])])
def test_a_password_is_asked_for_only_of_a_person_who_has_one(proof_key, labels):
    sign_ins = [sign_in(1, is_this_one=True), sign_in(2, is_this_one=False)]
    tab = AppTest.from_function(page, args=(sign_ins, proof_key))
    tab.session_state["ending"] = True
    tab.run()
    assert not tab.exception
    assert [one.label for one in tab.text_input] == labels
    assert len(tab.selectbox) == 1
