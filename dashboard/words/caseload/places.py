"""Texts about the need of an episode and its place on the list (docs/review_list.md, "Order")."""

from datetime import date
from typing import cast

from dashboard.clinical.caseload.need import Need, Needed, NeedFact
from dashboard.clinical.caseload.ranking import NEWS, Place, Raised
from dashboard.clinical.caseload.rules import Reason, Tier
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import _, language, ngettext, pgettext
from dashboard.locale.formats import near_day
from dashboard.vocabulary import InstrumentCode
from dashboard.words.caseload.reasons import in_words, risk_level_name, tier_name

NEED_SHAPES = {Need.LOW: "▂", Need.MODERATE: "▄", Need.MARKED: "▆", Need.HIGH: "█"}
"""The character that shows each level of need: the higher the need, the taller the character.

The levels can be told apart without colour. A column of these characters sorts by need.
"""


def need_name(need: int) -> str:
    """Return the name of a level of need, in one word."""
    return {
        Need.LOW: pgettext("need", "low"),
        Need.MODERATE: pgettext("need", "moderate"),
        Need.MARKED: pgettext("need", "marked"),
        Need.HIGH: pgettext("need", "high"),
    }[Need(need)]


def need_in_brief(needed: Needed) -> str:
    """Return a need as a character and a word, such as "█ high"."""
    return f"{NEED_SHAPES[needed.level]} {need_name(needed.level)}"


def need_in_words(needed: Needed, today: date) -> str:
    """Return a need as a character and a word, followed by the main fact from which it follows."""
    shown = need_in_brief(needed)
    return f"{shown} · {need_fact(needed, today)}" if needed.facts else shown


def need_fact(needed: Needed, today: date) -> str:
    """Return the main fact from which a need follows.

    For a low need, return the PHQ-9 score if there is one. The text is empty if a low need has no
    fact.
    """
    if needed.level is Need.LOW:
        scores = [fact for fact in needed.facts if fact.kind == InstrumentCode.PHQ9]
        return _fact((scores or needed.facts)[0], today) if needed.facts else ""
    return _fact(needed.facts[0], today)


def place_in_words(rank: int, place: Place, reasons: tuple[Reason, ...], today: date) -> str:
    """Return a sentence that says why an episode has its place on the list.

    ``rank`` is the place, counted from 1.
    """
    said = {
        "place": _ordinal(rank),
        "tier": tier_name(place.tier),
        "need": need_name(place.needed.level),
        "fact": need_fact(place.needed, today),
    }
    if place.lateness is None:
        return _(
            "{place}: {tier}, {need} need ({fact}){raised}; since {day}.",
            raised=_raised(place, reasons, today),
            day=near_day(place.since or today, today),
            **said,
        )
    return _(
        "{place}: {tier}, {need} need ({fact}): {waited}.",
        waited=_waited(place, today),
        **said,
    )


def place_in_brief(place: Place, reasons: tuple[Reason, ...], today: date) -> str:
    """Return the part of ``place_in_words`` that no other column of the list says.

    In tiers 0 to 2, it is the day since which a reason holds. In tiers 3 to 5, it is the time since
    the last review or since enrolment. The fact from which the need follows precedes it, unless the
    need is low or the fact is a score, which has its own column.
    """
    since = near_day(place.since or today, today)
    if place.lateness is not None:
        waited = _waited(place, today)
        said = waited[:1].upper() + waited[1:]
    elif place.raised is Raised.NEWS:
        said = _("Since {day}, moved up one level", day=since)
    else:
        said = _("Since {day}", day=since) + _raised(place, reasons, today)
    needed = place.needed
    if needed.level is Need.LOW or needed.facts[0].kind in (
        InstrumentCode.PHQ9,
        InstrumentCode.GAD7,
    ):
        return said
    return _("Need: {fact}. {place}", fact=need_fact(needed, today), place=said)


def _fact(fact: NeedFact, today: date) -> str:
    on = "" if fact.day is None else near_day(fact.day, today)
    if fact.kind == "phq9_unknown":
        if fact.day is None:
            return _("no PHQ-9")
        return _("no PHQ-9 for {days} days", days=(today - fact.day).days)
    if fact.kind == "risk_unknown":
        return _("suicide risk unknown")
    if fact.kind == "safety_flag":
        return _("safety flag of {day}", day=on)
    if fact.kind == InstrumentCode.CSSRS:
        numbers = ", ".join(map(str, cast(tuple[int, ...], fact.value)))
        return _("C-SSRS of {day}: question {questions}", day=on, questions=numbers)
    if fact.kind == "risk_decision":
        level = risk_level_name(str(fact.value))
        return _("risk judged {level} on {day}", level=level, day=on)
    if fact.kind == "item9":
        return _("item 9 at {answer}", answer=fact.value)
    return f"{INSTRUMENTS[fact.kind].label} {fact.value}"


def _raised(place: Place, reasons: tuple[Reason, ...], today: date) -> str:
    if place.raised is None:
        return ""
    if place.raised is Raised.NEWS:
        news = next(
            reason
            for reason in reasons
            if reason.tier is Tier.REVIEW_DUE and reason.rule.id in NEWS
        )
        return _(", moved up one level: {news}", news=in_words(news, today))
    stands = (today - (place.since or today)).days
    days = place.waited if place.raised is Raised.NEW_WAITED else stands
    return _(
        ", counted as {need} after {days} days of waiting",
        need=need_name(place.counted),
        days=days,
    )


def _waited(place: Place, today: date) -> str:
    interval = place.needed.interval.days
    if place.reviewed:
        said = ngettext(
            "last review {n} day ago, one is due every {interval} days",
            "last review {n} days ago, one is due every {interval} days",
            place.waited,
            interval=interval,
        )
    else:
        said = ngettext(
            "no review since enrolment {n} day ago, one is due every {interval} days",
            "no review since enrolment {n} days ago, one is due every {interval} days",
            place.waited,
            interval=interval,
        )
    if place.due_by is None:
        return said
    return _("{waited}, counted as due: {why}", waited=said, why=in_words(place.due_by, today))


def _ordinal(rank: int) -> str:
    if language() == "fr":
        return "1ʳᵉ" if rank == 1 else f"{rank}ᵉ"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{'th' if rank % 100 in (11, 12, 13) else ending}"
