"""Accounts and sign-ins for the tests of the web layer."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from dashboard import locale
from dashboard.database import administering, serving
from dashboard.web.auth import accounts, passwords, sessions
from tests.support.factories import Database, Team

PASSWORD = "correct horse battery"  # noqa: S105
ROLE_OF = {"moreau": "psychiatrist", "roux": "nurse", "petit": "gp", "lead": "lead"}
"""The members of the team, by the names with which they sign in."""


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords that take a millisecond; one test uses the real ones."""
    monkeypatch.setattr(passwords, "ROUNDS", 4)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the language of the source texts, unless a reader has another."""
    monkeypatch.setattr(locale, "_source", lambda: "en")


@dataclass(frozen=True)
class People:
    """A team whose members have accounts, and a medical lead."""

    database: Database
    team: Team
    lead: int

    def practitioner(self, username: str) -> int:
        return {
            "moreau": self.team.psychiatrist,
            "roux": self.team.nurse,
            "petit": self.team.gp,
            "lead": self.lead,
        }[username]

    def token(self, username: str = "moreau") -> str:
        """Return the token of a person who has just signed in."""
        with serving() as connection:
            ticket = sessions.begin(connection, self.practitioner(username), "192.0.2.1")
            token = sessions.redeem(connection, ticket)
        assert token is not None
        return token


@pytest.fixture
def people(database: Database) -> People:
    team = database.team()
    people = People(database, team, database.practitioner("lead"))
    with administering(database.owner_url) as connection:
        for username in ("moreau", "roux", "petit", "lead"):
            practitioner_id = people.practitioner(username)
            accounts.add_account(connection, practitioner_id, username, PASSWORD)
    return people


@pytest.fixture
def run_as_owner(database: Database) -> Callable[..., list]:
    """Run a statement as the owner of the database; its rows."""

    def run(statement: str, **values: object) -> list:
        with database.owner().begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    return run
