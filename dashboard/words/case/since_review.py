"""The sentence about the changes of a case since the last review.

The functions do not escape text that a user typed.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dashboard.clinical.case.since_review import (
    DrugChange,
    DrugEvent,
    ItemChange,
    ScoreChange,
    SinceReview,
)
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, number, short_day, signed
from dashboard.words.advice.lines import outcomes_counted

PLAIN_YEAR_DAYS = 300
"""A date is shown without its year if it is fewer than this number of days ago."""


def since_review_in_words(changes: SinceReview, today: date) -> str:
    """Return a sentence that lists the changes since the last review.

    Example: "Since the review of 12/11: PHQ-9 18 → 12 (−6), sertraline 50 → 100 mg."
    """
    on = _day(changes.day, today)
    if not changes:
        return _("Since the review of {day}: nothing new on record.", day=on)
    return _("Since the review of {day}: {changes}.", day=on, changes=", ".join(_parts(changes)))


def _day(on: date, today: date) -> str:
    return short_day(on) if (today - on).days < PLAIN_YEAR_DAYS else day(on)


def _parts(changes: SinceReview) -> Iterator[str]:
    yield from map(_score, changes.scores)
    if changes.item9 is not None:
        yield _item9(changes.item9)
    yield from map(_drug, changes.drugs)
    for effect in changes.side_effects:
        yield _("side effects ({drug}: {noted})", drug=effect.name, noted=effect.noted.rstrip(" ."))
    if missed := changes.missed_contacts:
        yield ngettext("{n} missed contact", "{n} missed contacts", missed)
    if changes.answers:
        said = ", ".join(
            outcomes_counted(outcome, count) for outcome, count in changes.answers.items()
        )
        total = sum(changes.answers.values())
        yield ngettext("{n} answer ({said})", "{n} answers ({said})", total, said=said)
    if failed := changes.failed_deliveries:
        yield ngettext("{n} letter not delivered", "{n} letters not delivered", failed)


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
    if change.before is None:
        return _("item 9 at {answer}", answer=change.after)
    return _("item 9 from {before} to {after}", before=change.before, after=change.after)


def _drug(change: DrugChange) -> str:
    on = short_day(change.on)
    if change.event is DrugEvent.STARTED:
        return _("{drug} started on {day}", drug=_with_dose(change.name, change.after), day=on)
    if change.event is DrugEvent.STOPPED:
        return _("{drug} stopped on {day}", drug=change.name, day=on)
    if change.event is DrugEvent.TRIED:
        return _("{drug} started on {day}, then stopped", drug=change.name, day=on)
    if change.before is None or change.after is None:
        return _("{drug} changed", drug=change.name)
    doses = {"before": number(change.before), "after": number(change.after)}
    return _("{drug} {before} → {after} mg", drug=change.name, **doses)


def _with_dose(name: str, dose: Decimal | None) -> str:
    return name if dose is None else f"{name} {number(dose)}\N{NO-BREAK SPACE}mg"
