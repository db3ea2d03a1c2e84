"""No one reads or writes the data of others' patients, not even by raw SQL.

Two teams, and people beside them, work on a real server. An oracle in plain Python derives what
each may see from who cares for whom, and is compared with the database. Then every policy is
dropped in turn, to show that these tests notice.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from dashboard.calendar import PARIS
from dashboard.database import acting_as, connect_to
from dashboard.database.counts.lead_counts import COUNT_VISIBILITY, EXACT_COUNTS
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.schema import registry, review
from dashboard.database.security.policies import (
    NEVER_CHANGED,
    OWNER_ONLY,
    REGISTRY_VISIBILITY,
    REVIEW_VISIBILITY,
    secure,
)
from tests.conftest import create_database, drop_database
from tests.support.factories import Database, at
from tests.support.filled_rows import fill

WITHOUT_PATIENTS = {
    "registry.site",
    "registry.practitioner",
    "registry.practitioner_site",
    "review.account",
    "review.sign_in",
    "review.sign_in_failure",
    "review.second_factor",
    "review.calendar_feed",
    # Encrypted with keys that the database does not have; the application may not even read them.
    "review.made_file",
    "review.account_notice",
    "review.schema_version",
    # Digests and the ids of rows of the log; the application may not even read them.
    "review.access_chain",
    "review.access_head",
    # Counts, and a secret; the application may not even read them.
    *(f"review.{name}" for name in EXACT_COUNTS),
}
"""Tables without row security: nothing in them says anything about a patient."""

WITH_MORE_RIGHTS_THAN_THE_READER = {
    # For the counts of leads, when no one acts: count the sites, group them into areas, return
    # their exact counts and the secret of the steps; store the counts in steps.
    "review.count_sites(date,integer,interval)",
    "review.claim_area(interval)",
    "review.exact_months_of(bigint[])",
    "review.exact_waits_of(bigint[])",
    "review.exact_works_of(bigint[])",
    "review.secret_of_counts()",
    "review.store_counts(bigint[],jsonb,jsonb,jsonb)",
    # The next nurse to be counted, when no one acts; stores the counts by tier of a nurse's open
    # episodes from a session that acts as that nurse. Neither returns anything about a patient.
    "review.claim_nurse(interval,interval)",
    "review.store_tiers_in_steps(date,bigint[],integer[],integer[])",
    # The time of the oldest count of a nurse, once every nurse was counted.
    "review.every_nurse_counted_at()",
    # The ids of the owner of the presented token or link, and of those covered today.
    "review.acting_practitioner()",
    "review.acting_for()",
    # The state of the presented sign-in, and the note that its person is there.
    "review.presented_sign_in()",
    "review.note_seen()",
    # For the server's own role: of the next letter that is due, ids; the letter to who has
    # claimed it, for as long as it is theirs to send.
    "review.claim_mail(interval)",
    "review.claimed_letter(bigint,uuid,integer)",
    # For the server's own role: how many letters wait and have failed, and since when.
    "review.monitored()",
    # The ids of the records that the caller has opened in an emergency.
    "review.opened_in_emergency()",
    # Opens one, where number, name and day of birth belong together; it gives an id.
    "review.begin_emergency_access(uuid,bigint,text,date,text,text)",
    # The log at a lead's own sites: the openings of cases by number, without the patient.
    "review.accesses_of_case(bigint,timestamp with time zone)",
    "review.unusual_accesses(timestamp with time zone)",
    "review.emergencies_of_my_sites(timestamp with time zone)",
    "review.pairs_short_of_time()",
    # A trigger: gives each row of the access log its digest.
    "review.chain_access()",
    # That a review of the reader's caseload was begun, without its content.
    "review.begun_reviews()",
    # For the server's own role: the days and counts of a calendar, for who holds its address.
    "review.calendar_events(text)",
    # For a lead: the accounts of the care teams of their sites, and the changes to them.
    "review.accounts_of_my_sites()",
    "review.manage_account(uuid,bigint,text,text)",
}
"""Functions that see every row, and the reasons why none shows a patient to another person."""

POLICIES = ("reads", "adds", "changes", "removes")
OF_PRACTITIONERS = {
    "review.meeting",
    "review.cover",
    "review.access_log",
}
TABLES = [
    *(f"registry.{name}" for name in REGISTRY_VISIBILITY),
    *(f"review.{name}" for name in REVIEW_VISIBILITY),
]
OF_PATIENTS = [table for table in TABLES if table not in OF_PRACTITIONERS]
COUNTS = [f"review.{name}" for name in COUNT_VISIBILITY]
"""Tables for leads only: ``test_lead_counts.py``."""


@dataclass(frozen=True)
class Episode:
    """An episode with the people who care for it."""

    id: int
    patient: int
    team: frozenset[int]


@dataclass
class World:
    """A small registry, and the known facts about every row in it."""

    database: Database
    people: dict[str, int] = field(default_factory=dict)
    episodes: list[Episode] = field(default_factory=list)
    covered_today: dict[str, str] = field(default_factory=dict)
    emergencies: dict[str, int] = field(default_factory=dict)
    """The patient whose record this person has opened in an emergency, and still may read."""
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """Every row by table and by where it lies (ctid)."""

    def acts_for(self, person: str) -> set[int]:
        """Return this person and the one they cover today."""
        return {self.people[person], self.people[self.covered_today.get(person, person)]}

    def my_episodes(self, person: str) -> list[Episode]:
        me, opened = self.acts_for(person), self.emergencies.get(person)
        return [one for one in self.episodes if one.team & me or one.patient == opened]

    def mine(self, person: str, table: str) -> set[str]:
        """Return the physical places (ctid) of the rows that this person may read."""
        me = self.people[person]
        return {
            ctid for ctid, row in self.rows[table].items() if self._is_mine(person, me, table, row)
        }

    def _is_mine(self, person: str, me: int, table: str, row: dict[str, Any]) -> bool:
        episodes = {episode.id for episode in self.my_episodes(person)}
        patients = {episode.patient for episode in self.my_episodes(person)}
        match table:
            case "registry.patient" | "registry.episode":
                return row["id"] in (patients if table == "registry.patient" else episodes)
            case "registry.care_sequence":
                return row["episode_id"] in episodes
            case "review.meeting":
                return bool(self.acts_for(person) & {row["psychiatrist_id"], row["nurse_id"]})
            case "review.cover":
                return me in (row["covering_id"], row["covered_id"])
            case "review.access_log":
                return row["practitioner_id"] == me
            case "review.emergency_access":
                return row["patient_id"] in patients or row["practitioner_id"] == me
            case "review.draft":
                return row["patient_id"] in patients and row["psychiatrist_id"] == me
            case "review.last_look":
                return row["patient_id"] in patients and row["practitioner_id"] == me
            case _:
                return row["patient_id"] in patients

    def first(self, table: str) -> dict[str, Any]:
        """Return the first row of the table, which is of the first team."""
        return next(iter(self.rows[table].values()))


PEOPLE = [
    "psychiatrist",
    "nurse",
    "gp",
    "other psychiatrist",
    "other nurse",
    "other gp",
    "lead",
    "nobody",
    "covers today",
    "covered last week",
    "covers next week",
    "covers the nurse",
    "covers who covers",
    "withdrawn cover",
    "retired psychiatrist",
    "in an emergency",
    "nurse in an emergency",
    "after the hour",
    "ended it early",
]


WHO_ARE_IN = [one for one in PEOPLE if not one.startswith("retired")]
"""The others have no sign-in that is good: ``tests/database/security/test_identity.py``."""


def role_of(person: str) -> str:
    """Return the role of a person; those not named after a role are psychiatrists."""
    named = {"lead": "lead", "covers the nurse": "nurse", "nurse in an emergency": "nurse"}
    last_word = person.split()[-1]
    return named.get(person, last_word if last_word in ("nurse", "gp") else "psychiatrist")


@pytest.fixture(scope="module")
def world(server: str, prepared: str) -> Iterator[World]:
    create_database(server, "two_teams", template=prepared)
    database = Database(
        owner_url=address_of(server, database="two_teams"),
        app_url=app_address_of(server, "two_teams"),
    )
    yield _build(database)
    database.close()
    drop_database(server, "two_teams")


@pytest.fixture(autouse=True)
def _connected(world: World) -> None:
    connect_to(world.database.app_url)


def _build(database: Database) -> World:
    world = World(database)
    for name in PEOPLE:
        active = not name.startswith("retired")
        world.people[name] = database.practitioner(role_of(name), name, active=active)
    site = database.site()
    teams = {
        name: [world.people[f"{name}{kind}"] for kind in ("psychiatrist", "nurse", "gp")]
        for name in ("", "other ")
    }
    for name, team in teams.items():
        for _ in range(2):
            _add_episode(world, site, team, database.patient(f"of the {name}team"))
    # A patient who moved from one team to the other.
    moved = database.patient("of both teams")
    _add_episode(world, site, teams[""], moved, status="closed", closed_on=date(2026, 6, 30))
    _add_episode(world, site, teams["other "], moved)
    _add_cover(world)
    _add_emergencies(world)
    for episode in world.episodes:
        _add_rows(world, episode)
    _read_rows(world)
    return world


def _add_episode(world: World, site: int, team: list[int], patient: int, **values: Any) -> None:
    psychiatrist, nurse, gp = team
    defaults = {
        "status": "active",
        "enrolled_on": date(2026, 9, 1),
        "referred_on": date(2026, 8, 25),
    }
    episode = world.database.add(
        registry.episode,
        patient_id=patient,
        site_id=site,
        psychiatrist_id=psychiatrist,
        nurse_id=nurse,
        gp_id=gp,
        problem="",
        **defaults | values,
    )
    world.episodes.append(Episode(episode, patient, frozenset(team)))


def _add_cover(world: World) -> None:
    today = datetime.now(PARIS).date()

    def cover(covering: str, covered: str, first: int, last: int, **values: Any) -> None:
        world.database.add(
            review.cover,
            covering_id=world.people[covering],
            covered_id=world.people[covered],
            starts_on=today + timedelta(days=first),
            ends_on=today + timedelta(days=last),
            **values,
        )

    cover("covers today", "psychiatrist", 0, 0)
    cover("covers the nurse", "nurse", -3, 3)
    cover("covered last week", "psychiatrist", -8, -1)
    cover("covers next week", "psychiatrist", 1, 8)
    cover("withdrawn cover", "psychiatrist", -8, 8, withdrawn_at=datetime.now(PARIS))
    # It does not pass on: who covers a colleague has not the list that the colleague covers.
    cover("covers who covers", "covers today", -1, 1)
    world.covered_today = {"covers today": "psychiatrist", "covers the nurse": "nurse"}


def _add_emergencies(world: World) -> None:
    """Add emergency accesses to patients of both teams; only the first two are still valid."""
    hour, now = timedelta(hours=1), datetime.now(PARIS)

    def opened(person: str, episode: Episode, begun_at: datetime, **values: Any) -> None:
        world.database.add(
            review.emergency_access,
            patient_id=episode.patient,
            episode_id=episode.id,
            practitioner_id=world.people[person],
            reason="on_call",
            explanation="Garde de nuit",
            begun_at=begun_at,
            ends_at=begun_at + hour,
            **values,
        )

    first, other = world.episodes[0], world.episodes[2]
    opened("in an emergency", first, now)
    opened("nurse in an emergency", other, now)
    opened("after the hour", first, now - hour - timedelta(seconds=1))
    opened("ended it early", other, now, ended_at=now)
    world.emergencies = {
        "in an emergency": first.patient,
        "nurse in an emergency": other.patient,
    }


def _add_rows(world: World, episode: Episode) -> None:
    """Add a row in every table for this patient."""
    database, patient = world.database, {"patient_id": episode.patient}
    psychiatrist, nurse, gp = sorted(episode.team)
    both = patient | {"episode_id": episode.id}
    day, instant = date(2026, 9, 8), at(date(2026, 9, 8))
    database.add(
        registry.care_sequence,
        episode_id=episode.id,
        kind="classique",
        number=1,
        starts_on=day,
        ends_on=day,
    )
    database.add(registry.assessment, **patient, instrument="phq9", taken_on=day, total=12)
    database.add(
        registry.contact,
        **patient,
        happened_at=instant,
        kind="phone",
        attended=True,
        practitioner_id=nurse,
    )
    database.add(
        registry.medication,
        **patient,
        atc_code="N06AB06",
        name="sertraline",
        as_needed=False,
        started_on=day,
    )
    database.add(registry.psychosocial_care, **patient, kind="other", started_on=day)
    database.add(registry.condition, **patient, code="Z33", label="Grossesse")
    database.add(registry.flag, **patient, kind="safety", raised_by=nurse, raised_at=instant)
    database.add(review.preparation, **both, nurse_id=nurse, question="Que faire ?")
    meeting = database.add(
        review.meeting,
        psychiatrist_id=psychiatrist,
        nurse_id=nurse,
        held_on=day,
        ended_at=instant,
    )
    database.add(review.agenda_item, **both, meeting_id=meeting, position=1, chosen_by="rule")
    for author in (psychiatrist, nurse):
        database.add(
            review.draft, **both, psychiatrist_id=author, idempotency_key=uuid.uuid4(), content={}
        )
    signed = database.add(
        review.case_review,
        **both,
        psychiatrist_id=psychiatrist,
        outcome="reviewed",
        summary="",
        seen={},
        signed_at=instant,
        idempotency_key=uuid.uuid4(),
    )
    advice = database.add(
        review.recommendation,
        **patient,
        case_review_id=signed,
        position=1,
        kind="other",
        detail="",
        owner_role="nurse",
    )
    database.add(
        review.answer, **patient, recommendation_id=advice, practitioner_id=nurse, outcome="done"
    )
    database.add(
        review.settlement,
        **patient,
        recommendation_id=advice,
        settled_by=psychiatrist,
        kind="withdrawn",
    )
    database.add(
        review.delivery,
        **patient,
        case_review_id=signed,
        recipient_id=gp,
        channel="inbox",
        state="sent",
        message_id="",
    )
    database.add(
        review.letter,
        **patient,
        case_review_id=signed,
        recipient_id=gp,
        language="fr",
        content={},
        plain_text="",
        pdf=b"",
    )
    database.add(
        review.answer_link,
        **patient,
        case_review_id=signed,
        recipient_id=gp,
        expires_at=instant,
    )
    database.add(
        review.incident, **patient, case_review_id=signed, practitioner_id=nurse, description=""
    )
    for reader in (psychiatrist, nurse):
        database.add(review.last_look, **both, practitioner_id=reader, seen={})
        database.add(review.access_log, **patient, practitioner_id=reader, action="case_opened")


def _read_rows(world: World) -> None:
    with world.database.owner().connect() as connection:
        for table in TABLES:
            rows = connection.exec_driver_sql(f"SELECT ctid::text, to_jsonb(t) FROM {table} t")
            world.rows[table] = dict(rows.all())
            assert world.rows[table], f"nothing to see in {table}"


# Reading


def visible(connection: Connection, table: str) -> set[str]:
    return set(connection.exec_driver_sql(f"SELECT ctid::text FROM {table}").scalars())


@pytest.mark.parametrize("person", WHO_ARE_IN)
def test_each_person_reads_what_is_theirs_and_nothing_else(world, person):
    with acting_as(world.people[person]) as connection:
        assert {table: visible(connection, table) for table in TABLES} == {
            table: world.mine(person, table) for table in TABLES
        }


def test_the_two_teams_have_something_to_see_and_something_to_hide(world):
    """Check that the oracle of the test above shows neither nothing nor everything."""
    for table in TABLES:
        assert 0 < len(world.mine("psychiatrist", table)) < len(world.rows[table])
    for person in ("lead", "nobody"):
        assert not any(world.mine(person, table) for table in OF_PATIENTS)
    assert world.mine("covers today", "registry.patient") == world.mine(
        "psychiatrist", "registry.patient"
    )
    for person in ("covers next week", "covered last week", "withdrawn cover", "covers who covers"):
        assert not world.mine(person, "registry.patient")


def test_without_an_identity_every_patient_table_is_empty(world):
    with acting_as(None) as connection:
        assert {table for table in TABLES if visible(connection, table)} == set()


def test_an_identity_ends_with_its_transaction_also_in_a_pool(world):
    backends = []
    for ends in (None, RuntimeError):
        with suppress(RuntimeError), acting_as(world.people["nurse"]) as connection:
            backends.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())
            assert visible(connection, "registry.patient")
            if ends:
                raise ends
        with acting_as(None) as connection:
            backends.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())
            assert not visible(connection, "registry.patient")
    assert len(set(backends)) == 1, "the pool gave another connection: nothing was shown"


@pytest.mark.parametrize("table", TABLES)
def test_row_security_cannot_be_switched_off(world, table):
    with acting_as(world.people["nobody"]) as connection:
        connection.exec_driver_sql("SET LOCAL row_security = off")
        with pytest.raises(ProgrammingError, match="row-level security"):
            visible(connection, table)


@pytest.mark.parametrize("role", ["postgres", "pg_read_all_data", "pg_write_all_data"])
def test_the_application_cannot_become_another_role(world, role):
    with acting_as(world.people["nobody"]) as connection, pytest.raises(ProgrammingError):
        connection.exec_driver_sql(f"SET LOCAL ROLE {role}")


def test_a_function_in_a_condition_is_not_shown_what_is_hidden(world):
    """Check that it only gets the readable rows, whatever cost the planner assumes for it."""
    with world.database.owner().connect() as connection:
        connection.exec_driver_sql("GRANT CREATE ON SCHEMA public TO case_review_app")
        become(connection, world.people["nobody"])
        connection.exec_driver_sql(
            "CREATE FUNCTION public.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001"
            " AS $$ BEGIN RAISE EXCEPTION 'told %%', $1; END $$"
        )
        query = "SELECT FROM registry.patient WHERE public.tell(family_name)"
        assert connection.exec_driver_sql(query).all() == []


# Writing another's patient


def become(connection: Connection, practitioner: int) -> None:
    connection.exec_driver_sql("SET LOCAL ROLE case_review_app")
    connection.exec_driver_sql(f"SET LOCAL case_review.practitioner = '{practitioner}'")


@contextmanager
def by_policies_alone(
    world: World, tables: Sequence[str], lifted: Sequence[str] = ()
) -> Iterator[Callable[[str], Connection]]:
    """Yield a connection as the application with every right and no trigger; roll all back.

    A refusal here is due to the policies alone, whatever the grants are. The policies ``lifted``
    are dropped from the tables.
    """
    with world.database.owner().connect() as connection:
        for table in tables:
            connection.exec_driver_sql(f"GRANT ALL ON {table} TO case_review_app")
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for policy in lifted:
                connection.exec_driver_sql(f"DROP POLICY case_review_{policy} ON {table}")

        def acting(person: str) -> Connection:
            become(connection, world.people[person])
            return connection

        yield acting


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    attempt = connection.begin_nested()
    try:
        yield
    finally:
        attempt.rollback()


def writes(connection: Connection, statement: str, **values: Any) -> bool:
    """Return whether the policies let the statement write a row; undo it."""
    with undone(connection):
        try:
            return connection.execute(text(statement), values).rowcount > 0
        except IntegrityError:
            # Keys and references are looked at after the policies.
            return True
        except ProgrammingError as error:
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            return False


def inserts(connection: Connection, table: str, row: dict[str, Any]) -> bool:
    statement = f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, :row)"
    return writes(connection, statement, row=json.dumps(row))


def another(row: dict[str, Any], table: str, **values: Any) -> dict[str, Any]:
    """Return a copy of the row, written now, with a new key where one is needed."""
    fresh = {
        "id": str(uuid.uuid4()) if table.startswith("review.") else 1_000_000,
        "idempotency_key": str(uuid.uuid4()),
        "position": 7,
        "channel": "mail",
        # timestamptz reads this as the beginning of the transaction.
        "signed_at": "now",
        "answered_at": "now",
        "at": "now",
    }
    if table == "review.settlement":
        fresh["settled_at"] = "now"
    if table == "registry.patient":
        # Another patient would belong to no one.
        del fresh["id"]
    return row | {name: value for name, value in fresh.items() if name in row} | values


def in_the_name_of(me: int, row: dict[str, Any]) -> dict[str, Any]:
    names = ("psychiatrist_id", "nurse_id", "practitioner_id")
    return row | {name: me for name in names if name in row}


def foreign_writes(
    world: World, connection: Connection, person: str, tables: Sequence[str]
) -> set[tuple[str, str]]:
    """Return the writes that this person can do to rows of others' patients; none are expected."""
    me, mine = world.people[person], {episode.patient for episode in world.my_episodes(person)}
    done = set()
    for table in tables:
        for ctid in world.rows[table].keys() - world.mine(person, table):
            row = world.rows[table][ctid]
            where = f"WHERE ctid = '{ctid}'"
            attempts = {
                "change": writes(connection, f"UPDATE {table} SET {_column(row)} {where}"),
                "remove": writes(connection, f"DELETE FROM {table} {where}"),
                "add": inserts(connection, table, another(row, table)),
            }
            if row.get("patient_id") not in mine:
                copy = in_the_name_of(me, another(row, table))
                attempts["add in one's own name"] = inserts(connection, table, copy)
            done |= {(table, name) for name, wrote in attempts.items() if wrote}
    return done


