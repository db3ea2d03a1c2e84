"""Made-up case files with everything that the chart must be able to draw."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

from dashboard.clinical.case.case_file import (
    Answer,
    Assessment,
    CaseFile,
    CaseReview,
    Condition,
    Contact,
    PsychosocialCare,
    Recommendation,
    Sequence,
    Treatment,
)
from dashboard.clinical.instruments import INSTRUMENTS, valid_score
from dashboard.clinical.people import Identity, Person

TODAY = date(2026, 11, 24)
ENROLLED = date(2026, 8, 18)
SOMEBODY = Person(1, "Moreau", "Anne")

_ids = itertools.count(1)


def case(enrolled_on: date = ENROLLED, **facts: Any) -> CaseFile:
    """Return a case file of a person of 43, with only these facts."""
    nothing: dict[str, Any] = {
        "as_of": TODAY,
        "episode_id": 7,
        "identity": patient(),
        "site": "MSP du Parc",
        "gp": SOMEBODY,
        "nurse": SOMEBODY,
        "psychiatrist": SOMEBODY,
        "referred_on": enrolled_on,
        "consented_on": enrolled_on,
        "enrolled_on": enrolled_on,
        "status": "active",
        "closed_on": None,
        "problem": "",
        "diagnosis_code": None,
        "diagnosis_label": None,
    }
    lists = "sequences assessments contacts treatments psychosocial conditions flags questions"
    nothing |= dict.fromkeys(f"{lists} reviews reasons".split(), ())
    facts = {name: _as_stored(value) for name, value in facts.items()}
    if "assessments" in facts:
        facts["assessments"] = tuple(sorted(facts["assessments"], key=lambda one: one.taken_on))
    return CaseFile(**nothing | facts)


def _as_stored(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def patient(birth_date: date = date(1983, 5, 2)) -> Identity:
    return Identity(2041, "Lefèvre", "Camille", birth_date, "female", None, None)


def week(number: int, days: int = 0, since: date = ENROLLED) -> date:
    return since + timedelta(weeks=number, days=days)


def weeks_since(since: date) -> Callable[..., date]:
    """Return a function from a week in care to the day of an episode."""
    return partial(week, since=since)


def form(
    instrument: str,
    taken_on: date,
    total: int | None,
    items: tuple[int | None, ...] | None = None,
) -> Assessment:
    """Return a form as it is stored, with the score that is valid."""
    score = valid_score(instrument, total, items)
    return Assessment(next(_ids), instrument, taken_on, total, items, score)


def whole(instrument: str, taken_on: date, total: int, risk: int = 0) -> Assessment:
    """Return a form with all of its items; ``risk`` is the answer on suicidal thoughts."""
    known = INSTRUMENTS[instrument]
    places = [place for place in range(known.items) if place + 1 != known.risk_item]
    items = [risk if place + 1 == known.risk_item else 0 for place in range(known.items)]
    for point in range(total - sum(items)):
        items[places[point % len(places)]] += 1
    return form(instrument, taken_on, total, tuple(items))


def contact(on: date, attended: bool = True) -> Contact:
    at = datetime.combine(on, time(9), tzinfo=UTC)
    return Contact(next(_ids), at, on, "phone", attended, 20, SOMEBODY, None)


def drug(
    atc_code: str,
    name: str,
    dose: float | None,
    started_on: date,
    stopped_on: date | None = None,
    **others: Any,
) -> Treatment:
    defaults = {"as_needed": False, "stop_reason": None, "adherence": "good", "side_effects": None}
    daily_dose = None if dose is None else Decimal(str(dose))
    return Treatment(
        id=next(_ids),
        atc_code=atc_code,
        name=name,
        daily_dose_mg=daily_dose,
        started_on=started_on,
        stopped_on=stopped_on,
        **defaults | others,
    )


def sertraline(dose: float, started_on: date, stopped_on: date | None = None, **others: Any):
    return drug("N06AB06", "sertraline", dose, started_on, stopped_on, **others)


def care(kind: str, started_on: date, ended_on: date | None = None, sessions: int | None = None):
    return PsychosocialCare(next(_ids), kind, started_on, ended_on, sessions, None)


def condition(code: str, label: str, onset_on: date | None, resolved_on: date | None = None):
    return Condition(next(_ids), code, label, onset_on, resolved_on)


def sequences(count: int, since: date = ENROLLED) -> list[Sequence]:
    return [
        Sequence("classique", n + 1, week(13 * n, since=since), week(13 * (n + 1), -1, since=since))
        for n in range(count)
    ]


def review(on: date, *states: str, next_on: date | None = None, superseded: bool = False):
    """Return a signed review with recommendations in these states; ``unanswered`` for no answer."""
    at = datetime.combine(on, time(14), tzinfo=UTC)
    lines = tuple(_recommendation(place, state, at) for place, state in enumerate(states, start=1))
    later = uuid4() if superseded else None
    return CaseReview(uuid4(), SOMEBODY, "reviewed", "", next_on, at, on, None, later, lines, {})


def _recommendation(position: int, state: str, at: datetime) -> Recommendation:
    answers = () if state == "unanswered" else (Answer(uuid4(), SOMEBODY, state, None, at),)
    dose = Decimal(100)
    return Recommendation(
        uuid4(), position, "medication", "increase", "N06AB06", "sertraline", dose, None, "", None,
        "gp", None, answers,
    )  # fmt: skip


def improver() -> CaseFile:
    phq9 = [(0, 18, 1), (2, 16, 0), (4, 12, 0), (8, 8, 0), (10, 6, 0), (13, 3, 0)]
    gad7 = [(0, 14), (4, 10), (8, 6), (13, 0)]
    return case(
        sequences=sequences(2),
        assessments=[
            *(whole("phq9", week(n), total, risk) for n, total, risk in phq9),
            form("phq9", week(6), 11),
            *(whole("gad7", week(n), total) for n, total in gad7),
        ],
        contacts=[contact(week(n, 1), n != 5) for n in range(14)],
        treatments=[
            sertraline(25, week(0, 2), week(1, 2)),
            sertraline(50, week(1, 2), week(5)),
            sertraline(100, week(5)),
            drug("N05BA12", "alprazolam", 0.5, week(-9), week(3), stop_reason="fin de sevrage"),
        ],
        psychosocial=[care("behavioural_activation", week(1), sessions=6)],
        reviews=[
            review(week(4, 5), "done", "acknowledged"),
            review(week(9), "modified", next_on=week(16)),
        ],
    )


def non_responder() -> CaseFile:
    since = date(2026, 4, 7)
    totals = [
        (-1, 19, 1),
        (3, 18, 0),
        (6, 17, 1),
        (9, 19, 2),
        (17, 17, 0),
        (21, 18, 1),
        (25, 20, 2),
    ]
    totals += [(29, 17, 0), (32, 19, 2)]
    at = weeks_since(since)
    return case(
        since,
        sequences=sequences(3, since),
        assessments=[
            *(whole("phq9", at(n), total, risk) for n, total, risk in totals),
            form("phq9", at(13), None, (2, 2, 2, None, 2, 2, 2, 2, 0)),
            *(whole("gad7", at(n), 14) for n in (-1, 6, 13, 21, 29, 32)),
        ],
        contacts=[contact(week(n, n % 5, since), n not in (8, 9, 20)) for n in range(33)],
        treatments=[
            drug("N06AB10", "escitalopram", 5, at(-20), at(1)),
            drug("N06AB10", "escitalopram", 10, at(1), at(7)),
            drug("N06AB10", "escitalopram", 15, at(7), at(12), stop_reason="inefficace"),
            drug("N06AX16", "venlafaxine LP", 75, at(13), at(18)),
            drug(
                "N06AX16",
                "venlafaxine LP",
                150,
                at(18),
                at(27),
                stop_reason="hypertension artérielle",
            ),
            drug("N06AX11", "mirtazapine", 7.5, at(26)),
            drug("N05BB01", "hydroxyzine", 25, at(2), as_needed=True),
        ],
        psychosocial=[care("psychologist", at(5), at(20), 8)],
        reviews=[
            review(at(6, 3), "done", "declined"),
            review(at(11), "done", "refused_by_patient", superseded=True),
            review(at(11, 2), "done", "refused_by_patient", "modified"),
            review(at(17), "acknowledged", "unanswered"),
            review(at(26), "unanswered", "unanswered", "done", "unanswered"),
        ],
    )


def relapse() -> CaseFile:
    since = date(2025, 12, 9)
    totals = {0: 21, 2: 17, 4: 12, 7: 8, 10: 6, 14: 4, 18: 3, 22: 2, 26: 0, 30: 1, 34: 2}
    totals |= {38: 4, 42: 9, 46: 14, 49: 16}
    at = weeks_since(since)
    return case(
        since,
        status="relapse_prevention",
        sequences=sequences(4, since),
        assessments=[
            *(whole("phq9", at(n), total, int(total > 13)) for n, total in totals.items()),
            *(whole("gad7", at(n), max(0, totals[n] - 5)) for n in list(totals)[::2]),
        ],
        contacts=[contact(at(n), n != 34) for n in range(0, 50, 2)],
        treatments=[
            drug("N06AB03", "fluoxétine", 20, at(0), at(40), stop_reason="grossesse"),
            sertraline(250, at(42)),
        ],
        conditions=[condition("Z33", "Grossesse", at(39))],
        reviews=[
            review(at(8), "done"),
            review(at(44), "unanswered", "acknowledged"),
        ],
    )


DRUGS = (
    ("N06AB06", "sertraline"),
    ("N06AX16", "venlafaxine LP"),
    ("N06AX11", "mirtazapine"),
    ("N06AA04", "clomipramine"),
    ("N05BA12", "alprazolam"),
    ("N05CF01", "zopiclone"),
    ("N05AH04", "quétiapine"),
    ("N05AN01", "lithium"),
    ("N03AX09", "lamotrigine"),
    ("N05BB01", "hydroxyzine"),
    ("A03FA03", "dompéridone"),
    ("N02BE01", "paracétamol"),
)


def crowded() -> CaseFile:
    """Twelve drugs, a score a week, two contacts a week, a review every three weeks."""
    since = date(2026, 2, 3)
    waves = [18, 23, 16, 21, 24, 22, 15, 13, 20, 24, 25, 19]
    outcomes = ["done", "unanswered", "declined", "modified", "acknowledged", "refused_by_patient"]
    at = weeks_since(since)
    return case(
        since,
        sequences=sequences(4, since),
        assessments=[
            *(whole("phq9", at(n), waves[n % 12], n % 4) for n in range(42)),
            *(whole("gad7", at(n), 6 + waves[n % 12] // 2) for n in range(0, 42, 2)),
        ],
        contacts=[contact(at(n, d), n % 6 > 0) for n in range(42) for d in (0, 3)],
        treatments=[
            row
            for place, (code, name) in enumerate(DRUGS)
            for row in (
                drug(code, name, 50, at(2 * place - 3), at(2 * place + 3)),
                drug(code, name, 100, at(2 * place + 3), as_needed=place == 9, adherence="partial"),
            )
        ],
        psychosocial=[
            care(kind, at(3 + 5 * place), sessions=4 + place)
            for place, kind in enumerate(("behavioural_activation", "problem_solving"))
        ],
        conditions=[condition("I45.8", "QT long", at(12), at(20))],
        reviews=[
            review(at(n), *(outcomes[(n + place) % 6] for place in range(1 + n % 4)))
            for n in range(2, 42, 3)
        ],
    )


def odd() -> CaseFile:
    """Rows that break the registry's contract."""
    return case(
        assessments=[
            whole("phq9", week(0), 15),
            form("phq9", week(2), 99),
            form("phq9", week(6), 12, (1,) * 9),
            form("phq9", week(8), None, (1, None, None, None, 1, 1, 1, 1, 0)),
            whole("phq9", week(10), 0),
            form("xyz_scale", week(1), 34),
            form("xyz_scale", week(7), 21),
        ],
        treatments=[
            sertraline(50, week(6), week(2)),
            sertraline(50, week(7)),
            sertraline(100, week(8)),
            drug("X", "préparation magistrale", None, week(1)),
        ],
    )


def single() -> CaseFile:
    return case(
        date(2026, 11, 3),
        assessments=[whole("phq9", date(2026, 11, 3), 22, 3)],
        treatments=[sertraline(50, date(2026, 11, 10))],
    )


CASES: dict[str, Callable[[], CaseFile]] = {
    "improver": improver,
    "non_responder": non_responder,
    "relapse": relapse,
    "crowded": crowded,
    "odd": odd,
    "single": single,
    "empty": case,
}
