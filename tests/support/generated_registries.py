"""Small, nasty registries: random, and crowded around the boundaries of docs/review_list.md.

A registry is a mapping of table names to rows, with ids that start at 1. ``placed`` moves
it to ids of its own, so that many registries share one database, and ``insert`` writes it
as the database's owner.

A third of the patients have facts of every kind, on days of a small pool, so that facts
meet on one day and on its eve and morrow. The others have what one rule or a few turn on.

All hangs on one seed. Hypothesis draws the seeds, not the rows: it varies what it has
drawn, so that of 300 registries drawn row by row 57 were truly different.
"""

import copy
import itertools
import os
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Engine, Table
from sqlalchemy.dialects.postgresql import UUID

from dashboard.database.schema import registry, review
from dashboard.vocabulary import AnswerOutcome
from tests.oracles.plain_reading import DOSES

Row = dict[str, Any]
Registry = dict[str, list[Row]]
Pick = Callable[[Sequence[Any]], Any]

WANTED = os.environ.get("GENERATED_REGISTRIES")


def of(number: int) -> settings:
    """Return settings for this number of registries, unless the environment sets another."""
    return settings(
        max_examples=int(WANTED or number),
        derandomize=WANTED is None,
        deadline=None,
        # A seed has no simpler seed: it is the registry that is made smaller.
        phases=[Phase.generate],
        # One database serves a whole test: each registry has ids of its own in it.
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


seeds = st.integers(0, 2**32 - 1)
bases = itertools.count(1_000_000, 1_000_000)
"""The offsets to the ids of further registries in a database."""

PARIS = ZoneInfo("Europe/Paris")

# An ordinary day, around both changes of the clock, around 29 February and the new year.
DAYS_OF_THE_LIST = [
    date(2025, 11, 24),
    date(2025, 3, 30),
    date(2025, 3, 31),
    date(2025, 10, 26),
    date(2025, 10, 27),
    date(2024, 2, 29),
    date(2025, 3, 1),
    date(2025, 1, 1),
]

PSYCHIATRISTS, NURSES, GPS, LEAD = (1, 2), (3, 4), (5, 6), 7
PRACTITIONERS = (*PSYCHIATRISTS, *NURSES, *GPS, LEAD)


def generated_registry(seed: int) -> tuple[Registry, date]:
    """Return a registry of a few patients, and the day around which its boundaries lie."""
    pick = _picking(seed)
    as_of = pick(DAYS_OF_THE_LIST)
    result = _empty() | {"site": [_site()], "practitioner": _practitioners()}
    for _ in range(pick([2, 1, 3, 4, 5])):
        patient = _patient_with_facts(pick, as_of)
        _add(result, patient, by=100 * len(result["patient"]))
        if pick([False, False, True]):
            _add_twin(pick, result, patient, as_of)
    result["cover"] = _covers(pick)
    return result, as_of


def gathered(seeds: Sequence[int]) -> Registry:
    """Return the patients of many registries, at most a hundred, on one psychiatrist's list."""
    result = _empty() | {"site": [_site()], "practitioner": _practitioners()}
    for number, seed in enumerate(seeds):
        rows, _ = generated_registry(seed)
        patients = rows | {"site": [], "practitioner": [], "cover": []}
        _add(result, patients, by=10_000 * number)
    for episode in result["episode"]:
        episode["psychiatrist_id"] = PSYCHIATRISTS[0]
    return result


def with_later_facts(registry_rows: Registry, as_of: date, seed: int) -> Registry:
    """Return the same registry with later facts, all dated after ``as_of``."""
    pick = _picking(seed)
    later = copy.deepcopy(registry_rows)
    _end_what_runs(pick, later, as_of)
    _supersede(pick, later, as_of)
    for patient in list(later["patient"]):
        episodes = [e for e in registry_rows["episode"] if e["patient_id"] == patient["id"]]
        pool = [as_of + timedelta(days=n) for n in (1, 2, 5, 14, 28)]
        more = _empty()
        _add_facts(pick, more, patient["id"], episodes, pool, as_of)
        more["episode"] = [_later_episode(pick, episode, pool) for episode in episodes[:1]]
        _add(later, more, by=50_000 + patient["id"], shared=TEAM | {"patient_id", "episode_id"})
    return later


def with_what_indicators_turn_on(
    registry_rows: Registry, as_of: date, seed: int
) -> tuple[Registry, date]:
    """Return the same registry with the facts on which indicators depend, and a day to count on.

    It has two sites, both kinds of sequence, reasons of closing, consents, and facts around the
    days after enrolment that matter to indicators. The day is up to eight months later.
    """
    pick = _picking(seed)
    rows = copy.deepcopy(registry_rows)
    rows["site"].append(_site() | {"id": 2, "name": "MSP du Bois"})
    for sequence in rows["care_sequence"]:
        sequence["kind"] = pick(["classique", "leger"])
    for episode in rows["episode"]:
        episode["site_id"] = pick([1, 1, 2])
        episode["referred_on"] = episode["enrolled_on"] - _days(pick, [7, 0, 40, -3])
        episode["consented_on"] = pick([None, episode["enrolled_on"], as_of])
        episode["closed_reason"] = pick(["lost", "completed"])
        _add_around_the_days_of_indicators(pick, rows, episode)
        _add_settlements(pick, rows, episode)
    return rows, as_of + _days(pick, [0, 1, 14, 30, 64, 70, 84, 120, 240])


def _add_around_the_days_of_indicators(pick: Pick, rows: Registry, episode: Row) -> None:
    after = [0, 1, 14, 15, 28, 29, 55, 56, 57, 70, 71, 84, 85, 119, 120, 121, 239, 240, 241]
    pool = [episode["enrolled_on"] + timedelta(days=n) for n in after]
    more = _empty()
    _add_assessments(pick, more, episode["patient_id"], pool)
    for _ in range(pick([0, 1, 2])):
        _add_contacts(pick, more, episode["patient_id"], pool)
    _add_medications(pick, more, episode["patient_id"], pool, episode["enrolled_on"])
    _add_psychosocial_cares(pick, more, episode)
    _add_preparations(pick, more, episode, pool)
    _add_reviews(pick, more, episode, pool, episode["enrolled_on"])
    _add(rows, more, by=70_000 + 100 * episode["id"], shared=TEAM | {"patient_id", "episode_id"})


def _add_psychosocial_cares(pick: Pick, rows: Registry, episode: Row) -> None:
    for _ in range(pick([0, 1, 2])):
        started_on = episode["enrolled_on"] + _days(pick, [-30, -1, 0, 20, 55, 56, 57, 90])
        _new(
            rows,
            "psychosocial_care",
            patient_id=episode["patient_id"],
            kind=pick(["psychologist", "social_service"]),
            started_on=started_on,
            ended_on=pick(
                [None, started_on, episode["enrolled_on"], started_on + _days(pick, [40])]
            ),
        )


def _add_settlements(pick: Pick, rows: Registry, episode: Row) -> None:
    """Add the settlements of earlier lines by reviews, and lines withdrawn between reviews.

    Lines that have a settlement already are left.
    """
    said = {(row["case_review_id"], row["recommendation_id"]) for row in rows["settlement"]}
    reviews = [row for row in rows["case_review"] if row["episode_id"] == episode["id"]]
    signed = {row["id"]: row["signed_at"] for row in reviews}
    lines = [row for row in rows["recommendation"] if row["case_review_id"] in signed]
    for line in lines:
        for review_id in [None, *(one for one in signed if one != line["case_review_id"])]:
            kind = pick([None, "kept", "replaced", "withdrawn"])
            if kind is None or (review_id is None and kind != "withdrawn"):
                continue
            if (review_id, line["id"]) in said:
                continue
            at = signed[line["case_review_id"]] if review_id is None else signed[review_id]
            _new(
                rows,
                "settlement",
                id=900_000 + len(rows["settlement"]),
                patient_id=episode["patient_id"],
                case_review_id=review_id,
                settled_by=episode["psychiatrist_id"],
                settled_at=at + timedelta(days=0 if review_id else pick([0, 3, 40])),
                recommendation_id=line["id"],
                kind=kind,
                replaced_by=pick(lines)["id"] if kind == "replaced" else None,
                due_on=None,
            )


def placed(rows: Registry, base: int, today: date) -> Registry:
    """Return the same registry with ids of its own: moved by ``base``, or UUIDs made of them.

    ``today`` is the day on which the list is looked at, around which cover is given.
    """
    result: Registry = {
        name: [{c: _placed(TABLES[name], c, v, base) for c, v in row.items()} for row in of_table]
        for name, of_table in rows.items()
    }
    for row in result["cover"]:
        row["starts_on"] = today + timedelta(days=row["starts_on"])
        row["ends_on"] = today + timedelta(days=row["ends_on"])
    return result


def insert(engine: Engine, rows: Registry) -> None:
    """Write a placed registry, in one transaction."""
    with engine.begin() as connection:
        for name, table in TABLES.items():
            if rows[name]:
                connection.execute(table.insert(), rows[name])


def smallest(rows: Registry, fails: Callable[[Registry], bool]) -> Registry:
    """Return the rows of a failing registry without which it would not fail."""
    rows = copy.deepcopy(rows)
    for name in reversed(TABLES):
        for row in list(rows[name]):
            without = rows | {name: [other for other in rows[name] if other is not row]}
            if not _is_referred_to(row, name, without) and fails(without):
                rows = without
    return rows


ALWAYS = {"site", "practitioner"}
REFERENCES = {
    "patient_id": "patient",
    "episode_id": "episode",
    "supersedes": "case_review",
    "case_review_id": "case_review",
    "recommendation_id": "recommendation",
    "replaced_by": "recommendation",
}


def _is_referred_to(row: Row, name: str, rows: Registry) -> bool:
    columns = [column for column, table in REFERENCES.items() if table == name]
    others = [other for of_table in rows.values() for other in of_table]
    refers = any(other.get(column) == row["id"] for other in others for column in columns)
    return name in ALWAYS or refers


# In the order in which rows can be inserted.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        registry.site,
        registry.practitioner,
        registry.patient,
        registry.episode,
        registry.care_sequence,
        registry.assessment,
        registry.contact,
        registry.medication,
        registry.psychosocial_care,
        registry.condition,
        registry.flag,
        review.cover,
        review.preparation,
        review.case_review,
        review.recommendation,
        review.settlement,
        review.answer,
    )
}