def _column(row: dict[str, Any]) -> str:
    """Return an assignment that keeps the value."""
    name = next(name for name in row if name not in ("id", "patient_id"))
    return f"{name} = {name}"


@pytest.mark.parametrize("person", WHO_ARE_IN)
def test_nobody_writes_a_row_of_anothers_patient(world, person):
    with acting_as(world.people[person]) as connection:
        assert foreign_writes(world, connection, person, OF_PATIENTS) == set()


@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_could_write_one_even_with_every_right(world, person):
    with by_policies_alone(world, OF_PATIENTS) as acting:
        assert foreign_writes(world, acting(person), person, OF_PATIENTS) == set()


@pytest.mark.parametrize("table", OF_PATIENTS)
def test_the_attempts_to_write_succeed_where_no_policy_limits_them(world, table):
    with by_policies_alone(world, [table], lifted=POLICIES) as acting:
        done = foreign_writes(world, acting("nobody"), "nobody", [table])
    assert {name for _, name in done} == {"change", "remove", "add", "add in one's own name"}


# Forbidden writes about one's own patients


@dataclass(frozen=True)
class Case:
    """Something that a person must not write, and the policy that refuses it."""

    title: str
    person: str
    table: str
    policy: str
    values: dict[str, Any] = field(default_factory=dict)
    """The values of the row to add; a person's name stands for their id."""

    def wrote(self, connection: Connection, world: World) -> bool:
        if self.policy == "changes":
            return writes(connection, f"UPDATE {self.table} SET {_column(self._row(world))}")
        if self.policy == "removes":
            return writes(connection, f"DELETE FROM {self.table}")
        known = world.people | {ANOTHERS: world.episodes[2].id}
        values = {name: known.get(value, value) for name, value in self.values.items()}
        return inserts(connection, self.table, another(self._row(world), self.table, **values))

    def _row(self, world: World) -> dict[str, Any]:
        """Return the first row of the table that the person may read."""
        mine = world.mine(self.person, self.table)
        return next(row for ctid, row in world.rows[self.table].items() if ctid in mine)


