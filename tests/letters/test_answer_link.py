"""The signed address behind which a GP answers a review."""

from uuid import UUID

import pytest

from dashboard.letters.answer_link import PATH, AnswerLink, address_of, link_in

KEY = "k" * 32
LINK = AnswerLink(UUID(int=7), 41)


def token(key=KEY):
    return address_of(LINK, "https://revue.example/", key).partition(PATH)[2]


def test_an_address_leads_to_its_link():
    assert address_of(LINK, "https://revue.example/", KEY).startswith(
        "https://revue.example/answer/"
    )
    assert link_in(token(), KEY) == LINK


@pytest.mark.parametrize(
    "altered",
    [
        lambda: token()[:-1],
        lambda: token() + "x",
        lambda: token()[::-1],
        lambda: token(key="another" * 5),
        lambda: "",
    ],
    ids=["shortened", "lengthened", "reversed", "signed by another key", "empty"],
)
def test_an_altered_address_leads_nowhere(altered):
    assert link_in(altered(), KEY) is None


def test_nothing_of_a_patient_is_in_the_address():
    assert set(token()) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
