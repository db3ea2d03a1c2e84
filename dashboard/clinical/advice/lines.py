"""A draft of a review: its summary and its lines of advice, as plain data.

A line must be as specific as a written order. It must give an alternative in case the first
treatment does not work (ICSI systematic case review checklist). The required fields of a line
depend on its kind.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BeforeValidator, TypeAdapter

from dashboard.clinical.risk import RiskStatement, proposed_reassessment
from dashboard.clinical.stored_json import DayOrNone, Text, TextOrNone, among, otherwise, storable
from dashboard.vocabulary import (
    OWNER_ROLES,
    REVIEW_OUTCOMES,
    AnswerOutcome,
    MedicationAction,
    Outcome,
    RecommendationKind,
    RiskLevel,
    Role,
    SequenceAction,
    SettlementKind,
)

KINDS = tuple(RecommendationKind)
ANSWERS = tuple(AnswerOutcome)

ACTIONS: Mapping[str, tuple[str, ...]] = {
    RecommendationKind.MEDICATION: tuple(MedicationAction),
    RecommendationKind.SEQUENCE: tuple(SequenceAction),
}
"""The actions that can be chosen in a line of advice, by kind of line. Lines of other kinds have no
action.
"""

USUAL_OWNER: Mapping[str, str] = {
    RecommendationKind.MEDICATION: Role.GP,
    RecommendationKind.PSYCHOTHERAPY: Role.NURSE,
    RecommendationKind.PSYCHOSOCIAL: Role.NURSE,
    RecommendationKind.INVESTIGATION: Role.GP,
    RecommendationKind.SAFETY: Role.NURSE,
    RecommendationKind.REFERRAL: Role.GP,
    RecommendationKind.SEQUENCE: Role.NURSE,
    RecommendationKind.OTHER: Role.NURSE,
}
"""The role that is proposed as the owner of a new line of advice, by kind of line. The psychiatrist
can change it.
"""

USUAL_DUE_DAYS = 14
SAFETY_DUE_DAYS = 2
"""Days from today to the proposed due date of a new line of advice: 2 for the kind ``safety``, 14
for all others [proposal].
"""

WITHOUT_DOSE = (MedicationAction.STOP, MedicationAction.CONTINUE)
"""The actions on a drug for which a line of advice needs no dose, no titration and no alternative.
"""

LONGEST_SUMMARY = 4000
LONGEST_FIELD = 500
"""Longest summary, and longest text of any other field of a draft, in characters."""

FURTHEST_DAYS = 366
"""The latest date that a draft may contain, in days from today. A later date counts as a typing
error.
"""

TEXT_FIELDS: Mapping[str, tuple[str, ...]] = {
    RecommendationKind.MEDICATION: ("dose", "titration", "alternative"),
    RecommendationKind.SEQUENCE: ("detail",),
}
"""The text fields of a line of advice, by kind of line. Lines of other kinds have only the field
``detail``.
"""


class Line(Protocol):
    """The content of a line of advice in a draft or in a signed review."""

    @property
    def kind(self) -> str: ...
    @property
    def action(self) -> str | None: ...
    @property
    def drug_name(self) -> str | None: ...
    @property
    def daily_dose_mg(self) -> Decimal | None: ...
    @property
    def titration(self) -> str | None: ...
    @property
    def detail(self) -> str: ...
    @property
    def alternative(self) -> str | None: ...
    @property
    def replaced_drug_name(self) -> str | None: ...


@dataclass(frozen=True)
class DraftLine:
    """One line of advice in a draft. ``dose`` is the text as typed, in mg a day.

    For a switch, ``replaced_atc_code`` and ``replaced_drug_name`` name the drug that is replaced.
    """

    id: str
    kind: Annotated[str, among(KINDS, RecommendationKind.OTHER)] = RecommendationKind.MEDICATION
    action: TextOrNone = None
    atc_code: TextOrNone = None
    drug_name: Text = ""
    dose: Text = ""
    titration: Text = ""
    detail: Text = ""
    alternative: Text = ""
    owner_role: Annotated[str | None, among(OWNER_ROLES)] = None
    due_on: DayOrNone = None
    replaced_atc_code: TextOrNone = None
    replaced_drug_name: Text = ""

    @property
    def daily_dose_mg(self) -> Decimal | None:
        """The dose in mg a day; None if ``dose`` is not a number in mg."""
        typed = _DOSE.fullmatch(self.dose.strip())
        return Decimal(typed[1].replace(",", ".")) if typed else None


@dataclass(frozen=True)
class DraftSettlement:
    """The psychiatrist's choice for one standing line of an earlier review: keep, replace or
    withdraw it.

    ``id`` is the id of that line. ``due_on`` is the new due date of a kept line; None leaves the
    due date unchanged. ``replaced_by`` is the id of the line in the draft that replaces it.
    ``kind`` is None as long as the psychiatrist has not chosen; the proposed kind is then used.
    """

    id: str
    kind: Annotated[SettlementKind | None, otherwise(None)] = None
    due_on: DayOrNone = None
    replaced_by: TextOrNone = None
    reason: Text = ""


def _named(contents: object) -> list[dict[str, Any]]:
    """Return the valid items of a stored list, each id once. Items without an id are left out.
    Characters that the database cannot store are removed from the ids.
    """
    found: dict[str, dict[str, Any]] = {}
    for content in contents if isinstance(contents, list) else ():
        if isinstance(content, Mapping) and isinstance(content.get("id"), str):
            named = storable(content["id"])
            if named:
                found.setdefault(named, {"kind": None, **content, "id": named})
    return list(found.values())


def _with_an_action_of_its_kind(line: DraftLine) -> DraftLine:
    return line if line.action in ACTIONS.get(line.kind, ()) else replace(line, action=None)


_StoredLine = Annotated[DraftLine, AfterValidator(_with_an_action_of_its_kind)]


@dataclass(frozen=True)
class DraftReview:
    """The content of a draft of a review.

    ``outcome`` is ``reviewed``, or ``no_change`` for a review that gives no new lines of advice and
    keeps all earlier ones.
    ``settlements`` holds only the choices that the psychiatrist has made.
    ``dashboard.clinical.advice.settling.completed`` adds the proposed choice for each other line
    that must be settled.
    """

    summary: Text = ""
    lines: Annotated[tuple[_StoredLine, ...], BeforeValidator(_named)] = ()
    next_review_on: DayOrNone = None
    outcome: Annotated[str, among(REVIEW_OUTCOMES, Outcome.REVIEWED)] = Outcome.REVIEWED
    risk: Annotated[RiskStatement | None, otherwise(None)] = None
    settlements: Annotated[tuple[DraftSettlement, ...], BeforeValidator(_named)] = ()
    answer: Text = ""
    """The answer to the nurse's question. It is sent as the first paragraph of the summary."""

    @property
    def is_empty(self) -> bool:
        """Whether the psychiatrist has written nothing yet."""
        return self == DraftReview()

    def line(self, line_id: str) -> DraftLine | None:
        """Return the line of advice with the id ``line_id``, or None if there is none."""
        return next((line for line in self.lines if line.id == line_id), None)

    def settlement(self, recommendation_id: str) -> DraftSettlement | None:
        """Return the psychiatrist's choice for the earlier recommendation with this id, or None if
        there is none.
        """
        found = (one for one in self.settlements if one.id == recommendation_id)
        return next(found, None)