def _refused() -> Iterator[Case]:
    for name in REGISTRY_VISIBILITY:
        for policy in POLICIES[1:]:
            yield Case("the registry", "psychiatrist", f"registry.{name}", policy)
    # A row like one that is there, which is the nurse's or the psychiatrist's.
    for person, table in (
        ("psychiatrist", "review.preparation"),
        ("gp", "review.agenda_item"),
        ("nurse", "review.case_review"),
        ("nurse", "review.recommendation"),
        ("gp", "review.answer"),
        ("nurse", "review.settlement"),
        ("gp", "review.delivery"),
        ("nurse", "review.letter"),
        ("nurse", "review.answer_link"),
        ("gp", "review.incident"),
        ("nurse", "review.draft"),
        ("nurse", "review.emergency_access"),
    ):
        for policy in POLICIES[1:]:
            yield Case(f"as the {person}", person, table, policy)
    cover = {"covering_id": "covers today", "covered_id": "other psychiatrist"}
    yield Case("cover for oneself", "covers today", "review.cover", "adds", cover)
    yield Case("cover by oneself", "covers today", "review.cover", "changes")
    yield Case("cover by oneself", "covers today", "review.cover", "removes")
    long_ago = {"at": "2020-01-01"}
    yield Case("a trace of long ago", "nurse", "review.access_log", "adds", long_ago)
    yield Case("a trace", "nurse", "review.access_log", "changes")
    yield Case("a trace", "nurse", "review.access_log", "removes")


