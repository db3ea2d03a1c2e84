"""Texts about a draft: its problems, its cautions, and the changes of the case since the draft was
begun.
"""

from datetime import date
from decimal import Decimal
from typing import cast

from dashboard.calendar import PARIS
from dashboard.clinical.advice.cautions import Caution
from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    ChangedLine,
    Changes,
    DraftInTheWay,
    Elsewhere,
    NewFlag,
    NewQuestion,
    NewReview,
    NewScore,
)
from dashboard.clinical.advice.lines import FURTHEST_DAYS, Problem
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import _
from dashboard.locale.formats import day, moment, number
from dashboard.words.advice.lines import daily_dose, outcome_name, recommendation_head
from dashboard.words.case.chart import flag_name


def problem_in_words(problem: Problem) -> str:
    """Return the problem of a field in words for the author of the draft."""
    field = problem.field.rsplit("/", 1)[-1]
    if problem.code == "missing":
        return _missing(field)
    return {
        "too_long": _("Too long: shorten it."),
        "unknown": _("Choose what it is about."),
        "not_a_dose": _("A number of mg a day, such as 100 or 37.5."),
        "replaces_itself": _("This is the drug that is to replace it."),
        "in_the_past": _("This day is past."),
        "too_far": _("More than {n} days away.", n=FURTHEST_DAYS),
        "nothing_advised": _("Add a recommendation, or choose “seen, no change”."),
        "change_advised": _("“Seen, no change” has no recommendation: remove them."),
        "alert_stands": _("An alert stands: decide on the risk, or advise something."),
        "not_in_the_future": _("Choose a day after today."),
        "same_drug": _("Two orders on one drug: replace or withdraw one of them."),
    }[problem.code]


def _missing(field: str) -> str:
    return {
        "answer": _("Answer the nurse, or leave the question unanswered."),
        "summary": _("Write a summary."),
        "action": _("Choose what to do."),
        "drug_name": _("Choose the drug."),
        "replaced_drug_name": _("Choose the drug that is replaced."),
        "dose": _("Give the dose in mg a day."),
        "titration": _("Say how, as in a prescription: steps and intervals."),
        "alternative": _("Say what to do if this does not work."),
        "detail": _("Say what is to be done."),
        "owner_role": _("Choose who does it."),
        "level": _("Decide on the risk, or say that it was not assessed."),
        "reassess_on": _("Choose when the risk is reassessed."),
        "reason": _("Add a safety recommendation, or say why none is needed."),
        "replaced_by": _("Choose the recommendation that replaces it."),
        "next_review_on": _("Choose the day of the next review, or an interval."),
    }[field]


def caution_in_words(caution: Caution) -> str:
    """Return ``caution`` in words, with its values and its source.

    The source is left out if there is none, or if the drug could not be checked.
    """
    if caution.code == "second_of_class":
        return _second_of_class(caution)
    facts = {name: _written(value) for name, value in caution.facts.items()}
    text = {
        "dose_above_maximum": _(
            "{drug} {dose} mg/day is above the maximum at {age} years: {maximum} mg/day."
        ),
        "contraindicated_combination": _("{drug} is contra-indicated with: {partner}."),
        "psychotropic_in_pregnancy": _("{drug}: the patient is pregnant."),
        "valproate_in_pregnancy": _("{drug}: major teratogen, and the patient is pregnant."),
        "stop_in_pregnancy": _("{drug}: do not stop abruptly in pregnancy."),
        "not_checked": _(
            "{drug} is not in the list of drugs: neither its dose range, nor contra-indicated"
            " combinations, nor pregnancy could be checked."
        ),
        "not_taken": _("{drug} is not among the patient’s current drugs."),
        "taken_already": _("{drug} is already among the patient’s current drugs."),
        "failed_before": _("{drug} was stopped on {stopped_on}: {reason}."),
        "alternative_failed_before": _(
            "If it does not work: {drug} was stopped on {stopped_on}: {reason}."
        ),
    }[caution.code].format(**facts)
    if caution.source is None or caution.code == "not_checked":
        return text
    return " ".join((text, _("Source: {source}", source=caution.source)))


def _second_of_class(caution: Caution) -> str:
    drug, partner = caution.facts["drug"], cast(str, caution.facts["partner"])
    dose = cast(Decimal | None, caution.facts["dose"])
    taken = partner if dose is None else f"{partner} {daily_dose(dose)}"
    said = {
        "ssri": _("{drug}: second SSRI beside {taken}. Say what becomes of {partner}."),
        "reuptake": _(
            "{drug}: second serotonin reuptake inhibitor beside {taken}."
            " Say what becomes of {partner}."
        ),
        "tricyclic": _(
            "{drug}: second tricyclic antidepressant beside {taken}. Say what becomes of {partner}."
        ),
    }[cast(str, caution.facts["shared"])]
    return said.format(drug=drug, taken=taken, partner=partner)


