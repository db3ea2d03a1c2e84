"""Rows that break the registry's contract: shown, with a warning, and never an error page.

Each case is a patient with some rows that a registry should not hold, and the words of the case
page on them, with the days in it by name.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Table, text

from dashboard.components.elements.escaping import choice
from dashboard.database.schema import registry as tables
from dashboard.locale import LANGUAGES, _, speaking
from dashboard.locale.formats import day
from tests.pages.conftest import TODAY, words
from tests.support.factories import Case, at

ENROLLED = TODAY - timedelta(weeks=10)
LATELY, SOONER = TODAY - timedelta(days=3), TODAY - timedelta(days=9)
FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)

Change = Callable[[Case], object]


def row(table: Table, **usual: object) -> Callable[..., Change]:
    """Rows of this table, with these values unless told otherwise."""

    def with_values(**values: object) -> Change:
        def add(case: Case) -> object:
            owner = {"patient_id": case.patient}
            if "episode_id" in table.c:
                owner = {"episode_id": case.episode}
            for name in {"practitioner_id", "raised_by"} & set(table.c.keys()):
                owner[name] = case.team.nurse
            return case.team.database.add(table, **owner | usual | values)

        return add

    return with_values


def changed(table: str, **values: str) -> Change:
    """Return a change of the patient or the episode to these values, written as SQL."""

    def change(case: Case) -> None:
        setting = ", ".join(f"{name} = {value}" for name, value in values.items())
        with case.team.database.owner().begin() as connection:
            connection.execute(
                text(f"UPDATE registry.{table} SET {setting} WHERE id = :id"),
                {"id": getattr(case, table)},
            )

    return change


def in_sql(statement: str) -> Change:
    """Return a change by a statement, for values that no Python date can express."""

    def change(case: Case) -> None:
        with case.team.database.owner().begin() as connection:
            connection.execute(text(statement))

    return change


form = row(tables.assessment, instrument="phq9", taken_on=LATELY)
drug = row(
    tables.medication,
    atc_code="N06AB06",
    name="sertraline",
    daily_dose_mg=50,
    as_needed=False,
    started_on=ENROLLED,
)
sequence = row(
    tables.care_sequence,
    kind="classique",
    number=1,
    starts_on=ENROLLED,
    ends_on=ENROLLED + timedelta(days=91),
)
care = row(tables.psychosocial_care, kind="psychologist", started_on=ENROLLED)
condition = row(tables.condition, code="E11", label="Diabète")
contact = row(tables.contact, kind="phone", attended=True, happened_at=at(LATELY))
flag = row(tables.flag, kind="safety", raised_at=at(LATELY))

CASES: dict[str, tuple[list[Change], list[str]]] = {
    "a questionnaire that nobody knows": (
        [
            form(instrument="xyz", total=34),
            form(instrument="", total=3),
            form(instrument="**[x](http://x)**", total=-1),
        ],
        [
            "xyz of {lately}: unknown questionnaire, shown as it is",
            "**[x](http://x)** of {lately}: unknown questionnaire",
        ],
    ),
    "totals out of range": (
        [form(total=total) for total in (99, -3, 28, 2**31 - 1)]
        + [form(instrument="gad7", total=22)],
        [
            "PHQ-9 of {lately}: total out of range",
            "GAD-7 of {lately}: total out of range",
        ],
    ),
    "items that the form does not have": (
        [
            form(total=12, items=[1] * 12),
            form(total=0, items=[0] * 3),
            form(items=[7] + [0] * 8),
            form(items=[-1] * 9),
            form(instrument="gad7", total=3, items=[0] * 9),
            form(instrument="cssrs", items=[1]),
        ],
        [
            "PHQ-9 of {lately}: items that the form does not have",
            "GAD-7 of {lately}: items that the form does not have",
        ],
    ),
    "a total that is not the sum": (
        [form(total=3, items=[1] * 9)],
        ["PHQ-9 of {lately}: the total differs from the sum of the items"],
    ),
    "forms with nothing on them": (
        [form(), form(items=[]), form(items=[None] * 9), form(total=0, items=[])],
        ["PHQ-9 of {lately}: too many items missing for a score"],
    ),
    "dates the wrong way round": (
        [
            drug(started_on=LATELY, stopped_on=SOONER),
            sequence(ends_on=ENROLLED - timedelta(days=1)),
            condition(onset_on=LATELY, resolved_on=SOONER),
            care(started_on=LATELY, ended_on=SOONER),
        ],
        [
            "sertraline: ends before it begins ({sooner})",
            "Diabète: ends before it begins ({sooner})",
            "psychologist: ends before it begins ({sooner})",
        ],
    ),
    "an episode that ends before it begins": (
        [changed("episode", closed_on="'2020-01-01'")],
        ["Episode: ends before it begins (1 Jan 2020)", "Open, with a closing day in the past"],
    ),
    "born after enrolment": (
        [changed("patient", birth_date="'2199-01-01'")],
        ["Birth date after enrolment (1 Jan 2199)"],
    ),
    "born at the beginning of time": (
        [changed("patient", birth_date="'-infinity'")],
        ["Impossible birth date (1 Jan 1000)"],
    ),
    "doses that are none": (
        [
            drug(daily_dose_mg=Decimal(dose), name=name)
            for name, dose in [
                ("quétiapine", "NaN"),
                ("lithium", "Infinity"),
                ("zopiclone", "1e40"),
                ("mirtazapine", "-50"),
                ("hydroxyzine", "0.00001"),
                ("sertraline", "0"),
            ]
        ],
        [
            "quétiapine: dose unknown",
            "lithium: dose unknown",
            "mirtazapine of {enrolled}: negative dose",
            "zopiclone",
        ],
    ),
    "the ends of the calendar": (
        [
            drug(stopped_on=LAST),
            drug(started_on=FIRST, atc_code="N05BA12", name="alprazolam"),
            sequence(starts_on=FIRST, ends_on=LAST),
            care(started_on=FIRST, ended_on=LAST),
            condition(code="Z33", label="Grossesse", onset_on=FIRST, resolved_on=LAST),
            contact(happened_at=at(date(1, 1, 2))),
            contact(happened_at=at(LAST)),
            flag(raised_at=at(date(1, 1, 2)), cleared_at=at(LAST)),
            form(taken_on=FIRST, total=3),
            form(taken_on=LAST, total=3),
        ],
        ["alprazolam: impossible date (1 Jan 1000)", "classic: impossible date (31 Dec 8999)"],
    ),
    "days that no calendar has": (
        [
            drug(),
            sequence(),
            contact(),
            in_sql("UPDATE registry.medication SET started_on = '-infinity'"),
            in_sql("UPDATE registry.care_sequence SET ends_on = 'infinity'"),
            in_sql("UPDATE registry.contact SET happened_at = '-infinity'"),
            changed("patient", birth_date="'0044-03-15 BC'"),
        ],
        ["sertraline: impossible date", "classic: impossible date", "Impossible birth date"],
    ),
    "enrolled when nobody was born": (
        [changed("episode", enrolled_on="'0001-01-01'"), sequence()],
        ["Episode: impossible date (1 Jan 1000)"],
    ),
    "codes that nobody knows": (
        [
            changed("episode", status="'zzz'", problem="''", diagnosis_code="'?'"),
            changed("patient", sex="'zzz'"),
            sequence(kind="zzz", number=-7),
            care(kind="zzz", sessions=-4),
            contact(kind="zzz", minutes=-4),
            flag(kind="zzz"),
            condition(code="", label=""),
            drug(atc_code="", name="", adherence="zzz"),
        ],
        ["sex unknown", "zzz"],
    ),
    "a name that fills pages": (
        [changed("patient", given_name="repeat('Ab', 5000)")],
        ["AbAbAb"],
    ),
}


@pytest.fixture
def case(team, database):
    case = team.case(ENROLLED, family_name="Zwingelstein", consented_on=ENROLLED)
    database.assessment(case.patient, "phq9", ENROLLED, 18)
    database.assessment(case.patient, "phq9", ENROLLED + timedelta(weeks=4), 12)
    database.recommendation(case, database.case_review(case, at(SOONER)))
    return case


@pytest.mark.parametrize("title", CASES)
def test_odd_rows_are_shown_and_named(visit, case, title):
    rows, said = CASES[title]
    for change in rows:
        change(case)
    shown = words(visit("moreau", "case", episode=case.episode))
    assert "Zwingelstein" in shown
    days = {"enrolled": day(ENROLLED), "lately": day(LATELY), "sooner": day(SOONER)}
    for sentence in said:
        assert sentence.format(**days) in shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("title", CASES)
def test_odd_rows_hide_nobody(visit, case, title, language):
    """Check the patient and the others on the list, for every reader, in every language."""
    case.team.case(ENROLLED, family_name="Martin")
    for change in CASES[title][0]:
        change(case)
    listed = words(visit("moreau", "review-list", language=language))
    assert "Zwingelstein" in listed
    assert "Martin" in listed
    assert "Zwingelstein" in words(visit("roux", "inbox", language=language))
    with speaking(language):
        everything = {"case_details": choice(_("All facts"))}
    assert "Zwingelstein" in words(
        visit("roux", "case", episode=case.episode, language=language, remembered=everything)
    )
