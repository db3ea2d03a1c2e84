"""A mail server, and signed reviews with letters in the outbox."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from dashboard.database import acting_as, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.delivery.configuration import Post
from dashboard.delivery.message import From, letter_mail
from dashboard.delivery.schedule import Schedule
from dashboard.delivery.sender import Done, deliver_due
from dashboard.delivery.transport import Gateway
from dashboard.queries.advice.delivering import deliver
from tests.conftest import create_database, drop_database
from tests.support.factories import Case, Database, at
from tests.support.mail_server import Certificate, PostOffice, free_port, make_certificate

SIGNED = at(date(2026, 11, 24), 14, 30)
AT_ONCE = Schedule(first=timedelta(0), attempts=5)
"""For tests: what may be tried again is due at once."""


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    """Yield a mail server that is open and unencrypted."""
    office = PostOffice(free_port())
    office.open()
    yield office
    office.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"), "127.0.0.1", "localhost")


def by(office: PostOffice, **values: Any) -> Post:
    """Return the transport by way of this mail server."""
    defaults = {"host": "127.0.0.1", "port": office.port, "tls": "none", "timeout": 5.0}
    return Post(
        letter_mail,
        From("avis@sesame.example", "https://revue.example"),
        Gateway(**defaults | values),
    )


@dataclass
class Outbox:
    """Reviews of one team, and the states of their letters."""

    database: Database
    case: Case
    reviews: list[UUID] = field(default_factory=list)

    def sign(self, *, supersedes: UUID | None = None, **letter: Any) -> UUID:
        """Sign one more review, to the nurse and the GP; return its id."""
        team = self.case.team
        signed = self.database.case_review(self.case, SIGNED, supersedes=supersedes)
        self.database.recommendation(self.case, signed)
        for recipient in (team.nurse, team.gp):
            self.add_letter(signed, recipient, **letter)
        with acting_as(team.psychiatrist) as connection:
            deliver(connection, self.case.patient, signed, (team.nurse, team.gp))
        self.reviews.append(signed)
        return signed

    def add_letter(self, case_review_id: UUID, recipient: int, **values: Any) -> None:
        defaults = {
            "plain_text": "Augmenter la sertraline à 100 mg.\n",
            "pdf": b"%PDF-1.7\n" + bytes(range(256)),
        }
        self.database.letter(self.case, case_review_id, recipient_id=recipient, **defaults | values)

    def rows(self, where: str = "true") -> list[Any]:
        """Return the mails in the outbox."""
        return self.ask(f"SELECT * FROM review.delivery WHERE channel = 'mail' AND {where}")

    def ask(self, statement: str, **values: Any) -> list[Any]:
        with self.database.owner().begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    def states(self) -> set[str]:
        return {row.state for row in self.rows()}

    def message_ids(self, where: str = "true") -> set[str]:
        return {row.message_id for row in self.rows(where)}

    def address(self, practitioner_id: int, address: str | None) -> None:
        self.ask(
            "UPDATE registry.practitioner SET secure_email = :address WHERE id = :id",
            address=address,
            id=practitioner_id,
        )


@pytest.fixture(scope="package")
def database(server: str, prepared: str) -> Iterator[Database]:
    """Yield one database for all these tests, because making one takes longer than sending."""
    create_database(server, "delivery", template=prepared)
    database = Database(
        owner_url=address_of(server, database="delivery"),
        app_url=app_address_of(server, "delivery"),
    )
    yield database
    database.close()
    drop_database(server, "delivery")


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """Return a team that can be reached, without mails of an earlier test."""
    connect_to(database.app_url)
    with database.owner().begin() as connection:
        # Signed rows refuse to be deleted; a replica does not fire their triggers.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("TRUNCATE review.case_review, review.draft CASCADE")
    outbox = Outbox(database, database.team().case(date(2026, 9, 1)))
    team = outbox.case.team
    for name in ("nurse", "gp", "psychiatrist"):
        outbox.address(getattr(team, name), f"{name}@mssante.example")
    return outbox


@pytest.fixture
def send(outbox: Outbox) -> Callable[..., Done]:
    """Go through the outbox, as often as it takes."""

    def go(post: Post, schedule: Schedule = AT_ONCE, times: int = 1) -> Done:
        return sum((deliver_due(post, schedule) for _ in range(times)), Done())

    return go