def _refused_in_an_emergency() -> Iterator[Case]:
    """Yield the cases of emergency access, which allows reading and answering only."""
    person = "in an emergency"
    signed = {"psychiatrist_id": person}
    yield Case("in an emergency", person, "review.case_review", "adds", signed)
    nurse = "nurse in an emergency"
    yield Case("in an emergency", nurse, "review.preparation", "adds", {"nurse_id": nurse})
    mine = {"practitioner_id": person}
    yield Case("one more for oneself", person, "review.emergency_access", "adds", mine)


def _refused_additions() -> Iterator[Case]:
    """Yield more additions that the policies refuse."""
    yield from _refused_in_an_emergency()
    review_of = "review.case_review"
    for person in ("nurse", "gp"):
        yield Case(f"a {person} who signs", person, review_of, "adds", {"psychiatrist_id": person})
    other = {"psychiatrist_id": "other psychiatrist"}
    yield Case("in another's name", "psychiatrist", review_of, "adds", other)
    covered = {"psychiatrist_id": "psychiatrist"}
    yield Case("in the name of who is covered", "covers today", review_of, "adds", covered)
    yield Case("signed earlier", "psychiatrist", review_of, "adds", {"signed_at": "2026-09-01"})
    yield Case("signed later", "psychiatrist", review_of, "adds", {"signed_at": "2036-09-01"})
    for table in (review_of, "review.draft"):
        yield Case("another's episode", "psychiatrist", table, "adds", {"episode_id": ANOTHERS})
    prepared = {"nurse_id": "nurse", "episode_id": ANOTHERS}
    yield Case("another's episode", "nurse", "review.preparation", "adds", prepared)
    yield Case("another's episode", "nurse", "review.agenda_item", "adds", {"episode_id": ANOTHERS})
    yield Case("a line to a signed review", "psychiatrist", "review.recommendation", "adds")
    yield from _refused_reminders()
    for_nobody = {"covered_id": "other psychiatrist"}
    yield Case("in another's place", "psychiatrist", review_of, "adds", for_nobody)
    for_oneself = {"covered_id": "psychiatrist"}
    yield Case("in one's own place", "psychiatrist", review_of, "adds", for_oneself)
    yield from _refused_covers()
    earlier = {"practitioner_id": "nurse", "answered_at": "2026-09-01"}
    yield Case("answered earlier", "nurse", "review.answer", "adds", earlier)
    yield from _refused_settlements()


