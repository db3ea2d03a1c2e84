"""A review being written: its summary and its lines of advice, as plain data.

A line is to be as specific as a written order, with an alternative if the first does not
work (ICSI systematic case review checklist): what it asks for depends on its kind.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from dashboard.clinical.risk import RiskStatement, proposed_reassessment
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
ANSWERS_WITH_REASON = (AnswerOutcome.DECLINED,)
"""The answers that must give a reason."""

ACTIONS: Mapping[str, tuple[str, ...]] = {
    RecommendationKind.MEDICATION: tuple(MedicationAction),
    RecommendationKind.SEQUENCE: tuple(SequenceAction),
}
"""The actions of the kinds that have any."""

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
"""Who is proposed for a new line; the psychiatrist can change it."""

USUAL_DUE_DAYS = 14
SAFETY_DUE_DAYS = 2
"""Days until a new line is due: two weeks, 48 hours for a safety line [proposal]."""

WITHOUT_DOSE = (MedicationAction.STOP, MedicationAction.CONTINUE)
"""The actions on a drug that need neither dose nor titration nor alternative."""

LONGEST_SUMMARY = 4000
LONGEST_FIELD = 500
FURTHEST_DAYS = 366
"""A date further away than this is taken for a slip of the pen."""

TEXT_FIELDS: Mapping[str, tuple[str, ...]] = {
    RecommendationKind.MEDICATION: ("dose", "titration", "alternative"),
    RecommendationKind.SEQUENCE: ("detail",),
}
"""What is typed in a line, by kind; ``detail`` alone for the others."""


class Line(Protocol):
    """What a line of advice says, drafted or signed."""

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
    """One line of advice as it stands; ``dose`` is what was typed, in mg a day.

    ``replaced_atc_code`` and ``replaced_drug_name`` are of the drug that a switch replaces.
    """

    id: str
    kind: str = RecommendationKind.MEDICATION
    action: str | None = None
    atc_code: str | None = None
    drug_name: str = ""
    dose: str = ""
    titration: str = ""
    detail: str = ""
    alternative: str = ""
    owner_role: str | None = None
    due_on: date | None = None
    replaced_atc_code: str | None = None
    replaced_drug_name: str = ""

    @property
    def daily_dose_mg(self) -> Decimal | None:
        """The dose, once what was typed is one."""
        typed = _DOSE.fullmatch(self.dose.strip())
        return Decimal(typed[1].replace(",", ".")) if typed else None


@dataclass(frozen=True)
class DraftSettlement:
    """The choice for one standing line of an earlier review, ``id`` its recommendation.

    ``due_on`` is the new due date of a line that is kept, None for the one that it has;
    ``replaced_by`` the id of a line of this review. What is not chosen is as proposed.
    """

    id: str
    kind: SettlementKind | None = None
    due_on: date | None = None
    replaced_by: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class DraftReview:
    """A review as it stands. ``outcome`` is ``reviewed``, or ``no_change`` without lines.

    While it is written ``settlements`` holds what was chosen; once it is complete
    (``dashboard.clinical.advice.settling.completed``), one for each line that is to be settled.
    """

    summary: str = ""
    lines: tuple[DraftLine, ...] = ()
    next_review_on: date | None = None
    outcome: str = Outcome.REVIEWED
    risk: RiskStatement | None = None
    settlements: tuple[DraftSettlement, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been written."""
        return self == DraftReview()

    def line(self, line_id: str) -> DraftLine | None:
        """The line with this id, if it is still there."""
        return next((line for line in self.lines if line.id == line_id), None)

    def settlement(self, recommendation_id: str) -> DraftSettlement | None:
        """Return what is chosen for this recommendation, if anything is."""
        found = (one for one in self.settlements if one.id == recommendation_id)
        return next(found, None)