def _written(value: object) -> str:
    if isinstance(value, date):
        return day(value)
    return value if isinstance(value, str) else number(cast(Decimal, value))


def changes_in_words(changes: Changes) -> list[str]:
    """Return a short text for each change of the case that the author has not seen."""
    return [
        *(_corrected(one, _score(one)) for one in changes.scores),
        *map(_review, changes.reviews),
        *(_corrected(one, _flag(one)) for one in changes.flags),
        *map(_question, changes.questions),
        *map(_line, changes.lines),
    ]


def _corrected(row: NewScore | NewFlag, said: str) -> str:
    return _("{row}, changed since you saw it", row=said) if row.is_corrected else said


def _score(score: NewScore) -> str:
    known = INSTRUMENTS.get(score.instrument)
    label = known.label if known else score.instrument
    if known is not None and not known.has_severity:
        return _("{label} of {day}", label=label, day=day(score.taken_on))
    if score.total is None:
        return _("{label} of {day}, without a total", label=label, day=day(score.taken_on))
    return _("{label} {total} of {day}", label=label, total=score.total, day=day(score.taken_on))


def trouble_in_words(trouble: str) -> str:
    """Return the text about an error at saving, signing or discarding: its cause, and what it means
    for the draft. ``trouble`` is the code of the error.
    """
    return {
        "not_yours": _(
            "This episode has been closed, or the patient is no longer in your care. Nothing was"
            " signed. Your text is kept."
        ),
        "not_signed": _(
            "The database did not answer, so the review may or may not be signed. Sign again: it"
            " will not be signed twice."
        ),
        "letters_changed": _(
            "The record changed while the letters were made. Nothing was signed. Your text is kept."
            " Check the preview, then sign."
        ),
        "amended": _(
            "Somebody else has amended this review in the meantime. Nothing was signed. Read their"
            " version, then amend that one."
        ),
        "draft_changed": _(
            "The draft was changed in another window. Nothing was signed. Check it, then sign."
        ),
        "not_discarded": _("The draft was changed in another window. It was not discarded."),
        "signed_otherwise": _(
            "This draft was signed in another window, with a different text. The text in this"
            " window was not sent. It is kept as a new draft."
        ),
    }[trouble]


def elsewhere_in_words(elsewhere: Elsewhere) -> str:
    """Return in words the change that was made to the draft in another window."""
    clock = f"{elsewhere.at.astimezone(PARIS):%H:%M}" if elsewhere.at else ""
    return {
        "changed": _("This draft was changed in another window at {time}."),
        "signed": _(
            "This draft was signed in another window at {time}. What is written here since is"
            " a new draft."
        ),
        "discarded": _("This draft was signed or discarded in another window."),
    }[elsewhere.what].format(time=clock)


def _review(review: NewReview) -> str:
    by = review.psychiatrist.family_name if review.psychiatrist else "?"
    return _("review signed by Dr {name} at {time}", name=by, time=moment(review.signed_at))


def _flag(flag: NewFlag) -> str:
    return _("flag ({kind}) of {day}", kind=flag_name(flag.kind), day=moment(flag.raised_at))


def _question(question: NewQuestion) -> str:
    return _(
        "question of {name}, ready since {time}: “{text}”",
        name=question.nurse.family_name if question.nurse else "?",
        time=moment(question.ready_at),
        text=question.text,
    )


def _line(changed: ChangedLine) -> str:
    line = recommendation_head(changed.line)
    if changed.what == "answered":
        answer = outcome_name(changed.line.state)
        return _("“{line}” was answered: {answer}", line=line, answer=answer)
    return {
        "withdrawn": _("“{line}” was withdrawn"),
        "settled": _("“{line}” was settled by another review"),
        "open": _("“{line}” is open now: say what becomes of it"),
    }[changed.what].format(line=line)


def amendment_refused_in_words(refusal: AlreadyAmended | DraftInTheWay) -> str:
    """Return the reason why a review cannot be amended now, and the next step, in words."""
    if isinstance(refusal, DraftInTheWay):
        return _("Sign or discard the draft that you have begun; then amend this review.")
    return _("This review has been amended meanwhile: amend the latest one.")
