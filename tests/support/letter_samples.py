"""A letter with every possible part, so that a test can change one thing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.case.case_file import CaseFile, Question
from dashboard.clinical.people import Person
from dashboard.letters.content import LetterContent, Professional, Team, letter_content
from tests.support import chart_cases

SIGNED_AT = datetime(2026, 11, 24, 13, 32, 5, 123456, tzinfo=UTC)
SOON = date(2026, 12, 8)

PSYCHIATRIST = Professional(1, "psychiatrist", "Moreau", "Anne", "10001234567")
NURSE = Professional(2, "nurse", "Roux", "Léa")
GP = Professional(3, "gp", "Petit", "Claude", "10009876543")
TEAM = Team(PSYCHIATRIST, NURSE, GP)

REVIEW = DraftReview(
    summary="Réponse partielle à la sertraline 50 mg, insomnie persistante.\nObservance bonne.",
    lines=(
        DraftLine(
            "a",
            kind="medication",
            action="increase",
            atc_code="N06AB06",
            drug_name="sertraline",
            dose="100",
            titration="50 mg de plus, palier unique",
            alternative="venlafaxine LP 75 mg",
            owner_role="gp",
            due_on=SOON,
        ),
        DraftLine("b", "psychotherapy", detail="Activation comportementale", owner_role="nurse"),
        DraftLine("c", "investigation", detail="TSH, ionogramme", owner_role="gp", due_on=SOON),
        DraftLine("d", "safety", detail="Plan de sécurité écrit", owner_role="nurse"),
    ),
    next_review_on=date(2026, 12, 22),
)

QUESTION = Question(
    UUID(int=1),
    Person(2, "Roux", "Léa"),
    "Augmenter ou changer ?",
    SIGNED_AT,
    SIGNED_AT,
    UUID(int=2),
)


def case(story: CaseFile | None = None, **changed: Any) -> CaseFile:
    """Return a case with a question, a diagnosis and scores over thirty weeks."""
    told = story or chart_cases.non_responder()
    facts = {"questions": (QUESTION,), "diagnosis_code": "F32.1", "problem": "Épisode dépressif"}
    return replace(told, **facts | changed)


def letter(
    of: CaseFile | None = None,
    review: DraftReview = REVIEW,
    *,
    team: Team = TEAM,
    recipient: Professional = GP,
    **said: Any,
) -> LetterContent:
    """Return the letter to the GP, in French, signed."""
    said = {"language": "fr", "signed_at": SIGNED_AT} | said
    return letter_content(of or case(), review, team, recipient, **said)


def typed(text: str) -> LetterContent:
    """Return a letter with this text in every place where a person can type one."""
    lines = tuple(
        replace(line, detail=text, titration=text, alternative=text, drug_name=text)
        for line in REVIEW.lines
    )
    told = case()
    someone = Professional(3, "gp", text, text, text)
    return letter(
        replace(
            told,
            identity=replace(told.identity, family_name=text, given_name=text, ins=text),
            site=text,
            problem=text,
            diagnosis_label=text,
            questions=(replace(QUESTION, text=text),),
            treatments=tuple(replace(one, name=text, side_effects=text) for one in told.treatments),
            conditions=(chart_cases.condition("I10", text, None),),
        ),
        replace(REVIEW, summary=text, lines=lines),
        team=Team(replace(PSYCHIATRIST, family_name=text), NURSE, someone),
        recipient=someone,
    )
