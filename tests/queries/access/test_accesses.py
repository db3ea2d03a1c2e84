"""A medical lead's view of the access log: the openings of cases at their sites."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from dashboard.calendar import today
from dashboard.clinical.access.accesses import AROUND_DAYS, AT_LEAST_WITHOUT, MANY_AN_HOUR
from dashboard.database import acting_as
from dashboard.database.audit.access_log import log_access
from dashboard.database.schema import registry as tables
from dashboard.database.schema import review as own
from dashboard.exports.access_report import access_report
from dashboard.locale import speaking
from dashboard.queries.access.accesses import (
    accesses_for_patient,
    accesses_of_case,
    emergencies_of_my_sites,
    unusual_accesses,
)
from dashboard.queries.access.opening_in_emergency import open_in_emergency
from dashboard.queries.case.case_file import open_case
from tests.queries.access.test_emergency import wish
from tests.support.factories import at

TODAY = today()
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def team(database):
    return database.team()


@pytest.fixture
def case(team):
    return team.case(TODAY - timedelta(weeks=12))


@pytest.fixture
def lead(database):
    return database.practitioner("lead")


def opens(practitioner, case):
    with acting_as(practitioner) as connection:
        return open_case(connection, case.episode, TODAY)


def opened_at(database, practitioner, case, instant):
    """Add an opening at another time, as the owner, because no one else can."""
    database.add(
        own.access_log,
        practitioner_id=practitioner,
        patient_id=case.patient,
        action="case_opened",
        at=instant,
    )


def asked(lead, query, *arguments):
    with acting_as(lead) as connection:
        return query(connection, *arguments)


def test_the_lead_is_told_who_opened_a_case_and_why(database, team, case, lead):
    stranger = database.practitioner("psychiatrist", "Roy")
    opens(team.nurse, case)
    assert opens(stranger, case) is None
    found = asked(lead, accesses_of_case, case.episode, LONG_AGO)
    assert [(one.family_name, one.role, one.action, one.why) for one in found] == [
        ("Roy", "psychiatrist", "case_refused", None),
        ("Nurse", "nurse", "case_opened", "care"),
    ]


def test_reading_the_log_is_on_the_log(database, case, lead):
    asked(lead, accesses_of_case, case.episode, LONG_AGO)
    asked(lead, unusual_accesses, LONG_AGO)
    with database.owner().connect() as connection:
        actions = connection.exec_driver_sql(
            "SELECT action, practitioner_id, patient_id FROM review.access_log ORDER BY at"
        ).all()
    assert actions == [("accesses_read", lead, None), ("unusual_accesses_read", lead, None)]


def test_a_lead_is_told_of_their_own_sites_alone(database, team, case, lead):
    opens(team.nurse, case)
    database.add(
        tables.practitioner_site, practitioner_id=lead, site_id=database.site("CMS du Lac")
    )
    assert asked(lead, accesses_of_case, case.episode, LONG_AGO) == []
    database.add(tables.practitioner_site, practitioner_id=lead, site_id=team.site)
    assert len(asked(lead, accesses_of_case, case.episode, LONG_AGO)) == 1


@pytest.mark.parametrize("role", ["psychiatrist", "nurse", "gp"])
def test_nobody_but_a_lead_is_told_anything(database, team, case, role):
    member = {"psychiatrist": team.psychiatrist, "nurse": team.nurse, "gp": team.gp}[role]
    night = at(today() - timedelta(days=10), 23)
    opened_at(database, member, case, night)
    with acting_as(database.practitioner("psychiatrist")) as connection:
        open_in_emergency(connection, wish(case, family_name="Lefèvre"), uuid4())
    for query, arguments in (
        (accesses_of_case, (case.episode, LONG_AGO)),
        (unusual_accesses, (LONG_AGO,)),
        (emergencies_of_my_sites, (LONG_AGO,)),
    ):
        assert asked(member, query, *arguments) == []


# Unusual


def test_many_records_in_an_hour_are_unusual(database, team, lead):
    day = today() - timedelta(days=3)
    cases = [team.case(TODAY - timedelta(weeks=12)) for _ in range(MANY_AN_HOUR)]
    for case in cases:
        opened_at(database, team.nurse, case, at(day, 14, 5))
        opened_at(database, team.gp, case, at(day, 14, 5))
    opened_at(database, team.gp, cases[0], at(day, 15, 5))
    found = asked(lead, unusual_accesses, LONG_AGO)
    assert [(one.kind, one.number, one.practitioner_id) for one in found] == [
        ("many", MANY_AN_HOUR, team.nurse),
        ("many", MANY_AN_HOUR, team.gp),
    ]
    assert found[0].cases == tuple(sorted(case.episode for case in cases)[:20])


def test_one_record_less_is_not(database, team, lead):
    day = today() - timedelta(days=3)
    for _ in range(MANY_AN_HOUR - 1):
        opened_at(database, team.nurse, team.case(TODAY - timedelta(weeks=12)), at(day, 14, 5))
    assert asked(lead, unusual_accesses, LONG_AGO) == []


@pytest.mark.parametrize(
    ("hour", "minute", "unusual"),
    [(21, 59, False), (22, 0, True), (23, 59, True), (5, 59, True), (6, 0, False)],
)
def test_the_night_is_unusual_in_paris(database, team, case, lead, hour, minute, unusual):
    day = today() - timedelta(days=3)
    opened_at(database, team.nurse, case, at(day, hour, minute))
    found = asked(lead, unusual_accesses, LONG_AGO)
    assert [one.kind for one in found] == (["night"] if unusual else [])


def test_records_without_review_or_meeting_are_unusual(database, team, lead):
    instant = at(today() - timedelta(days=60), 10)
    cases = [team.case(TODAY - timedelta(weeks=12)) for _ in range(AT_LEAST_WITHOUT + 2)]
    for case in cases:
        opened_at(database, team.nurse, case, instant)
    database.case_review(cases[0], instant + timedelta(days=AROUND_DAYS - 1))
    database.case_review(cases[1], instant + timedelta(days=AROUND_DAYS + 1))
    database.meeting(team, cases[2:3], held_on=instant.date() + timedelta(days=5))
    [one] = asked(lead, unusual_accesses, LONG_AGO)
    assert (one.kind, one.number) == ("without", AT_LEAST_WITHOUT)
    assert one.cases == tuple(case.episode for case in (cases[1], *cases[3:]))


def test_what_was_opened_this_week_may_still_be_reviewed(database, team, lead):
    instant = at(today() - timedelta(days=2), 10)
    for _ in range(AT_LEAST_WITHOUT):
        opened_at(database, team.nurse, team.case(TODAY - timedelta(weeks=12)), instant)
    assert asked(lead, unusual_accesses, LONG_AGO) == []


# Emergencies


def test_the_lead_reads_the_reason_without_the_name_of_the_patient(database, team, lead):
    case = team.case(TODAY - timedelta(weeks=12), family_name="Lefèvre-Dubois")
    with acting_as(database.practitioner("psychiatrist", "Roy")) as connection:
        explanation = "Mme LEFEVRE (Camille lefèvre-dubois) menace ; Lefèvrement"
        asked_for = wish(case, family_name="Lefèvre-Dubois", explanation=explanation)
        assert open_in_emergency(connection, asked_for, uuid4()) == "opened"
    [one] = asked(lead, emergencies_of_my_sites, LONG_AGO)
    assert one.explanation == "Mme … (… …-…) menace ; Lefèvrement"
    assert (one.episode_id, one.practitioner.family_name, one.reason) == (
        case.episode,
        "Roy",
        "on_call",
    )
    assert one.patient is None


# The report for the patient


def test_the_report_names_professionals_and_not_the_patient(database, team, case, lead):
    opens(team.nurse, case)
    found = asked(lead, accesses_of_case, case.episode, LONG_AGO)
    with speaking("fr"):
        lines = access_report(found).decode("utf-8-sig").splitlines()
    assert lines[0] == "Quand;Professionnel;Fonction;Quoi;Pourquoi"
    assert lines[1].endswith(";Nurse Claude;IDE;a ouvert le dossier;de l’équipe du patient")
    assert len(lines) == 2
    assert "Lefèvre" not in "".join(lines)


def test_the_owner_makes_it_by_command_over_all_years(database, team, case, tmp_path):
    from typer.testing import CliRunner

    from dashboard.cli.app import app

    opened_at(database, team.nurse, case, at(date(2008, 3, 1)))
    opens(team.gp, case)

    (tmp_path / "r.csv").touch(mode=0o644)

    def command(number, *more):
        arguments = ["audit", "report", str(number), "--output", str(tmp_path / "r.csv"), *more]
        return CliRunner().invoke(app, [*arguments, "--database-url", database.owner_url])

    assert command(case.episode).stdout == "3 accesses written.\n"
    assert (tmp_path / "r.csv").read_text("utf-8-sig").count("\n") == 4
    assert (tmp_path / "r.csv").stat().st_mode & 0o777 == 0o600
    assert command(case.episode, "--language", "de").exit_code == 1
    assert "No case has this number." in command(999_999).stderr


def test_who_is_nobody_is_named_as_the_dashboard(database, case):
    with database.owner().begin() as connection:
        log_access(connection, "accesses_reported", case.patient)
        [mine, other] = accesses_for_patient(connection, case.episode)
    with speaking("en"):
        assert "the dashboard itself" in access_report([mine, other]).decode("utf-8-sig")
