"""The sentence about the changes of a case since the last review.

The functions do not escape text that a user typed.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dashboard.clinical.case.case_file import Assessment, Sequence
from dashboard.clinical.case.drug_changes import DrugChange, DrugEvent
from dashboard.clinical.case.since_review import ItemChange, ScoreChange, SinceReview, Spell
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import _, ngettext
from dashboard.locale.formats import near_day, number, short_day, signed
from dashboard.words.advice.lines import outcomes_counted
from dashboard.words.case.chart import care_name, flag_name, sequence_name
from dashboard.words.case.screening import answers_in_brief


def since_review_in_words(changes: SinceReview, today: date) -> str:
    """Return a sentence that lists the changes since the last review.

    Example: "Since the review of 12/11: PHQ-9 18 → 12 (−6), sertraline 50 → 100 mg."
    """
    on = near_day(changes.day, today)
    if not changes:
        return _("Since the review of {day}: nothing new on record.", day=on)
    parts = list(_parts(changes)) or list(_minor(changes))
    return _("Since the review of {day}: {changes}.", day=on, changes=", ".join(parts))


def _parts(changes: SinceReview) -> Iterator[str]:
    """Yield each change in words: first what concerns the safety of the patient, then the course of
    the illness and the treatment, then the missed contacts and the answers.

    The changes of ``_minor`` are left out.
    """
    yield from _safety(changes)
    yield from map(_score, changes.scores)
    for name in changes.unscored:
        yield _("{instrument} without a score", instrument=name)
    yield from map(_drug, changes.drugs)
    for effect in changes.side_effects:
        yield _("side effects ({drug}: {noted})", drug=effect.name, noted=effect.noted.rstrip(" ."))
    for spell in changes.care:
        yield _spell(care_name(spell.name), spell)
    yield from _contacts_and_answers(changes)


def _safety(changes: SinceReview) -> Iterator[str]:
    yield from map(_screening, changes.screenings)
    if changes.item9 is not None:
        yield _item9(changes.item9)
    yield from map(_flag, changes.flags)
    if failed := changes.failed_deliveries:
        yield ngettext("{n} letter not delivered", "{n} letters not delivered", failed)
    for spell in changes.conditions:
        yield _spell(spell.name, spell)
    if changes.questions:
        yield ngettext("{n} open question", "{n} open questions", changes.questions)
    if changes.safety_plan_on is not None:
        yield _("safety plan of {day}", day=short_day(changes.safety_plan_on))


def _minor(changes: SinceReview) -> Iterator[str]:
    """Yield the changes that are said only if there are no others, so that the sentence stays
    short: the page also shows the care sequence and the last contact above the chart.
    """
    if changes.sequence is not None:
        yield _sequence(changes.sequence)
    if kept := changes.contacts:
        yield ngettext("{n} contact kept", "{n} contacts kept", kept)


def _contacts_and_answers(changes: SinceReview) -> Iterator[str]:
    if missed := changes.missed_contacts:
        yield ngettext("{n} missed contact", "{n} missed contacts", missed)
    if changes.answers:
        said = ", ".join(
            outcomes_counted(outcome, count) for outcome, count in changes.answers.items()
        )
        total = sum(changes.answers.values())
        yield ngettext("{n} answer ({said})", "{n} answers ({said})", total, said=said)
    if withdrawn := changes.withdrawn:
        yield ngettext("{n} recommendation withdrawn", "{n} recommendations withdrawn", withdrawn)


def _screening(form: Assessment) -> str:
    said = answers_in_brief(form.instrument, form.items)
    return _(
        "{label} of {day} ({answers})", label=form.label, day=short_day(form.taken_on), answers=said
    )


def _flag(spell: Spell) -> str:
    kind = flag_name(spell.name)
    if spell.began_on is None:
        on = short_day(spell.ended_on) if spell.ended_on else ""
        return _("flag ({kind}) cleared on {day}", kind=kind, day=on)
    raised = _("flag ({kind}) of {day}", kind=kind, day=short_day(spell.began_on))
    if spell.ended_on is None:
        return raised
    return _("{flag}, cleared on {day}", flag=raised, day=short_day(spell.ended_on))


def _spell(name: str, spell: Spell) -> str:
    """Return the name of a condition or of care, and when it began or ended."""
    first = short_day(spell.began_on) if spell.began_on else ""
    last = short_day(spell.ended_on) if spell.ended_on else ""
    if not last:
        return _("{name} since {day}", name=name, day=first)
    if not first:
        return _("{name} ended on {day}", name=name, day=last)
    return _("{name} from {first} to {last}", name=name, first=first, last=last)


def _sequence(sequence: Sequence) -> str:
    name = f"{sequence_name(sequence.kind)} {sequence.number}"
    return _("sequence {name} since {day}", name=name, day=short_day(sequence.starts_on))


def _score(change: ScoreChange) -> str:
    label = INSTRUMENTS[change.instrument].label
    if change.before is None:
        return f"{label} {change.after}"
    said = {
        "instrument": label,
        "before": change.before,
        "score": change.after,
        "change": signed(change.after - change.before),
    }
    if change.before_on is not None:
        on = short_day(change.before_on)
        return _("{instrument} {before} on {first} → {score} ({change})", first=on, **said)
    return _("{instrument} {before} → {score} ({change})", **said)


def _item9(change: ItemChange) -> str:
    highest = change.after if change.highest is None else change.highest
    if change.before is None:
        said = _("item 9 at {answer}", answer=highest)
    else:
        said = _("item 9 from {before} to {after}", before=change.before, after=highest)
    if change.highest is None:
        return said
    return _("{item}, then {answer}", item=said, answer=change.after)


def _drug(change: DrugChange) -> str:
    """Return the change of a drug in words. A drug taken as needed is called so."""
    on = short_day(change.on)
    name = change.name
    if change.event is DrugEvent.STARTED:
        name = _with_dose(name, change.after)
    if change.as_needed:
        name = f"{name} {_('as needed')}"
    if change.before is not None and change.after is not None:
        doses = {"before": number(change.before), "after": number(change.after)}
        return _("{drug} {before} → {after} mg", drug=name, **doses)
    return {
        DrugEvent.STARTED: _("{drug} started on {day}"),
        DrugEvent.STOPPED: _("{drug} stopped on {day}"),
        DrugEvent.ONLY_AS_NEEDED: _("{drug} only as needed since {day}"),
        DrugEvent.TRIED: _("{drug} started on {day}, then stopped"),
    }.get(change.event, _("{drug} changed")).format(drug=name, day=on)


def _with_dose(name: str, dose: Decimal | None) -> str:
    return name if dose is None else f"{name} {number(dose)}\N{NO-BREAK SPACE}mg"