def _refused_settlements() -> Iterator[Case]:
    table = "review.settlement"
    for person in ("nurse", "gp", "in an emergency"):
        yield Case(f"withdrawn by the {person}", person, table, "adds", {"settled_by": person})
    named = {"settled_by": "other psychiatrist"}
    yield Case("withdrawn in another's name", "psychiatrist", table, "adds", named)
    earlier = {"settled_by": "psychiatrist", "settled_at": "2026-09-01"}
    yield Case("withdrawn earlier", "psychiatrist", table, "adds", earlier)


REMINDER = {"reminder": 1, "state": "queued", "queued_at": "now", "sent_at": None, "attempts": 0}


def _refused_reminders() -> Iterator[Case]:
    """Yield the reminders that are refused.

    A nurse, who has not signed, may add reminders only, and only unsent ones.
    """
    for title, values in {
        "a reminder that says it was sent": {"state": "sent"},
        "a reminder of earlier": {"queued_at": "2026-09-09"},
        "a reminder in the inbox": {"channel": "inbox"},
        "a reminder that was tried": {"attempts": 1},
        "the letter itself": {"reminder": 0},
    }.items():
        yield Case(title, "nurse", "review.delivery", "adds", REMINDER | values)
    yield Case("a reminder by the GP", "gp", "review.delivery", "adds", REMINDER)


