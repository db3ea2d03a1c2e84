"""Print the rules of the review list with their cases, as Markdown.

python -m tools.print_rules > docs/rules.md
"""

import inspect
from collections.abc import Iterable, Mapping

from dashboard.clinical.caseload.ranking import ranked
from dashboard.clinical.caseload.rules import RULES, Rule, Tier
from dashboard.locale import speaking
from dashboard.words.caseload.reasons import rule_name, tier_meaning, tier_name
from tests.support.rule_cases import CASES, EXACT_WORDS, PICTURES
from tests.support.stories import NO, Case, Picture, lines_of

INTRODUCTION = """\
# The rules of the review list

Every open episode is on the psychiatrist's list, ranked. A rule that holds is a reason to review
the episode, and gives the day since which it has held. This page is printed from the code and its
test cases (`python -m tools.print_rules > docs/rules.md`), so it is never out of date.

How to read a case: day 0 is the enrolment. `10` begins on day 10 and has no end; `10..40` begins on
day 10 and is stopped, cleared, resolved, closed, ended or settled on day 40. If two lines have the
same day, the lower one is the later. `-` among items is an item that was not answered. Below the
table are days on which the list is made; for each day, the case says whether the rule holds, and
since which day. A case shows only its own rule. The cases under "Whole lists" show all
reasons. [The glossary](../GLOSSARY.md) defines the words.
"""


def page() -> str:
    """Return the whole document, in English."""
    with speaking("en"):
        parts = [
            INTRODUCTION,
            _tiers(),
            *(_rule(rule) for rule in RULES.values()),
            "## Exact words\n\nA score, a baseline and an unbroken run, by example.\n",
            *(_case(case, f"{case.title} (`{case.rule}`)") for case in EXACT_WORDS),
            "## Whole lists\n",
            *(_picture(picture) for picture in PICTURES),
            f"## The order of the list\n\n{_words_of(ranked)}\n",
        ]
    return "\n".join(parts)


def _tiers() -> str:
    rows = [(str(tier.value), tier_name(tier), tier_meaning(tier)) for tier in Tier]
    return f"## Tiers\n\n{_table(('tier', 'name', 'meaning'), rows)}"


def _rule(rule: Rule) -> str:
    heading = f"## {rule_name(rule.id)}\n"
    facts = f"`{rule.id}` · {_tiers_of(rule)} · {rule.source}\n"
    cases = [_case(case, case.title) for case in CASES if case.rule == rule.id]
    return "\n".join([heading, facts, _words_of(rule.applies) + "\n", *cases])


def _tiers_of(rule: Rule) -> str:
    """Return the tier of a rule, and its tier for patients with low need."""
    tier = f"tier {rule.tier.value}, {tier_name(rule.tier)}"
    if rule.low_tier is None:
        return f"{tier}; it does not hold where the need is low"
    if rule.low_tier == rule.tier:
        return tier
    return f"{tier}; where the need is low {rule.low_tier.value}, {tier_name(rule.low_tier)}"


def _case(case: Case, title: str) -> str:
    return f"**{title}**\n\n{_story(case.story)}\n{_days(case.holds)}\n"


def _picture(picture: Picture) -> str:
    rows = [
        (str(today), ", ".join(f"`{rule}` since {since}" for rule, since in why) or "nothing")
        for today, why in picture.reasons.items()
    ]
    listed = _table(("on day", "what holds, most urgent first"), rows)
    return f"**{picture.title}**\n\n{_story(picture.story)}\n{listed}"


def _story(story: str) -> str:
    rows = [(line.when, line.what, line.value) for line in lines_of(story)]
    return _table(("day", "what", "value"), rows or [("0", "enrolment", "and nothing else")])


def _days(holds: Mapping[int, int | None]) -> str:
    return " · ".join(
        f"day {today}: no" if since is NO else f"day {today}: **since {since}**"
        for today, since in holds.items()
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _words_of(documented: object) -> str:
    return (inspect.getdoc(documented) or "").replace("``", "`")


if __name__ == "__main__":
    print(page(), end="")
