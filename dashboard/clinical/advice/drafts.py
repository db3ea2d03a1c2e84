"""Drafts of reviews, and the changes that other people or windows can make before a draft is
signed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement, Problem
from dashboard.clinical.case.case_file import CaseFile, Recommendation, Treatment
from dashboard.clinical.case.missing import is_current
from dashboard.clinical.medication import ANTIDEPRESSANTS
from dashboard.clinical.people import Person
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import RiskLevel, SettlementKind

Versions = frozenset[tuple[int, str]]
"""Pairs of the id and the version of a row of the registry."""


@dataclass(frozen=True)
class Seen:
    """The ids of the assessments, signed reviews and flags that a psychiatrist has seen on the case
    page, and the versions of the nurse's questions.

    ``assessment_versions`` and ``flag_versions`` hold the id and the version of each row, because
    the registry may correct a row under the same id.
    """

    assessments: frozenset[int] = frozenset()
    reviews: frozenset[UUID] = frozenset()
    flags: frozenset[int] = frozenset()
    questions: frozenset[UUID] = frozenset()
    assessment_versions: Versions = frozenset()
    flag_versions: Versions = frozenset()

    def __or__(self, other: "Seen") -> "Seen":
        return Seen(
            self.assessments | other.assessments,
            self.reviews | other.reviews,
            self.flags | other.flags,
            self.questions | other.questions,
            self.assessment_versions | other.assessment_versions,
            self.flag_versions | other.flag_versions,
        )

    def has_assessment(self, id_: int, version: str) -> bool:
        """Return whether the assessment was seen in this version."""
        return _is_seen(id_, version, self.assessments, self.assessment_versions)

    def has_flag(self, id_: int, version: str) -> bool:
        """Return whether the flag was seen in this version."""
        return _is_seen(id_, version, self.flags, self.flag_versions)


def _is_seen(id_: int, version: str, ids: frozenset[int], versions: Versions) -> bool:
    """Return whether a row was seen in this version.

    Drafts of earlier releases store ids only. A row of which no version is stored counts as seen in
    any version; otherwise each of these drafts would ask about each row.
    """
    if (id_, version) in versions:
        return True
    return id_ in ids and all(one != id_ for one, _version in versions)


@dataclass(frozen=True)
class Draft:
    """The draft of a review that a psychiatrist writes for an episode. A psychiatrist has at most
    one draft for each episode.

    ``idempotency_key`` is made when the draft is begun and stays the same until the draft is
    signed. ``supersedes`` is the id of the review that the draft amends. ``seen`` holds the rows
    that the case page showed when the draft was begun, and the rows acknowledged since then.
    ``begun_at`` and ``saved_at`` are None until the draft is stored.
    """

    episode_id: int
    idempotency_key: UUID
    content: DraftReview = field(default_factory=DraftReview)
    supersedes: UUID | None = None
    seen: Seen | None = None
    begun_at: datetime | None = None
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Replaced:
    """A value that was dropped when the drafts of two browser windows were merged, and the field of
    the value. Both windows had changed this field.
    """

    field: str
    value: str


@dataclass(frozen=True)
class Elsewhere:
    """A change that another browser window made to the same draft. ``what`` is ``changed``,
    ``signed`` or ``discarded``.
    """

    what: str
    at: datetime | None = None
    replaced: tuple[Replaced, ...] = ()


@dataclass(frozen=True)
class Saved:
    """The result of saving a draft. ``elsewhere`` is a change that another browser window made
    since this window last read the draft; None if there is none.
    """

    draft: Draft
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True)
class NewScore:
    """An assessment that the author of a draft has not seen, or has seen with other values. In the
    second case ``is_corrected`` is true.
    """

    id: int
    version: str
    instrument: str
    taken_on: date
    total: int | None
    is_corrected: bool = False


@dataclass(frozen=True)
class NewReview:
    """A signed review that the author of a draft has not seen."""

    id: UUID
    psychiatrist: Person | None
    signed_at: datetime


@dataclass(frozen=True)
class NewFlag:
    """An uncleared flag that the author of a draft has not seen, or has seen cleared or with
    another kind. In the second case ``is_corrected`` is true.
    """

    id: int
    version: str
    kind: str
    raised_at: datetime
    is_corrected: bool = False


@dataclass(frozen=True)
class NewQuestion:
    """An open question of the nurse that the author of a draft has not seen, or has seen with
    another text. ``version`` is the version of the question (see ``question_version``).
    """

    version: UUID
    nurse: Person | None
    text: str
    ready_at: datetime


@dataclass(frozen=True)
class ChangedLine:
    """A line of advice of an earlier review whose state has changed since the author of a draft saw
    it.

    ``what`` is ``open`` if the review now has to settle the line. Otherwise the review no longer
    has to settle it, and ``what`` is ``answered``, ``withdrawn`` or ``settled``.
    """

    line: Recommendation
    signed_at: datetime
    what: str


@dataclass(frozen=True)
class Changes:
    """The data of a case that the author of a draft has not seen, because the data arrived
    later.
    """

    scores: tuple[NewScore, ...] = ()
    reviews: tuple[NewReview, ...] = ()
    flags: tuple[NewFlag, ...] = ()
    questions: tuple[NewQuestion, ...] = ()
    lines: tuple[ChangedLine, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.scores or self.reviews or self.flags or self.questions or self.lines)

    @property
    def seen(self) -> Seen:
        """The ids of the new scores, reviews and flags, and the versions of the new scores, flags
        and questions. They are stored once the author has acknowledged them.
        """
        return Seen(
            frozenset(score.id for score in self.scores),
            frozenset(review.id for review in self.reviews),
            frozenset(flag.id for flag in self.flags),
            frozenset(question.version for question in self.questions),
            frozenset((score.id, score.version) for score in self.scores),
            frozenset((flag.id, flag.version) for flag in self.flags),
        )


@dataclass(frozen=True)
class SignedReview:
    """The review that results from signing a draft. Signing the same draft again returns the same
    review.
    """

    id: UUID
    episode_id: int
    signed_at: datetime
    content: DraftReview
    supersedes: UUID | None = None


class OutcomeUnknown(Exception):
    """The error raised if it is unknown whether an action was recorded.

    Repeating the action is safe, because it is recorded only once.
    """


class NotYours(LookupError):
    """The error raised when an episode or review does not exist or the reader may not see it. It is
    also raised when the reader may not change it, for example because the episode is closed.

    All cases raise the same error, so that the error does not reveal whether the episode or review
    exists.
    """


class NotReady(ValueError):
    """The error raised for a draft that cannot be signed because of its ``problems``."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{one.field}: {one.code}" for one in problems))
        self.problems = problems