def _refused_covers() -> Iterator[Case]:
    """One's own list, but not to this one, or not from this day on."""
    today = datetime.now(PARIS).date()
    theirs: dict[str, Any] = {"covering_id": "other psychiatrist"}
    yesterday, in_a_week = str(today - timedelta(days=1)), str(today + timedelta(days=7))
    for title, values in {
        "of another's list": {"covered_id": "covers today", "covering_id": "psychiatrist"},
        "to oneself": {"covering_id": "psychiatrist"},
        "to another role": {"covering_id": "nurse"},
        "to who has left": {"covering_id": "retired psychiatrist"},
        "to nobody": {"covering_id": 10**9},
        "from yesterday on": {"starts_on": yesterday},
        "that ends before it begins": {"starts_on": in_a_week},
        "withdrawn at another time": {"withdrawn_at": "2026-09-01"},
    }.items():
        yield Case(title, "psychiatrist", "review.cover", "adds", theirs | values)


ANOTHERS = "another's episode"
REFUSED = [*_refused(), *_refused_additions()]


@pytest.mark.parametrize(
    "case", REFUSED, ids=lambda case: f"{case.policy}-{case.table}-{case.title}"
)
def test_it_is_refused_and_the_policy_is_what_refuses_it(world, case):
    with acting_as(world.people[case.person]) as connection:
        assert not case.wrote(connection, world)
    with by_policies_alone(world, [case.table]) as acting:
        assert not case.wrote(acting(case.person), world)
    with by_policies_alone(world, [case.table], lifted=[case.policy]) as acting:
        assert case.wrote(acting(case.person), world)


@pytest.mark.parametrize("table", TABLES)
def test_without_its_policy_a_table_shows_what_is_not_theirs(world, table):
    with by_policies_alone(world, [table], lifted=["reads"]) as acting:
        assert visible(acting("nobody"), table) > world.mine("nobody", table)


def test_every_policy_was_dropped_once(world):
    dropped = {(case.table, case.policy) for case in REFUSED}
    dropped |= {(table, "reads") for table in TABLES}
    # For people outside a meeting, without a look or without a second factor, the other policies of
    # these tables refuse the same.
    for table in ("review.meeting", "review.last_look"):
        dropped |= {(table, policy) for policy in POLICIES[1:]}
    of_the_owner = (f"review.{name}" for name in OWNER_ONLY)
    dropped |= {(table, policy) for table in (*COUNTS, *of_the_owner) for policy in POLICIES}
    with world.database.owner().connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT schemaname || '.' || tablename, replace(policyname, 'case_review_', '')"
            " FROM pg_policies WHERE permissive = 'RESTRICTIVE'"
        )
        assert {tuple(row) for row in rows} == dropped


# The writes that people must be able to do


@pytest.mark.parametrize("person", ["psychiatrist", "covers today"])
def test_a_psychiatrist_signs_and_whoever_covers_them_too(world, person):
    rows = {
        table: another(world.first(table), table)
        for table in ("review.case_review", "review.recommendation", "review.delivery")
    }
    signed = in_the_name_of(world.people[person], rows["review.case_review"])
    if person == "covers today":
        signed |= {"covered_id": world.people["psychiatrist"]}
    with acting_as(world.people[person]) as connection, undone(connection):
        insert(connection, "review.case_review", signed)
        for table in ("review.recommendation", "review.delivery"):
            insert(connection, table, rows[table] | {"case_review_id": signed["id"]})


