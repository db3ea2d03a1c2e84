"""The records of one's own patients: read, exported, added to, each time on the access log."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import event

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.tele_expertise import NothingDescribed
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.database.schema import review as tables
from dashboard.exports.fhir_report import report_bundle
from dashboard.exports.record_table import record_table
from dashboard.queries.advice.noting_incidents import note_incident
from dashboard.queries.advice.tele_expertise import record_of, records_between, report_of
from tests.support.factories import at

SIGNED = date(2026, 11, 10)


@pytest.fixture
def team(database):
    return database.team()


@pytest.fixture
def case(team):
    return team.case(date(2026, 9, 1), consented_on=date(2026, 8, 30))


def asked(database, case, day, **values):
    return database.add(
        tables.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=case.team.nurse,
        question="Que faire ?",
        ready_at=at(day),
        **values,
    )


def sent(database, case, review, recipient, day=SIGNED, **values):
    defaults = {"channel": "mail", "state": "sent", "message_id": "", "sent_at": at(day, 13)}
    database.add(
        tables.delivery,
        patient_id=case.patient,
        case_review_id=review,
        recipient_id=recipient,
        queued_at=at(day),
        **defaults | values,
    )


def as_(person, act, *arguments):
    with acting_as(person) as connection:
        return act(connection, *arguments)


def log(database):
    with database.owner().connect() as connection:
        query = (
            "SELECT practitioner_id, action, patient_id FROM review.access_log ORDER BY at, action"
        )
        return [tuple(row) for row in connection.exec_driver_sql(query)]


@pytest.mark.parametrize("role", ["psychiatrist", "nurse"])
def test_a_record_has_all_that_the_law_asks_for(database, case, team, role):
    request = asked(database, case, SIGNED - timedelta(days=3))
    review = database.case_review(case, at(SIGNED))
    line = database.recommendation(case, review, owner_role="gp")
    sent(database, case, review, team.gp)
    database.add(
        tables.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=team.gp,
        outcome="done",
        answered_at=at(SIGNED + timedelta(days=2)),
    )
    as_(team.nurse, note_incident, review, "Visio coupée", uuid4())
    one = as_(getattr(team, role), record_of, review)
    assert (one.identity.family_name, one.consented_on) == ("Lefèvre", date(2026, 8, 30))
    assert (one.request.id, one.answer_days, one.answer_time) == (request, 3, "met")
    assert (one.sent_at, one.answered_at) == (at(SIGNED, 13), at(SIGNED + timedelta(days=2)))
    assert [each.role for each in one.professionals] == ["psychiatrist", "nurse", "gp"]
    assert one.review.recommendations[0].state == "done"
    assert [(each.description, each.practitioner.id) for each in one.incidents] == [
        ("Visio coupée", team.nurse)
    ]


def test_the_nurse_and_gp_of_a_record_are_those_who_received_the_letter(database, case, team):
    # Another nurse had asked, and the GP of today received only a notice of a withdrawal.
    asked(database, case, SIGNED - timedelta(days=3))
    nurse, gp = database.practitioner("nurse", "Après"), database.practitioner("gp", "Avant")
    review = database.case_review(case, at(SIGNED))
    for recipient in (nurse, gp):
        sent(database, case, review, recipient)
    withdrawn = database.add(
        tables.settlement,
        patient_id=case.patient,
        settled_by=team.psychiatrist,
        settled_at=at(SIGNED + timedelta(days=1)),
        recommendation_id=database.recommendation(case, review),
        kind="withdrawn",
        reason="Grossesse",
    )
    notice = {"reminder": -1, "settlement_id": withdrawn, "notice": "Conseil retiré"}
    sent(database, case, review, team.gp, SIGNED + timedelta(days=1), **notice)
    one = as_(team.psychiatrist, record_of, review)
    assert (one.professional("nurse").id, one.professional("gp").id) == (nurse, gp)
    assert {each.id for each in one.professionals} == {
        team.psychiatrist,
        team.nurse,
        team.gp,
        nurse,
        gp,
    }


def test_a_record_says_the_decision_and_what_the_review_did_with_earlier_advice(
    database, case, team
):
    first = database.case_review(case, at(SIGNED - timedelta(days=14)))
    kept, replaced = (database.recommendation(case, first, position=place) for place in (1, 2))
    review = database.case_review(case, at(SIGNED), risk_level="low", risk_reason="Plan en place")
    new = database.recommendation(case, review)
    common = {
        "patient_id": case.patient,
        "case_review_id": review,
        "settled_by": team.psychiatrist,
        "settled_at": at(SIGNED),
    }
    database.add(
        tables.settlement, **common, recommendation_id=kept, kind="kept", due_on=date(2026, 12, 1)
    )
    database.add(
        tables.settlement, **common, recommendation_id=replaced, kind="replaced", replaced_by=new
    )
    one = as_(team.nurse, record_of, review)
    assert (one.review.risk.level, one.review.risk.reason) == ("low", "Plan en place")
    assert [(each.line.id, each.kind, each.due_on) for each in one.earlier] == [
        (kept, "kept", date(2026, 12, 1)),
        (replaced, "replaced", None),
    ]
    assert one.earlier[1].replaced_by.id == new
    assert {each.given_on for each in one.earlier} == {SIGNED - timedelta(days=14)}
    old = as_(team.nurse, record_of, first)
    assert [line.state for line in old.review.recommendations] == ["unanswered", "replaced"]
    Bundle.model_validate(report_bundle(as_(team.nurse, report_of, review)))


def test_each_review_answers_its_own_request_and_an_amendment_that_of_the_first(
    database, case, team
):
    asked(database, case, date(2026, 10, 1))
    first = database.case_review(case, at(date(2026, 10, 12)))
    amended = database.case_review(case, at(date(2026, 10, 20)), supersedes=first)
    plain = database.case_review(case, at(date(2026, 10, 30)))
    asked(database, case, date(2026, 11, 1))
    second = database.case_review(case, at(date(2026, 11, 4)))
    records = as_(team.nurse, records_between, date(2026, 10, 1), date(2026, 11, 30))
    assert {one.review.id: one.answer_days for one in records} == {
        first: 11,
        amended: 11,
        plain: None,
        second: 3,
    }
    assert records[0].review.superseded_by == amended


def test_a_period_is_of_calendar_days_in_paris(database, case, team):
    midnight = database.case_review(case, at(date(2026, 10, 1), 0, 0))
    last = database.case_review(case, at(date(2026, 10, 31), 23, 59))
    for day, hour in ((date(2026, 9, 30), 23), (date(2026, 11, 1), 0)):
        database.case_review(case, at(day, hour, 59))
    records = as_(team.psychiatrist, records_between, date(2026, 10, 1), date(2026, 10, 31))
    assert [one.review.id for one in records] == [midnight, last]


def test_nobody_has_anothers_records(database, case, team):
    review = database.case_review(case, at(SIGNED))
    other = database.team()
    for person in (other.psychiatrist, other.nurse, team.gp, database.practitioner("lead"), None):
        assert as_(person, record_of, review) is None
        assert as_(person, report_of, review) is None
        assert as_(person, records_between, SIGNED, SIGNED) == []
        if person is not None:
            with pytest.raises(NotYours):
                as_(person, note_incident, review, "Visio coupée", uuid4())
    assert as_(team.nurse, record_of, uuid4()) is None


def test_the_records_of_a_closed_episode_are_still_there(database, case, team):
    review = database.case_review(case, at(SIGNED))
    with database.owner().begin() as connection:
        values = {"status": "closed", "closed_on": SIGNED}
        connection.execute(registry.episode.update().values(**values))
    assert as_(team.psychiatrist, record_of, review).review.id == review


def test_reading_and_exporting_leave_traces_of_each_patient(database, case, team):
    review = database.case_review(case, at(SIGNED))
    as_(team.nurse, record_of, review)
    as_(team.nurse, report_of, review)
    as_(team.psychiatrist, records_between, SIGNED, SIGNED)
    assert log(database) == [
        (team.nurse, "record_opened", case.patient),
        (team.nurse, "report_exported", case.patient),
        (team.psychiatrist, "record_exported", case.patient),
        (team.psychiatrist, "records_exported", None),
    ]


def test_the_number_of_queries_does_not_depend_on_the_number_of_reviews(database, team):
    def reads():
        with acting_as(team.nurse) as connection:
            said = []
            event.listen(connection, "before_cursor_execute", lambda *what: said.append(what[2]))
            found = len(records_between(connection, SIGNED, SIGNED))
        return found, sum("access_log" not in one for one in said)

    for number in (1, 4):
        for _ in range(number):
            database.case_review(team.case(date(2026, 9, 1)), at(SIGNED))
    found, queries = reads()
    assert (found, queries) == (5, 13)


def test_a_report_is_of_what_was_known_at_the_signing(database, case, team):
    database.assessment(case.patient, "phq9", date(2026, 8, 1), 27)
    database.assessment(case.patient, "phq9", SIGNED, 17)
    database.assessment(case.patient, "phq9", SIGNED + timedelta(days=1), 3)
    for name, first, last in (
        ("sertraline", date(2026, 9, 1), None),
        ("venlafaxine", date(2026, 6, 1), SIGNED),
        ("mirtazapine", SIGNED, SIGNED + timedelta(days=1)),
        ("fluoxétine", SIGNED + timedelta(days=1), None),
    ):
        database.add(
            registry.medication,
            patient_id=case.patient,
            atc_code="N06AB06",
            name=name,
            as_needed=False,
            started_on=first,
            stopped_on=last,
        )
    report = as_(team.psychiatrist, report_of, database.case_review(case, at(SIGNED)))
    assert [one.score.value for one in report.assessments] == [17]
    assert [one.name for one in report.treatments] == ["sertraline", "mirtazapine"]


NAMES = ["D'Arc", "O’Brien-Łukasz", "كمال", "=cmd|' /C calc'!A0", "a\u202eb\x07", "<b>&", " "]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_exported_both_ways(database, team, name):
    case = team.case(date(2026, 9, 1), family_name=name)
    asked(database, case, SIGNED - timedelta(days=9))
    review = database.case_review(case, at(SIGNED), summary=name)
    database.recommendation(case, review, detail=name)
    as_(team.nurse, note_incident, review, f"Visio {name}", uuid4())
    Bundle.model_validate(report_bundle(as_(team.nurse, report_of, review)))
    table = record_table(as_(team.nurse, records_between, SIGNED, SIGNED)).decode("utf-8-sig")
    assert ";not_met;" in table
    assert ";=cmd" not in table


def test_an_incident_is_noted_once_and_says_something(database, case, team):
    review = database.case_review(case, at(SIGNED))
    key = uuid4()
    for _ in range(3):
        as_(team.psychiatrist, note_incident, review, "  Son coupé ", key)
    with pytest.raises(NothingDescribed):
        as_(team.psychiatrist, note_incident, review, " \n ", uuid4())
    (noted,) = as_(team.nurse, record_of, review).incidents
    assert (noted.id, noted.description) == (key, "Son coupé")
    assert [action for _, action, _ in log(database)].count("incident_noted") == 1