class ChangedMeanwhile(Exception):
    """The error raised at signing when the case has data that the psychiatrist has not seen, or
    when the draft does not settle exactly the open lines of advice. The draft was not signed.
    """

    def __init__(self, changes: Changes) -> None:
        super().__init__("not everything has been seen")
        self.changes = changes


class AlreadyAmended(Exception):
    """The error raised at signing when another review already supersedes the review that the draft
    amends. The draft was not signed.
    """

    def __init__(self, by: NewReview) -> None:
        super().__init__("superseded")
        self.by = by


class DraftChanged(Exception):
    """The error raised when a draft is signed or discarded that another browser window has changed
    since this window read it. The draft was neither signed nor discarded.
    """


class SnapshotChanged(Exception):
    """The error raised at signing when the data of a letter changed while the letter was rendered.
    The draft was not signed.
    """


class DraftInTheWay(Exception):
    """The error raised when another unfinished draft for the same episode prevents an action:
    amending a review, or signing "no change" in a meeting.
    """


def seen_in(case: CaseFile) -> Seen:
    """Return the ids of the assessments, reviews and flags that the case page shows for ``case``,
    and the versions of the assessments, flags and questions.
    """
    return Seen(
        frozenset(form.id for form in case.assessments),
        frozenset(review.id for review in case.reviews),
        frozenset(flag.id for flag in case.flags),
        frozenset(question.version for question in case.questions),
        frozenset((form.id, form.version) for form in case.assessments),
        frozenset((flag.id, flag.version) for flag in case.flags),
    )


