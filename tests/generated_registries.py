"""Small, nasty registries: random, and crowded around the boundaries of RULES.md.

A registry is a mapping of table names to rows, with ids that start at 1 in each table.
``placed`` moves it to ids of its own, so that many registries share one database, and
``insert`` writes it as the database's owner.

Days come from a small pool for each patient, so that facts meet on one day and the day
before and after, and the pool comes from the distances that RULES.md names.
"""

import copy
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy import BigInteger, Engine, Table
from sqlalchemy.dialects.postgresql import UUID

from dashboard.database import registry, review
from tests.plain_reading import DOSES

Row = dict[str, Any]
Registry = dict[str, list[Row]]
Draw = Callable[[st.SearchStrategy], Any]

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


@st.composite
def registries(draw: Draw) -> tuple[Registry, date]:
    """A registry of one to four patients, and the day that its boundaries lie around."""
    as_of = draw(st.sampled_from(DAYS_OF_THE_LIST))
    result = _empty() | {"site": [_site()], "practitioner": _practitioners()}
    for _ in range(draw(st.integers(1, 3))):
        patient = _patient_with_facts(draw, as_of)
        # A twin differs by ids alone, which leaves the order to the last of its keys.
        for _ in range(draw(st.sampled_from([1, 1, 1, 1, 2]))):
            _add(result, patient, by=100 * len(result["patient"]))
    result["cover"] = _covers(draw)
    return result, as_of


@st.composite
def later_facts(draw: Draw, registry_rows: Registry, as_of: date) -> Registry:
    """The same registry when more has happened, every fact of it dated after ``as_of``."""
    later = copy.deepcopy(registry_rows)
    _end_what_runs(draw, later, as_of)
    _supersede(draw, later, as_of)
    for patient in list(later["patient"]):
        episodes = [e for e in later["episode"] if e["patient_id"] == patient["id"]]
        pool = [as_of + timedelta(days=n) for n in (1, 2, 5, 14, 28)]
        more = _empty()
        _add_facts(draw, more, patient["id"], episodes, pool, as_of)
        more["episode"] = [_later_episode(draw, episodes[-1], pool)]
        _add(later, more, by=50_000 + patient["id"], shared=TEAM | {"patient_id", "episode_id"})
    return later


