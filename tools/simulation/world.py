"""The patients of the simulation: their true state, their record, and the effects of a review.

The step is one week. Only the simulation knows the true state (severity, suicidal crisis). A policy
sees the record as the product would: an ``EpisodeFacts`` of the day. The random numbers of every
patient are drawn before the year begins, so that all policies meet the same ones.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache

import numpy as np

from dashboard.clinical.episodes import (
    AdviceFact,
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
from dashboard.clinical.instruments import improved
from dashboard.clinical.risk import proposed_reassessment
from dashboard.vocabulary import RiskLevel

FIRST_DAY = date(2024, 1, 1)
LONGEST_WEEKS = 60
"""Weeks for which random numbers are drawn; an episode closes after 52 weeks at the latest."""


@dataclass(frozen=True)
class Course:
    """The course of a kind of patient: weekly hazards, and the size of fluctuations."""

    share: float
    improving: float
    worsening: float
    swing: float


@dataclass(frozen=True)
class Assumptions:
    """The assumptions; [assumed] marks those that nobody has measured. Hazards are per week."""

    arrivals: float = 2.95
    """New patients per week, so that about 110 are open (SÉSAME: 131 a year and nurse)."""
    turnover: float = 1.0
    """The factor on every chance of closing."""
    courses: tuple[Course, ...] = (
        Course(0.30, 0.160, 0.006, 0.8),
        Course(0.30, 0.055, 0.010, 0.8),
        Course(0.24, 0.015, 0.014, 0.8),
        Course(0.07, 0.015, 0.070, 1.0),
        Course(0.09, 0.030, 0.012, 2.6),
    )
    """Rapid, slow, none, worse, fluctuating. Petersen 2018: 60.5 % improve fast, 39.5 % slowly in a
    year of collaborative care [hazards assumed].
    """
    baseline_mean: float = 15.5
    baseline_sd: float = 4.8
    measurement_sd: float = 1.7
    """The standard deviation of one PHQ-9 (1.7 to 2.3 in test-retest studies)."""
    relapse: float = 0.012
    """The hazard of a relapse when well: nearly half in a year [assumed]."""
    crisis: float = 0.004
    """The hazard of a crisis for patients with suicidal thoughts and a severity of 10 or more. It
    is twice that when they are worse or have relapsed [assumed].
    """
    crisis_ends: float = 0.20
    crisis_ends_reviewed: float = 0.35
    minimal_risk: float = 0.59
    """The share of positive answers to item 9 with minimal risk (29 of 44, 27 of 51: P18)."""
    screened: float = 0.6
    """The share of positive answers to item 9 followed by a C-SSRS on the same day."""
    effect: float = 3.5
    """The factor of carried-out advice on the hazard of improving, for 16 weeks. With 55 % carried
    out it makes an odds ratio near 1.44 for one review in weeks 8 to 12 (Bao 2016).
    """
    effect_weeks: int = 16
    carried_out: float = 0.55
    declined: float = 0.12
    """The rest is never answered [assumed; Ontario: GPs rarely changed their practice]."""
    missed: float = 0.10
    without_form: float = 0.13
    without_items: float = 0.08
    intervals: tuple[int, int, int] = (2, 3, 4)
    """Weeks between visits: in the first twelve weeks, later, and when well."""
    silence: float = 0.010
    """Hazard of five weeks without contact [assumed]."""
    questions: float = 1.0
    """Factor on the nurse's questions; 1 means about 3 questions a week [assumed]."""
    clutter: float = 1.0
    """Factor on uncleared flags, low doses and long use of benzodiazepines [assumed]."""


SCENARIOS: dict[str, Assumptions] = {
    "base": Assumptions(),
    "no effect of reviews": Assumptions(effect=1.0),
    "sparse scores": Assumptions(
        without_form=0.40, missed=0.20, intervals=(3, 4, 5), silence=0.02, without_items=0.3
    ),
    "every positive item 9 judged moderate": Assumptions(minimal_risk=0.0),
}


