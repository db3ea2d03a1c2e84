"""The synthetic registry has the shape of the experiment's forecast, and plausible care."""

import math
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.rules import RULES, Tier
from dashboard.database import acting_as, connect_to
from dashboard.database.operations.embedded import app_address_of
from dashboard.queries.caseload.review_list import review_list
from tests.demo.conftest import AS_OF, PATIENTS


def number(connection: Connection, query: str) -> float:
    """Return the single number that a query gives."""
    return float(connection.exec_driver_sql(query).scalar_one())


NUMBERS = {
    "patients": ("SELECT count(*) FROM registry.patient", PATIENTS, 0),
    "sites": ("SELECT count(*) FROM registry.site", 12, 0),
    "kinds of site": ("SELECT count(DISTINCT kind) FROM registry.site", 4, 0),
    "départements": ("SELECT count(DISTINCT department) FROM registry.site", 5, 0),
    "nurses": ("SELECT count(*) FROM registry.practitioner WHERE role = 'nurse'", 8, 0),
    "psychiatrists": (
        "SELECT count(*) FROM registry.practitioner WHERE role = 'psychiatrist'", 8, 0,
    ),
    "GPs": ("SELECT count(*) FROM registry.practitioner WHERE role = 'gp'", 80, 0),
    "leads": ("SELECT count(*) FROM registry.practitioner WHERE role = 'lead'", 2, 0),
    "sites watched by the lead of some": (
        "SELECT count(*) FROM registry.practitioner_site s JOIN registry.practitioner p"
        " ON p.id = practitioner_id WHERE role = 'lead'", 4, 0,
    ),
    "open episodes": ("SELECT count(*) FROM registry.episode WHERE status <> 'closed'", 900, 0.04),
    "léger patients": (
        "SELECT count(DISTINCT episode_id) FROM registry.care_sequence WHERE kind = 'leger'",
        378, 0.01,
    ),
    "classique sequences": (
        "SELECT count(*) FROM registry.care_sequence WHERE kind = 'classique'", 4_152, 0.03,
    ),
}  # fmt: skip
"""The counts, their values in the forecast or the contract, and the tolerance (a share)."""


@pytest.mark.parametrize("what", NUMBERS)
def test_numbers_are_those_of_the_forecast(synthetic, what):
    query, expected, tolerance = NUMBERS[what]
    assert math.isclose(number(synthetic, query), expected, rel_tol=tolerance)


@pytest.mark.parametrize(
    ("first_month", "last_month", "patients"),
    [(0, 4, 190), (4, 16, 973), (16, 28, 1048), (28, 36, 699)],
)
def test_enrolment_follows_the_forecast(synthetic, first_month, last_month, patients):
    enrolled = number(
        synthetic,
        f"""SELECT count(*) FROM (
            SELECT max(enrolled_on) - interval '{first_month} months' AS since_first,
                max(enrolled_on) - interval '{last_month} months' AS since_last
            FROM registry.episode GROUP BY patient_id) e
        WHERE since_first >= DATE '{AS_OF}' - interval '3 years'
        AND since_last < DATE '{AS_OF}' - interval '3 years'""",
    )
    assert math.isclose(enrolled, patients, rel_tol=0.06)