def seen_to_json(seen: Seen | None) -> dict[str, Any] | None:
    """Return ``seen`` as JSON data, sorted; None if ``seen`` is None.

    The ids are stored beside the versions, because servers of an earlier release read only the ids.
    """
    if seen is None:
        return None
    return {
        "assessments": sorted(seen.assessments),
        "reviews": sorted(str(review) for review in seen.reviews),
        "flags": sorted(seen.flags),
        "questions": sorted(str(question) for question in seen.questions),
        "assessment_versions": sorted(map(list, seen.assessment_versions)),
        "flag_versions": sorted(map(list, seen.flag_versions)),
    }


def seen_from_json(content: object) -> Seen | None:
    """Return the ids and versions stored in the JSON data ``content``. Return None if ``content``
    is not a JSON object.

    Drafts of earlier releases store no questions: an open question then counts as new. They store
    no versions of assessments and flags either (see ``_is_seen``).
    """
    if not isinstance(content, Mapping):
        return None
    return Seen(
        frozenset(map(int, content.get("assessments", ()))),
        frozenset(map(UUID, content.get("reviews", ()))),
        frozenset(map(int, content.get("flags", ()))),
        frozenset(map(UUID, content.get("questions", ()))),
        frozenset(map(_version_of, content.get("assessment_versions", ()))),
        frozenset(map(_version_of, content.get("flag_versions", ()))),
    )


def _version_of(stored: Sequence[Any]) -> tuple[int, str]:
    id_, version = stored
    return int(id_), str(version)


def proposed_to_replace(case: CaseFile) -> Treatment | None:
    """Return the treatment that a switch of drug most likely replaces: the only current
    antidepressant.

    Return None if the patient takes no antidepressant, or several. Drugs taken as needed do not
    count.
    """
    taken = [
        row
        for row in case.treatments
        if row.atc_code in ANTIDEPRESSANTS and not row.as_needed and is_current(row, case.as_of)
    ]
    return taken[0] if len({row.atc_code for row in taken}) == 1 else None


def latest_scores(case: CaseFile) -> dict[str, dict[str, Any]]:
    """Return the latest assessment of ``case`` for each questionnaire code, as JSON data."""
    return {
        form.instrument: {
            "id": form.id,
            "taken_on": form.taken_on.isoformat(),
            "score": form.plotted,
        }
        for form in case.assessments
    }


def joined(
    base: DraftReview, mine: DraftReview, theirs: DraftReview
) -> tuple[DraftReview, tuple[Replaced, ...]]:
    """Merge the drafts of two browser windows that both started from the draft ``base``. Return the
    merged draft and the values that were dropped.

    If only one window has changed a value, its value is taken. If both windows have changed it, the
    value of ``mine`` is taken, and the value of ``theirs`` is dropped. Empty dropped values are not
    returned. A line of advice that one window removed and the other changed is kept.
    """
    replaced: list[Replaced] = []

    def choose(path: str, was: Any, here: Any, there: Any) -> Any:
        if here == was:
            return there
        if there not in (was, here):
            replaced.append(Replaced(path, str(there)))
        return here

    draft = DraftReview(
        summary=choose("summary", base.summary, mine.summary, theirs.summary),
        lines=tuple(_joined_lines(base, mine, theirs, choose)),
        next_review_on=choose(
            "next_review_on", base.next_review_on, mine.next_review_on, theirs.next_review_on
        ),
        outcome=choose("outcome", base.outcome, mine.outcome, theirs.outcome),
        risk=_joined_risk(base.risk, mine.risk, theirs.risk, choose),
        settlements=tuple(_joined_settlements(base, mine, theirs, choose)),
        answer=choose("answer", base.answer, mine.answer, theirs.answer),
    )
    return draft, tuple(one for one in replaced if one.value not in ("", "None"))


