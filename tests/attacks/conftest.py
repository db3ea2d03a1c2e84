"""A served registry in which every text identifies the patient, and its authorized people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.database.schema import review as own_tables
from dashboard.web.auth import sessions
from dashboard.web.shell.navigation import TABLE
from tests.attacks.attacker import Attacker
from tests.browser.conftest import registry
from tests.browser.served_site import Ward, opened
from tests.browser.test_presenting import PATIENTS, with_account, with_everything
from tests.support.factories import Case

__all__ = ["registry"]

ATTACKED = PATIENTS[:2]
"""The patients of the registry."""


@dataclass
class Place:
    """The served registry, its cases, and who may see them for a while."""

    ward: Ward
    cases: list[Case]
    people: dict[str, int]
    """Practitioners by what they are here: a role, or one with the word before it that says why
    they see the patients."""

    def cookie(self, person: str) -> tuple[str, str]:
        """Return the token of a new sign-in of this person, and the cookie that presents it."""
        token = self.ward.token(self.people[person])
        return token, f"{sessions.PLAIN_COOKIE}={token}"

    def addresses(self, person: str) -> list[tuple[str, str]]:
        """Return every page of this person's role, with the query that makes it show most."""
        role = person.split()[-1]
        shown = f"episode={self.cases[0].episode}"
        queries = {"case": shown, "prepare": shown}
        pages = [entry.address for entry in TABLE if role in entry.roles]
        return [(page, queries.get(page, "")) for page in pages]

    def attackers(self, person: str, cookie: str) -> Iterator[Attacker]:
        """Yield one connection for each page."""
        for page, query in self.addresses(person):
            yield Attacker(self.ward.url, cookie, page, query)


@pytest.fixture(scope="module")
def place(registry, tmp_path_factory):
    """Yield a served site on which no letters are sent: they have failed already."""
    away = {"CASE_REVIEW_BACKGROUND_DELIVERY": "false", "CASE_REVIEW_BACKGROUND_COUNTING": "false"}
    for ward in opened(registry, None, tmp_path_factory.mktemp("ward"), **away):
        cases = [with_everything(ward, who) for who in ATTACKED]
        # A case that no meeting has deferred, so that there is an agenda to print.
        ward.case()
        lead = ward.database.practitioner("lead")
        with_account(ward, lead, "lead")
        team = {role: getattr(ward.team, role) for role in ("psychiatrist", "nurse", "gp")}
        outside = {f"emergency {role}": stranger(ward, role) for role in team}
        covering = {f"covering {role}": stranger(ward, role) for role in ("psychiatrist", "nurse")}
        yield Place(ward, cases, {**team, "lead": lead, **outside, **covering})


def stranger(ward: Ward, role: str) -> int:
    """Return a colleague with an account who is in charge of none of the patients."""
    colleague = ward.database.practitioner(role, "Colleague")
    with_account(ward, colleague, f"colleague{colleague}")
    return colleague


def hand_over(place: Place, person: str) -> None:
    """Hand the team's list to this colleague from today on."""
    place.ward.database.add(
        own_tables.cover,
        covered_id=place.people[person.split()[-1]],
        covering_id=place.people[person],
        starts_on=today(),
        ends_on=today() + timedelta(days=9),
    )