def _add_twin(pick: Pick, into: Registry, patient: Registry, as_of: date) -> None:
    """Add the same patient again, which leaves the order to the last of its keys: to the id,
    or to one more PHQ-9."""
    twin = copy.deepcopy(patient)
    if pick([False, True]):
        _add_assessment(pick, twin, 1, [as_of], "phq9", pick([0, 5, 9]), None)
    _add(into, twin, by=100 * len(into["patient"]))


# Columns of ids that all patients of a registry share.
TEAM = {
    "site_id",
    "gp_id",
    "nurse_id",
    "psychiatrist_id",
    "practitioner_id",
    "recorded_by",
    "raised_by",
    "cleared_by",
    "settled_by",
}


def _picking(seed: int) -> Pick:
    return random.Random(seed).choice  # noqa: S311 no secret hangs on it


def _empty() -> Registry:
    return {name: [] for name in TABLES}


def _placed(table: Table, column: str, value: Any, base: int) -> Any:
    if value is None:
        return None
    if isinstance(table.c[column].type, BigInteger):
        return base + value
    if isinstance(table.c[column].type, UUID):
        return uuid.UUID(int=((base + value) << 32) + 1)
    return value


def _add(into: Registry, rows: Registry, *, by: int, shared: set[str] = TEAM) -> None:
    """Add rows with their ids moved ``by`` that much, but for those that they share."""
    for name, of_table in rows.items():
        for row in of_table:
            into[name].append({c: _moved(name, c, v, by, shared) for c, v in row.items()})


def _moved(name: str, column: str, value: Any, by: int, shared: set[str]) -> Any:
    is_id = isinstance(TABLES[name].c[column].type, BigInteger | UUID)
    return value + by if is_id and value is not None and column not in shared else value


# The people


def _site() -> Row:
    return {
        "id": 1,
        "name": "MSP du Parc",
        "department": "78",
        "kind": "msp",
        "opened_on": date(2020, 1, 1),
    }