SHARES = {
    "women": ("registry.patient", "sex = 'female'", 0.6, 0.72),
    "patients with an earlier episode": (
        "registry.patient p",
        "(SELECT count(*) FROM registry.episode WHERE patient_id = p.id) > 1", 0.01, 0.05,
    ),
    "anxiety (F41)": ("registry.episode", "diagnosis_code ~ '^F41'", 0.42, 0.54),
    "depression (F32, F33)": ("registry.episode", "diagnosis_code ~ '^F3[23]'", 0.27, 0.4),
    "adjustment and stress (F43)": ("registry.episode", "diagnosis_code ~ '^F43'", 0.08, 0.18),
    "closed as completed": ("registry.episode WHERE status = 'closed'",
                            "closed_reason = 'completed'", 0.5, 0.68),
    "closed as lost": ("registry.episode WHERE status = 'closed'",
                       "closed_reason = 'lost'", 0.12, 0.22),
    "open in relapse prevention": ("registry.episode WHERE status <> 'closed'",
                                   "status = 'relapse_prevention'", 0.08, 0.2),
    "missed contacts": ("registry.contact", "NOT attended", 0.07, 0.18),
    "contacts with a note": ("registry.contact", "note IS NOT NULL", 0.3, 0.55),
    "PHQ-9 with items left out": ("registry.assessment WHERE instrument = 'phq9'",
                                  "array_position(items, NULL) IS NOT NULL", 0.02, 0.07),
    "PHQ-9 with a total alone": ("registry.assessment WHERE instrument = 'phq9'",
                                 "items IS NULL", 0.015, 0.05),
    "PHQ-9 of zero": ("registry.assessment WHERE instrument = 'phq9'", "total = 0", 0.008, 0.06),
    "item 9 positive": ("registry.assessment WHERE instrument = 'phq9' AND items[9] IS NOT NULL",
                        "items[9] > 0", 0.03, 0.15),
    "item 9 positive in severe depression": (
        "registry.assessment WHERE instrument = 'phq9' AND items[9] IS NOT NULL AND total >= 20",
        "items[9] > 0", 0.2, 0.6,
    ),
    "item 9 positive in mild depression": (
        "registry.assessment WHERE instrument = 'phq9' AND items[9] IS NOT NULL AND total < 10",
        "items[9] > 0", 0.0, 0.08,
    ),
    "drugs with side effects": ("registry.medication", "side_effects IS NOT NULL", 0.08, 0.3),
    "reviews without a change": ("review.case_review", "outcome = 'no_change'", 0.03, 0.12),
    "reviews that supersede another": ("review.case_review", "supersedes IS NOT NULL", 0.005, 0.03),
    "reviews with a next review": ("review.case_review", "next_review_on IS NOT NULL", 0.6, 0.9),
    "safety flags cleared": ("registry.flag WHERE kind = 'safety'",
                             "cleared_at IS NOT NULL", 0.6, 0.98),
    "discussion flags cleared": ("registry.flag WHERE kind = 'discussion'",
                                 "cleared_at IS NOT NULL", 0.85, 0.99),
    "practitioners without a secure address": ("registry.practitioner",
                                               "secure_email IS NULL", 0.01, 0.15),
}  # fmt: skip
"""The rows, the selection among them, and the limits of its share."""


@pytest.mark.parametrize("what", SHARES)
def test_shares_are_plausible(synthetic, what):
    rows, which, least, most = SHARES[what]
    share = number(synthetic, f"SELECT avg(CASE WHEN {which} THEN 1.0 ELSE 0 END) FROM {rows}")
    assert least <= share <= most


EXISTING = {
    "citalopram or escitalopram with hydroxyzine": """
        SELECT 1 FROM registry.medication a JOIN registry.medication b USING (patient_id)
        WHERE a.atc_code IN ('N06AB04', 'N06AB10') AND b.atc_code = 'N05BB01'
        AND daterange(a.started_on, a.stopped_on) && daterange(b.started_on, b.stopped_on)""",
    "long QT": "SELECT 1 FROM registry.condition WHERE code = 'I45.8'",
    "an antipsychotic": "SELECT 1 FROM registry.medication WHERE atc_code ~ '^N05A'",
    "a pregnancy under an antidepressant": """
        SELECT 1 FROM registry.condition c JOIN registry.medication m USING (patient_id)
        WHERE code = 'Z33' AND atc_code ~ '^N06A' AND stopped_on IS NULL""",
    "citalopram above 20 mg after 65": """
        SELECT 1 FROM registry.medication m JOIN registry.patient p ON p.id = patient_id
        WHERE atc_code = 'N06AB04' AND daily_dose_mg > 20
        AND age(started_on, birth_date) > interval '66 years'""",
    "a hypnotic for more than four weeks": """
        SELECT 1 FROM registry.medication WHERE atc_code ~ '^N05C'
        AND coalesce(stopped_on, CURRENT_DATE) > started_on + 28""",
    "a drug as needed": "SELECT 1 FROM registry.medication WHERE as_needed",
    "a switch for lack of effect": """
        SELECT 1 FROM registry.medication WHERE stop_reason = 'inefficacité'""",
    "an unanswered recommendation": """
        SELECT 1 FROM review.recommendation c WHERE NOT EXISTS (
            SELECT FROM review.answer a
            WHERE a.patient_id = c.patient_id AND a.recommendation_id = c.id)""",
    "an answer after the due date": """
        SELECT 1 FROM review.answer a JOIN review.recommendation c
        ON c.patient_id = a.patient_id AND c.id = recommendation_id
        WHERE outcome = 'done' AND answered_at::date > due_on""",
    "a question withdrawn": "SELECT 1 FROM review.preparation WHERE withdrawn_at IS NOT NULL",
    "a question not yet ready": "SELECT 1 FROM review.preparation WHERE ready_at IS NULL",
    "a step up from léger to classique": """
        SELECT 1 FROM registry.care_sequence a JOIN registry.care_sequence b USING (episode_id)
        WHERE a.kind = 'leger' AND b.kind = 'classique'""",
}


@pytest.mark.parametrize("what", EXISTING)
def test_there_are_some(synthetic, what):
    assert synthetic.exec_driver_sql(EXISTING[what]).all()


