"""Each indicator on registries made by hand, the answer worked out beside them.

Each line of the table is a site of its own. Its patients are given by the days of what happens to
them after their enrolment; the figures are summed over all months until TODAY.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from dashboard.clinical.sites.indicators import INDICATORS, Selection
from dashboard.database import acting_as, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.schema import registry, review
from dashboard.queries.sites.counting import count_all
from dashboard.queries.sites.indicators import counts
from tests.conftest import create_database, drop_database
from tests.oracles.exact_counts import show_exact_counts
from tests.support.factories import Database, Team, at

TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Patient:
    """The day of enrolment; everything else is in days after it."""

    ago: int
    scores: Mapping[int, int] = field(default_factory=dict)
    contacts: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    reviews: tuple[int, ...] = ()
    drugs: tuple[tuple[str, int, int | None], ...] = ()
    cares: tuple[tuple[str, int, int | None], ...] = ()
    questions: tuple[tuple[int, int | None], ...] = ()
    advice: tuple[tuple[int, tuple[tuple[int, str], ...]], ...] = ()
    sequences: tuple[tuple[str, int], ...] = (("classique", 0),)
    closed: tuple[int, str] | None = None
    status: str = "active"
    referred: int = 0
    consented: int | None = None


def of(indicator: str, why: str, patients: list[Patient], *counts: int) -> Any:
    """Eligible, measured, numerator; one number where they are the same."""
    return pytest.param(indicator, patients, counts * (4 - len(counts)), id=f"{indicator}: {why}")


TABLE = [
    # Days 1 and 28 are in time; day 0 is the enrolment itself, day 29 too late, a missed contact
    # none. The sixth patient is enrolled 27 days ago: too early to say.
    of(
        "early_contact",
        "from the day after enrolment to day 28",
        [
            Patient(40, contacts=(1,)),
            Patient(40, contacts=(28,)),
            Patient(40, contacts=(0,)),
            Patient(40, contacts=(29,)),
            Patient(40, missed=(10,)),
            Patient(27, contacts=(1,)),
        ],
        5,
        5,
        2,
    ),
    # Enrolment's own contact counts, day 84 too: 4 and 4. Day 85 makes only three by day 84.
    of(
        "four_contacts",
        "by day 84",
        [
            Patient(90, contacts=(0, 20, 40, 60)),
            Patient(90, contacts=(10, 20, 40, 84)),
            Patient(90, contacts=(10, 20, 40, 85)),
            Patient(83, contacts=(0, 20, 40, 60)),
        ],
        3,
        3,
        2,
    ),
    # 24 → 12 is half, 20 → 9 is under 10, 20 → 11 is neither; one has the baseline alone: not
    # measured, and so a failure. A baseline of 9 is not in it; nor is one enrolled 69 days ago.
    # The score of day 71 comes too late: that patient's last one by day 70 is 20.
    of(
        "improved_70",
        "under 10 or down by half, the unmeasured as failures",
        [
            Patient(80, scores={0: 24, 60: 12}),
            Patient(80, scores={0: 20, 70: 9}),
            Patient(80, scores={0: 20, 60: 11}),
            Patient(80, scores={0: 20}),
            Patient(80, scores={0: 9, 60: 3}),
            Patient(69, scores={0: 20, 60: 3}),
            Patient(80, scores={0: 20, 30: 20, 71: 3}),
        ],
        5,
        4,
        2,
    ),
    # Baseline 20. The last score of days 120 to 240 is 10 (half), 11 (not), none (days 119 and
    # 241 are outside): two measured of three. The fourth is enrolled 239 days ago.
    of(
        "response",
        "down by half from day 120 to day 240",
        [
            Patient(250, scores={0: 20, 120: 4, 240: 10}),
            Patient(250, scores={0: 20, 130: 10, 200: 11}),
            Patient(250, scores={0: 20, 119: 2, 241: 2}),
            Patient(239, scores={0: 20, 130: 4}),
        ],
        3,
        2,
        1,
    ),
    # A last score of 4 is remission, 5 is not, and 0 is a score.
    of(
        "remission",
        "under 5",
        [
            Patient(250, scores={0: 20, 150: 4}),
            Patient(250, scores={0: 20, 150: 5}),
            Patient(250, scores={0: 20, 150: 0}),
        ],
        3,
        3,
        2,
    ),
    # Baseline 14. The last PHQ-9 of days 120 to 240 is 20 (14 + 6, yes), 19 (no), 13 after 20 (no).
    # One has none in these days (days 119 and 241 are outside): not in it, as nobody knows. A
    # baseline of 9 is not in it, whatever comes later.
    of(
        "deteriorated",
        "6 points or more above the baseline, of those measured",
        [
            Patient(250, scores={0: 14, 200: 20}),
            Patient(250, scores={0: 14, 200: 19}),
            Patient(250, scores={0: 14, 130: 20, 240: 13}),
            Patient(250, scores={0: 14, 119: 27, 241: 27}),
            Patient(250, scores={0: 9, 200: 20}),
            Patient(239, scores={0: 14, 200: 20}),
        ],
        3,
        3,
        1,
    ),
    # Begun on day 56, and before enrolment and still going: yes. Begun on day 57, ended the day
    # before enrolment, begun on day 40 after the closing on day 30, or none: no. The last patient
    # is enrolled 55 days ago: too early to say.
    of(
        "psychosocial_care",
        "any kind, begun by day 56",
        [
            Patient(60, cares=(("problem_solving", 56, None),)),
            Patient(60, cares=(("social_service", -90, 0),)),
            Patient(60, cares=(("psychologist", 57, None),)),
            Patient(60, cares=(("psychologist", -90, -1),)),
            Patient(60, cares=(("support_group", 40, None),), closed=(30, "moved")),
            Patient(60),
            Patient(55, cares=(("psychologist", 1, None),)),
        ],
        6,
        6,
        2,
    ),
    # Not improved on day 56: 20 → 15, reviewed on day 56, on day 84, on day 85 (too late), on
    # day 55 (too early), on day 75 after the closing on day 60; one with the baseline alone,
    # reviewed, but not measured. One that has improved and one closed on day 50 are not in it.
    of(
        "unimproved_reviewed",
        "a review in weeks 8 to 12",
        [
            Patient(90, scores={0: 20, 50: 15}, reviews=(56,)),
            Patient(90, scores={0: 20, 50: 15}, reviews=(84,)),
            Patient(90, scores={0: 20, 50: 15}, reviews=(85,)),
            Patient(90, scores={0: 20, 50: 15}, reviews=(55,)),
            Patient(90, scores={0: 20, 50: 15}, reviews=(75,), closed=(60, "completed")),
            Patient(90, scores={0: 20}, reviews=(60,)),
            Patient(90, scores={0: 20, 50: 9}, reviews=(60,)),
            Patient(90, scores={0: 20, 40: 15}, reviews=(60,), closed=(50, "completed")),
        ],
        6,
        5,
        2,
    ),
    # Sertraline started on day 60, stopped on day 84; paracetamol is no psychotropic; a drug that
    # runs on through weeks 8 to 12 is no change, nor is one started on day 80 after the closing on
    # day 60.
    of(
        "unimproved_treatment_changed",
        "a psychotropic started, stopped or changed",
        [
            Patient(90, scores={0: 20, 50: 15}, drugs=(("N06AB06", 60, None),)),
            Patient(90, scores={0: 20, 50: 15}, drugs=(("N06AB06", 0, 84),)),
            Patient(90, scores={0: 20, 50: 15}, drugs=(("N02BE01", 60, 70),)),
            Patient(90, scores={0: 20, 50: 15}, drugs=(("N06AB06", 0, None),)),
            Patient(
                90,
                scores={0: 20, 50: 15},
                drugs=(("N06AB06", 80, None),),
                closed=(60, "completed"),
            ),
        ],
        5,
        5,
        2,
    ),
    # Asked on day 10: a review on day 17 is in time, on day 18 not. One without an answer fails,
    # one withdrawn on day 12 is not in it, one asked 6 days ago is not yet due.
    of(
        "answered_in_7_days",
        "by a signed review",
        [
            Patient(60, questions=((10, None),), reviews=(17,)),
            Patient(60, questions=((10, None),), reviews=(18,)),
            Patient(60, questions=((10, None),)),
            Patient(60, questions=((10, 12),), reviews=(11,)),
            Patient(60, questions=((54, None),)),
        ],
        3,
        3,
        1,
    ),
    # Sent on day 10 of 60. Modified after having been read counts as done in another way. Only
    # read, or declined, does not; the last has no answer. One of ten days ago waits.
    of(
        "advice_followed",
        "the latest answer counts",
        [
            Patient(60, advice=((10, ((11, "acknowledged"), (20, "modified"))),)),
            Patient(60, advice=((10, ((11, "done"),)),)),
            Patient(60, advice=((10, ((11, "acknowledged"),)),)),
            Patient(60, advice=((10, ((11, "declined"),)),)),
            Patient(60, advice=((10, ()),)),
            Patient(60, advice=((50, ((51, "done"),)),)),
        ],
        5,
        5,
        2,
    ),
    of(
        "advice_unanswered",
        "none of any kind",
        [
            Patient(60, advice=((10, ()),)),
            Patient(60, advice=((10, ((11, "acknowledged"),)),)),
        ],
        2,
        2,
        1,
    ),
    # Of three closed in some month one is lost; an open one is not in it.
    of(
        "closed_as_lost",
        "of those closed",
        [
            Patient(100, closed=(50, "lost")),
            Patient(100, closed=(50, "completed")),
            Patient(100, closed=(90, "moved")),
            Patient(100),
        ],
        3,
        3,
        1,
    ),
    # By the day the first sequence starts, whatever the enrolment; a renewal is no enrolment.
    of(
        "enrolment",
        "first sequences",
        [
            Patient(100, sequences=(("leger", 0), ("classique", 90))),
            Patient(100, sequences=(("classique", 5), ("classique", 95))),
            Patient(100, sequences=()),
        ],
        2,
    ),
    of(
        "sequences_classique",
        "every one that has started",
        [
            Patient(100, sequences=(("leger", 0), ("classique", 90))),
            Patient(100, sequences=(("classique", 5), ("classique", 95), ("classique", 101))),
        ],
        3,
    ),
    of("sequences_leger", "once a patient", [Patient(9, sequences=(("leger", 0),))], 1),
    # A baseline 14 days before enrolment to 14 days after; 15 days before is another episode's.
    of(
        "baseline_known",
        "by day 14",
        [
            Patient(30, scores={-14: 12}),
            Patient(30, scores={14: 12}),
            Patient(30, scores={15: 12}),
            Patient(30, scores={-15: 12}),
            Patient(13, scores={0: 12}),
        ],
        4,
        4,
        2,
    ),
    of(
        "consent_recorded",
        "on some day until today",
        [Patient(30, consented=-3), Patient(30, consented=31), Patient(30)],
        3,
        3,
        1,
    ),
    of(
        "flow_referred",
        "whether enrolled or not",
        [Patient(30, referred=-9), Patient(-5, referred=-9)],
        2,
    ),
    of("flow_enrolled", "by today", [Patient(30, referred=-9), Patient(-5, referred=-9)], 1),
    of("flow_reviewed", "at least once", [Patient(30, reviews=(1, 2)), Patient(30)], 1),
    # Improved at the latest score: 20 → 9 → 15 is not.
    of(
        "flow_improved",
        "at the latest PHQ-9",
        [Patient(90, scores={0: 20, 30: 9}), Patient(90, scores={0: 20, 30: 9, 60: 15})],
        1,
    ),
    of("flow_closed", "by today", [Patient(90, closed=(80, "moved")), Patient(90)], 1),
]

SNAPSHOTS = [
    # Open today: one active, one in relapse prevention. One closed yesterday, one to be enrolled.
    of(
        "active_caseload",
        "open today",
        [
            Patient(30),
            Patient(30, status="relapse_prevention"),
            Patient(30, closed=(29, "moved")),
            Patient(-1),
        ],
        2,
    ),
    # Of three active ones, a PHQ-9 of today and one 29 days old; one 30 days old is too old.
    of(
        "measured",
        "in the last 30 days",
        [
            Patient(90, scores={90: 10}),
            Patient(90, scores={61: 10}),
            Patient(90, scores={60: 10}),
            Patient(90, status="relapse_prevention"),
        ],
        3,
        3,
        2,
    ),
    # Closed as lost in November; active without a contact for 60 days, though there was one 60
    # days ago. One seen 59 days ago and one enrolled 59 days ago are not lost; nor is one
    # closed in November for another reason, who counts among them. One lost in October does not.
    of(
        "lost_to_follow_up",
        "closed as lost this month, or out of contact",
        [
            Patient(90, closed=(70, "lost")),
            Patient(90, contacts=(30,)),
            Patient(90, contacts=(31,)),
            Patient(59),
            Patient(90, closed=(70, "completed")),
            Patient(90, closed=(60, "lost")),
        ],
        5,
        5,
        2,
    ),
    # Today is 24 November; all are enrolled 90 days ago, so 1 November is day 67 and 31 October is
    # day 66. A contact and a PHQ-9 in November: the first patient, and the one closed on day 80 (14
    # November). A missed contact, a contact of 31 October, a PHQ-9 of 31 October and no PHQ-9 are
    # not enough. In relapse prevention, or closed in October: not in it.
    of(
        "contact_and_score",
        "both in the calendar month",
        [
            Patient(90, contacts=(67,), scores={90: 10}),
            Patient(90, contacts=(70,), scores={70: 10}, closed=(80, "moved")),
            Patient(90, missed=(70,), scores={70: 10}),
            Patient(90, contacts=(66,), scores={70: 10}),
            Patient(90, contacts=(70,), scores={66: 10}),
            Patient(90, contacts=(70,)),
            Patient(90, contacts=(70,), scores={70: 10}, status="relapse_prevention"),
            Patient(90, contacts=(60,), scores={60: 10}, closed=(60, "moved")),
        ],
        6,
        6,
        2,
    ),
    # Enrolled 70 days ago or more, baseline 20, today not improved. A review with a line 59 days
    # ago (day 31 of 90) is in time, one 60 days ago (day 30) is not; a review without a line does
    # not do; one with the baseline alone is not measured, though reviewed. In relapse prevention
    # counts too. Enrolled 69 days ago, improved, a baseline of 9, or closed: not in it.
    of(
        "unimproved_reviewed_with_advice",
        "in the last 60 days",
        [
            Patient(90, scores={0: 20, 80: 15}, advice=((31, ()),)),
            Patient(90, scores={0: 20, 80: 15}, advice=((30, ()),)),
            Patient(90, scores={0: 20, 80: 15}, reviews=(80,)),
            Patient(90, scores={0: 20}, advice=((80, ()),)),
            Patient(70, scores={0: 20, 60: 15}, advice=((70, ()),), status="relapse_prevention"),
            Patient(69, scores={0: 20, 60: 15}, advice=((60, ()),)),
            Patient(90, scores={0: 20, 80: 10}, advice=((80, ()),)),
            Patient(90, scores={0: 9, 80: 15}, advice=((80, ()),)),
            Patient(90, scores={0: 20, 80: 15}, advice=((80, ()),), closed=(85, "moved")),
        ],
        5,
        4,
        2,
    ),
]


@pytest.fixture(scope="module")
def found(server, prepared):
    """Return the exact counts of each line of the tables, by its place, counted once for all."""

    create_database(server, "indicators_by_hand", template=prepared)
    database = Database(
        owner_url=address_of(server, database="indicators_by_hand"),
        app_url=app_address_of(server, "indicators_by_hand"),
    )
    connect_to(database.app_url)
    sites = [add_site(database, line.values[1]) for line in (*TABLE, *SNAPSHOTS)]
    lead = database.practitioner("lead")
    count_all(TODAY)
    show_exact_counts(database, TODAY)
    with acting_as(lead) as connection:
        yield [by_indicator(counts(connection, Selection(sites=(site,)), ())) for site in sites]
    database.close()
    drop_database(server, "indicators_by_hand")


def by_indicator(frame) -> dict[str, tuple[int, int, int]]:
    return {
        row.indicator: (row.eligible, row.measured, row.numerator) for row in frame.itertuples()
    }


@pytest.mark.parametrize(("indicator", "patients", "expected"), [*TABLE, *SNAPSHOTS])
def test_an_indicator(found, indicator, patients, expected):
    [place] = [n for n, line in enumerate((*TABLE, *SNAPSHOTS)) if line.values[1] is patients]
    assert found[place].get(indicator) == expected


def test_every_indicator_is_in_the_tables():
    parts_of_advice = {"advice_acknowledged", "advice_declined", "advice_refused"}
    by_hand = {line.values[0] for line in (*TABLE, *SNAPSHOTS)}
    below = {"item9_answered", "advice_replaced"}
    assert by_hand == INDICATORS.keys() - parts_of_advice - below


def test_advice_that_ended_before_an_answer_is_unanswered_and_counted_apart(database):
    """Check five lines of a month ago, of which two are open work.

    One is kept, one replaced, one withdrawn between reviews, one done before it was replaced, and
    one has not been ended.
    """
    case = database.team().case(TODAY - timedelta(days=90))
    first = database.case_review(case, at(TODAY - timedelta(days=40)))
    kept, replaced, done, withdrawn = (
        database.recommendation(case, first, position=place) for place in range(1, 5)
    )
    answered = {"patient_id": case.patient, "practitioner_id": case.team.nurse, "outcome": "done"}
    database.add(
        review.answer,
        recommendation_id=done,
        answered_at=at(TODAY - timedelta(days=35)),
        **answered,
    )
    second = database.case_review(case, at(TODAY - timedelta(days=20)))
    new = database.recommendation(case, second)
    for line, in_review, kind, ago in (
        (kept, second, "kept", 20),
        (replaced, second, "replaced", 20),
        (withdrawn, second, "kept", 20),
        (withdrawn, None, "withdrawn", 18),
    ):
        database.add(
            review.settlement,
            patient_id=case.patient,
            case_review_id=in_review,
            settled_by=case.team.psychiatrist,
            settled_at=at(TODAY - timedelta(days=ago)),
            recommendation_id=line,
            kind=kind,
            replaced_by=new if kind == "replaced" else None,
        )
    lead = database.practitioner("lead")
    count_all(TODAY)
    show_exact_counts(database, TODAY)
    asked = ["advice_followed", "advice_unanswered", "advice_replaced"]
    with acting_as(lead) as connection:
        assert by_indicator(counts(connection, Selection(), (), asked)) == {
            "advice_followed": (5, 5, 1),
            "advice_unanswered": (5, 5, 4),
            "advice_replaced": (5, 5, 2),
        }
        work = connection.exec_driver_sql("SELECT advice_unanswered FROM review.site_work")
        assert work.scalars().all() == [2]


def test_a_review_that_keeps_a_recommendation_gives_advice_and_a_superseded_one_does_not(database):
    """Check two patients, not improved, 90 days after enrolment; today is day 90.

    The first had advice on day 10, kept by a review of day 80: yes. The second had advice on day
    80, superseded on day 85 by a review without any: no.
    """
    team = database.team()
    for corrected in (False, True):
        case = team.case(TODAY - timedelta(days=90))
        database.assessment(case.patient, "phq9", TODAY - timedelta(days=90), 20)
        database.assessment(case.patient, "phq9", TODAY - timedelta(days=5), 15)
        given = database.case_review(case, at(TODAY - timedelta(days=10 if corrected else 80)))
        line = database.recommendation(case, given)
        if corrected:
            database.case_review(case, at(TODAY - timedelta(days=5)), supersedes=given)
            continue
        database.add(
            review.settlement,
            patient_id=case.patient,
            case_review_id=database.case_review(case, at(TODAY - timedelta(days=10))),
            settled_by=team.psychiatrist,
            settled_at=at(TODAY - timedelta(days=10)),
            recommendation_id=line,
            kind="kept",
        )
    lead = database.practitioner("lead")
    count_all(TODAY)
    show_exact_counts(database, TODAY)
    asked = ["unimproved_reviewed_with_advice"]
    with acting_as(lead) as connection:
        found = by_indicator(counts(connection, Selection(), (), asked))
    assert found == {"unimproved_reviewed_with_advice": (2, 2, 1)}


def test_a_contact_to_make_an_appointment_is_no_contact_where_the_registry_knows(database):
    """Check two patients with a PHQ-9 and a contact this month: a treatment, and an appointment."""
    team = database.team()
    for _ in range(2):
        add_patient(database, team, Patient(40, contacts=(39,), scores={39: 12}))
    with database.owner().begin() as connection:
        run = connection.exec_driver_sql
        run("ALTER TABLE registry.contact ADD COLUMN purpose text")
        run("UPDATE registry.contact SET purpose = 'treatment'")
        run(
            "UPDATE registry.contact SET purpose = 'scheduling'"
            " WHERE id = (SELECT max(id) FROM registry.contact)"
        )
    lead = database.practitioner("lead")
    count_all(TODAY)
    show_exact_counts(database, TODAY)
    asked = ["contact_and_score"]
    with acting_as(lead) as connection:
        found = by_indicator(counts(connection, Selection(), (), asked))
    with database.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE registry.contact DROP COLUMN purpose")
    assert found == {"contact_and_score": (2, 2, 1)}


def test_an_answer_to_item_9_counts_where_there_is_a_score(database):
    """Answered: 0, and 1. Not answered: a total without items. No score: three items of nine."""
    team = database.team()
    case = team.case(TODAY - timedelta(days=9))
    for total, items in (
        (None, [1] * 8 + [0]),
        (12, [1] * 9),
        (12, None),
        (None, [1, 1, 1, None, None, None, None, None, None]),
    ):
        database.assessment(case.patient, "phq9", TODAY, total, items=items)
    lead = database.practitioner("lead")
    count_all(TODAY)
    show_exact_counts(database, TODAY)
    with acting_as(lead) as connection:
        assert by_indicator(counts(connection, Selection(), (), ["item9_answered"])) == {
            "item9_answered": (3, 3, 2)
        }


def add_site(database: Database, patients: list[Patient]) -> int:
    team = database.team()
    for patient in patients:
        add_patient(database, team, patient)
    return team.site


def add_patient(database: Database, team: Team, patient: Patient) -> None:
    enrolled = TODAY - timedelta(days=patient.ago)

    def day(number: int | None) -> date | None:
        return None if number is None else enrolled + timedelta(days=number)

    closed, reason = patient.closed or (None, None)
    case = team.case(
        enrolled,
        referred_on=day(patient.referred),
        consented_on=day(patient.consented),
        status="closed" if patient.closed else patient.status,
        closed_on=day(closed),
        closed_reason=reason,
    )
    for number, total in patient.scores.items():
        database.assessment(case.patient, "phq9", day(number), total)
    for attended, numbers in ((True, patient.contacts), (False, patient.missed)):
        for number in numbers:
            database.add(
                registry.contact,
                patient_id=case.patient,
                happened_at=at(day(number)),
                kind="phone",
                attended=attended,
                practitioner_id=team.nurse,
            )
    for code, start, stop in patient.drugs:
        database.add(
            registry.medication,
            patient_id=case.patient,
            atc_code=code,
            name=code,
            as_needed=False,
            started_on=day(start),
            stopped_on=day(stop),
        )
    for kind, start, end in patient.cares:
        database.add(
            registry.psychosocial_care,
            patient_id=case.patient,
            kind=kind,
            started_on=day(start),
            ended_on=day(end),
        )
    for place, (kind, start) in enumerate(patient.sequences, 1):
        database.add(
            registry.care_sequence,
            episode_id=case.episode,
            kind=kind,
            number=place,
            starts_on=day(start),
            ends_on=day(start + 90),
        )
    for number in patient.reviews:
        database.case_review(case, at(day(number)))
    for asked, withdrawn in patient.questions:
        database.add(
            review.preparation,
            patient_id=case.patient,
            episode_id=case.episode,
            nurse_id=team.nurse,
            question="?",
            asked_at=at(day(asked), 8),
            ready_at=at(day(asked), 8),
            withdrawn_at=withdrawn and at(day(withdrawn), 8),
        )
    for sent, answers in patient.advice:
        line = database.recommendation(case, database.case_review(case, at(day(sent))))
        for number, outcome in answers:
            database.add(
                review.answer,
                patient_id=case.patient,
                recommendation_id=line,
                practitioner_id=team.nurse,
                outcome=outcome,
                reason="Le patient préfère attendre",
                answered_at=at(day(number)),
            )