def _practitioners() -> list[Row]:
    roles = ["psychiatrist"] * 2 + ["nurse"] * 2 + ["gp"] * 2 + ["lead"]
    return [
        {"id": id_, "role": role, "family_name": role, "given_name": "Claude", "active": True}
        for id_, role in zip(PRACTITIONERS, roles, strict=True)
    ]


def _covers(pick: Pick) -> list[Row]:
    """Cover counts on the day of looking: its days are numbers from that day on."""
    given = {
        (covered, pick([one for one in PRACTITIONERS if one != covered]), *days)
        for covered in [pick(PRACTITIONERS) for _ in range(pick(range(0, 3)))]
        for days in [pick([(-3, 3), (-9, -2), (2, 9)])]
    }
    columns = ("id", "covered_id", "covering_id", "starts_on", "ends_on")
    return [dict(zip(columns, (n, *one), strict=True)) for n, one in enumerate(sorted(given), 1)]


def _patient_with_facts(pick: Pick, as_of: date) -> Registry:
    rows = _empty()
    rows["patient"] = [_patient(pick, as_of)]
    rows["episode"] = _episodes(pick, as_of)
    if pick([True, True, False]):
        _add_facts_at_a_boundary(pick, rows, as_of)
    else:
        pool = _pool(pick, as_of, rows["episode"])
        _add_facts(pick, rows, 1, rows["episode"], pool, as_of)
    return rows


def _patient(pick: Pick, as_of: date) -> Row:
    return {
        "id": 1,
        "family_name": "Lefèvre",
        "given_name": "Camille",
        "birth_date": pick(_births(as_of)),
        "sex": "female",
    }


def _births(as_of: date) -> list[date]:
    """Forty years old, and the days around the 65th and the 66th birthday."""
    day = timedelta(days=1)
    births = [as_of - timedelta(days=40 * 365)]
    for years in (65, 66):
        # A birthday on 29 February exists in leap years only.
        anniversary = as_of + day if (as_of.month, as_of.day) == (2, 29) else as_of
        birthday = anniversary.replace(year=as_of.year - years)
        births += [birthday - day, birthday, birthday + day]
    return [*births, date(1960, 2, 29), date(1959, 3, 1), as_of + day]


def _episodes(pick: Pick, as_of: date) -> list[Row]:
    """Return one episode that is mostly open on the day, and sometimes one before it."""
    enrolled = as_of - _days(
        pick,
        [57, 56, 55, 54, 100, 28, 29, 27, 14, 15, 13, 0, 1, -1, 84, 85, 200, 269, 270, 271, 400],
    )
    episodes = [_episode(pick, 1, as_of, enrolled, pick(_ends(as_of)))]
    if pick([False] * 3 + [True]):
        gap = _days(pick, [1, 0, 13, 14, 15, 60])
        closed = enrolled - gap
        before = closed - _days(pick, [30, 90, 200])
        episodes.append(_episode(pick, 2, as_of, before, ("closed", closed)))
    return episodes


def _ends(as_of: date) -> list[tuple[str, date | None]]:
    day = timedelta(days=1)
    return [
        *[("active", None)] * 10,
        *[("relapse_prevention", None)] * 5,
        ("closed", as_of - day),
        ("closed", as_of),
        ("closed", as_of + day),
        # At odds with itself: the status counts.
        ("relapse_prevention", as_of + day),
        ("active", as_of - day),
        ("closed", None),
        ("suspendu", None),
    ]


def _episode(
    pick: Pick, id_: int, as_of: date, enrolled: date, end: tuple[str, date | None]
) -> Row:
    return {
        "id": id_,
        "patient_id": 1,
        "site_id": 1,
        "psychiatrist_id": pick((1, 1, 1, 2)),
        "nurse_id": pick((3, 3, 4)),
        "gp_id": pick((5, 5, 6)),
        "referred_on": enrolled - timedelta(days=7),
        "enrolled_on": enrolled,
        "status": end[0],
        "closed_on": end[1],
        "problem": "Épisode dépressif",
    }


def _later_episode(pick: Pick, before: Row, pool: Sequence[date]) -> Row:
    return before | {
        "id": 9,
        "enrolled_on": pick(pool),
        "status": "active",
        "closed_on": None,
    }


# The days


def _days(pick: Pick, numbers: Sequence[int]) -> timedelta:
    return timedelta(days=pick(numbers))


def _pool(pick: Pick, as_of: date, episodes: list[Row]) -> list[date]:
    """Return days at the distances of docs/review_list.md, each with the day before and after.

    The distances are counted from the day and from the enrolments.
    """
    ago = [0, 1, 2, 5, 6, 7, 14, 28, 29, 30, 31, 35, 56, 60, 84, 90, 112, 180]
    anchors = [as_of - timedelta(days=n) for n in ago]
    for episode in episodes:
        after = [0, -14, 14, 28, 42, 55, 56, 60]
        anchors += [episode["enrolled_on"] + timedelta(days=n) for n in after]
        if episode["closed_on"] is not None:
            anchors.append(episode["closed_on"])
    chosen = [pick(anchors) for _ in range(pick([2, 3, 4, 5]))]
    return [day + timedelta(days=n) for day in [as_of, *chosen] for n in (0, -1, 1)]


TIMES = [time(12), time(0), time(0, 1), time(23, 59), time(1, 30), time(9), time(18)]


def _instant(pick: Pick, pool: Sequence[date], seconds: int = 0) -> datetime:
    """Return an instant of a day of the pool, often at its very beginning or end in Paris."""
    day, hour = pick(pool), pick(TIMES)
    return datetime.combine(day, hour, tzinfo=PARIS) + timedelta(seconds=seconds)


def _maybe(pick: Pick, make: Callable[[], Any], odds: Sequence[bool] = (False, True)) -> Any:
    return make() if pick(odds) else None


# The facts


