"""The safety strip below the trajectory chart.

The strip shows the facts about the risk of suicide, on the time axis of the trajectory chart. One
row shows the answers to item 9 of the PHQ-9: positive, negative or unknown. Another row shows the
decisions about the risk, with their days of reassessment. The C-SSRS, safety flags and safety plans
each have a row if the case has any.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.calendar import PARIS
from dashboard.charts.drawing import (
    Box,
    Drawing,
    Room,
    Row,
    TimeAxis,
    bar,
    box_of,
    label,
    nudges,
    rule,
    symbol,
    together,
)
from dashboard.clinical.case.case_file import Assessment, CaseFile, CaseReview, Flag
from dashboard.clinical.instruments import answered_yes, not_answered
from dashboard.clinical.risk import RiskStatement
from dashboard.components.charts.legend import ROW, Item, in_lines, legend_drawing
from dashboard.components.charts.marks import at_edge, near_day, uprights
from dashboard.components.charts.panel import forms_of, risk_answer
from dashboard.components.charts.reviews import MOST_MOVED
from dashboard.locale import _, pgettext
from dashboard.locale.formats import day
from dashboard.vocabulary import FlagKind, InstrumentCode, RiskLevel
from dashboard.words.advice.risk import level_name, short_level_name

APART = 8
"""The width of the gap between a mark and the words of the mark after it, in pixels."""

HEAD = 4
LANE = 18
SEVERE_QUESTIONS = (4, 5, 6)
"""The questions of the C-SSRS that make a risk screen positive (C-SSRS triage, docs/rules.md)."""


ALWAYS_ASKED = (1, 2, 6)
"""The questions of the C-SSRS that every patient is asked. Questions 3 to 5 are left out after a no
to question 2 (C-SSRS screener).
"""


@dataclass(frozen=True)
class Lane:
    """A row of the strip, with its name, its marks, and its present status.

    ``warns`` is true if the status needs attention.
    """

    name: str
    draw: Callable[[TimeAxis, float], Drawing]
    status: str = ""
    warns: bool = False


def safety_sheet(case: CaseFile, axis: TimeAxis) -> tuple[Drawing, int]:
    """Return the drawing of the safety strip of a case, and its height in pixels."""
    lanes = list(_lanes(case))
    bottom = HEAD + LANE * len(lanes)
    legend = in_lines(list(_legend(case)))
    parts = [_lines(case, axis, bottom)]
    for place, lane in enumerate(lanes):
        y = HEAD + LANE * place + LANE / 2
        parts += [_named(lane, axis, y), lane.draw(axis, y)]
    parts.append(legend_drawing(legend, axis, bottom + 12))
    return together(parts), int(bottom + 6 + ROW * len(legend))


def safety_edges(case: CaseFile) -> list[str]:
    """Return the texts at the right edge of the safety strip. The time axis leaves room for these
    texts.
    """
    return [lane.status for lane in _lanes(case)]


def decisions(case: CaseFile) -> list[tuple[CaseReview, RiskStatement]]:
    """Return the risk statements of the reviews that are not superseded, latest last."""
    return [
        (review, review.risk)
        for review in case.reviews
        if review.risk is not None and review.superseded_by is None
    ]


def last_decision(case: CaseFile) -> RiskStatement | None:
    """Return the last decision on the risk, or None if there is none.

    A statement that leaves the risk undecided is not a decision.
    """
    made = [risk for _review, risk in decisions(case) if risk.is_decision]
    return made[-1] if made else None


def answers_to_item_9(case: CaseFile) -> list[tuple[date, int | None]]:
    """Return the day and the answer to item 9 of each PHQ-9, latest last. An unknown answer is
    None.

    An answer below 0 counts as unknown, because it must not look like an absence of risk. An
    unknown answer is left out if another PHQ-9 of the day has an answer.
    """
    answers = [(form.taken_on, risk_answer(form)) for form in forms_of(case, InstrumentCode.PHQ9)]
    known_on = {taken_on for taken_on, answer in answers if answer is not None}
    return [one for one in answers if one[1] is not None or one[0] not in known_on]


def safety_flags(case: CaseFile) -> list[Flag]:
    """Return the flags of the kind ``safety``, in the order of time."""
    return [flag for flag in case.flags if flag.kind == FlagKind.SAFETY]


def _lanes(case: CaseFile) -> Iterator[Lane]:
    yield _item_9(case)
    if forms_of(case, InstrumentCode.CSSRS):
        yield _cssrs(case)
    if safety_flags(case):
        yield _flags(case)
    yield _decisions(case)
    if case.safety_plans:
        yield _plans(case)


def _named(lane: Lane, axis: TimeAxis, y: float) -> Drawing:
    name = label(lane.name, 0, y, dx=-axis.left, limit=axis.left - 12)
    status = at_edge(lane.status, y, axis)
    under = rule(0, 1, y + LANE / 2, y + LANE / 2, "grid", dx=-axis.left)
    return Drawing(
        rules=[under],
        labels=[name, {**status, "tone": "alert"} if lane.warns else status],
    )


def _lines(case: CaseFile, axis: TimeAxis, bottom: float) -> Drawing:
    """Return the vertical lines of the enrolment, of the closing, of today and of the reviews.

    The trajectory chart above the safety strip has the same lines. If today is beyond the axis, as
    long after the closing, it has no line.
    """
    spans = [(0.0, float(bottom))]
    lines = [*uprights(case.enrolled_on, axis, spans, "rule")]
    if case.closed_on is not None and case.closed_on <= case.as_of:
        lines += uprights(case.closed_on, axis, spans, "rule")
    if case.as_of <= axis.end:
        lines += uprights(case.as_of, axis, spans, "rule")
    for review in case.reviews:
        lines += uprights(review.signed_on, axis, spans, "rule", dash="dotted")
    return Drawing(rules=lines)


def _item_9(case: CaseFile) -> Lane:
    answers = answers_to_item_9(case)

    def draw(axis: TimeAxis, y: float) -> Drawing:
        marks = [
            (taken_on, _answer_sign(answer), "" if not answer else str(answer))
            for taken_on, answer in answers
        ]
        return _marks(axis, y, marks)

    if not answers:
        return Lane(_("item 9"), draw, pgettext("risk", "unknown"))
    taken_on, answer = answers[-1]
    said = pgettext("risk", "unknown") if answer is None else str(answer)
    on = near_day(taken_on, case)
    return Lane(_("item 9"), draw, _("{answer} on {day}", answer=said, day=on), bool(answer))


def _answer_sign(answer: int | None) -> Row:
    if answer is None:
        return _unknown()
    return _positive() if answer > 0 else _negative()


def _cssrs(case: CaseFile) -> Lane:
    forms = forms_of(case, InstrumentCode.CSSRS)

    def draw(axis: TimeAxis, y: float) -> Drawing:
        marks = [(form.taken_on, _form_sign(form), _form_words(form)) for form in forms]
        return _marks(axis, y, marks)

    answered = [form for form in forms if form.has_answer]
    if not answered:
        return Lane(_("C-SSRS"), draw, pgettext("risk", "unknown"))
    last = answered[-1]
    if risk_is_unknown(last):
        said = pgettext("risk", "unknown")
    else:
        said = _("yes to {questions}", questions=_questions(last)) if _yes(last) else _("no yes")
    words = _("{answer} on {day}", answer=said, day=near_day(last.taken_on, case))
    return Lane(_("C-SSRS"), draw, words, _is_severe(last))


def _yes(form: Assessment) -> tuple[int, ...]:
    return answered_yes(form.items)


def _questions(form: Assessment) -> str:
    return ", ".join(map(str, _yes(form)))


def _is_severe(form: Assessment) -> bool:
    return bool(set(_yes(form)) & set(SEVERE_QUESTIONS))


def risk_is_unknown(form: Assessment) -> bool:
    """Return whether a C-SSRS without a yes lacks the answer to a question that is always asked. It
    must not look like an absence of risk.
    """
    missing = not_answered(form.instrument, form.items)
    return not _yes(form) and bool(set(missing) & set(ALWAYS_ASKED))


def _form_words(form: Assessment) -> str:
    """Return the questions that were answered yes. If the result is unknown although some questions
    were answered, return the questions without an answer.
    """
    if not form.has_answer or not risk_is_unknown(form):
        return _questions(form)
    missing = not_answered(form.instrument, form.items)
    return _("not answered: {questions}", questions=", ".join(map(str, missing)))


def _form_sign(form: Assessment) -> Row:
    if risk_is_unknown(form):
        return _unknown()
    if not _yes(form):
        return _negative()
    return _positive() if _is_severe(form) else _less_severe()


def _flags(case: CaseFile) -> Lane:
    flags = safety_flags(case)

    def draw(axis: TimeAxis, y: float) -> Drawing:
        return Drawing(bars=[_flag_bar(flag, case, axis, y) for flag in flags])

    standing = [flag for flag in flags if flag.cleared_at is None]
    if not standing:
        return Lane(_("safety flag"), draw, _("cleared"))
    since = near_day(_raised_on(standing[0]), case)
    return Lane(_("safety flag"), draw, _("open since {day}", day=since), warns=True)


def _raised_on(flag: Flag) -> date:
    return flag.raised_at.astimezone(PARIS).date()


def _flag_bar(flag: Flag, case: CaseFile, axis: TimeAxis, y: float) -> Row:
    """Return the bar of a safety flag, from the day on which it was raised to the day on which it
    was cleared.

    If the flag is not cleared, the bar is filled and ends today.
    """
    end = case.as_of if flag.cleared_at is None else flag.cleared_at.astimezone(PARIS).date()
    first, last = sorted((_raised_on(flag), end))
    x, x2 = axis.share(first), axis.share(last)
    x2 = max(x2, x + 4 / axis.width)
    tip = f"{day(first)} – {'…' if flag.cleared_at is None else day(last)}"
    fill, edge = ("alert", "alert") if flag.cleared_at is None else ("page", "muted")
    return bar(x, x2, y - 4, y + 4, fill, edge=edge, tip=tip)


def _decisions(case: CaseFile) -> Lane:
    made = decisions(case)

    def draw(axis: TimeAxis, y: float) -> Drawing:
        marks = [
            (review.signed_on, risk_sign(risk.level), short_level_name(risk.level))
            for review, risk in made
        ]
        until = together(_until_reassessment(review, risk, case, axis, y) for review, risk in made)
        return together([until, _marks(axis, y, marks, until.symbols)])

    return Lane(_("decision"), draw, *_decision_status(case))


def _decision_status(case: CaseFile) -> tuple[str, bool]:
    """Return the status of the risk decisions in words, and whether it needs attention.

    The status is the day of reassessment that the last decision set. Without such a day, it is the
    last statement with its day, also if that statement leaves the risk open. An older decision
    would otherwise look like that of today.
    """
    made = decisions(case)
    if not made:
        return _("none"), False
    last = last_decision(case)
    if last is not None and last.reassess_on is not None:
        words = _("reassess by {day}", day=near_day(last.reassess_on, case))
        return words, last.reassess_on <= case.as_of
    review, stated = made[-1]
    on = near_day(review.signed_on, case)
    open_since = [flag.raised_at for flag in safety_flags(case) if flag.cleared_at is None]
    is_open = not stated.is_decision or any(since > review.signed_at for since in open_since)
    return _("{level} on {day}", level=short_level_name(stated.level), day=on), is_open


def _until_reassessment(
    review: CaseReview, risk: RiskStatement, case: CaseFile, axis: TimeAxis, y: float
) -> Drawing:
    """Return a dashed line from a decision to its day of reassessment.

    The day of reassessment has a symbol if it is on the chart.
    """
    if risk.reassess_on is None:
        return Drawing()
    is_last = risk == last_decision(case)
    is_due = is_last and risk.reassess_on <= case.as_of
    tone = "alert" if is_due else "muted"
    x, x2 = axis.share(review.signed_on), axis.share(risk.reassess_on)
    signs = []
    if risk.reassess_on <= axis.end:
        tip = _("reassess by {day}", day=day(risk.reassess_on))
        signs = [symbol("triangle-down", x2, y, fill="page", edge=tone, size=40, tip=tip)]
    return Drawing(rules=[rule(x, x2, y, y, tone, dash="dashed")], symbols=signs)


def _plans(case: CaseFile) -> Lane:
    plans = case.safety_plans

    def draw(axis: TimeAxis, y: float) -> Drawing:
        made = [(plan.made_on, symbol("square", 0, 0, fill="ink", size=40), "") for plan in plans]
        reviewed = [
            (plan.reviewed_on, symbol("square", 0, 0, edge="ink", size=40), "")
            for plan in plans
            if plan.reviewed_on is not None
        ]
        return _marks(axis, y, [*made, *reviewed])

    latest = max(max(plan.made_on, plan.reviewed_on or plan.made_on) for plan in plans)
    return Lane(_("safety plan"), draw, _("of {day}", day=near_day(latest, case)))


def _marks(
    axis: TimeAxis,
    y: float,
    marks: Sequence[tuple[date, Row, str]],
    drawn: Sequence[Row] = (),
) -> Drawing:
    """Return the symbols of one row, each on its day. A symbol has words beside it if there is
    room.

    ``drawn`` are symbols that are already in the row. No words may cover them.
    """
    room = Room(within=Box(0, y - LANE, axis.width, y + LANE))
    signs: list[Row] = []
    labels: list[Row] = []
    grounds: list[Row] = []
    # Marks of neighbouring days must not cover each other.
    moves = nudges([axis.pixels(on) for on, _sign, _words in marks], 12, MOST_MOVED)
    for (on, sign, words), move in zip(marks, moves, strict=True):
        placed = {**sign, "x": axis.share(on), "y": y, "dx": move}
        placed["tip"] = " · ".join(filter(None, (day(on), words)))
        signs.append(placed)
    for sign in (*signs, *drawn):
        x = sign["x"] * axis.width + sign["dx"]
        room.take(Box(x - 6, y - 6, x + 6, y + 6))
    for (on, _sign, words), move in reversed(list(zip(marks, moves, strict=True))):
        for dx, align in ((8, "left"), (-8, "right")):
            text = label(words, axis.share(on), y, dx=dx + move, align=align)
            box = box_of(text, axis)
            # Leave a gap before words on the left, so that they do not look like those of the mark
            # before them.
            gap = Box(box.left - APART, box.top, box.left, box.bottom)
            if words and (align == "left" or room.is_free(gap)) and room.take(box):
                labels.append(text)
                # Add a background that hides the lines behind the words.
                left, right = box.left / axis.width, box.right / axis.width
                grounds.append(bar(left, right, y - 6, y + 6, "page"))
                break
    return Drawing(bars=grounds, symbols=signs, labels=labels)


def _positive() -> Row:
    return symbol("diamond", 0, 0, fill="alert", size=80)


def _less_severe() -> Row:
    return symbol("diamond", 0, 0, fill="page", edge="alert", size=70)


def _negative() -> Row:
    return symbol("circle", 0, 0, fill="page", edge="muted", size=36)


def _unknown() -> Row:
    return symbol("square", 0, 0, fill="page", edge="warning", size=40)


def risk_sign(level: RiskLevel) -> Row:
    """Return the symbol of a level of risk.

    A higher risk has a fuller symbol. A risk that was left undecided has a cross.
    """
    return {
        RiskLevel.HIGH: symbol("triangle-up", 0, 0, fill="alert", size=90),
        RiskLevel.MODERATE: symbol("half", 0, 0, fill="ink", size=70),
        RiskLevel.LOW: symbol("circle", 0, 0, fill="page", edge="ink", size=50),
        RiskLevel.NOT_ASSESSED: symbol("cross", 0, 0, edge="warning", size=34),
    }[level]


def _legend(case: CaseFile) -> Iterator[Item]:
    answers = {None if one is None else one > 0 for _on, one in answers_to_item_9(case)}
    forms = forms_of(case, InstrumentCode.CSSRS)
    severe = any(_is_severe(form) for form in forms)
    if True in answers or severe:
        yield Item(_positive(), _("item 9 positive, or C-SSRS 4, 5 or 6 yes"))
    if any(_yes(form) and not _is_severe(form) for form in forms):
        yield Item(_less_severe(), _("C-SSRS 1, 2 or 3 yes"))
    if False in answers or any(not _yes(form) and not risk_is_unknown(form) for form in forms):
        yield Item(_negative(), _("no"))
    if None in answers or any(risk_is_unknown(form) for form in forms):
        yield Item(_unknown(), _("unknown: risk not ruled out"))
    said = {risk.level for _review, risk in decisions(case)}
    for level in RiskLevel:
        if level in said:
            yield Item(risk_sign(level), level_name(level))
    if any(risk.reassess_on for _review, risk in decisions(case)):
        sign = symbol("triangle-down", 0, 0, fill="page", edge="muted", size=40)
        yield Item(sign, _("day of reassessment"))