@pytest.mark.parametrize(
    "instrument",
    ["phq9", "gad7", "had_a", "had_d", "isi", "pcl5", "audit", "madrs", "bdi2", "cssrs"],
)
def test_every_instrument_is_used(synthetic, instrument):
    query = f"SELECT count(*) FROM registry.assessment WHERE instrument = '{instrument}'"
    assert number(synthetic, query) >= 50


@pytest.mark.parametrize(
    "kind",
    [
        "medication",
        "psychotherapy",
        "psychosocial",
        "investigation",
        "safety",
        "referral",
        "sequence",
        "other",
    ],
)
def test_every_kind_of_recommendation_is_made(synthetic, kind):
    query = f"SELECT count(*) FROM review.recommendation WHERE kind = '{kind}'"
    assert number(synthetic, query) >= 50


def test_completed_episodes_end_better_than_referred_ones(synthetic):
    improved = """
        WITH score AS (
            SELECT e.id, closed_reason, total, row_number() OVER (
                PARTITION BY e.id ORDER BY taken_on, a.id) AS place,
                row_number() OVER (PARTITION BY e.id ORDER BY taken_on DESC, a.id DESC) AS back
            FROM registry.episode e JOIN registry.assessment a USING (patient_id)
            WHERE instrument = 'phq9' AND total IS NOT NULL
            AND taken_on BETWEEN enrolled_on - 14 AND closed_on)
        SELECT avg(CASE WHEN 2 * l.total <= f.total THEN 1.0 ELSE 0 END)
        FROM score f JOIN score l USING (id)
        WHERE f.place = 1 AND l.back = 1 AND f.total >= 10 AND f.closed_reason = '{}'"""
    assert number(synthetic, improved.format("completed")) > 0.65
    assert number(synthetic, improved.format("referred_to_specialist")) < 0.35


@pytest.fixture(scope="module")
def lists(server, synthetic_name):
    """Return the review list of each of the eight psychiatrists."""
    connect_to(app_address_of(server, synthetic_name))
    found = []
    for psychiatrist in range(1, 9):
        with acting_as(psychiatrist) as connection:
            found.append(review_list(connection, AS_OF))
    return found


def test_a_psychiatrist_has_about_112_open_episodes(lists):
    assert all(100 <= len(rows) <= 125 for rows in lists)


@pytest.mark.parametrize(
    ("tier", "least", "most"),
    [(0, 0.4, 4), (1, 2, 9), (2, 4, 12), (3, 23, 40), (4, 12, 27), (5, 25, 48)],
)
def test_the_review_list_has_a_little_of_each_tier(lists, tier, least, most):
    tiers = Counter(tier for rows in lists for tier in rows["tier"])
    assert least <= 100 * tiers[tier] / tiers.total() <= most


# The order that the lists have, on some days.

SOME_DAYS = [AS_OF - timedelta(days=days) for days in (0, 9, 23, 30, 44, 58, 72, 91)]
CALM_TIERS = (Tier.STEP_DOWN, Tier.NOTHING_DUE)


@pytest.fixture(scope="module")
def lists_of_some_days(server, synthetic_name):
    """Return the review list of each psychiatrist as it was on each day."""
    connect_to(app_address_of(server, synthetic_name))
    found = []
    for day in SOME_DAYS:
        for psychiatrist in range(1, 9):
            with acting_as(psychiatrist) as connection:
                found.append(review_list(connection, day))
    return found


def test_every_rule_holds_for_somebody(lists_of_some_days):
    held = {rule for rows in lists_of_some_days for why in rows["reasons"] for rule, _ in why}
    assert sorted(set(RULES) - held) == []


def test_every_need_is_there(lists_of_some_days):
    needs = Counter(need for rows in lists_of_some_days for need in rows["need"])
    assert all(needs[need] >= 0.02 * needs.total() for need in Need)


def test_nobody_of_low_need_stands_above_a_higher_one_in_tier_2(lists_of_some_days):
    for rows in lists_of_some_days:
        later = rows[rows.tier >= Tier.REVIEW_DUE]
        low = later[later.need == Need.LOW]["rank"].min()
        ill = later[(later.tier == Tier.REVIEW_DUE) & (later.need >= Need.MARKED)]["rank"].max()
        assert not low < ill


def test_nobody_ill_or_with_suicidal_thoughts_is_in_a_calm_tier(lists_of_some_days):
    for rows in lists_of_some_days:
        calm = rows[rows.tier.isin(CALM_TIERS)]
        assert not (calm.phq9.map(lambda score: (score or 0) >= 15)).any()
        assert not (calm.item9 == "positive").any()


def test_the_first_places_go_to_the_ill(lists_of_some_days):
    """Check the order: by the dates alone, 55 of the first 96 places went to a low need."""
    first = [need for rows in lists_of_some_days[:8] for need in rows["need"].head(12)]
    assert sum(need == Need.LOW for need in first) <= 20
    assert sum(need >= Need.MARKED for need in first) >= 35
