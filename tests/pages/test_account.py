"""One's own account, which a passer-by at an open page cannot change."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pyotp
import pytest

from dashboard.database import serving
from dashboard.web.auth import encryption, own_account, rate_limiting, second_factor, sessions
from dashboard.web.auth.sign_in import admit
from tests.pages.conftest import words
from tests.web.auth.test_second_factor import KEY
from tests.web.conftest import PASSWORD, run_as_owner

__all__ = ["run_as_owner"]

NEW = "quatre huîtres sous la pluie"


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setattr(encryption, "_key", KEY)


def change(tab, old, new, again):
    for field, typed in zip(tab.text_input, (old, new, again), strict=False):
        field.set_value(typed)
    tab.button[_of(tab, "Change the password")].click()
    return tab.run()


def _of(tab, label):
    return next(place for place, button in enumerate(tab.button) if button.label == label)


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", NEW, NEW, "The present password is not right."),
        (PASSWORD, NEW, NEW + "!", "The two new passwords differ."),
        (PASSWORD, "court", "court", "at least 12 characters"),
        (PASSWORD, "Moreau-2026-Moreau", "Moreau-2026-Moreau", "too easy to guess"),
        (PASSWORD, PASSWORD, PASSWORD, "in use before"),
    ],
)
def test_a_password_that_is_refused_says_why_and_changes_nothing(visit, old, new, again, said):
    tab = change(visit("moreau", "account"), old, new, again)
    assert said in words(tab)
    assert admit("moreau", PASSWORD, "192.0.2.1")


def test_a_new_password_ends_the_other_sign_ins_and_not_this_one(visit, people):
    other = people.token("moreau")
    tab = change(visit("moreau", "account"), PASSWORD, NEW, NEW)
    assert "Everywhere else you are signed out" in words(tab)
    with serving() as connection:
        assert sessions.holder(connection, other) is None
    assert admit("moreau", NEW, "192.0.2.1")
    assert not admit("moreau", PASSWORD, "192.0.2.1")


def test_guessing_the_password_at_an_open_page_has_to_wait_too(visit, people):
    tab = visit("moreau", "account")
    for _attempt in range(5):
        change(tab, "wrong", NEW, NEW)
    said = words(change(tab, PASSWORD, NEW, NEW))
    assert "Wait: from half a minute" in said
    assert "not right" not in said
    assert admit("moreau", PASSWORD, "192.0.2.1")


def test_the_sign_ins_are_listed(visit, people):
    people.token("moreau")
    people.token("roux")
    said = words(visit("moreau", "account"))
    assert said.count("192.0.2.1") == 2
    assert said.count("this browser") == 1


def ended(tab, proof):
    """Return the page after the attempt to end the only other sign-in with this proof."""
    tab.text_input(key="ending_proof").set_value(proof)
    tab.button[_of(tab, "End it")].click()
    return tab.run()


def test_a_sign_in_is_ended_by_who_proves_again_who_they_are(visit, people):
    other = people.token("moreau")
    tab = ended(visit("moreau", "account", remembered={"ending": True}), "wrong")
    assert "That was refused." in words(tab)
    with serving() as connection:
        assert sessions.holder(connection, other)
    assert words(ended(tab, PASSWORD)).count("192.0.2.1") == 1
    with serving() as connection:
        assert sessions.holder(connection, other) is None


def test_nobody_ends_a_sign_in_of_somebody_else(people):
    with serving() as connection:
        [theirs] = sessions.open_sign_ins(connection, people.team.nurse, people.token("roux"))
        assert not sessions.end_one(connection, people.team.psychiatrist, theirs.id)


def test_guesses_at_an_open_page_that_arrive_at_once_do_not_outrun_the_limit(
    people, run_as_owner, monkeypatch
):
    monkeypatch.setattr(rate_limiting, "_one_of_this_process", nullcontext())
    monkeypatch.setattr(own_account, "client_address", lambda: "192.0.2.1")
    with serving() as connection:
        person = sessions.holder(connection, people.token("moreau"))
    with ThreadPoolExecutor(12) as pool:
        proven = pool.map(lambda n: own_account._proven(person, f"no {n}", len), range(12))
        assert set(proven) == {"proof"}
    reasons = run_as_owner(
        "SELECT detail->>'reason' FROM review.access_log WHERE action = 'sign_in_refused'"
    )
    assert Counter(reason for (reason,) in reasons) == {"code": 5, "too_many_failures": 7}


def test_a_recovery_code_is_not_used_up_by_a_wrong_code_of_the_new_app(people, key, monkeypatch):
    monkeypatch.setattr(own_account, "client_address", lambda: "192.0.2.1")
    with serving() as connection:
        person = sessions.holder(connection, people.token("moreau"))
        me = person.practitioner_id
        secret = second_factor.offered_secret(connection, me, "token")
        proof, *_others = second_factor.enrol(connection, me, secret, pyotp.TOTP(secret).now())
    assert own_account._proven(person, proof, lambda _connection: "code") == "code"
    assert own_account._proven(person, proof, lambda _connection: []) == []
    assert own_account._proven(person, proof, lambda _connection: []) == "proof"


def test_without_a_key_no_second_factor_is_offered(visit):
    assert "has not set up what a second factor needs" in words(visit("moreau", "account"))


def opened(visit, monkeypatch):
    """Return the page with every part open, because AppTest cannot open one."""
    remembered = {"enrolment": True, "renewal": True}
    return visit("moreau", "account", remembered=remembered)


def the_secret(tab):
    return next(one.value for one in tab.code).replace(" ", "")


def test_an_open_page_alone_sets_up_no_second_factor(visit, people, key, monkeypatch):
    tab = opened(visit, monkeypatch)
    code, proof = tab.text_input[3:5]
    code.set_value(pyotp.TOTP(the_secret(tab)).now())
    proof.set_value("wrong")
    tab.button[_of(tab, "Set up")].click()
    assert "That was refused." in words(tab.run())
    with serving() as connection:
        assert not second_factor.enrolment(connection, people.team.psychiatrist).enrolled


def test_with_the_password_it_is_set_up_and_replaced_with_a_code_alone(
    visit, people, key, monkeypatch
):
    tab = opened(visit, monkeypatch)
    code, proof = tab.text_input[3:5]
    code.set_value(pyotp.TOTP(the_secret(tab)).now())
    proof.set_value(PASSWORD)
    tab.button[_of(tab, "Set up")].click()
    tab.run()
    recovery = tab.code[0].value.split()
    assert len(recovery) == 8
    tab.button[_of(tab, "I have kept them")].click()
    assert "8 recovery codes left" in words(tab.run())

    tab = opened(visit, monkeypatch)
    code, proof = tab.text_input[3:5]
    code.set_value(pyotp.TOTP(the_secret(tab)).now())
    proof.set_value(PASSWORD)
    tab.button[_of(tab, "Set up")].click()
    assert "That was refused." in words(tab.run())
    code.set_value(pyotp.TOTP(the_secret(tab)).now())
    proof.set_value(recovery[0])
    tab.button[_of(tab, "Set up")].click()
    tab.run()
    assert set(tab.code[0].value.split()).isdisjoint(recovery)