@dataclass(frozen=True)
class Problem:
    """What keeps a review from being signed: the field it concerns, and a code.

    Fields are ``summary``, ``lines``, ``next_review_on``, ``lines/<id>/<field>``,
    ``settlements/<id>/<field>`` and ``risk/<field>``. Codes are ``missing``, ``too_long``,
    ``unknown``, ``not_a_dose``, ``in_the_past``, ``not_in_the_future``, ``too_far``,
    ``nothing_advised``, ``change_advised``, ``alert_stands``, ``same_drug`` and
    ``replaces_itself``.
    """

    field: str
    code: str


def new_line(line_id: str, kind: str, today: date) -> DraftLine:
    """Return a line of this kind with the owner and the due date that are proposed for it."""
    days = SAFETY_DUE_DAYS if kind == RecommendationKind.SAFETY else USUAL_DUE_DAYS
    due_on = today + timedelta(days=days)
    return DraftLine(line_id, kind=kind, owner_role=USUAL_OWNER[kind], due_on=due_on)


def problems(draft: DraftReview, today: date) -> tuple[Problem, ...]:
    """Return what is wrong with the summary, the lines and the day of the next review.

    ``dashboard.clinical.advice.settling.problems`` adds what the review owes its case.
    """
    return tuple(_problems(draft, today))


def as_sent(draft: DraftReview) -> DraftReview:
    """What nurse and GP receive: texts trimmed, without the fields that a kind does not have."""
    return replace(
        draft,
        summary=draft.summary.strip(),
        lines=tuple(_line_as_sent(line) for line in draft.lines),
    )


def value_of(draft: DraftReview, field: str) -> Any:
    """What stands in a field, named as in ``Problem``; none for a line that is not there."""
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
    """The draft with another value in this field; as it was if its line is not there."""
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
    """Return the draft with this level, the day of reassessment that goes with it, and the reason
    that was written.
    """
    if level is None:
        return replace(draft, risk=None)
    reason = draft.risk.reason if draft.risk else ""
    return replace(draft, risk=RiskStatement(level, proposed_reassessment(level, today), reason))


def with_settlement(draft: DraftReview, recommendation_id: str, **values: Any) -> DraftReview:
    """Return the draft with other choices for this line of earlier advice.

    A review that changed nothing no longer is one.
    """
    chosen = draft.settlement(recommendation_id)
    changed = replace(chosen or DraftSettlement(recommendation_id), **values)
    others = (one for one in draft.settlements if one.id != recommendation_id)
    return replace(draft, outcome=Outcome.REVIEWED, settlements=(*others, changed))


def with_line(draft: DraftReview, line_id: str, **values: Any) -> DraftReview:
    """The draft with other values in the fields of this line."""
    lines = (replace(line, **values) if line.id == line_id else line for line in draft.lines)
    return replace(draft, lines=tuple(lines))


def moved_up(draft: DraftReview, line_id: str) -> DraftReview:
    """The draft with this line before the one that stood before it."""
    ids = [line.id for line in draft.lines]
    place = ids.index(line_id) if line_id in ids else 0
    if place == 0:
        return draft
    lines = list(draft.lines)
    lines[place - 1], lines[place] = lines[place], lines[place - 1]
    return replace(draft, lines=tuple(lines))


def without_line(draft: DraftReview, line_id: str) -> DraftReview:
    """The draft without this line."""
    return replace(draft, lines=tuple(line for line in draft.lines if line.id != line_id))


def says_the_same(one: DraftReview, other: DraftReview) -> bool:
    """Whether two reviews would be read alike, whatever their lines are called."""
    return _read(as_sent(one)) == _read(as_sent(other))


def to_json(draft: DraftReview) -> dict[str, Any]:
    """The draft as JSON holds it: dates in ISO form."""
    content = asdict(draft)
    content["next_review_on"] = _iso(draft.next_review_on)
    content["lines"] = [asdict(line) | {"due_on": _iso(line.due_on)} for line in draft.lines]
    if draft.risk is not None:
        content["risk"]["reassess_on"] = _iso(draft.risk.reassess_on)
    content["settlements"] = [
        asdict(one) | {"due_on": _iso(one.due_on)} for one in draft.settlements
    ]
    return content