def _add_facts(
    pick: Pick,
    rows: Registry,
    patient_id: int,
    episodes: list[Row],
    pool: Sequence[date],
    as_of: date,
) -> None:
    """Facts of every kind about one patient, on days of the pool."""
    _add_assessments(pick, rows, patient_id, pool)
    _add_contacts(pick, rows, patient_id, pool)
    _add_medications(pick, rows, patient_id, pool, as_of)
    _add_conditions(pick, rows, patient_id, pool, as_of)
    _add_flags(pick, rows, patient_id, pool)
    for episode in episodes:
        _add_sequences(pick, rows, episode, pool, as_of)
        _add_preparations(pick, rows, episode, pool)
        _add_reviews(pick, rows, episode, pool, as_of)


def _new(rows: Registry, table: str, /, **values: Any) -> Row:
    row = {"id": 1 + len(rows[table]), **values}
    rows[table].append(row)
    return row


SCORES = [10, 9, 20, 5, 4, 0, 14, 15, 16, 17, 18, 19, 8, 12, 13, 21, 27]
GAD7_SCORES = [5, 9, 0, 4, 3, 1, 8, 10, 13, 21]


def _add_assessments(pick: Pick, rows: Registry, patient_id: int, pool: Sequence[date]) -> None:
    for _ in range(pick(range(0, 6))):
        total, items = _form(pick, SCORES, number_of_items=9, highest=27)
        _add_assessment(pick, rows, patient_id, pool, "phq9", total, items)
    for _ in range(pick(range(0, 4))):
        total, items = _form(pick, GAD7_SCORES, number_of_items=7, highest=21)
        _add_assessment(pick, rows, patient_id, pool, "gad7", total, items)
    for _ in range(pick(range(0, 3))):
        _add_assessment(pick, rows, patient_id, pool, "cssrs", None, _screener(pick))
    for _ in range(pick(range(0, 2))):
        other = pick(["madrs", "had_d", "isi", "PHQ9", "echelle_inconnue"])
        _add_assessment(pick, rows, patient_id, pool, other, pick([3, 40]), None)


def _add_assessment(
    pick: Pick,
    rows: Registry,
    patient_id: int,
    pool: Sequence[date],
    instrument: str,
    total: int | None,
    items: list[int | None] | None,
) -> None:
    _new(
        rows,
        "assessment",
        patient_id=patient_id,
        instrument=instrument,
        taken_on=pick(pool),
        total=total,
        items=items,
    )


def _form(
    pick: Pick, scores: Sequence[int], *, number_of_items: int, highest: int
) -> tuple[int | None, list[int | None] | None]:
    """Return a stored total and items of a form: both, either, neither, in part or at odds."""
    score = pick(scores)
    kind = pick(FORMS)
    items = _items(score, pick(range(0, 4)), number_of_items)
    if kind == "total":
        return score, None
    if kind == "items":
        return None, items
    if kind == "both":
        return score, items
    if kind == "at_odds":
        return score, _items(pick(scores), 0, number_of_items)
    if kind == "in_part":
        return None, _with_gaps(pick, items)
    if kind == "total_in_part":
        return score, _with_gaps(pick, items)
    if kind == "out_of_range":
        return pick([-1, highest + 1]), pick([None, items])
    if kind == "odd_items":
        return None, pick([items[:-1], items[:-3], [*items, 0], [4, *items[1:]]])
    return None, pick([None, [], [None] * number_of_items])


FORMS = [
    *["total", "items", "in_part"] * 2,
    *["both", "at_odds", "total_in_part", "out_of_range", "odd_items", "nothing"],
]


def _screener(pick: Pick) -> list[int | None] | None:
    """Return the answers of a C-SSRS: at random, one positive, all negative, or none."""
    one_positive: list[int | None] = [0] * 6
    one_positive[pick(range(0, 6))] = 1
    at_random = [pick([0, 0, 1, None]) for _ in range(6)]
    without_answer = pick([[None] * 6, [-1] * 6, None])
    return pick([at_random, at_random, one_positive, one_positive, [0] * 6, *[without_answer] * 2])


def _items(score: int, last: int, number_of_items: int) -> list[int | None]:
    """Answers of 0 to 3 that make the score if they can, the last one as given."""
    left = max(0, score - last)
    items: list[int | None] = []
    for _ in range(number_of_items - 1):
        items.append(min(3, left))
        left -= min(3, left)
    return [*items, last]


def _with_gaps(pick: Pick, items: list[int | None]) -> list[int | None]:
    """Return the items with one to four unanswered, the last or the largest ones among them."""
    number = pick([1, 2, 3, 1, 2, 4])
    missing = list(range(number))
    if pick([False, True]):
        missing = [*missing[1:], len(items) - 1]
    return [None if n in missing else item for n, item in enumerate(items)]


def _add_contacts(pick: Pick, rows: Registry, patient_id: int, pool: Sequence[date]) -> None:
    for n in range(pick(range(0, 5))):
        _new(
            rows,
            "contact",
            patient_id=patient_id,
            happened_at=_instant(pick, pool, seconds=n),
            kind=pick(["clinic", "phone"]),
            attended=pick([False, True]),
            practitioner_id=3,
        )


ANTIDEPRESSANTS = [
    (code, dose)
    for code, (minimum, maximum) in DOSES.items()
    for dose in (minimum, minimum - Decimal("0.5"), maximum, maximum + Decimal("0.5"))
]
CITALOPRAMS = [
    (code, dose)
    for code in ("N06AB04", "N06AB10")
    for dose in (None, *(Decimal(n) for n in (0, 9, 10, 11, 19, 20, 21, 40, 41)))
]
EXCLUDED_OR_NEARLY = [
    (code, Decimal(1))
    for code in ("N05BB01", "N05AX12", "N05AN01", "N06AA16", "C01BA01", "C01BD01", "C01BC03")
]
PSYCHOTROPIC_OR_NEARLY = [
    (code, Decimal(1)) for code in ("N03AG01", "N05AH04", "N06AX99", "N02AB03", "N06BA04")
]
BENZODIAZEPINES = [
    (code, Decimal(1)) for code in ("N05CF02", "N05BA12", "N05CD06", "N05BA04", "N05CM02")
]
REGIMENS = [
    [CITALOPRAMS, EXCLUDED_OR_NEARLY],
    [BENZODIAZEPINES[:2]],
    [ANTIDEPRESSANTS, CITALOPRAMS],
    [CITALOPRAMS, EXCLUDED_OR_NEARLY, PSYCHOTROPIC_OR_NEARLY, BENZODIAZEPINES, ANTIDEPRESSANTS],
]


