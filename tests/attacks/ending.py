"""Each way in which a right can end, as it ends elsewhere: on another machine, by a colleague."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.calendar import today
from dashboard.database import acting_as
from dashboard.queries.access.cover import covers
from dashboard.queries.access.covering import end_cover
from dashboard.queries.access.emergency import running
from dashboard.queries.access.opening_in_emergency import end_emergency
from dashboard.web.auth import sessions
from tests.attacks.conftest import Place


@dataclass(frozen=True)
class Way:
    """A way in which a right ends; ``signs_out`` says that nothing at all is left.

    ``gives_back`` is the key of the button that gives the person their right again.
    """

    end: Callable[[Place, str, str], object]
    signs_out: bool = True
    gives_back: str | None = None


def sign_out(place: Place, person: str, token: str) -> None:
    sessions.sign_out(token)


def sign_out_everywhere(place: Place, person: str, token: str) -> None:
    sessions.sign_out_everywhere(place.ward.token(place.people[person]))


def lock(place: Place, person: str, token: str) -> None:
    place.ward.run(
        "UPDATE review.account SET locked_at = now() WHERE practitioner_id = :id",
        id=place.people[person],
    )


def become_lead(place: Place, person: str, token: str) -> None:
    place.ward.run(
        "UPDATE registry.practitioner SET role = 'lead' WHERE id = :id", id=place.people[person]
    )


def idle(place: Place, person: str, token: str) -> None:
    place.ward.run(
        "UPDATE review.sign_in SET last_seen_at = now() - interval '16 minutes'"
        " WHERE token_hash = :hash",
        hash=sessions.hash_of(token),
    )


def grow_old(place: Place, person: str, token: str) -> None:
    place.ward.run(
        "UPDATE review.sign_in SET created_at = now() - interval '241 minutes'"
        " WHERE token_hash = :hash",
        hash=sessions.hash_of(token),
    )


def present(place: Place, person: str, token: str) -> None:
    place.ward.run(
        "UPDATE review.sign_in SET presenting_since = now() WHERE token_hash = :hash",
        hash=sessions.hash_of(token),
    )


def lose_the_cover(place: Place, person: str, token: str) -> None:
    with acting_as(place.people[person.split()[-1]]) as connection:
        for one in covers(connection, today()):
            end_cover(connection, one.id)


def lose_the_emergency(place: Place, person: str, token: str) -> None:
    with acting_as(place.people[person]) as connection:
        for case in place.cases:
            known = running(connection, case.patient)
            if known is not None:
                end_emergency(connection, known.id)


WAYS = {
    "signed out": Way(sign_out),
    "signed out everywhere": Way(sign_out_everywhere),
    "locked": Way(lock),
    "of another role": Way(become_lead),
    "idle": Way(idle),
    "four hours old": Way(grow_old),
    "presenting": Way(present, signs_out=False, gives_back="show_names"),
    "cover ended": Way(lose_the_cover, signs_out=False),
    "emergency ended": Way(lose_the_emergency, signs_out=False),
}


def as_before(place: Place) -> None:
    """Undo what these have done to the accounts, and end every sign-in."""
    place.ward.run("UPDATE review.account SET locked_at = NULL")
    for person, practitioner_id in place.people.items():
        place.ward.run(
            "UPDATE registry.practitioner SET role = :role WHERE id = :id",
            role=person.split()[-1],
            id=practitioner_id,
        )
    place.ward.run("UPDATE review.sign_in SET ended_at = now() WHERE ended_at IS NULL")