@pytest.mark.parametrize(
    ("person", "table"),
    [
        ("nurse", "review.preparation"),
        ("nurse", "review.answer"),
        ("gp", "review.answer"),
        ("covers the nurse", "review.answer"),
        ("psychiatrist", "review.access_log"),
    ],
)
def test_what_is_ones_own_can_be_written(world, person, table):
    row = in_the_name_of(world.people[person], another(world.first(table), table))
    with acting_as(world.people[person]) as connection, undone(connection):
        insert(connection, table, row)


@pytest.mark.parametrize("person", ["in an emergency", "nurse in an emergency"])
def test_an_emergency_access_opens_one_record_and_is_ended_by_its_own_person(world, person):
    with acting_as(world.people[person]) as connection:
        assert set(connection.exec_driver_sql("SELECT id FROM registry.patient").scalars()) == {
            world.emergencies[person]
        }
        end = "UPDATE review.emergency_access SET ended_at = now() WHERE practitioner_id = :me"
        assert writes(connection, end, me=world.people[person])
    with acting_as(world.people["psychiatrist"]) as connection:
        assert not writes(connection, end, me=world.people[person])


@pytest.mark.parametrize("person", ["in an emergency", "nurse in an emergency", "after the hour"])
def test_an_emergency_access_is_not_prolonged(world, person):
    with acting_as(world.people[person]) as connection:
        for change in ("ends_at = ends_at + interval '1 hour'", "begun_at = now()"):
            assert not writes(connection, f"UPDATE review.emergency_access SET {change}")
        again = "UPDATE review.emergency_access SET ended_at = NULL WHERE practitioner_id = :me"
        assert not writes(connection, again, me=world.people[person])


@pytest.mark.parametrize("person", ["psychiatrist", "nurse", "covers today", "covers the nurse"])
def test_the_team_of_an_episode_reminds_and_whoever_covers_them_too(world, person):
    table = "review.delivery"
    with acting_as(world.people[person]) as connection, undone(connection):
        insert(connection, table, another(world.first(table), table, **REMINDER))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reminder": 2}, "a reminder follows what was sent"),
        ({"recipient_id": 1}, "a reminder follows what was sent"),
        ({"queued_at": "2026-09-08"}, None),
    ],
)
def test_a_reminder_is_of_something_that_was_sent_and_has_the_next_number(world, values, words):
    """Check it for the owner too: the trigger applies to every writer."""
    table = "review.delivery"
    row = another(world.first(table), table, **REMINDER) | values
    with world.database.owner().connect() as connection:
        assert refusal(connection, row) == words


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("2026-09-09 00:01+02", "2026-09-15 23:59+02", "at most one reminder a week"),
        ("2026-09-09 23:59+02", "2026-09-16 00:01+02", None),
        ("2026-09-16 12:00+02", "2026-09-10 12:00+02", "at most one reminder a week"),
    ],
)
def test_a_recipient_is_reminded_once_a_week(world, first, second, words):
    table = "review.delivery"
    one = another(
        world.first(table),
        table,
        **REMINDER,
    ) | {"queued_at": first}
    two = another(one, table) | {"reminder": 2, "queued_at": second}
    with world.database.owner().connect() as connection:
        assert refusal(connection, one) is None
        assert refusal(connection, two) == words


def refusal(connection: Connection, row: dict[str, Any]) -> str | None:
    """Return the trigger's message about this delivery, None if it is accepted."""
    try:
        insert(connection, "review.delivery", row)
    except IntegrityError as error:
        return error.orig.diag.message_primary if isinstance(error.orig, CheckViolation) else "?"
    return None


@pytest.mark.parametrize("person", ["psychiatrist", "nurse"])
def test_whoever_is_in_a_meeting_calls_it_and_sets_its_agenda(world, person):
    meeting = another(world.first("review.meeting"), "review.meeting")
    item = another(world.first("review.agenda_item"), "review.agenda_item")
    with acting_as(world.people[person]) as connection, undone(connection):
        insert(connection, "review.meeting", meeting)
        insert(connection, "review.agenda_item", item | {"meeting_id": meeting["id"]})


@pytest.mark.parametrize(
    ("person", "colleague"), [("psychiatrist", "other psychiatrist"), ("nurse", "other nurse")]
)
def test_a_list_is_handed_to_a_colleague_and_taken_back(world, person, colleague):
    days = {"starts_on": str(today()), "ends_on": str(today() + timedelta(days=7))}
    both = {"covered_id": world.people[person], "covering_id": world.people[colleague]}
    row = another(world.first("review.cover"), "review.cover", **both, **days)
    with acting_as(world.people[person]) as connection, undone(connection):
        insert(connection, "review.cover", row)
        withdraw = "UPDATE review.cover SET withdrawn_at = now() WHERE id = :id"
        assert connection.execute(text(withdraw), {"id": row["id"]}).rowcount == 1


@pytest.mark.parametrize("person", ["covers today", "covered last week", "other psychiatrist"])
def test_nobody_ends_a_cover_of_anothers_list(world, person):
    with acting_as(world.people[person]) as connection:
        statement = "UPDATE review.cover SET withdrawn_at = now() WHERE covered_id = :covered"
        assert not writes(connection, statement, covered=world.people["psychiatrist"])


def test_a_cover_that_was_ended_is_not_begun_again_and_its_days_are_never_changed(world):
    with acting_as(world.people["psychiatrist"]) as connection:
        ended = "WHERE withdrawn_at IS NOT NULL"
        assert not writes(connection, f"UPDATE review.cover SET withdrawn_at = NULL {ended}")
        for column in ("covering_id", "covered_id", "starts_on", "ends_on"):
            assert not writes(connection, f"UPDATE review.cover SET {column} = {column}")


