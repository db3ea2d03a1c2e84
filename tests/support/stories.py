"""Stories of an episode as small tables of text, one line a fact, and what must follow.

    day      what        value
    -3       PHQ-9       12, item 9 = 0
    10..40   drug        sertraline (N06AB06) 50 mg

Day 0 is the enrolment. ``10..40`` begins on day 10 and is stopped, cleared, resolved,
closed or ended on day 40; ``10`` alone goes on. Of two lines of one day the lower is the
later. ``READING`` says what can stand under *what* and *value*.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from dashboard.clinical.episodes import (
    AdviceFact,
    ConditionFact,
    ContactFact,
    DatedAnswer,
    DatedScore,
    EpisodeFacts,
    FlagFact,
    Medication,
    ReviewFact,
    RiskFact,
    ScreenerFact,
    SequenceFact,
)
from dashboard.clinical.instruments import item_answer, valid_score
from dashboard.queries.caseload.episode_facts import answered_screeners
from dashboard.vocabulary import RiskLevel

ENROLLED_ON = date(2026, 1, 5)
BORN_ON = date(1983, 5, 2)

NO = None
"""The rule does not hold."""

_FORM = r"(?P<total>\d+)?(, )?(item 9 = (?P<item9>\d)|items (?P<items>[-\d ]+))?"

READING = {
    "PHQ-9": _FORM,
    "GAD-7": _FORM,
    "C-SSRS": _FORM,
    "contact": r"(?P<outcome>attended|missed)",
    "sequence": r"(?P<kind>leger|classique) (?P<number>\d)",
    "drug": r"(?P<name>.+) \((?P<code>\w+)\)( (?P<dose>[\d.]+) mg)?(?P<as_needed> as needed)?",
    "condition": r"(?P<label>.+) \((?P<code>[\w.]+)\)",
    "flag": r"(?P<kind>safety|discussion)",
    "review": (
        r"(next (?P<next>\d+))?(, )?(risk (?P<risk>low|moderate|high)( until (?P<until>\d+))?)?"
    ),
    "question": r"",
    "advice": r"(?P<safety>safety )?(?P<letter>[A-Z])( due (?P<due>\d+))?( sent (?P<sent>\d+))?",
    "answer": r"(?P<letter>[A-Z]) (?P<outcome>\w+)",
    "status": r"(?P<status>active|relapse_prevention)",
    "birthday": r"(?P<age>\d+)",
}
"""The subjects of a line, and the parsers of their values."""


@dataclass(frozen=True)
class Case:
    """A story, and whether one rule holds on some days.

    ``holds`` gives, for each day on which the list is made, the day since which the rule
    has held, or ``NO``. The case says nothing about other rules.
    """

    rule: str
    title: str
    story: str
    holds: Mapping[int, int | None]


@dataclass(frozen=True)
class Picture:
    """A story, and every rule that holds on some days, most urgent first, and no more.

    ``reasons`` gives, for each day on which the list is made, ``(rule, since day)``.
    """

    title: str
    story: str
    reasons: Mapping[int, list[tuple[str, int]]]


@dataclass(frozen=True)
class Line:
    """One line of a story, its value read."""

    when: str
    what: str
    value: str
    read: Mapping[str, str | None]

    @property
    def start(self) -> int:
        """The day on which it begins."""
        return int(self.when.partition("..")[0])

    @property
    def stop(self) -> int | None:
        """The day on which it is over, if the story says so."""
        stop = self.when.partition("..")[2]
        return int(stop) if stop else None


def day(number: int) -> date:
    """Return the date of a day of the story."""
    return ENROLLED_ON + timedelta(days=number)


def lines_of(story: str) -> list[Line]:
    """Return the lines of a story in order of time; raise ``ValueError`` for an invalid one."""
    rows = [row.split(None, 2) for row in story.splitlines() if row.strip()]
    lines = [_line(*row) for row in rows if row[0] != "day"]
    return sorted(lines, key=lambda line: line.start)


def episode_on(story: str, today: int, episode_id: int = 1) -> EpisodeFacts:
    """Return the episode of a story as it stands on a day: later lines have not happened."""
    lines = lines_of(story)

    def happened(what: str) -> list[Line]:
        return [line for line in lines if line.what == what and line.start <= today]

    def still(what: str) -> list[Line]:
        return [line for line in happened(what) if line.stop is None or line.stop > today]

    return EpisodeFacts(
        episode_id=episode_id,
        patient_id=episode_id,
        enrolled_on=ENROLLED_ON,
        status=([line.value for line in happened("status")] or ["active"])[-1],
        birth_date=_birth_date(lines),
        phq9=_scores("phq9", happened("PHQ-9")),
        gad7=_scores("gad7", happened("GAD-7")),
        item9=_item9(happened("PHQ-9")),
        screeners=_screeners(happened("C-SSRS")),
        contacts=tuple(
            ContactFact(day(line.start), line.value == "attended") for line in happened("contact")
        ),
        sequence=_latest_sequence(happened("sequence")),
        medications=tuple(
            _medication(number, line, today) for number, line in enumerate(happened("drug"), 1)
        ),
        conditions=tuple(
            ConditionFact(line.read["code"], line.read["label"], day(line.start))
            for line in still("condition")
        ),
        flags=tuple(
            FlagFact(line.value, day(line.start), instant(line, lines)) for line in still("flag")
        ),
        reviews=tuple(
            ReviewFact(day(line.start), instant(line, lines), _day_or_none(line.read["next"]))
            for line in happened("review")
        ),
        risk_decision=_risk_decision(happened("review"), lines),
        open_questions=tuple(day(line.start) for line in still("question")),
        standing_advice=tuple(
            _advice(line, happened("answer"), today)
            for line in happened("advice")
            if line.stop is None or line.stop > today
        ),
    )


def instant(line: Line, lines: list[Line]) -> datetime:
    """Return the time of a line: of two of one day the lower is a minute later."""
    return datetime.combine(day(line.start), time(9, lines.index(line)), UTC)


def _line(when: str, what: str, value: str = "") -> Line:
    value = value.strip()
    if what not in READING:
        raise ValueError(f"A story knows no {what!r}, only {', '.join(READING)}")
    read = re.fullmatch(READING[what], value)
    if read is None:
        raise ValueError(f"{what}: {value!r} cannot be read")
    if re.fullmatch(r"-?\d+(\.\.\d+)?", when) is None:
        raise ValueError(f"{when!r} is neither a day nor a span of days")
    return Line(when, what, value, read.groupdict())


def _day_or_none(number: str | None) -> date | None:
    return None if number is None else day(int(number))


def _birth_date(lines: list[Line]) -> date:
    for line in lines:
        if line.what == "birthday":
            birthday = day(line.start)
            return birthday.replace(year=birthday.year - int(line.value))
    return BORN_ON


def _total(line: Line) -> int | None:
    return None if line.read["total"] is None else int(line.read["total"])


def _items(line: Line) -> list[int | None] | None:
    if line.read["item9"] is not None:
        return [None] * 8 + [int(line.read["item9"])]
    if line.read["items"] is None:
        return None
    return [None if item == "-" else int(item) for item in line.read["items"].split()]


def _scores(instrument: str, forms: list[Line]) -> tuple[DatedScore, ...]:
    scored = [(form.start, valid_score(instrument, _total(form), _items(form))) for form in forms]
    return tuple(DatedScore(day(taken), score.value) for taken, score in scored if score)


def _item9(forms: list[Line]) -> tuple[DatedAnswer, ...]:
    answers = [(form.start, item_answer(_items(form), 9)) for form in forms]
    return tuple(DatedAnswer(day(taken), one) for taken, one in answers if one is not None)


def _screeners(forms: list[Line]) -> tuple[ScreenerFact, ...]:
    return answered_screeners((day(form.start), _items(form) or ()) for form in forms)


def _risk_decision(reviews: list[Line], lines: list[Line]) -> RiskFact | None:
    for line in reversed(reviews):
        if line.read["risk"] is not None:
            level, until = RiskLevel(line.read["risk"]), _day_or_none(line.read["until"])
            return RiskFact(level, day(line.start), instant(line, lines), until)
    return None


def _latest_sequence(begun: list[Line]) -> SequenceFact | None:
    if not begun:
        return None
    line = begun[-1]
    number = int(line.read["number"])
    return SequenceFact(line.read["kind"], number, day(line.start), day(line.stop))


def _medication(number: int, line: Line, today: int) -> Medication:
    stopped = line.stop is not None and line.stop <= today
    return Medication(
        id=number,
        atc_code=line.read["code"],
        name=line.read["name"],
        daily_dose_mg=None if line.read["dose"] is None else Decimal(line.read["dose"]),
        as_needed=line.read["as_needed"] is not None,
        started_on=day(line.start),
        stopped_on=day(line.stop) if stopped else None,
    )


def _advice(line: Line, answers: list[Line], today: int) -> AdviceFact:
    mine = [one for one in answers if one.read["letter"] == line.read["letter"]]
    deciding = [one for one in mine if one.read["outcome"] != "acknowledged"]
    kept = line.read["sent"] is not None and int(line.read["sent"]) <= today
    return AdviceFact(
        sent_on=day(int(line.read["sent"])) if kept else day(line.start),
        due_on=_day_or_none(line.read["due"]),
        answered_on=day(mine[-1].start) if mine else None,
        outcome=deciding[-1].read["outcome"] if deciding else None,
        decided_on=day(deciding[-1].start) if deciding else None,
        kept=kept,
        is_safety=line.read["safety"] is not None,
    )