@dataclass(frozen=True)
class Problem:
    """A reason why a draft cannot be signed: the field concerned and a code.

    Fields are ``answer``, ``summary``, ``lines``, ``next_review_on``, ``lines/<id>/<field>``,
    ``settlements/<id>/<field>`` and ``risk/<field>``. Codes are ``missing``, ``too_long``,
    ``unknown``, ``not_a_dose``, ``in_the_past``, ``not_in_the_future``, ``too_far``,
    ``nothing_advised``, ``change_advised``, ``alert_stands``, ``same_drug`` and
    ``replaces_itself``.
    """

    field: str
    code: str


def new_line(line_id: str, kind: str, today: date) -> DraftLine:
    """Return a new line of advice of this ``kind``, with the proposed owner and due date."""
    days = SAFETY_DUE_DAYS if kind == RecommendationKind.SAFETY else USUAL_DUE_DAYS
    due_on = today + timedelta(days=days)
    return DraftLine(line_id, kind=kind, owner_role=USUAL_OWNER[kind], due_on=due_on)


def problems(draft: DraftReview, today: date) -> tuple[Problem, ...]:
    """Return the problems of the draft's summary, answer, lines of advice and day of the next
    review. ``dashboard.clinical.advice.settling.problems`` adds the problems of the risk and of
    earlier lines.
    """
    return tuple(_problems(draft, today))


ANSWER_MARK = "→ "
"""The beginning of a signed summary whose first paragraph answers the nurse's question."""