def _add_medications(
    pick: Pick, rows: Registry, patient_id: int, pool: Sequence[date], as_of: date
) -> None:
    """Courses of up to three rows, each begun near the day on which the one before it stopped."""
    starts = [*pool, *(d for d in (as_of - timedelta(days=n) for n in _RUNS) if d >= min(pool))]
    regimen = pick(REGIMENS)
    for _ in range(pick(range(0, 5))):
        drugs = pick(regimen)
        code, dose = pick(drugs)
        start = pick(starts)
        for _ in range(pick([0, 0, 1, 2])):
            stop = start + _days(pick, [10, 0, 1, 27, 40])
            _add_medication(pick, rows, patient_id, code, dose, start, stop)
            start = max(start, stop + _days(pick, [1, 0, 2, -1]))
            if code in DOSES:
                dose = pick([d for c, d in drugs if c == code])
        stop = pick([None, pick(pool)])
        _add_medication(pick, rows, patient_id, code, dose, start, stop)


_RUNS = (27, 28, 29, 83, 84, 85)


def _add_medication(
    pick: Pick,
    rows: Registry,
    patient_id: int,
    code: str,
    dose: Decimal | None,
    start: date,
    stop: date | None,
) -> None:
    _new(
        rows,
        "medication",
        patient_id=patient_id,
        atc_code=code,
        name=code,
        daily_dose_mg=dose,
        as_needed=pick([False] * 5 + [True]),
        started_on=start,
        stopped_on=stop,
    )


def _add_conditions(
    pick: Pick, rows: Registry, patient_id: int, pool: Sequence[date], as_of: date
) -> None:
    # An unknown onset is never later: it counts as enrolment.
    unknown = [None] if min(pool) <= as_of else []
    codes = ["Z33", "I45.8", "Z34", "Z35", "I45.8", "Z34.0", "I45.9", "Z36"]
    for _ in range(pick(range(0, 3))):
        code = pick(codes)
        _new(
            rows,
            "condition",
            patient_id=patient_id,
            code=code,
            label=code,
            onset_on=pick([*unknown * 3, *pool]),
            resolved_on=pick([None, pick(pool)]),
        )


def _add_flags(pick: Pick, rows: Registry, patient_id: int, pool: Sequence[date]) -> None:
    for _ in range(pick([0, 0, 1, 1, 2])):
        _new(
            rows,
            "flag",
            patient_id=patient_id,
            kind=pick(["safety", "discussion", "discussion", "autre"]),
            raised_by=3,
            raised_at=_instant(pick, pool),
            cleared_by=pick([None, 3]),
            cleared_at=_maybe(pick, lambda: _instant(pick, pool)),
        )


def _add_sequences(
    pick: Pick, rows: Registry, episode: Row, pool: Sequence[date], as_of: date
) -> None:
    ends = [as_of + timedelta(days=n) for n in (15, 14, 13, 90, 0, -1)]
    for n in range(1, 1 + pick(range(0, 3))):
        _new(
            rows,
            "care_sequence",
            episode_id=episode["id"],
            kind="classique",
            number=n,
            starts_on=pick(pool),
            ends_on=pick(ends),
        )


def _add_preparations(pick: Pick, rows: Registry, episode: Row, pool: Sequence[date]) -> None:
    for _ in range(pick([0, 1, 2])):
        _new(
            rows,
            "preparation",
            patient_id=episode["patient_id"],
            episode_id=episode["id"],
            nurse_id=episode["nurse_id"],
            question=pick(["?", "?", "?", "", " \n"]),
            asked_at=datetime.combine(min(pool), time(8), tzinfo=PARIS),
            ready_at=_maybe(pick, lambda: _instant(pick, pool), (True, True, True, False)),
            withdrawn_at=_maybe(pick, lambda: _instant(pick, pool), (False, False, False, True)),
        )


def _add_reviews(
    pick: Pick, rows: Registry, episode: Row, pool: Sequence[date], as_of: date
) -> None:
    """Reviews in the order of their signing, so that one supersedes an earlier one only."""
    number = pick([0, 0, 1, 1, 2, 3, 4])
    standing: list[int] = []
    lines: list[int] = []
    for n, signed_at in enumerate(sorted(_instant(pick, pool) for _ in range(number))):
        # Seconds keep two reviews of one minute apart.
        case_review = _add_review(pick, rows, episode, signed_at + timedelta(seconds=n))
        case_review["next_review_on"] = pick([None, pick(pool), as_of + _days(pick, [0, 1, -1])])
        case_review["supersedes"] = pick([None, None, *standing])
        standing = [id_ for id_ in standing if id_ != case_review["supersedes"]]
        standing.append(case_review["id"])
        own = _add_recommendations(pick, rows, case_review, pool, as_of)
        for line in lines:
            _add_settlement(pick, rows, case_review, line, own or lines, as_of)
        lines += own
    for line in lines:
        if pick([False] * 7 + [True]):
            _add_withdrawal(rows, episode["patient_id"], line, _instant(pick, pool))


def _add_review(pick: Pick, rows: Registry, episode: Row, signed_at: datetime) -> Row:
    number = 1 + len(rows["case_review"])
    level, reassessed = pick(DECISIONS)
    return _new(
        rows,
        "case_review",
        patient_id=episode["patient_id"],
        episode_id=episode["id"],
        psychiatrist_id=episode["psychiatrist_id"],
        outcome=pick(["reviewed", "reviewed", "no_change"]),
        summary="Synthèse",
        next_review_on=None,
        seen={},
        signed_at=signed_at,
        supersedes=None,
        idempotency_key=number,
        risk_level=level,
        risk_reassess_on=(
            None
            if reassessed is None
            else signed_at.astimezone(PARIS).date() + timedelta(days=reassessed)
        ),
    )


# A level, and the days after the review at which the risk is reassessed.
DECISIONS: list[tuple[str | None, int | None]] = [
    *[(None, None)] * 6,
    *[("not_assessed", None)] * 2,
    *[("low", None)] * 2,
    ("low", 28),
    ("moderate", 14),
    ("moderate", 28),
    ("high", 7),
    ("high", 28),
    # At odds with itself: without its day, with one that had passed.
    ("moderate", None),
    ("high", None),
    ("low", -1),
    ("moderate", 0),
]


