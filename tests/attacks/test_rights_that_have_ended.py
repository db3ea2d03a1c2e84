"""After a right has ended, an open connection gives nothing of a patient any more.

Each test walks every page of a person with a modified client and ends their right elsewhere. It
then replays from every connection each fragment, each widget's state, each click and each file.
"""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from pypdf import PdfReader

from dashboard.calendar import now
from dashboard.database.schema import review as own_tables
from tests.attacks.attacker import Attacker, wait_until
from tests.attacks.conftest import ATTACKED, Place, hand_over
from tests.attacks.ending import WAYS, as_before
from tests.browser.identities import as_text, found_in

pytestmark = pytest.mark.thorough

ENDINGS = [
    # The nurse has every page that a GP has, and a sign-in ends whatever the role.
    ("psychiatrist", "signed out"),
    ("psychiatrist", "presenting"),
    ("nurse", "presenting"),
    ("covering psychiatrist", "cover ended"),
    ("emergency nurse", "emergency ended"),
]
"""Other ways of signing out are held by ``test_the_connection_is_closed_within_five_seconds``, the
other roles of a cover or emergency that has ended by ``tests/database/security/test_policies.py``.
"""

SECONDS_TO_CLOSE = 5
"""Within which the server closes the connections of a sign-in that has ended."""


@pytest.fixture
def attackers(place):
    """Open connections that are closed again; afterwards everybody is who they were."""
    opened: list[Attacker] = []
    yield opened
    for one in opened:
        one.close()
    as_before(place)


def may_see(place: Place, person: str) -> None:
    """Give this person their right to see the patients, for as long as it lasts."""
    if person.startswith("covering"):
        hand_over(place, person)
    if person.startswith("emergency"):
        for case in place.cases:
            place.ward.database.add(
                own_tables.emergency_access,
                patient_id=case.patient,
                id=uuid4(),
                episode_id=case.episode,
                practitioner_id=place.people[person],
                reason="acute_risk",
                explanation="Called by the police at night",
                ends_at=now() + timedelta(hours=1),
            )


def identifying(heard: list[bytes]) -> set[str]:
    """Return the identifying facts of the patients that these messages contain."""
    return found_in("\n".join(map(as_text, heard)), ATTACKED)


def in_words(file: bytes) -> bytes:
    """Return the file in readable form: the text of a PDF."""
    if not file.startswith(b"%PDF"):
        return file
    pages = PdfReader(io.BytesIO(file)).pages
    return "\n".join(page.extract_text() for page in pages).encode()


def walked(place: Place, person: str, attackers: list[Attacker]) -> str:
    """Walk the pages of a person, on a connection for each thing that can be attacked.

    Each has a fragment of its own to begin with, for the first one that is refused takes the
    others with it. The token of their sign-in.
    """
    token, cookie = place.cookie(person)
    for first in place.attackers(person, cookie):
        attackers.append(first)
        first.visit()
        for file in sorted(first.known.files):
            first.ask_for_file(file)
        attackers.extend(first.again() for _fragment in first.known.fragments)
    return token


@pytest.mark.parametrize(("person", "way"), ENDINGS)
def test_nothing_of_a_patient_comes_after_a_right_has_ended(place, attackers, person, way):
    may_see(place, person)
    token = walked(place, person, attackers)
    heard = [message for one in attackers for message in one.heard]
    assert {sign.partition(":")[0] for sign in identifying(heard)} >= {ATTACKED[0].family_name}
    for one in attackers:
        one.forget()
    if given_back := WAYS[way].gives_back:
        for one in attackers:
            one.known.leave_alone(given_back)
    begun = with_their_fragments(attackers)
    WAYS[way].end(place, person, token)
    for fragment, one in begun:
        one.fire(fragment)
    for _fragment, one in begun:
        one.listen()
    for fragment, one in begun:
        if fragment:
            one.replay(fragment)
        one.replay(None)
        one.replay_files()
    for one in attackers:
        where = f"{one.page}, {way}"
        assert identifying(one.heard) == set(), where
        assert identifying([in_words(file) for file in one.files]) == set(), where
        if WAYS[way].signs_out:
            assert one.files == [], where
        else:
            assert one.answered, where


def with_their_fragments(attackers: list[Attacker]) -> list[tuple[str, Attacker]]:
    """Return each connection with a fragment of its own with which it begins its attack."""
    taken: dict[str, list[str]] = {}
    begun = []
    for one in attackers:
        left = taken.setdefault(one.page, sorted(one.known.fragments))
        begun.append((left.pop() if left else "", one))
    return begun


@pytest.mark.parametrize("way", [way for way in WAYS if WAYS[way].signs_out])
def test_the_connection_is_closed_within_five_seconds(place, attackers, way):
    person = "psychiatrist"
    token, cookie = place.cookie(person)
    attacker = Attacker(place.ward.url, cookie, "review-list")
    attackers.append(attacker)
    attacker.visit()
    WAYS[way].end(place, person, token)
    assert wait_until(attacker.is_closed, SECONDS_TO_CLOSE) <= SECONDS_TO_CLOSE


def test_the_connection_of_somebody_who_presents_stays_open(place, attackers):
    token, cookie = place.cookie("psychiatrist")
    attacker = Attacker(place.ward.url, cookie, "review-list")
    attackers.append(attacker)
    attacker.visit()
    WAYS["presenting"].end(place, "psychiatrist", token)
    with pytest.raises(AssertionError, match="not so after"):
        wait_until(attacker.is_closed, SECONDS_TO_CLOSE)
    attacker.ask()
    assert attacker.answered > 1
