"""Texts about meetings: decisions, durations, and data that arrived during a meeting.

The functions do not escape text that a user typed.
"""

from collections.abc import Sequence
from dataclasses import replace

from dashboard.calendar import PARIS
from dashboard.clinical.advice.drafts import ChangedMeanwhile, DraftInTheWay, NotReady, NotYours
from dashboard.clinical.advice.lines import Problem
from dashboard.clinical.case.case_file import Answer, Assessment, Contact, Flag, Recommendation
from dashboard.clinical.meeting.meetings import (
    AlreadyDecided,
    Arrived,
    Meeting,
    MeetingItem,
    NotRunning,
    undecided,
)
from dashboard.clinical.people import Person
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, full_name, short_day
from dashboard.vocabulary import Outcome
from dashboard.words.advice.lines import outcome_name as answer_name
from dashboard.words.case.chart import flag_name
from dashboard.words.case.screening import answers_in_words
from dashboard.words.meeting.agenda import duration_in_words


def outcome_name(outcome: str) -> str:
    """Return the name of the outcome of a case in a meeting."""
    return {
        Outcome.REVIEWED: _("reviewed"),
        Outcome.NO_CHANGE: _("no change"),
        Outcome.DEFERRED: _("deferred"),
    }[Outcome(outcome)]


def decision_in_words(item: MeetingItem) -> str:
    """Return the decision on a case, with its author and reason.

    Example: "Deferred by Roux: blood test awaited".
    """
    by = item.decided_by.family_name if item.decided_by else "?"
    decided = {
        Outcome.REVIEWED: _("Reviewed by {name}", name=by),
        Outcome.NO_CHANGE: _("Seen without change by {name}", name=by),
        Outcome.DEFERRED: _("Deferred by {name}", name=by),
    }[Outcome(item.outcome or Outcome.DEFERRED)]
    return _("{text}: {detail}", text=decided, detail=item.reason) if item.reason else decided


def refusal_in_words(refusal: Exception) -> str:
    """Return a text that says why a decision on a case was refused.

    Most of the texts also say what was not changed or signed.
    """
    if isinstance(refusal, AlreadyDecided):
        decided = decision_in_words(refusal.item)
        return _("{decided}. Nothing was changed; a draft stays as it is.", decided=decided)
    if isinstance(refusal, ChangedMeanwhile):
        return _("Something has come in on this case: look at it first. Nothing was signed.")
    if isinstance(refusal, DraftInTheWay):
        return _("A review is being written for this case: sign it or discard it first.")
    if isinstance(refusal, NotReady):
        return _not_ready(refusal)
    if isinstance(refusal, NotRunning):
        return _("The meeting has ended.")
    if isinstance(refusal, NotYours):
        return _("This case is no longer one of yours.")
    return _("That was not recorded. Try again.")


def _not_ready(refusal: NotReady) -> str:
    if "alert_stands" in {problem.code for problem in refusal.problems}:
        return _("An alert stands: decide on the risk in a review. Nothing was signed.")
    if Problem("answer", "missing") in refusal.problems:
        return _(
            "The nurse’s question has no answer: answer it below, or leave it unanswered. Nothing"
            " was signed."
        )
    return _("This case asks for a review: write it below. Nothing was signed.")


def not_signed_in_words(item: MeetingItem) -> str:
    """Return a text for the author of a review whose case was already decided in the meeting.

    The text says who decided the case, and how the review can still be signed.
    """
    return _(
        "{decided} in the meeting. Nothing was signed; what is written here stays. To sign it,"
        " take the case up again in the meeting.",
        decided=decision_in_words(replace(item, reason=None)),
    )


def minutes(seconds: int) -> str:
    """Return a duration given in seconds, rounded to minutes, such as "12 min"."""
    return duration_in_words((seconds + 30) // 60)


def with_whom(meeting: Meeting, me: int) -> str:
    """Return the name of a meeting: the name of its psychiatrist or nurse, whichever is not ``me``.

    If ``me`` is neither of the two, because ``me`` covers a colleague, both names are returned.
    """
    return _("Meeting with {names}", names=_names_in(meeting, me))


def last_meeting_in_words(meeting: Meeting, me: int) -> str:
    """Return the name of the last meeting of two people, as in ``with_whom``, and its day."""
    names, on = _names_in(meeting, me), short_day(meeting.held_on)
    return _("Last meeting with {names}, {day}", names=names, day=on)


def covered_in_words(names: Sequence[str]) -> str:
    """Return the name of the person with whom somebody meets. Two ``names`` are those of a meeting
    that somebody attends only because of a cover, and the text says so.
    """
    joined = " – ".join(names)
    return _("{names} (cover)", names=joined) if len(names) > 1 else joined


def _names_in(meeting: Meeting, me: int) -> str:
    pair = [meeting.psychiatrist, meeting.nurse]
    return covered_in_words([_called(one, meeting) for one in pair if one is None or one.id != me])


def _called(person: Person | None, meeting: Meeting) -> str:
    if person is None:
        return "?"
    name = full_name(person.family_name, person.given_name)
    return _("Dr {name}", name=name) if person == meeting.psychiatrist else name


def arrivals_in_words(arrived: Arrived) -> list[str]:
    """Return one short phrase for each entry that was added to the record of a case."""
    return [
        *(_assessment(one) for one in arrived.assessments),
        *(_contact(one) for one in arrived.contacts),
        *(
            _("treatment: {name} from {day}", name=one.name, day=day(one.started_on))
            for one in arrived.treatments
        ),
        *(_flag(one) for one in arrived.flags),
        *(_("a question of the nurse") for _one in arrived.questions),
        *(_answer(line, one) for line, one in arrived.answers),
    ]


def _assessment(form: Assessment) -> str:
    if not form.has_severity:
        answers = answers_in_words(form.instrument, form.items)
        return _(
            "{label} of {day}: {answers}", label=form.label, day=day(form.taken_on), answers=answers
        )
    return _(
        "{label} {total} of {day}",
        label=form.label,
        total=_shown(form.plotted),
        day=day(form.taken_on),
    )


def _shown(score: int | None) -> str:
    return "?" if score is None else str(score)


def _contact(contact: Contact) -> str:
    when = day(contact.day)
    return (
        _("contact of {day}", day=when)
        if contact.attended
        else _("missed contact of {day}", day=when)
    )


def _flag(flag: Flag) -> str:
    raised = short_day(flag.raised_at.astimezone(PARIS).date())
    return _("flag ({kind}) of {day}", kind=flag_name(flag.kind), day=raised)


def _answer(line: Recommendation, answer: Answer) -> str:
    by = answer.practitioner.family_name if answer.practitioner else "?"
    return _(
        "answer of {name} to recommendation {n}: {answer}",
        name=by,
        n=line.position,
        answer=answer_name(answer.outcome),
    )


def decided_in_words(meeting: Meeting) -> str:
    """Return the number of cases of an ended meeting. If some have no decision, return also the
    number of those with one, such as "3 of 12 cases decided".
    """
    cases = cases_in_words(len(meeting.items))
    left = len(undecided(meeting))
    if not left:
        return cases
    return ngettext(
        "{n} of {cases} decided", "{n} of {cases} decided", len(meeting.items) - left, cases=cases
    )


def cases_in_words(count: int) -> str:
    """Return a number of cases, such as "12 cases"."""
    return ngettext("{n} case", "{n} cases", count)