def _add_settlement(
    pick: Pick, rows: Registry, case_review: Row, line: int, lines: Sequence[int], as_of: date
) -> None:
    """Add a review's settlement of an earlier line, of whatever state, or no settlement."""
    kind = pick(["kept"] * 4 + ["replaced", "withdrawn", None, None])
    if kind is None:
        return
    around = [as_of + timedelta(days=n) for n in (-1, 0, 1, -30)]
    _new(
        rows,
        "settlement",
        patient_id=case_review["patient_id"],
        case_review_id=case_review["id"],
        settled_by=case_review["psychiatrist_id"],
        settled_at=case_review["signed_at"],
        recommendation_id=line,
        kind=kind,
        replaced_by=pick(lines) if kind == "replaced" else None,
        due_on=pick([None, None, *around]) if kind == "kept" else None,
    )


def _add_withdrawal(rows: Registry, patient_id: int, line: int, settled_at: datetime) -> None:
    """Add a line withdrawn between reviews."""
    _new(
        rows,
        "settlement",
        patient_id=patient_id,
        case_review_id=None,
        settled_by=1,
        settled_at=settled_at,
        recommendation_id=line,
        kind="withdrawn",
        replaced_by=None,
        due_on=None,
    )


def _add_recommendations(
    pick: Pick, rows: Registry, case_review: Row, pool: Sequence[date], as_of: date
) -> list[int]:
    """Add the lines of a review, some with answers, and return their ids."""
    added = []
    around = [as_of + timedelta(days=n) for n in (-1, 0, 1, -2)]
    for position in range(1, 1 + pick(range(0, 3))):
        recommendation = _new(
            rows,
            "recommendation",
            patient_id=case_review["patient_id"],
            case_review_id=case_review["id"],
            position=position,
            kind="other",
            detail="Revoir le sommeil",
            owner_role="nurse",
            due_on=pick([None, *around, *pool]),
        )
        added.append(recommendation["id"])
        for _ in range(pick([0, 0, 1, 2])):
            _add_answer(pick, rows, recommendation, pool)
    return added


def _add_answer(pick: Pick, rows: Registry, recommendation: Row, pool: Sequence[date]) -> None:
    _new(
        rows,
        "answer",
        patient_id=recommendation["patient_id"],
        recommendation_id=recommendation["id"],
        practitioner_id=pick([3, 3, 5]),
        outcome=pick(("acknowledged", *AnswerOutcome)),
        reason="Refus",
        answered_at=_instant(pick, pool),
    )


# Facts that lie at the boundary of one rule


def _add_facts_at_a_boundary(pick: Pick, rows: Registry, as_of: date) -> None:
    """Add the facts on which one rule about scores depends, and those of some other rules."""
    episode = rows["episode"][0]
    pick(ABOUT_SCORES)(pick, rows, episode, as_of)
    for about in [pick(ABOUT_THE_REST) for _ in range(pick([0, 0, 1, 2, 3]))]:
        about(pick, rows, episode, as_of)