@dataclass
class Line:
    """A line of advice: its day of sending, its due day, its answer, and the day of the answer."""

    sent: int
    due: int
    answered: int | None
    outcome: str | None
    last_sent: int
    stands: bool = True


@dataclass
class Waits:
    """The first days of states that a review should see; None if there is none."""

    severe: int | None = None
    alarm: int | None = None
    worse: int | None = None


@dataclass
class Known:
    """The record as the product reads it."""

    phq9: list[DatedScore] = field(default_factory=list)
    gad7: list[DatedScore] = field(default_factory=list)
    item9: list[DatedAnswer] = field(default_factory=list)
    screeners: list[ScreenerFact] = field(default_factory=list)
    contacts: list[ContactFact] = field(default_factory=list)


@dataclass
class Patient:
    """An episode, with random numbers of its own."""

    number: int
    enrolled: int
    luck: np.random.Generator
    world: Assumptions
    name: float = 0.0
    status: str = "active"
    state: str = "ill"
    phq9: list[tuple[int, int]] = field(default_factory=list)
    item9: list[tuple[int, int]] = field(default_factory=list)
    screeners: list[tuple[int, bool]] = field(default_factory=list)
    flags: list[list] = field(default_factory=list)
    questions: list[int] = field(default_factory=list)
    reviews: list[tuple[int, int | None]] = field(default_factory=list)
    decision: tuple[int, RiskLevel] | None = None
    lines: list[Line] = field(default_factory=list)
    known: Known = field(default_factory=Known)
    waits: Waits = field(default_factory=Waits)

    def __post_init__(self) -> None:
        world, luck = self.world, self.luck
        self.name = luck.random()
        self.weekly = luck.random((LONGEST_WEEKS, 19)).tolist()
        self.normal = luck.normal(size=(LONGEST_WEEKS, 3)).tolist()
        self.at_review = luck.random((LONGEST_WEEKS, 8)).tolist()
        shares = np.cumsum([course.share for course in world.courses])
        place = int(np.searchsorted(shares, luck.random() * shares[-1]))
        self.course = world.courses[min(place, len(world.courses) - 1)]
        drawn = luck.normal(world.baseline_mean, world.baseline_sd)
        self.severity = self.ill_at = float(min(27.0, max(4.0, drawn)))
        remits = luck.random() < 0.55
        self.well_at = float(min(9.0, max(0.5, luck.normal(3.0 if remits else 7.2, 1.3))))
        self.anxiety = float(luck.normal(2.5, 3.0))
        self.has_ideation = bool(luck.random() < 0.38)
        self.wave = 0.0
        self.in_crisis = self.crisis_reviewed = False
        self.helped_from, self.helped_until = 10**6, -1
        self.silent_until = -1
        self.next_visit = self.enrolled // 7
        self.before_worse: float | None = None
        low = luck.random() < 0.16 * world.clutter
        self.low_dose_since = self.enrolled - int(60 * luck.random()) if low else None
        long = luck.random() < 0.12 * world.clutter
        self.hypnotic_since = self.enrolled - int(200 * luck.random()) if long else None
        self.sequence_ends = self.enrolled + 90
        if luck.random() < 0.03 * world.clutter:
            self.flags.append(["discussion", self.enrolled - 200, None])

    @property
    def last_review(self) -> int | None:
        """The day of the last review."""
        return self.reviews[-1][0] if self.reviews else None

    @property
    def in_stable_remission(self) -> bool:
        """Whether the last two PHQ-9 are below 5, at least 28 days apart."""
        two = self.phq9[-2:]
        below = len(two) == 2 and max(two[0][1], two[1][1]) < 5
        return below and two[1][0] - two[0][0] >= 28

    def live(self, week: int) -> None:
        """Advance the true state by one week."""
        age = week - self.enrolled // 7
        draw, normal, day = self.weekly[age], self.normal[age], 7 * week
        helped = self.world.effect if self.helped_from <= day < self.helped_until else 1.0
        if self.state == "well":
            if draw[0] < self.world.relapse:
                self.before_worse, self.state = self.severity, "relapsed"
        elif draw[1] < 1 - math.exp(-self.course.improving * helped):
            self.state = "well"
        elif self.state == "ill" and age > 1 and draw[2] < self.course.worsening:
            self.before_worse, self.state = self.severity, "worse"
        elif self.state in ("worse", "relapsed") and draw[3] < 1 - math.exp(-0.05 * helped):
            self.state = "ill"
        target, pace = {
            "well": (self.well_at, 0.35),
            "ill": (self.ill_at, 0.35),
            "worse": (min(25.5, self.ill_at + 6), 0.6),
            "relapsed": (max(11.0, 0.85 * self.ill_at), 0.6),
        }[self.state]
        self.severity += (target - self.severity) * pace
        self.wave = 0.7 * self.wave + self.course.swing * normal[0]
        self._crisis(draw, day)

    def _crisis(self, draw: list[float], day: int) -> None:
        if self.in_crisis:
            world = self.world
            ends = world.crisis_ends_reviewed if self.crisis_reviewed else world.crisis_ends
            self.in_crisis = draw[4] >= ends
        elif self.has_ideation and self.severity >= 10:
            factor = 2 if self.state in ("worse", "relapsed") else 1
            if draw[4] < self.world.crisis * factor:
                self.in_crisis, self.crisis_reviewed = True, False
                if draw[5] < 0.35:
                    self.flags.append(["safety", day, None])
                    self.waits.alarm = day if self.waits.alarm is None else self.waits.alarm

    def record(self, week: int, ended: Callable[[str, int, int], None]) -> None:
        """Record one week: visits, forms, flags, questions, sequences.

        ``ended`` is called for each wait that a newer score has ended, with its name, first and
        last day.
        """
        age = week - self.enrolled // 7
        draw, world = self.weekly[age], self.world
        day = max(self.enrolled, 7 * week + int(6 * draw[6]))
        if self.next_visit <= week:
            kept = age == 0 or (day >= self.silent_until and draw[7] >= world.missed)
            self.known.contacts.append(ContactFact(day_of(day), kept))
            well = bool(self.phq9) and self.phq9[-1][1] < 5
            calm = well or self.status == "relapse_prevention"
            every = world.intervals[2 if calm else 0 if age < 12 else 1]
            self.next_visit = week + (every if kept else 1)
            if kept and (age == 0 or draw[8] >= world.without_form):
                self._fill_in(day, age, ended)
        if day >= self.silent_until and draw[9] < world.silence:
            self.silent_until = day + 35
        ill = not self.phq9 or self.phq9[-1][1] >= 10
        if draw[10] < (0.04 if ill else 0.01) * world.questions:
            self.questions.append(day)
        if draw[11] < 0.006 * world.clutter:
            self.flags.append(["discussion", day, None])
        if day > self.sequence_ends and draw[12] >= 0.25:
            self.sequence_ends += 91

    def _fill_in(self, day: int, age: int, ended: Callable[[str, int, int], None]) -> None:
        draw, normal, world = self.weekly[age], self.normal[age], self.world
        noisy = self.severity + self.wave + world.measurement_sd * normal[1]
        score = int(min(27, max(0, round(noisy))))
        self.phq9.append((day, score))
        self.known.phq9.append(DatedScore(day_of(day), score))
        if draw[13] < (0.95 if self.anxiety > 2.5 else 0.6):
            level = self.anxiety + 0.62 * (self.severity + self.wave) + 1.6 * normal[2]
            anxiety = int(min(21, max(0, round(level))))
            self.known.gad7.append(DatedScore(day_of(day), anxiety))
        answer = self._item9(draw, score)
        known = draw[14] >= world.without_items
        if known:
            self.item9.append((day, answer))
            self.known.item9.append(DatedAnswer(day_of(day), answer))
            if answer and draw[15] < world.screened:
                positive = answer >= 2 and draw[16] < 0.4
                self.screeners.append((day, positive))
                answers = (1, 1, 0, int(positive), 0, 0)
                self.known.screeners.append(ScreenerFact(day_of(day), answers))
            if answer >= 2 and self.waits.alarm is None:
                self.waits.alarm = day
        severe = score >= 20 or (known and answer >= 2)
        if severe and self.waits.severe is None:
            self.waits.severe = day
        elif not severe and self.waits.severe is not None:
            ended("severe", self.waits.severe, day)
            self.waits.severe = None
        risen = self.before_worse is not None and score >= max(10, self.before_worse + 5)
        if risen and self.waits.worse is None:
            self.waits.worse = day
        if self.state in ("well", "ill"):
            self.before_worse = None

    def _item9(self, draw: list[float], score: int) -> int:
        if self.in_crisis:
            return 3 if draw[17] < 0.2 else 2
        if self.has_ideation and score >= 6:
            odds = min(1.0, score / 16)
            return 2 if draw[17] < 0.06 * odds else 1 if draw[17] < 0.55 * odds else 0
        return 0

    def review(self, day: int) -> None:
        """Review the case at the meeting of this day: a decision, advice, a next date."""
        draw = self.at_review[min(len(self.reviews), LONGEST_WEEKS - 1)]
        self.waits = Waits()
        self.crisis_reviewed = True
        self.questions = []
        self.before_worse = None
        if self._asks_for_decision(day):
            self.decision = (day, self._level(draw[7]))
        for flag in self.flags:
            stays = flag[0] == "safety" and self.in_crisis
            if flag[2] is None and not stays and draw[4] < 0.65:
                flag[2] = day
        self._advise(day, draw)
        next_on = None
        if draw[5] < 0.4:
            ill = not self.phq9 or self.phq9[-1][1] >= 10
            next_on = day + (14 if self.in_crisis else 21 if ill else 42)
        self.reviews.append((day, next_on))

    def _asks_for_decision(self, day: int) -> bool:
        """Return whether the form asks for a risk decision: a new alert, or a reassessment due."""
        since, level = self.decision or (-1, RiskLevel.LOW)
        reassess = proposed_reassessment(level, day_of(since))
        if reassess is not None and reassess <= day_of(day):
            return True
        if any(flag[0] == "safety" and flag[2] is None for flag in self.flags):
            return True
        if any(positive and taken > since for taken, positive in self.screeners):
            return True
        answers = [0, *(answer for _, answer in self.item9)]
        days = [-1, *(taken for taken, _ in self.item9)]
        return any(
            taken > since and (now >= 2 or (now == 1 and before == 0))
            for taken, before, now in zip(days[1:], answers, answers[1:], strict=False)
        )

    def _level(self, draw: float) -> RiskLevel:
        """Return high in a crisis, else moderate for positive answers that are not of minimal risk.

        A share of 59 % is of minimal risk (29 of 44, 27 of 51).
        """
        if self.in_crisis:
            return RiskLevel.HIGH
        positive = bool(self.item9) and self.item9[-1][1] > 0
        return RiskLevel.MODERATE if positive and draw >= self.world.minimal_risk else RiskLevel.LOW

    def _advise(self, day: int, draw: list[float]) -> None:
        """Give most patients who are not well a line, which replaces the unsettled ones."""
        advises = (not self.phq9 or self.phq9[-1][1] >= 5) and draw[0] < 0.85
        for line in self.lines:
            unsettled = line.answered is None or line.answered > day
            if line.stands and unsettled and not advises:
                line.last_sent, line.due = day, max(line.due, day + 14)
            elif line.stands:
                line.stands = False
        if not advises:
            return
        answered, outcome = None, None
        if draw[1] < self.world.carried_out:
            answered, outcome = day + 2 + int(-12 * math.log(1 - draw[2])), "done"
            self.helped_from = answered if self.helped_until < day else self.helped_from
            self.helped_until = answered + 7 * self.world.effect_weeks
            if draw[6] < 0.5:
                self.low_dose_since = None
            if draw[6] < 0.15:
                self.hypnotic_since = None
        elif draw[1] < self.world.carried_out + self.world.declined:
            answered, outcome = day + 2 + int(-14 * math.log(1 - draw[2])), "declined"
        self.lines.append(Line(day, day + 14, answered, outcome, day))

    def leaves(self, week: int) -> bool:
        """Return whether the episode closes this week; remission first leads to prevention.

        For four weeks, a review makes both three times as likely for patients who have improved or
        are in remission, because reviewing them also has its use.
        """
        age = week - self.enrolled // 7
        draw, day = self.weekly[age][18], 7 * week
        seen = self.last_review is not None and day - self.last_review < 28
        factor = (3 if seen else 1) * self.world.turnover
        if age >= 52:
            return True
        if self.status == "relapse_prevention":
            return draw > 1 - 0.05 * factor
        if self.in_stable_remission and draw > 1 - 0.06 * factor:
            self.status = "relapse_prevention"
            return False
        if age >= 16 and self.phq9 and improved(self.phq9[-1][1], self.phq9[0][1]):
            return draw > 1 - 0.02 * factor
        return draw > 1 - (0.006 if age < 26 else 0.025) * self.world.turnover

    def facts(self, today: int) -> EpisodeFacts:
        """Return the record as the product would read it today."""
        return EpisodeFacts(
            episode_id=self.number,
            patient_id=self.number,
            enrolled_on=day_of(self.enrolled),
            status=self.status,
            birth_date=date(1980, 1, 1),
            phq9=tuple(self.known.phq9),
            gad7=tuple(self.known.gad7),
            item9=tuple(self.known.item9),
            screeners=tuple(self.known.screeners),
            contacts=tuple(self.known.contacts),
            sequence=SequenceFact(
                "classique", 1, day_of(self.sequence_ends - 90), day_of(self.sequence_ends)
            ),
            medications=self._medications(),
            flags=tuple(
                FlagFact(kind, day_of(raised), _instant(raised, 8))
                for kind, raised, cleared in self.flags
                if cleared is None
            ),
            reviews=tuple(
                ReviewFact(day_of(day), _instant(day, 12), None if due is None else day_of(due))
                for day, due in self.reviews[-1:]
            ),
            risk_decision=self._decision(),
            open_questions=tuple(map(day_of, self.questions)),
            standing_advice=tuple(advice_fact(line, today) for line in self.lines if line.stands),
        )

    def _decision(self) -> RiskFact | None:
        if self.decision is None:
            return None
        day, level = self.decision
        on = day_of(day)
        return RiskFact(level, on, _instant(day, 12), proposed_reassessment(level, on))

    def _medications(self) -> tuple[Medication, ...]:
        drugs = (
            ("N06AB06", "sertraline", Decimal(25), self.low_dose_since),
            ("N05CF02", "zolpidem", Decimal(10), self.hypnotic_since),
        )
        return tuple(
            Medication(number, code, name, dose, False, day_of(since), None)
            for number, (code, name, dose, since) in enumerate(drugs, 1)
            if since is not None
        )


def advice_fact(line: Line, today: int) -> AdviceFact:
    """Return a line as it stands today, without an answer from a later day."""
    come = line.answered is not None and line.answered <= today
    answered = day_of(line.answered) if come and line.answered is not None else None
    outcome = line.outcome if come else None
    return AdviceFact(day_of(line.last_sent), day_of(line.due), answered, outcome, answered)


@cache
def day_of(number: int) -> date:
    """Return the date of a day of the simulation."""
    return FIRST_DAY + timedelta(days=number)


def _instant(number: int, hour: int) -> datetime:
    return datetime.combine(day_of(number), time(hour), UTC)
