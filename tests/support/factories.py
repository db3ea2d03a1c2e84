"""Building small registries by hand: each function adds one row and gives its id."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine

from dashboard.calendar import PARIS, today
from dashboard.clinical.advice.drafts import Draft
from dashboard.clinical.advice.settling import completed, owed_by
from dashboard.database.schema import registry, review
from dashboard.queries.case.case_file import read_case


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """Return an instant of this day in Paris."""
    return datetime.combine(day, time(hour, minute), tzinfo=PARIS)


def completed_draft(connection: Connection, draft: Draft, today: date) -> Draft:
    """Return the draft as the form passes it to signing: every open earlier line settled."""
    case = read_case(connection, draft.episode_id, today)
    assert case is not None
    return replace(draft, content=completed(draft.content, owed_by(case, draft.supersedes)))


@dataclass
class Database:
    """A database for one test, written to as its owner."""

    owner_url: str
    app_url: str
    _ids: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)
    _engine: Engine | None = None

    def add(self, table: Table, **values: Any) -> Any:
        """Insert one row as the owner, with an id if none is given; the id."""
        if "id" in table.c and "id" not in values:
            values["id"] = uuid.uuid4() if table.schema == "review" else self._ids()
        with self.owner().begin() as connection:
            connection.execute(table.insert().values(**values))
        return values.get("id")

    def owner(self) -> Engine:
        """Return an engine as the owner of the database, for what no page may do."""
        if self._engine is None:
            self._engine = create_engine(
                self.owner_url.replace("postgresql://", "postgresql+psycopg://")
            )
        return self._engine

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()

    def site(self, name: str = "MSP du Parc", **values: Any) -> int:
        defaults = {"department": "78", "kind": "msp", "opened_on": date(2023, 9, 4)}
        return self.add(registry.site, name=name, **defaults | values)

    def practitioner(self, role: str, family_name: str = "", **values: Any) -> int:
        defaults = {"given_name": "Claude", "active": True}
        family_name = family_name or role.capitalize()
        return self.add(
            registry.practitioner, role=role, family_name=family_name, **defaults | values
        )

    def cover(self, covered_id: int, role: str) -> int:
        """Hand the list of a person over to a new colleague today; return the colleague's id."""
        colleague = self.practitioner(role, "Adler")
        days = {"starts_on": today(), "ends_on": today()}
        self.add(review.cover, covered_id=covered_id, covering_id=colleague, **days)
        return colleague

    def without(self, role: str, case: "Case") -> None:
        """Leave the case without a person of this role, as a view of the registry can show it."""
        column = f"{role}_id"
        with self.owner().begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE registry.episode ALTER {column} DROP NOT NULL")
            connection.execute(
                registry.episode.update()
                .where(registry.episode.c.id == case.episode)
                .values({column: None})
            )

    def patient(self, family_name: str = "Lefèvre", **values: Any) -> int:
        defaults = {"given_name": "Camille", "birth_date": date(1983, 5, 2), "sex": "female"}
        return self.add(registry.patient, family_name=family_name, **defaults | values)

    def team(self) -> "Team":
        """Return a site with a psychiatrist, a nurse and a GP."""
        return Team(
            database=self,
            site=self.site(),
            psychiatrist=self.practitioner("psychiatrist"),
            nurse=self.practitioner("nurse"),
            gp=self.practitioner("gp"),
        )

    def assessment(
        self, patient_id: int, instrument: str, taken_on: date, total: int | None = None, **values
    ) -> int:
        return self.add(
            registry.assessment,
            patient_id=patient_id,
            instrument=instrument,
            taken_on=taken_on,
            total=total,
            **values,
        )

    def case_review(self, case: "Case", signed_at: datetime, **values: Any) -> uuid.UUID:
        defaults = {
            "patient_id": case.patient,
            "episode_id": case.episode,
            "psychiatrist_id": case.team.psychiatrist,
            "outcome": "reviewed",
            "summary": "Synthèse",
            "seen": {},
            "idempotency_key": uuid.uuid4(),
        }
        return self.add(review.case_review, signed_at=signed_at, **defaults | values)

    def recommendation(self, case: "Case", case_review_id: uuid.UUID, **values: Any) -> uuid.UUID:
        defaults = {
            "patient_id": case.patient,
            "position": 1,
            "kind": "other",
            "detail": "Revoir le sommeil",
            "owner_role": "nurse",
        }
        return self.add(review.recommendation, case_review_id=case_review_id, **defaults | values)

    def letter(self, case: "Case", case_review_id: uuid.UUID, **values: Any) -> None:
        """Add the letter of a review to the GP, with a text that says nothing."""
        defaults = {
            "recipient_id": case.team.gp,
            "language": "fr",
            "content": {},
            "plain_text": "Avis",
            "pdf": b"%PDF",
        }
        self.add(
            review.letter,
            patient_id=case.patient,
            case_review_id=case_review_id,
            **defaults | values,
        )

    def meeting(self, team: "Team", cases: list["Case"], **values: Any) -> uuid.UUID:
        """Add the next meeting of this team, with these cases on its agenda; return its id."""
        meeting = self.add(
            review.meeting,
            **{
                "psychiatrist_id": team.psychiatrist,
                "nurse_id": team.nurse,
                "held_on": date(2026, 11, 24),
            }
            | values,
        )
        for position, case in enumerate(cases, start=1):
            self.agenda_item(meeting, case, position)
        return meeting

    def agenda_item(
        self, meeting: uuid.UUID, case: "Case", position: int, **values: Any
    ) -> uuid.UUID:
        defaults = {"chosen_by": "rule"}
        return self.add(
            review.agenda_item,
            meeting_id=meeting,
            patient_id=case.patient,
            episode_id=case.episode,
            position=position,
            **defaults | values,
        )


@dataclass(frozen=True)
class Team:
    """A site and the people who care for its patients."""

    database: Database
    site: int
    psychiatrist: int
    nurse: int
    gp: int

    def case(self, enrolled_on: date, family_name: str = "Lefèvre", **values: Any) -> "Case":
        """Add a patient with one episode in the care of this team; return the case."""
        patient = self.database.patient(family_name)
        defaults = {
            "patient_id": patient,
            "site_id": self.site,
            "gp_id": self.gp,
            "nurse_id": self.nurse,
            "psychiatrist_id": self.psychiatrist,
            "referred_on": enrolled_on,
            "enrolled_on": enrolled_on,
            "status": "active",
            "problem": "Épisode dépressif",
        }
        episode = self.database.add(registry.episode, **defaults | values)
        return Case(team=self, patient=patient, episode=episode)


@dataclass(frozen=True)
class Case:
    """A patient and the episode."""

    team: Team
    patient: int
    episode: int