def _severe(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    _add_score(pick, rows, _before(pick, as_of, [30, 29, 31, 3]), [20, 19, 21])


def _early_non_response(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    enrolled = _before(pick, as_of, [28, 55, 40, 27, 29, 54, 56])
    episode["enrolled_on"] = enrolled
    _add_score(pick, rows, enrolled + _days(pick, [0, -14, -15, 13]), [20, 10, 15, 9, 22])
    _add_score(pick, rows, enrolled + _days(pick, [14, 28, 13, 15]), [16, 8, 12, 17, 9, 13, 18, 15])


def _not_improved(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    episode["enrolled_on"] = _before(pick, as_of, [56, 55, 57, 90])
    _add_score(pick, rows, episode["enrolled_on"], [20, 21, 10, 9])
    _add_score(pick, rows, _before(pick, as_of, [2, 28]), [10, 11, 9])
    _add_maybe_review(pick, rows, episode, _before(pick, as_of, [28, 27, 29]))


def _deteriorated(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    instrument = pick(["phq9", "gad7"])
    day = _before(pick, as_of, [7, 0])
    _add_score(pick, rows, day - timedelta(days=9), [3, 0, 5, 9], instrument)
    _add_score(pick, rows, day - timedelta(days=5), [2, 0, 12], instrument)
    _add_score(pick, rows, day, [6, 7, 5, 4, 14], instrument)
    _add_maybe_review(pick, rows, episode, day - _days(pick, [1, 0, -1]))


def _relapsed(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    day = _before(pick, as_of, [7, 0])
    _add_score(pick, rows, day - timedelta(days=9), [10, 20, 22, 9])
    _add_score(pick, rows, day - timedelta(days=5), [9, 10, 11, 8])
    _add_score(pick, rows, day, [10, 11, 9, 12])
    _add_maybe_review(pick, rows, episode, day - _days(pick, [1, 0, -1]))


def _doing_well(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Low scores with item 9 answered, as the need is low only then: two or three of them, 28 or
    56 days apart, the last one around 60 days ago at most."""
    episode["enrolled_on"] = _before(pick, as_of, [57, 84, 120, 200, 269, 270, 271, 400])
    day = _before(pick, as_of, [0, 3, 29, 30, 31, 59, 60])
    first = day - _days(pick, [56, 55, 57])
    second = day - _days(pick, [28, 27, 29])
    for taken_on in (first, second, day):
        items = _items(pick([4, 5, 0, 3, 9, 8, 10]), 0, 9)
        _add_assessment(pick, rows, 1, [taken_on], "phq9", None, items)
    if pick([False, True]):
        _add_score(pick, rows, _before(pick, as_of, [180, 179, 181]), [15, 10, 9, 14], "gad7")
    for _ in range(pick([1, 1, 2, 0])):
        _new(
            rows,
            "contact",
            patient_id=1,
            happened_at=_instant(pick, [as_of - timedelta(days=n) for n in (2, 20, 27, 28)]),
            kind="clinic",
            attended=pick([True, True, False]),
            practitioner_id=3,
        )
    if pick([False, True]):
        _reviewed(pick, rows, episode, as_of)
    else:
        _add_review(pick, rows, episode, _instant(pick, [_before(pick, as_of, [3, 20, 55, 56])]))


def _unmeasured(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Scores without item 9, and a C-SSRS or a decision around 90 days ago."""
    episode["enrolled_on"] = _before(pick, as_of, [100, 120, 200])
    _add_score(pick, rows, _before(pick, as_of, [0, 59, 60, 61]), [4, 9, 10, 12])
    ago = [as_of - timedelta(days=n) for n in (90, 89, 91)]
    if pick([False, True]):
        _add_assessment(pick, rows, 1, ago, "cssrs", None, _screener(pick))
    if pick([False, True]):
        _add_review(pick, rows, episode, _instant(pick, ago))


def _week_8(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    episode["enrolled_on"] = _before(pick, as_of, [56, 55, 57, 83, 84, 85, 70])
    _add_score(pick, rows, episode["enrolled_on"], [20, 21, 10, 9])
    _add_score(pick, rows, _before(pick, as_of, [2, 28]), [10, 11, 9])
    _add_maybe_review(pick, rows, episode, _before(pick, as_of, [14, 13, 15, 28, 29]))
    after = episode["enrolled_on"] + timedelta(days=56)
    if pick([False, False, True]):
        _add_maybe_review(pick, rows, episode, after + _days(pick, [-1, 0, 1]))


def _rising_again(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Add a rise that a review has seen, and one more since."""
    instrument = pick(["phq9", "phq9", "gad7"])
    days = [as_of - timedelta(days=n) for n in (60, 45, 30, 20, 10, 5, 1)]
    for day in days:
        _add_score(pick, rows, day, [5, 4, 8, 9, 10, 12, 13, 14, 17], instrument)
    for _ in range(pick([1, 1, 2])):
        _add_review(pick, rows, episode, _instant(pick, days[1:-1]))


def _in_remission(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    day = _before(pick, as_of, [3, 0])
    _add_score(pick, rows, day, [4, 5, 0])
    _add_score(pick, rows, day - _days(pick, [28, 27, 29]), [4, 5, 0])
    _add_score(pick, rows, day - timedelta(days=60), [20, 2])


def _thinking_of_death(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Forms with little but item 9, which may be the only one answered; screeners and decisions
    around them, and more forms after them."""
    day = _before(pick, as_of, [20, 7, 0])
    others: list[int | None] = [pick([0, None])] * 8
    for before in (9, 5, 0, 0, -5, -9)[: pick([3, 4, 5, 6])]:
        item_9 = pick([1, 0, 1, 0, 2, None, 3, -1, 4])
        days = [day - timedelta(days=before)]
        _add_assessment(pick, rows, 1, days, "phq9", None, [*others, item_9])
    around = [day - timedelta(days=n) for n in (6, 5, 4, 1, 0, -1)]
    for _ in range(pick([0, 1, 2])):
        _add_assessment(pick, rows, 1, around, "cssrs", None, _screener(pick))
    for _ in range(pick([0, 1, 1, 2])):
        _add_review(pick, rows, episode, _instant(pick, around))


def _asked_about_death(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Item 9 risen from 0 to 1, and a screener of that day, its eve or later."""
    day = _before(pick, as_of, [9, 30])
    for taken_on, answer in ((day - timedelta(days=20), 0), (day, 1), (as_of, pick([0, 0, 1]))):
        _add_assessment(
            pick, rows, 1, [taken_on], "phq9", None, _items(pick([5, 12, 16]), answer, 9)
        )
    for _ in range(pick([1, 1, 2])):
        around = [day - timedelta(days=1), day, day, day + timedelta(days=3)]
        _add_assessment(pick, rows, 1, around, "cssrs", None, pick([[0] * 6, _screener(pick)]))
    if pick([False, False, True]):
        _add_review(pick, rows, episode, _instant(pick, [day - timedelta(days=1), day, as_of]))


def _screened(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    day = _before(pick, as_of, [7, 0, 90, 89])
    for before in (5, 1, 0):
        days = [day - timedelta(days=before)]
        _add_assessment(pick, rows, 1, days, "cssrs", None, _screener(pick))
    for _ in range(pick([0, 1, 2])):
        _add_review(pick, rows, episode, _instant(pick, [day - _days(pick, [5, 1, 0, -1])]))


def _score_overdue(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    episode["enrolled_on"] = _before(pick, as_of, [14, 13, 15, 28])
    if pick([False, True]):
        _add_score(pick, rows, _before(pick, as_of, [28, 29, 30, 27]), [12, 0])


def _asked(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    pool = [as_of - timedelta(days=n) for n in (5, 4, 6, 0, 1, 2, 3, 20)]
    for _ in range(2):
        _add_preparations(pick, rows, episode, pool)
    _add_maybe_review(pick, rows, episode, pick(pool))


def _advised(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    pool = [as_of - timedelta(days=n) for n in (7, 6, 8, 0, -1, 1, 14, 20)]
    _add_reviews(pick, rows, episode, pool, as_of)


def _reviewed(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Add a review whose next one is due one or two intervals later, or on the day that was set."""
    intervals = [14, 28, 56, 112]
    day = _before(pick, as_of, [n + more for n in intervals for more in (0, -1, 1)])
    case_review = _add_review(pick, rows, episode, _instant(pick, [day]))
    around = [as_of + timedelta(days=n) for n in (0, 1, -1, 30)]
    case_review["next_review_on"] = pick([None, pick(around)])


def _decided(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Decisions whose reassessment lies around the day; some without one, some left open."""
    days = [as_of - timedelta(days=n) for n in (14, 7, 1, 0, 30)]
    for _ in range(pick([1, 2, 3])):
        case_review = _add_review(pick, rows, episode, _instant(pick, days))
        if case_review["risk_level"] in ("low", "moderate", "high"):
            case_review["risk_reassess_on"] = pick([None, as_of + _days(pick, [0, 1, -1])])


def _alarmed(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Add a safety flag, and reviews of its day, before and after its hour, or of 7 days ago."""
    day = _before(pick, as_of, [0, 1, 7, 8, 20])
    pool = [day, day, day + timedelta(days=1)]
    _new(
        rows,
        "flag",
        patient_id=1,
        kind="safety",
        raised_by=3,
        raised_at=_instant(pick, pool),
        cleared_by=pick([None, 3, 3]),
        cleared_at=_maybe(pick, lambda: _instant(pick, [as_of, *pool]), (False, False, True)),
    )
    week = [as_of - timedelta(days=n) for n in (6, 7, 8)]
    for _ in range(pick([0, 1, 1, 2])):
        _add_review(pick, rows, episode, _instant(pick, [*pool, *week]))


def _seen(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Add a review just after or just before the facts, with the next around the day."""
    around = [as_of + timedelta(days=n) for n in (0, 1, -1, 30)]
    ago = [as_of - timedelta(days=n) for n in (0, 1, 13, 14, 27, 28, 29, 40)]
    case_review = _add_review(pick, rows, episode, _instant(pick, ago))
    case_review["next_review_on"] = pick([None, *around])


def _contacted(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    _add_contacts(pick, rows, 1, [as_of - timedelta(days=n) for n in (28, 27, 29, 0, 40)])


def _sedated(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Add two drugs at or near their limit, each in one to three rows."""
    for _ in range(2):
        code, limit = pick([("N05CF02", 28), ("N05CD06", 28), ("N05BA12", 84)])
        start = as_of - timedelta(days=limit) - _days(pick, [0, 1, -1])
        for _ in range(pick([0, 1, 2])):
            stop = start + _days(pick, [10, 1, 0])
            _add_medication(pick, rows, 1, code, Decimal(1), start, stop)
            start = stop + _days(pick, [1, 0, 2])
        stop = as_of + _days(pick, [1, 0, 2])
        _add_medication(pick, rows, 1, code, Decimal(1), start, pick([None, stop]))
    if pick([False, True]):
        _seen(pick, rows, episode, as_of)


def _medicated(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    """Add two to four drugs of one regimen, begun around 28 days ago or around the day."""
    regimen = pick(REGIMENS)
    for _ in range(pick([2, 3, 4])):
        code, dose = pick(pick(regimen))
        start = _before(pick, as_of, [28, 27, 29, 0, 40])
        stop = pick([None, None, as_of, as_of + timedelta(days=1)])
        _add_medication(pick, rows, 1, code, dose, start, stop)
    if pick([False, True]):
        _seen(pick, rows, episode, as_of)


def _with_conditions(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    pool = [as_of - timedelta(days=n) for n in (0, 40, -1, 1)]
    _add_conditions(pick, rows, 1, pool, as_of)
    _medicated(pick, rows, episode, as_of)


def _flagged(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    for _ in range(2):
        _add_flags(pick, rows, 1, [as_of - timedelta(days=n) for n in (1, 0, -1, 9)])


def _in_sequence(pick: Pick, rows: Registry, episode: Row, as_of: date) -> None:
    _add_sequences(pick, rows, episode, [as_of - timedelta(days=n) for n in (0, 1, -1, 60)], as_of)


ABOUT_SCORES = [
    _severe,
    _early_non_response,
    _not_improved,
    _week_8,
    *[_doing_well] * 6,
    _unmeasured,
    _rising_again,
    _deteriorated,
    _relapsed,
    _in_remission,
    _thinking_of_death,
    _asked_about_death,
    _screened,
    _score_overdue,
]
ABOUT_THE_REST = [
    _asked,
    _advised,
    _reviewed,
    _decided,
    _alarmed,
    _contacted,
    _sedated,
    _medicated,
    _with_conditions,
    _flagged,
    _in_sequence,
]


def _before(pick: Pick, day: date, numbers: Sequence[int]) -> date:
    return day - _days(pick, numbers)


def _add_score(
    pick: Pick, rows: Registry, day: date, totals: Sequence[int], instrument: str = "phq9"
) -> None:
    total = pick(totals)
    _add_assessment(pick, rows, 1, [day], instrument, total, None)


def _add_maybe_review(pick: Pick, rows: Registry, episode: Row, day: date) -> None:
    if pick([False, True]):
        _add_review(pick, rows, episode, _instant(pick, [day]))


# Later facts


def _end_what_runs(pick: Pick, rows: Registry, as_of: date) -> None:
    """Give facts without an end on the day an end after it."""
    pool = [as_of + timedelta(days=n) for n in (1, 2, 14)]
    for name, column in (("medication", "stopped_on"), ("condition", "resolved_on")):
        for row in rows[name]:
            if row[column] is None and pick([False, True]):
                row[column] = pick(pool)
    for name, column in (("flag", "cleared_at"), ("preparation", "withdrawn_at")):
        for row in rows[name]:
            if row[column] is None and pick([False, True]):
                row[column] = _instant(pick, pool)
    for row in rows["episode"]:
        # One in relapse prevention would count as active once it is closed.
        if row["status"] == "active" and pick([False, True]):
            row |= {"status": "closed", "closed_on": pick(pool)}


def _supersede(pick: Pick, rows: Registry, as_of: date) -> None:
    """Reviews and advice that stand on the day are superseded and answered after it."""
    pool = [as_of + timedelta(days=n) for n in (1, 2, 14)]
    superseded = {row["supersedes"] for row in rows["case_review"]}
    for row in list(rows["case_review"]):
        if row["id"] not in superseded and pick([False, True]):
            id_ = 90_000 + row["id"]
            rows["case_review"].append(
                row
                | {"id": id_, "idempotency_key": id_, "supersedes": row["id"]}
                | {"signed_at": _instant(pick, pool)}
            )
    withdrawn = {row["recommendation_id"] for row in rows["settlement"] if _is_withdrawal(row)}
    for recommendation in rows["recommendation"]:
        if pick([False, True]):
            _add_answer(pick, rows, recommendation, pool)
            rows["answer"][-1]["id"] = 90_000 + len(rows["answer"])
        if recommendation["id"] not in withdrawn and pick([False, False, True]):
            patient_id, line = recommendation["patient_id"], recommendation["id"]
            _add_withdrawal(rows, patient_id, line, _instant(pick, pool))
            rows["settlement"][-1]["id"] = 90_000 + len(rows["settlement"])


def _is_withdrawal(settlement: Row) -> bool:
    return settlement["case_review_id"] is None