def placed(rows: Registry, base: int, today: date) -> Registry:
    """The same registry at ids of its own: every id moved by ``base``, UUIDs made of them.

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
        registry.condition,
        registry.flag,
        review.cover,
        review.preparation,
        review.case_review,
        review.recommendation,
        review.answer,
    )
}

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
}


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


def _covers(draw: Draw) -> list[Row]:
    """Cover counts on the day of looking: its days are numbers from that day on."""
    return [
        {
            "id": n,
            "covered_id": draw(st.sampled_from(PRACTITIONERS)),
            "covering_id": draw(st.sampled_from(PRACTITIONERS)),
            "starts_on": starts,
            "ends_on": ends,
        }
        for n in range(1, 1 + draw(st.integers(0, 2)))
        for starts, ends in [draw(st.sampled_from([(-3, 3), (-9, -2), (2, 9)]))]
    ]


def _patient_with_facts(draw: Draw, as_of: date) -> Registry:
    rows = _empty()
    rows["patient"] = [_patient(draw, as_of)]
    rows["episode"] = _episodes(draw, as_of)
    pool = _pool(draw, as_of, rows["episode"])
    _add_facts(draw, rows, 1, rows["episode"], pool, as_of)
    return rows


def _patient(draw: Draw, as_of: date) -> Row:
    return {
        "id": 1,
        "family_name": "Lefèvre",
        "given_name": "Camille",
        "birth_date": draw(st.sampled_from(_births(as_of))),
        "sex": "female",
    }


def _births(as_of: date) -> list[date]:
    """Forty years old, and the days around the 65th and the 66th birthday."""
    day = timedelta(days=1)
    births = [as_of - timedelta(days=40 * 365)]
    for years in (65, 66):
        # Nobody born in a year without a 29 February has a birthday on it.
        anniversary = as_of + day if (as_of.month, as_of.day) == (2, 29) else as_of
        birthday = anniversary.replace(year=as_of.year - years)
        births += [birthday - day, birthday, birthday + day]
    return [*births, date(1960, 2, 29), date(1959, 3, 1), as_of + day]


def _episodes(draw: Draw, as_of: date) -> list[Row]:
    """One episode that is mostly open on the day, and sometimes one before it."""
    enrolled = as_of - _days(
        draw,
        [57, 56, 55, 54, 100, 28, 29, 27, 14, 15, 13, 0, 1, -1, 84, 269, 270, 271],
    )
    episodes = [_episode(draw, 1, as_of, enrolled, draw(st.sampled_from(_ends(as_of))))]
    if draw(st.integers(0, 3)) == 3:
        gap = _days(draw, [1, 0, 13, 14, 15, 60])
        closed = enrolled - gap
        before = closed - _days(draw, [30, 90, 200])
        episodes.append(_episode(draw, 2, as_of, before, ("closed", closed)))
    return episodes


def _ends(as_of: date) -> list[tuple[str, date | None]]:
    day = timedelta(days=1)
    return [
        *[("active", None)] * 5,
        *[("relapse_prevention", None)] * 3,
        ("closed", as_of - day),
        ("closed", as_of),
        ("closed", as_of + day),
        # At odds with itself: the status counts.
        ("relapse_prevention", as_of + day),
        ("active", as_of - day),
        ("closed", None),
    ]


def _episode(
    draw: Draw, id_: int, as_of: date, enrolled: date, end: tuple[str, date | None]
) -> Row:
    return {
        "id": id_,
        "patient_id": 1,
        "site_id": 1,
        "psychiatrist_id": draw(st.sampled_from((1, 1, 1, 2))),
        "nurse_id": draw(st.sampled_from((3, 3, 4))),
        "gp_id": draw(st.sampled_from((5, 5, 6))),
        "referred_on": enrolled - timedelta(days=7),
        "enrolled_on": enrolled,
        "status": end[0],
        "closed_on": end[1],
        "problem": "Épisode dépressif",
    }


def _later_episode(draw: Draw, before: Row, pool: Sequence[date]) -> Row:
    return before | {
        "id": 9,
        "enrolled_on": draw(st.sampled_from(pool)),
        "status": "active",
        "closed_on": None,
    }


# The days


def _days(draw: Draw, numbers: Sequence[int]) -> timedelta:
    return timedelta(days=draw(st.sampled_from(numbers)))


def _pool(draw: Draw, as_of: date, episodes: list[Row]) -> list[date]:
    """Some days at the distances of RULES.md from the day and from the enrolments, each with
    its eve and its morrow."""
    ago = [0, 1, 5, 6, 7, 14, 28, 29, 30, 31, 35, 56, 84, 90]
    anchors = [as_of - timedelta(days=n) for n in ago]
    for episode in episodes:
        after = [0, -14, 14, 28, 42, 55, 56, 60]
        anchors += [episode["enrolled_on"] + timedelta(days=n) for n in after]
        if episode["closed_on"] is not None:
            anchors.append(episode["closed_on"])
    chosen = draw(st.lists(st.sampled_from(anchors), min_size=2, max_size=5))
    return [day + timedelta(days=n) for day in [as_of, *chosen] for n in (0, -1, 1)]


TIMES = [time(12), time(0), time(0, 1), time(23, 59), time(1, 30)]


def _instant(draw: Draw, pool: Sequence[date], seconds: int = 0) -> datetime:
    """An instant of a day of the pool, often at its very beginning or end in Paris."""
    day, hour = draw(st.sampled_from(pool)), draw(st.sampled_from(TIMES))
    return datetime.combine(day, hour, tzinfo=PARIS) + timedelta(seconds=seconds)


def _maybe(draw: Draw, make: Callable[[], Any], odds: Sequence[bool] = (False, True)) -> Any:
    return make() if draw(st.sampled_from(odds)) else None


# The facts


def _add_facts(
    draw: Draw,
    rows: Registry,
    patient_id: int,
    episodes: list[Row],
    pool: Sequence[date],
    as_of: date,
) -> None:
    """Facts of every kind about one patient, on days of the pool."""
    _add_assessments(draw, rows, patient_id, pool)
    _add_contacts(draw, rows, patient_id, pool)
    _add_medications(draw, rows, patient_id, pool, as_of)
    _add_conditions(draw, rows, patient_id, pool, as_of)
    _add_flags(draw, rows, patient_id, pool)
    for episode in episodes:
        _add_sequences(draw, rows, episode, pool, as_of)
        _add_preparations(draw, rows, episode, pool)
        _add_reviews(draw, rows, episode, pool, as_of)


def _new(rows: Registry, table: str, /, **values: Any) -> Row:
    row = {"id": 1 + len(rows[table]), **values}
    rows[table].append(row)
    return row


SCORES = [10, 9, 20, 5, 4, 0, 14, 15, 16, 17, 18, 19, 8, 12, 13, 21, 27]
GAD7_SCORES = [5, 9, 0, 4, 3, 1, 8, 10, 13, 21]


def _add_assessments(draw: Draw, rows: Registry, patient_id: int, pool: Sequence[date]) -> None:
    for _ in range(draw(st.integers(0, 5))):
        total, items = _form(draw, SCORES, number_of_items=9, highest=27)
        _add_assessment(draw, rows, patient_id, pool, "phq9", total, items)
    for _ in range(draw(st.integers(0, 3))):
        total, items = _form(draw, GAD7_SCORES, number_of_items=7, highest=21)
        _add_assessment(draw, rows, patient_id, pool, "gad7", total, items)
    for _ in range(draw(st.integers(0, 2))):
        questions = [draw(st.sampled_from([0, 0, 1, None])) for _ in range(6)]
        _add_assessment(draw, rows, patient_id, pool, "cssrs", None, questions)
    for _ in range(draw(st.integers(0, 1))):
        other = draw(st.sampled_from(["madrs", "had_d", "isi", "PHQ9", "echelle_inconnue"]))
        _add_assessment(draw, rows, patient_id, pool, other, draw(st.sampled_from([3, 40])), None)


def _add_assessment(
    draw: Draw,
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
        taken_on=draw(st.sampled_from(pool)),
        total=total,
        items=items,
    )


def _form(
    draw: Draw, scores: Sequence[int], *, number_of_items: int, highest: int
) -> tuple[int | None, list[int | None] | None]:
    """A stored total and items of a form: both, either, neither, in part or at odds."""
    score = draw(st.sampled_from(scores))
    kind = draw(st.sampled_from(FORMS))
    items = _items(score, draw(st.integers(0, 3)), number_of_items)
    if kind == "total":
        return score, None
    if kind == "items":
        return None, items
    if kind == "both":
        return score, items
    if kind == "at_odds":
        return score, _items(draw(st.sampled_from(scores)), 0, number_of_items)
    if kind == "in_part":
        return None, _with_gaps(draw, items)
    if kind == "total_in_part":
        return score, _with_gaps(draw, items)
    if kind == "out_of_range":
        return draw(st.sampled_from([-1, highest + 1])), draw(st.sampled_from([None, items]))
    if kind == "odd_items":
        return None, draw(st.sampled_from([items[:-1], items[:-3], [*items, 0], [4, *items[1:]]]))
    return None, draw(st.sampled_from([None, [], [None] * number_of_items]))


FORMS = [
    *["total", "items", "in_part"] * 2,
    *["both", "at_odds", "total_in_part", "out_of_range", "odd_items", "nothing"],
]


def _items(score: int, last: int, number_of_items: int) -> list[int | None]:
    """Answers of 0 to 3 that make the score if they can, the last one as given."""
    left = max(0, score - last)
    items: list[int | None] = []
    for _ in range(number_of_items - 1):
        items.append(min(3, left))
        left -= min(3, left)
    return [*items, last]


def _with_gaps(draw: Draw, items: list[int | None]) -> list[int | None]:
    """One to four items unanswered, the last one or the largest ones among them."""
    number = draw(st.sampled_from([1, 2, 3, 1, 2, 4]))
    missing = list(range(number))
    if draw(st.booleans()):
        missing = [*missing[1:], len(items) - 1]
    return [None if n in missing else item for n, item in enumerate(items)]


def _add_contacts(draw: Draw, rows: Registry, patient_id: int, pool: Sequence[date]) -> None:
    for n in range(draw(st.integers(0, 4))):
        _new(
            rows,
            "contact",
            patient_id=patient_id,
            happened_at=_instant(draw, pool, seconds=n),
            kind=draw(st.sampled_from(["clinic", "phone"])),
            attended=draw(st.booleans()),
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
OTHER_DRUGS = [
    (code, Decimal(1))
    for code in (
        *("N05CF02", "N05CF01", "N05CD06", "N05BA12", "N05BA04", "N05CM02"),
        *("N05BB01", "N05AN01", "N05AX12", "N05AH04", "N06AA16"),
        *("C01BA01", "C01BD01", "C01BC03", "N03AG01", "N02AB03", "N06BA04", "N06AX99"),
    )
]
BENZODIAZEPINES = [(code, Decimal(1)) for code in ("N05CF02", "N05BA12", "N05CF02", "N05CD06")]


def _add_medications(
    draw: Draw, rows: Registry, patient_id: int, pool: Sequence[date], as_of: date
) -> None:
    """Courses of up to three rows, each begun near the day on which the one before it stopped."""
    starts = [*pool, *(d for d in (as_of - timedelta(days=n) for n in _RUNS) if d >= min(pool))]
    for _ in range(draw(st.integers(0, 4))):
        drugs = draw(st.sampled_from([BENZODIAZEPINES, CITALOPRAMS, OTHER_DRUGS, ANTIDEPRESSANTS]))
        code, dose = draw(st.sampled_from(drugs))
        start = draw(st.sampled_from(starts))
        for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
            stop = start + _days(draw, [10, 0, 1, 27, 40])
            _add_medication(draw, rows, patient_id, code, dose, start, stop)
            start = max(start, stop + _days(draw, [1, 0, 2, -1]))
            if drugs is not BENZODIAZEPINES:
                dose = draw(st.sampled_from([d for c, d in drugs if c == code]))
        stop = draw(st.sampled_from([None, None, None, *pool]))
        _add_medication(draw, rows, patient_id, code, dose, start, stop)


_RUNS = (27, 28, 29, 83, 84, 85)


def _add_medication(
    draw: Draw,
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
        as_needed=draw(st.integers(0, 5)) == 5,
        started_on=start,
        stopped_on=stop,
    )


def _add_conditions(
    draw: Draw, rows: Registry, patient_id: int, pool: Sequence[date], as_of: date
) -> None:
    # An unknown onset is never later: it counts as enrolment.
    unknown = [None] if min(pool) <= as_of else []
    codes = ["Z33", "Z34", "Z35", "I45.8", "Z34.0", "I45.9", "Z36", "F32.1"]
    for _ in range(draw(st.integers(0, 2))):
        code = draw(st.sampled_from(codes))
        _new(
            rows,
            "condition",
            patient_id=patient_id,
            code=code,
            label=code,
            onset_on=draw(st.sampled_from([*unknown * 3, *pool])),
            resolved_on=draw(st.sampled_from([None, None, *pool])),
        )


def _add_flags(draw: Draw, rows: Registry, patient_id: int, pool: Sequence[date]) -> None:
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        _new(
            rows,
            "flag",
            patient_id=patient_id,
            kind=draw(st.sampled_from(["safety", "discussion", "discussion", "autre"])),
            raised_by=3,
            raised_at=_instant(draw, pool),
            cleared_by=None,
            cleared_at=_maybe(draw, lambda: _instant(draw, pool)),
        )


def _add_sequences(
    draw: Draw, rows: Registry, episode: Row, pool: Sequence[date], as_of: date
) -> None:
    ends = [as_of + timedelta(days=n) for n in (15, 14, 13, 90, 0, -1)]
    for n in range(1, 1 + draw(st.integers(0, 2))):
        _new(
            rows,
            "care_sequence",
            episode_id=episode["id"],
            kind="classique",
            number=n,
            starts_on=draw(st.sampled_from(pool)),
            ends_on=draw(st.sampled_from(ends)),
        )


def _add_preparations(draw: Draw, rows: Registry, episode: Row, pool: Sequence[date]) -> None:
    for _ in range(draw(st.sampled_from([0, 1, 2]))):
        _new(
            rows,
            "preparation",
            patient_id=episode["patient_id"],
            episode_id=episode["id"],
            nurse_id=episode["nurse_id"],
            question="?",
            asked_at=datetime.combine(min(pool), time(8), tzinfo=PARIS),
            ready_at=_maybe(draw, lambda: _instant(draw, pool), (True, True, True, False)),
            withdrawn_at=_maybe(draw, lambda: _instant(draw, pool), (False, False, False, True)),
        )


def _add_reviews(
    draw: Draw, rows: Registry, episode: Row, pool: Sequence[date], as_of: date
) -> None:
    """Reviews in the order of their signing, so that one supersedes an earlier one only."""
    number = draw(st.sampled_from([0, 0, 1, 1, 2, 3]))
    before: list[int] = []
    for n, signed_at in enumerate(sorted(_instant(draw, pool) for _ in range(number))):
        case_review = _new(
            rows,
            "case_review",
            patient_id=episode["patient_id"],
            episode_id=episode["id"],
            psychiatrist_id=episode["psychiatrist_id"],
            outcome=draw(st.sampled_from(["reviewed", "no_change"])),
            summary="Synthèse",
            next_review_on=draw(st.sampled_from([None, None, *pool])),
            seen={},
            # Seconds keep two reviews of one minute apart.
            signed_at=signed_at + timedelta(seconds=n),
            supersedes=draw(st.sampled_from([None, None, *before])),
        )
        case_review["idempotency_key"] = case_review["id"]
        if case_review["supersedes"] is not None:
            before.remove(case_review["supersedes"])
        before.append(case_review["id"])
        _add_recommendations(draw, rows, case_review, pool, as_of)


def _add_recommendations(
    draw: Draw, rows: Registry, case_review: Row, pool: Sequence[date], as_of: date
) -> None:
    around = [as_of + timedelta(days=n) for n in (-1, 0, 1, -2)]
    for position in range(1, 1 + draw(st.integers(0, 2))):
        recommendation = _new(
            rows,
            "recommendation",
            patient_id=case_review["patient_id"],
            case_review_id=case_review["id"],
            position=position,
            kind="other",
            detail="Revoir le sommeil",
            owner_role="nurse",
            due_on=draw(st.sampled_from([None, *around, *pool])),
        )
        for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
            _add_answer(draw, rows, recommendation, pool)


def _add_answer(draw: Draw, rows: Registry, recommendation: Row, pool: Sequence[date]) -> None:
    _new(
        rows,
        "answer",
        patient_id=recommendation["patient_id"],
        recommendation_id=recommendation["id"],
        practitioner_id=3,
        outcome=draw(st.sampled_from(("acknowledged", *review.ANSWER_OUTCOMES))),
        reason="Refus",
        answered_at=_instant(draw, pool),
    )


# What happens later


def _end_what_runs(draw: Draw, rows: Registry, as_of: date) -> None:
    """What had no end on the day gets one after it."""
    pool = [as_of + timedelta(days=n) for n in (1, 2, 14)]
    for name, column in (("medication", "stopped_on"), ("condition", "resolved_on")):
        for row in rows[name]:
            if row[column] is None and draw(st.booleans()):
                row[column] = draw(st.sampled_from(pool))
    for name, column in (("flag", "cleared_at"), ("preparation", "withdrawn_at")):
        for row in rows[name]:
            if row[column] is None and draw(st.booleans()):
                row[column] = _instant(draw, pool)
    for row in rows["episode"]:
        # One in relapse prevention would count as active once it is closed.
        if row["status"] == "active" and draw(st.booleans()):
            row |= {"status": "closed", "closed_on": draw(st.sampled_from(pool))}


def _supersede(draw: Draw, rows: Registry, as_of: date) -> None:
    """Reviews and advice that stand on the day are superseded and answered after it."""
    pool = [as_of + timedelta(days=n) for n in (1, 2, 14)]
    superseded = {row["supersedes"] for row in rows["case_review"]}
    for row in list(rows["case_review"]):
        if row["id"] not in superseded and draw(st.booleans()):
            id_ = 90_000 + row["id"]
            rows["case_review"].append(
                row
                | {"id": id_, "idempotency_key": id_, "supersedes": row["id"]}
                | {"signed_at": _instant(draw, pool)}
            )
    for recommendation in rows["recommendation"]:
        if draw(st.booleans()):
            _add_answer(draw, rows, recommendation, pool)
            rows["answer"][-1]["id"] = 90_000 + len(rows["answer"])