def _joined_risk(
    was: RiskStatement | None,
    here: RiskStatement | None,
    there: RiskStatement | None,
    choose: Any,
) -> RiskStatement | None:
    """Return the merged statement on the risk of suicide. The level and the day of reassessment are
    merged as one value, because the day belongs to the level. The reason is merged separately.

    If the other window removed the statement and this one wrote a reason, the statement is kept.
    """
    chosen = choose("risk", *(_level_and_day(one) for one in (was, here, there)))
    removed = "" if was is None else None
    reason = choose(
        "risk/reason",
        was.reason if was else "",
        here.reason if here else removed,
        there.reason if there else removed,
    )
    if chosen is None:
        return here if reason else None
    if reason is None:
        reason = here.reason if here else ""
    return RiskStatement(chosen.level, chosen.reassess_on, reason)


def _level_and_day(risk: RiskStatement | None) -> "_LevelAndDay | None":
    return None if risk is None else _LevelAndDay(risk.level, risk.reassess_on)


@dataclass(frozen=True)
class _LevelAndDay:
    level: RiskLevel
    reassess_on: date | None

    def __str__(self) -> str:
        return " ".join(str(one) for one in (self.level, self.reassess_on) if one)


def _joined_settlements(
    base: DraftReview, mine: DraftReview, theirs: DraftReview, choose: Any
) -> Iterator[DraftSettlement]:
    """Yield the merged settlement of each recommendation of an earlier review. The kind, the day
    and the replacement are merged as one value. The reason is merged separately.
    """
    ids = dict.fromkeys(one.id for draft in (mine, theirs) for one in draft.settlements)
    for recommendation_id in ids:
        was, here, there = (
            draft.settlement(recommendation_id) or DraftSettlement(recommendation_id)
            for draft in (base, mine, theirs)
        )
        path = f"settlements/{recommendation_id}"
        chosen = choose(path, *(_Chosen.of(one) for one in (was, here, there)))
        reason = choose(f"{path}/reason", was.reason, here.reason, there.reason)
        yield DraftSettlement(
            recommendation_id, chosen.kind, chosen.due_on, chosen.replaced_by, reason
        )


@dataclass(frozen=True)
class _Chosen:
    kind: SettlementKind | None
    due_on: date | None
    replaced_by: str | None

    @classmethod
    def of(cls, settlement: DraftSettlement) -> "_Chosen":
        return cls(settlement.kind, settlement.due_on, settlement.replaced_by)

    def __str__(self) -> str:
        return " ".join(str(one) for one in (self.kind, self.due_on) if one)


def _joined_lines(
    base: DraftReview, mine: DraftReview, theirs: DraftReview, choose: Any
) -> Iterator[DraftLine]:
    for line_id in _joined_order(base, mine, theirs):
        was, here, there = base.line(line_id), mine.line(line_id), theirs.line(line_id)
        if here is not None and there is not None:
            yield _joined_line(was or DraftLine(line_id), here, there, choose)
        elif here is not None and here != was:
            yield here
        elif there is not None and there != was:
            yield there


def _joined_order(base: DraftReview, mine: DraftReview, theirs: DraftReview) -> list[str]:
    """Return the ids of all lines of advice of two merged drafts, in order. The order is that of
    ``mine`` if it differs from ``base``, otherwise that of ``theirs``. Lines that are missing from
    the chosen order are added at the end.
    """
    was, here, there = ([line.id for line in one.lines] for one in (base, mine, theirs))
    first, second = (there, here) if here == was else (here, there)
    return first + [line_id for line_id in second if line_id not in first]


def _joined_line(was: DraftLine, here: DraftLine, there: DraftLine, choose: Any) -> DraftLine:
    names = [name for name in here.__dataclass_fields__ if name != "id"]
    return replace(
        here,
        **{
            name: choose(
                f"lines/{here.id}/{name}",
                getattr(was, name),
                getattr(here, name),
                getattr(there, name),
            )
            for name in names
        },
    )
