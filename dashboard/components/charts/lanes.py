"""The treatment lanes of the chart.

A lane is a row with bars about one drug, one kind of psychosocial care, or one condition. The bars
of a drug show its doses.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import zip_longest

from dashboard.clinical.advice.prospect import DrugCourse, Prospect
from dashboard.clinical.case.case_file import CaseFile, Condition, PsychosocialCare, Treatment
from dashboard.clinical.case.dose_limits import DoseLimit, missed_limit
from dashboard.clinical.episodes import LONG_QT_CODE, PREGNANCY_CODES
from dashboard.clinical.medication import (
    ADEQUATE_TRIAL_DAYS,
    ANTIDEPRESSANTS,
    below_minimum,
)
from dashboard.components.charts.marks import near_day
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, number
from dashboard.vocabulary import Adherence
from dashboard.words.case.chart import adherence_name, care_name

FOLLOWED_CONDITIONS = (*PREGNANCY_CODES, LONG_QT_CODE)
"""The codes of the conditions that the rules of the review list use.

A condition with one of these codes always has a lane. Any other condition has a lane only if it
begins or ends between the enrolment and today.
"""

LIMIT_KINDS = {DoseLimit.BELOW_MINIMUM: "below", DoseLimit.ABOVE_MAXIMUM: "above"}
"""The style of the bar of a dose that misses a limit."""


@dataclass(frozen=True)
class Step:
    """One period of a lane, drawn as a bar."""

    start: date
    end: date
    kind: str
    """The style of the bar: ``below``, ``effective``, ``trial``, ``above``, ``plain``,
    ``as_needed``, ``condition`` or ``reversed``. For a dose that a draft would set, it is ``ghost``
    or ``ghost_stop``.
    """
    texts: tuple[str, ...] = ()
    """Alternatives for the text in the bar, the longest first."""
    after: str = ""
    """The text to the right of the bar, which is shown if there is room."""
    tip: str = ""
    since: date | None = None
    """The day on which this dose, care or condition began, which may be before ``start``.

    None if this day is unknown or not shown.
    """


@dataclass(frozen=True)
class Lane:
    """A row below the scores, with its name, its periods, and its present status in words.

    ``warns`` is true if the status needs attention. ``note`` is shown if there are no periods.
    """

    name: str
    steps: tuple[Step, ...]
    status: str = ""
    warns: bool = False
    note: str = ""


def lanes_of(case: CaseFile, prospect: Prospect | None = None) -> list[Lane]:
    """Return the lanes of the drugs, of psychosocial care and of conditions, in this order.

    Antidepressants come before the other drugs. Within these two groups, the drugs are in the order
    of their first days. If ``prospect`` is given, the lanes also show the doses that the draft
    would set.
    """
    return [
        *with_courses(_drug_lanes(case), prospect),
        *_care_lanes(case),
        *_condition_lanes(case),
    ]


def with_courses(lanes: Iterable[Lane], prospect: Prospect | None) -> Iterator[Lane]:
    """Yield ``lanes`` with the doses that a draft would set, each in the lane of its drug.

    A drug of the draft that has no lane gets a new lane at the end. If the draft has a drug, the
    lane that says that there is no treatment is left out.
    """
    if prospect is None:
        yield from lanes
        return
    left = {course.name.casefold(): course for course in prospect.drugs}
    for lane in lanes:
        course = left.pop(lane.name.casefold(), None)
        steps = _course_steps(course, prospect.until) if course else ()
        if lane.steps or not prospect.drugs:
            yield replace(lane, steps=(*lane.steps, *steps))
    for course in left.values():
        yield Lane(course.name, tuple(_course_steps(course, prospect.until)))


def _course_steps(course: DrugCourse, until: date) -> Iterator[Step]:
    for step, following in zip_longest(course.steps, course.steps[1:]):
        end = until if following is None else following.starts_on
        if step.dose is None:
            yield Step(step.starts_on, end, "ghost_stop", (_("to be stopped"), _("stop")))
            continue
        bare = number(step.dose)
        texts = (_("{dose} mg", dose=bare), bare)
        yield Step(step.starts_on, end, "ghost", texts)


def dose_steps(rows: Sequence[Treatment], case: CaseFile) -> Iterator[Step]:
    """Yield the periods of one drug. ``rows`` are its treatments in the order of time.

    A trial of an antidepressant is adequate after 28 uninterrupted days at or above the minimum
    effective dose. A dose with poor adherence interrupts these days (ATHF-SF).
    """
    runs = adequate_runs(rows)
    for row in rows:
        end = _end(row.stopped_on, case)
        if end < row.started_on:
            yield _reversed(end, row.started_on, _tip(row))
        elif row.id in runs and _kind(row, case) == "effective":
            yield from _effective_steps(row, end, runs[row.id])
        else:
            yield Step(
                row.started_on,
                end,
                _kind(row, case),
                _texts(row),
                _reason(row),
                _tip(row),
                row.started_on,
            )


def _effective_steps(row: Treatment, end: date, since: date) -> Iterator[Step]:
    """Yield the periods of ``row`` before and after the day on which the trial becomes adequate.

    The longer period has the dose as its text. ``since`` is the first day of the trial.
    """
    trial = min(max(since + timedelta(days=ADEQUATE_TRIAL_DAYS), row.started_on), end)
    texts, tip = _texts(row), _tip(row)
    early = trial - row.started_on >= end - trial
    if trial > row.started_on or trial == end:
        after = _reason(row) if trial == end else ""
        yield Step(
            row.started_on, trial, "effective", texts if early else (), after, tip, row.started_on
        )
    if trial < end:
        yield Step(trial, end, "trial", () if early else texts, _reason(row), tip, row.started_on)


def _reversed(end: date, start: date, tip: str) -> Step:
    return Step(end, start, "reversed", (_("dates reversed"),), tip=tip)


def adequate_runs(rows: Sequence[Treatment]) -> dict[int, date]:
    """Return the first day of the run to which each row belongs, by row id. ``rows`` are about one
    drug.

    A run is a sequence of rows at an effective dose without poor adherence. A gap of more than one
    day between two rows begins a new run. Rows that are in no run are left out.
    """
    starts: dict[int, date] = {}
    since: date | None = None
    until: date | None = None
    for row in rows:
        if not _is_effective(row):
            since = None
            continue
        if since is None or (until is not None and (row.started_on - until).days > 1):
            since = row.started_on
        until = row.stopped_on
        starts[row.id] = since
    return starts


def _is_effective(row: Treatment) -> bool:
    return (
        row.atc_code in ANTIDEPRESSANTS
        and not row.as_needed
        and row.daily_dose_mg is not None
        and not below_minimum(row.atc_code, row.daily_dose_mg)
        and row.adherence != Adherence.POOR
    )


def _kind(row: Treatment, case: CaseFile) -> str:
    if row.as_needed:
        return "as_needed"
    if row.atc_code not in ANTIDEPRESSANTS or row.daily_dose_mg is None:
        return "plain"
    limit = missed_limit(case, row)
    return "effective" if limit is None else LIMIT_KINDS[limit]


def _end(on: date | None, case: CaseFile) -> date:
    return case.as_of if on is None else min(on, case.as_of)


def _texts(row: Treatment) -> tuple[str, ...]:
    if row.daily_dose_mg is None:
        return (_("dose unknown"), "?") if not row.as_needed else (_("as needed"),)
    bare = number(row.daily_dose_mg)
    dose = _("{dose} mg", dose=bare)
    notes = []
    if row.as_needed:
        notes.append(_("as needed"))
    if row.adherence in (Adherence.POOR, Adherence.PARTIAL):
        notes.append(_("adherence {adherence}", adherence=adherence_name(row.adherence)))
    return (*([", ".join([dose, *notes])] if notes else []), dose, bare)


def _reason(row: Treatment) -> str:
    return (row.stop_reason or "").strip()


def _tip(row: Treatment) -> str:
    until = day(row.stopped_on) if row.stopped_on else "…"
    said = [row.name, _texts(row)[0], f"{day(row.started_on)} – {until}", row.stop_reason]
    return " · ".join(part for part in [*said, row.side_effects] if part)


def _drug_lanes(case: CaseFile) -> Iterator[Lane]:
    drugs: dict[str, list[Treatment]] = {}
    for row in sorted(case.treatments, key=lambda one: (one.started_on, one.id)):
        drugs.setdefault(row.atc_code or row.name, []).append(row)
    first = sorted(drugs.values(), key=lambda rows: not rows[0].atc_code.startswith("N06A"))
    for rows in first:
        for one_after_another in _side_by_side(rows):
            yield _drug_lane(one_after_another, case)
    if not case.treatments:
        yield Lane(_("treatment"), (), note=_("No treatment in this episode."))


def _side_by_side(rows: Sequence[Treatment]) -> list[list[Treatment]]:
    """Return the rows of one drug, divided into lanes, so that no rows overlap in time within a
    lane.
    """
    lanes: list[list[Treatment]] = []
    for row in rows:
        for lane in lanes:
            end = lane[-1].stopped_on
            if end is not None and end <= row.started_on:
                lane.append(row)
                break
        else:
            lanes.append([row])
    return lanes


def _drug_lane(rows: Sequence[Treatment], case: CaseFile) -> Lane:
    steps = tuple(_without_repeated_reasons(list(dose_steps(rows, case))))
    status, warns = _drug_status(rows, steps, case)
    return Lane(rows[-1].name, steps, status, warns)


def _without_repeated_reasons(steps: list[Step]) -> Iterator[Step]:
    """Yield ``steps`` without the reason for the end of a step if the next step follows within one
    day.
    """
    for step, following in zip_longest(steps, steps[1:]):
        goes_on = following is not None and (following.start - step.end).days <= 1
        yield replace(step, after="") if goes_on else step


def _drug_status(
    rows: Sequence[Treatment], steps: Sequence[Step], case: CaseFile
) -> tuple[str, bool]:
    last = rows[-1]
    if any(step.kind == "reversed" for step in steps):
        return _("dates reversed"), True
    if last.stopped_on is not None and last.stopped_on <= case.as_of:
        return _("stopped {day}", day=near_day(last.stopped_on, case)), False
    drug = ANTIDEPRESSANTS.get(last.atc_code)
    kind = _kind(last, case)
    if drug and kind == "above":
        age = case.identity.age_on(case.as_of)
        return _("above max. {dose} mg", dose=number(drug.maximum_at(age))), True
    if drug and kind == "below":
        long = (case.as_of - last.started_on).days >= ADEQUATE_TRIAL_DAYS
        return _("below min. {dose} mg", dose=number(drug.minimum)), long
    since = adequate_runs(rows).get(last.id)
    if since is not None:
        return _("effective dose {weeks}", weeks=_weeks(since, case)), False
    return _weeks(_run_start(rows), case), False


def _run_start(rows: Sequence[Treatment]) -> date:
    start = rows[-1].started_on
    for row in reversed(rows[:-1]):
        if row.stopped_on is not None and (start - row.stopped_on).days > 1:
            break
        start = row.started_on
    return start


def _weeks(since: date, case: CaseFile) -> str:
    days = max((case.as_of - since).days, 0)
    if days < 7:
        return ngettext("{n} day", "{n} days", days)
    return ngettext("{n} week", "{n} weeks", days // 7)


def _care_lanes(case: CaseFile) -> Iterator[Lane]:
    kinds: dict[str, list[PsychosocialCare]] = {}
    for one in sorted(case.psychosocial, key=lambda each: each.started_on):
        kinds.setdefault(one.kind, []).append(one)
    for kind, cares in kinds.items():
        last = cares[-1]
        status = _ended(last.ended_on, case) or _weeks(last.started_on, case)
        yield _lane(care_name(kind), [_care_step(one, case) for one in cares], status)


def _care_step(one: PsychosocialCare, case: CaseFile) -> Step:
    count = ngettext("{n} session", "{n} sessions", one.sessions) if one.sessions else ""
    dates = f"{day(one.started_on)} – {day(one.ended_on) if one.ended_on else '…'}"
    tip = " · ".join(part for part in (care_name(one.kind), dates, count) if part)
    end = _end(one.ended_on, case)
    if end < one.started_on:
        return _reversed(end, one.started_on, tip)
    texts = (count, str(one.sessions)) if count else ()
    return Step(one.started_on, end, "plain", texts, tip=tip, since=one.started_on)


def _condition_lanes(case: CaseFile) -> Iterator[Lane]:
    for one in case.conditions:
        if _is_followed(one) or _changes(one, case):
            status = _ended(one.resolved_on, case) or _("current")
            yield _lane(one.label or one.code, [_condition_step(one, case)], status)


def _condition_step(one: Condition, case: CaseFile) -> Step:
    """Return the period of a condition.

    It begins on the day of the onset, or on the day of the enrolment if the onset is unknown.
    """
    start, end = one.onset_on or case.enrolled_on, _end(one.resolved_on, case)
    tip = f"{one.code} {one.label}"
    if end < start:
        return _reversed(end, start, tip)
    texts = (one.code,) if one.onset_on else (_("onset unknown"), one.code)
    return Step(start, end, "condition", texts, tip=tip, since=one.onset_on)


def _lane(name: str, steps: Sequence[Step], status: str) -> Lane:
    odd = any(step.kind == "reversed" for step in steps)
    return Lane(name, tuple(steps), _("dates reversed") if odd else status, odd)


def _ended(on: date | None, case: CaseFile) -> str:
    """Return the day on which a condition or a care ended, in words, or an empty text if it has not
    ended.
    """
    return _("ended {day}", day=near_day(on, case)) if on and on <= case.as_of else ""


def _is_followed(one: Condition) -> bool:
    return one.code.startswith(FOLLOWED_CONDITIONS)


def _changes(one: Condition, case: CaseFile) -> bool:
    return any(
        on is not None and case.enrolled_on <= on <= case.as_of
        for on in (one.onset_on, one.resolved_on)
    )