def today() -> date:
    """Return the day as the database sees it."""
    return datetime.now(PARIS).date()


def insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    statement = f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, :row)"
    connection.execute(text(statement), {"row": json.dumps(row)})


def test_a_draft_is_kept_changed_and_thrown_away_by_its_psychiatrist(world):
    with acting_as(world.people["psychiatrist"]) as connection:
        assert writes(connection, "UPDATE review.draft SET content = '{}', saved_at = now()")
        assert writes(connection, "DELETE FROM review.draft")


# Rows that no one changes, not even the owner


@pytest.mark.parametrize("table", NEVER_CHANGED)
@pytest.mark.parametrize(
    "statement", ["UPDATE {0} SET id = id", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"]
)
def test_what_is_signed_is_never_changed_even_by_the_owner(world, table, statement):
    with (
        world.database.owner().connect() as connection,
        pytest.raises(DBAPIError, match="is append-only"),
    ):
        connection.exec_driver_sql(statement.format(f"review.{table}"))


# The set of existing tables and policies


def test_every_table_has_row_security_or_is_on_the_list_of_those_without_patients(world):
    with world.database.owner().connect() as connection:
        tables = {
            row.name: row.protected
            for row in connection.exec_driver_sql(
                "SELECT relnamespace::regnamespace || '.' || relname AS name,"
                " relrowsecurity AND relforcerowsecurity AS protected FROM pg_class"
                " WHERE relnamespace::regnamespace::text IN ('registry', 'review')"
                " AND relkind IN ('r', 'p', 'v', 'm', 'f')"
            )
        }
        linked = connection.exec_driver_sql(
            "SELECT DISTINCT table_schema || '.' || table_name FROM information_schema.columns"
            " WHERE table_schema IN ('registry', 'review')"
            " AND column_name IN ('patient_id', 'episode_id', 'case_review_id', 'birth_date')"
        ).scalars()
        assert not WITHOUT_PATIENTS & set(linked)
    assert {name for name, protected in tables.items() if protected} == {
        *TABLES,
        *COUNTS,
        *(f"review.{name}" for name in OWNER_ONLY),
    }
    assert {name for name, protected in tables.items() if not protected} == WITHOUT_PATIENTS


@pytest.mark.parametrize("table", OWNER_ONLY)
def test_a_table_of_the_owner_is_empty_for_others_even_if_they_may_read_it(database, table):
    nurse = database.practitioner("nurse")
    with database.owner().begin() as owner:
        fill(owner, 10, "marker")
        assert owner.exec_driver_sql(f"SELECT count(*) FROM review.{table}").scalar() == 1
    with (
        acting_as(nurse) as connection,
        pytest.raises(ProgrammingError, match=f"permission denied for table {table}"),
    ):
        connection.exec_driver_sql(f"SELECT FROM review.{table}")
    with database.owner().begin() as owner:
        owner.exec_driver_sql(f"GRANT SELECT ON review.{table} TO case_review_app")
    with acting_as(nurse) as connection:
        assert connection.exec_driver_sql(f"SELECT FROM review.{table}").all() == []


def test_a_function_that_sees_more_than_its_caller_is_on_a_list(world):
    with world.database.owner().connect() as connection:
        functions = connection.exec_driver_sql(
            "SELECT oid::regprocedure::text AS name, proconfig FROM pg_proc WHERE prosecdef"
            " AND pronamespace::regnamespace::text IN ('registry', 'review', 'public')"
        ).all()
    assert {function.name for function in functions} == WITH_MORE_RIGHTS_THAN_THE_READER
    for function in functions:
        assert any(setting.startswith("search_path=") for setting in function.proconfig)


# A registry with row security of its owner


def test_an_owners_own_row_security_stays_as_it_was(database):
    case = database.team().case(date(2026, 9, 1))
    hidden = database.patient("hidden from the warehouse")
    with database.owner().connect() as connection:
        for statement in (
            "CREATE ROLE warehouse",
            "CREATE ROLE registrar",
            "GRANT USAGE ON SCHEMA registry TO warehouse, registrar",
            "GRANT SELECT ON registry.patient TO warehouse",
            *(f"DROP POLICY case_review_{name} ON registry.patient" for name in POLICIES),
            "DROP POLICY case_review_leaves_others ON registry.patient",
            "ALTER TABLE registry.patient OWNER TO registrar",
            "ALTER TABLE registry.patient NO FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY own ON registry.patient TO warehouse USING (id = {case.patient})",
        ):
            connection.exec_driver_sql(statement)
        for _ in range(2):
            secure(connection)
            assert _patients_of(connection, "warehouse") == {case.patient}
            assert _patients_of(connection, "registrar") == {case.patient, hidden}
            assert _patients_of(connection, "case_review_app", case.team.nurse) == {case.patient}
            assert _patients_of(connection, "case_review_app", hidden) == set()


def _patients_of(connection: Connection, role: str, practitioner: int | None = None) -> set[int]:
    asking = connection.begin_nested()
    connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
    connection.exec_driver_sql(f"SET LOCAL case_review.practitioner = '{practitioner or ''}'")
    patients = set(connection.exec_driver_sql("SELECT id FROM registry.patient").scalars())
    asking.rollback()
    return patients