def as_sent(draft: DraftReview) -> DraftReview:
    """Return the draft as the nurse and the GP receive it.

    Texts are trimmed. Fields that the kind of a line of advice does not have are emptied. The
    answer to the nurse becomes the first paragraph of the summary.
    """
    answer, summary = draft.answer.strip(), draft.summary.strip()
    return replace(
        draft,
        answer="",
        summary="\n\n".join(filter(None, (answer and f"{ANSWER_MARK}{answer}", summary))),
        lines=tuple(_line_as_sent(line) for line in draft.lines),
    )


def value_of(draft: DraftReview, field: str) -> Any:
    """Return the value of a field of the draft. ``field`` is named as in ``Problem``. Return None
    if the draft has no such line or no statement on the risk.
    """
    part, *path = field.split("/", 2)
    if part == "risk" and path:
        return None if draft.risk is None else getattr(draft.risk, path[0])
    if part == "settlements" and path:
        return getattr(draft.settlement(path[0]) or DraftSettlement(path[0]), path[1])
    if part == "lines" and path:
        line = draft.line(path[0])
        return None if line is None else getattr(line, path[1])
    return getattr(draft, field)


def with_value(draft: DraftReview, field: str, value: Any) -> DraftReview:
    """Return the draft with ``value`` in ``field``. ``field`` is named as in ``Problem``. Return
    the draft unchanged if it has no such line or no statement on the risk.
    """
    part, *path = field.split("/", 2)
    if part == "risk" and path:
        risk = draft.risk and replace(draft.risk, **{path[0]: value})
        return replace(draft, risk=risk)
    if part == "settlements" and path:
        return with_settlement(draft, path[0], **{path[1]: value})
    if part == "lines" and path:
        return with_line(draft, path[0], **{path[1]: value})
    return replace(draft, **{field: value})


def with_risk(draft: DraftReview, level: RiskLevel | None, today: date) -> DraftReview:
    """Return the draft with the risk level ``level`` and the proposed day of reassessment. A reason
    that the psychiatrist has already written is kept. If ``level`` is None, the statement on the
    risk is removed.
    """
    if level is None:
        return replace(draft, risk=None)
    reason = draft.risk.reason if draft.risk else ""
    return replace(draft, risk=RiskStatement(level, proposed_reassessment(level, today), reason))


def with_settlement(draft: DraftReview, recommendation_id: str, **values: Any) -> DraftReview:
    """Return the draft with the choices ``values`` for one line of an earlier review. The outcome
    of the draft becomes ``reviewed``.
    """
    chosen = draft.settlement(recommendation_id)
    changed = replace(chosen or DraftSettlement(recommendation_id), **values)
    others = (one for one in draft.settlements if one.id != recommendation_id)
    return replace(draft, outcome=Outcome.REVIEWED, settlements=(*others, changed))


def with_line(draft: DraftReview, line_id: str, **values: Any) -> DraftReview:
    """Return the draft with ``values`` in the fields of one line of advice."""
    lines = (replace(line, **values) if line.id == line_id else line for line in draft.lines)
    return replace(draft, lines=tuple(lines))


def moved_up(draft: DraftReview, line_id: str) -> DraftReview:
    """Return the draft with one line of advice moved up by one place. The first line stays where it
    is.
    """
    ids = [line.id for line in draft.lines]
    place = ids.index(line_id) if line_id in ids else 0
    if place == 0:
        return draft
    lines = list(draft.lines)
    lines[place - 1], lines[place] = lines[place], lines[place - 1]
    return replace(draft, lines=tuple(lines))


def without_line(draft: DraftReview, line_id: str) -> DraftReview:
    """Return the draft without the line of advice ``line_id``."""
    return replace(draft, lines=tuple(line for line in draft.lines if line.id != line_id))


def says_the_same(one: DraftReview, other: DraftReview) -> bool:
    """Return whether two drafts would be sent with the same content. The ids of their lines are not
    compared.
    """
    return _read(as_sent(one)) == _read(as_sent(other))


def to_json(draft: DraftReview) -> dict[str, Any]:
    """Return the draft as JSON data."""
    held: dict[str, Any] = _adapter().dump_python(draft, mode="json")
    return held


def from_json(content: object) -> DraftReview:
    """Return the draft stored in the JSON data ``content``. An invalid value is read as if it had
    not been written.
    """
    return _adapter().validate_python(content if isinstance(content, Mapping) else {})


@cache
def _adapter() -> TypeAdapter[DraftReview]:
    return TypeAdapter(DraftReview)


def day_problems(
    field: str, day: date | None, today: date, *, required: bool = False
) -> Iterator[Problem]:
    """Yield the problems of a day entered in a form. The day must not be before ``today`` or too
    far in the future. A missing day is a problem only if ``required`` is true.
    """
    if day is None:
        if required:
            yield Problem(field, "missing")
    elif day < today:
        yield Problem(field, "in_the_past")
    elif (day - today).days > FURTHEST_DAYS:
        yield Problem(field, "too_far")