def from_json(content: object) -> DraftReview:
    """The draft that JSON holds; what is not as it should be counts as not written."""
    if not isinstance(content, Mapping):
        return DraftReview()
    return DraftReview(
        summary=_text(content.get("summary")),
        lines=tuple(_line(*one) for one in _named(content.get("lines"))),
        next_review_on=_day(content.get("next_review_on")),
        outcome=_one_of(REVIEW_OUTCOMES, content.get("outcome")) or Outcome.REVIEWED,
        risk=_risk(content.get("risk")),
        settlements=tuple(_settlement(*one) for one in _named(content.get("settlements"))),
    )


def day_problems(
    field: str, day: date | None, today: date, *, required: bool = False
) -> Iterator[Problem]:
    """Yield what is wrong with a day that is to come."""
    if day is None:
        if required:
            yield Problem(field, "missing")
    elif day < today:
        yield Problem(field, "in_the_past")
    elif (day - today).days > FURTHEST_DAYS:
        yield Problem(field, "too_far")


def fields_of(line: DraftLine) -> tuple[str, ...]:
    """The texts that are typed in a line of this kind."""
    return TEXT_FIELDS.get(line.kind, ("detail",))


_DOSE = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?) *(mg)?( */ *(j|jour|d|day))?", re.IGNORECASE)


def _problems(draft: DraftReview, today: date) -> Iterator[Problem]:
    yield from _text_problems("summary", draft.summary, LONGEST_SUMMARY)
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


def _named(contents: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield what has an id that nothing before it has, with that id."""
    ids: set[str] = set()
    for content in contents if isinstance(contents, list) else ():
        if not isinstance(content, Mapping):
            continue
        named = _text(content.get("id"))
        if named and named not in ids:
            ids.add(named)
            yield named, content


def _risk(content: object) -> RiskStatement | None:
    if not isinstance(content, Mapping):
        return None
    level = _one_of(tuple(RiskLevel), content.get("level"))
    if level is None:
        return None
    return RiskStatement(
        RiskLevel(level), _day(content.get("reassess_on")), _text(content.get("reason"))
    )


def _settlement(recommendation_id: str, content: Mapping[str, object]) -> DraftSettlement:
    kind = _one_of(tuple(SettlementKind), content.get("kind"))
    return DraftSettlement(
        id=recommendation_id,
        kind=None if kind is None else SettlementKind(kind),
        due_on=_day(content.get("due_on")),
        replaced_by=_text(content.get("replaced_by")) or None,
        reason=_text(content.get("reason")),
    )


def _line(line_id: str, content: Mapping[str, object]) -> DraftLine:
    kind = _one_of(KINDS, content.get("kind")) or RecommendationKind.OTHER
    return DraftLine(
        id=line_id,
        kind=kind,
        action=_one_of(ACTIONS.get(kind, ()), content.get("action")),
        atc_code=_text(content.get("atc_code")) or None,
        drug_name=_text(content.get("drug_name")),
        dose=_text(content.get("dose")),
        titration=_text(content.get("titration")),
        detail=_text(content.get("detail")),
        alternative=_text(content.get("alternative")),
        owner_role=_one_of(OWNER_ROLES, content.get("owner_role")),
        due_on=_day(content.get("due_on")),
        replaced_atc_code=_text(content.get("replaced_atc_code")) or None,
        replaced_drug_name=_text(content.get("replaced_drug_name")),
    )


def _text(value: object) -> str:
    return storable(value) if isinstance(value, str) else ""


def storable(text: str) -> str:
    """The text without what a database cannot hold: null characters, halves of a letter."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _one_of(allowed: tuple[str, ...], value: object) -> str | None:
    return value if isinstance(value, str) and value in allowed else None