def fields_of(line: DraftLine) -> tuple[str, ...]:
    """Return the names of the text fields that a line of advice of this kind has."""
    return TEXT_FIELDS.get(line.kind, ("detail",))


_DOSE = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?) *(mg)?( */ *(j|jour|d|day))?", re.IGNORECASE)


def _problems(draft: DraftReview, today: date) -> Iterator[Problem]:
    yield from _text_problems(
        "summary", draft.summary, LONGEST_SUMMARY, required=not draft.answer.strip()
    )
    yield from _text_problems("answer", draft.answer, LONGEST_FIELD, required=False)
    if draft.outcome == Outcome.NO_CHANGE and draft.lines:
        yield Problem("lines", "change_advised")
    for line in draft.lines:
        for problem in _line_problems(line, today):
            yield replace(problem, field=f"lines/{line.id}/{problem.field}")
    yield from day_problems("next_review_on", draft.next_review_on, today)


def _line_problems(line: DraftLine, today: date) -> Iterator[Problem]:
    if line.kind not in KINDS:
        yield Problem("kind", "unknown")
    elif line.kind in ACTIONS and line.action not in ACTIONS[line.kind]:
        yield Problem("action", "missing")
    if line.kind == RecommendationKind.MEDICATION:
        yield from _text_problems("drug_name", line.drug_name, LONGEST_FIELD)
        yield from _medication_problems(line)
    else:
        yield from _text_problems(
            "detail", line.detail, LONGEST_FIELD, required=line.kind != RecommendationKind.SEQUENCE
        )
    if line.owner_role not in OWNER_ROLES:
        yield Problem("owner_role", "missing")
    yield from day_problems("due_on", line.due_on, today)


def _medication_problems(line: DraftLine) -> Iterator[Problem]:
    if line.action == MedicationAction.SWITCH:
        yield from _text_problems("replaced_drug_name", line.replaced_drug_name, LONGEST_FIELD)
        if _replaces_itself(line):
            yield Problem("replaced_drug_name", "replaces_itself")
    ordered = line.action not in WITHOUT_DOSE
    if not line.dose.strip():
        if ordered:
            yield Problem("dose", "missing")
    elif not line.daily_dose_mg:
        yield Problem("dose", "not_a_dose")
    yield from _text_problems("titration", line.titration, LONGEST_FIELD, required=ordered)
    yield from _text_problems("alternative", line.alternative, LONGEST_FIELD, required=ordered)


def _replaces_itself(line: DraftLine) -> bool:
    if line.atc_code is not None:
        return line.atc_code == line.replaced_atc_code
    name = line.drug_name.strip().casefold()
    return bool(name) and name == line.replaced_drug_name.strip().casefold()


def _text_problems(
    field: str, text: str, longest: int, *, required: bool = True
) -> Iterator[Problem]:
    if required and not text.strip():
        yield Problem(field, "missing")
    elif len(text) > longest:
        yield Problem(field, "too_long")


def _line_as_sent(line: DraftLine) -> DraftLine:
    kept = fields_of(line)
    is_drug = line.kind == RecommendationKind.MEDICATION
    is_switch = is_drug and line.action == MedicationAction.SWITCH
    return replace(
        line,
        dose=line.dose.strip() if "dose" in kept else "",
        titration=line.titration.strip() if "titration" in kept else "",
        detail=line.detail.strip() if "detail" in kept else "",
        alternative=line.alternative.strip() if "alternative" in kept else "",
        action=line.action if line.kind in ACTIONS else None,
        drug_name=line.drug_name.strip() if is_drug else "",
        atc_code=line.atc_code if is_drug else None,
        replaced_atc_code=line.replaced_atc_code if is_switch else None,
        replaced_drug_name=line.replaced_drug_name.strip() if is_switch else "",
    )


def _read(draft: DraftReview) -> DraftReview:
    doses = (
        "" if (dose := line.daily_dose_mg) is None else f"{dose.normalize():f}"
        for line in draft.lines
    )
    places = {line.id: str(place) for place, line in enumerate(draft.lines)}
    settlements = (
        replace(one, replaced_by=places.get(one.replaced_by or "")) for one in draft.settlements
    )
    return replace(
        draft,
        lines=tuple(
            replace(line, id=places[line.id], dose=dose)
            for line, dose in zip(draft.lines, doses, strict=True)
        ),
        settlements=tuple(sorted(settlements, key=lambda one: one.id)),
    )
