"""Counts in steps of six. They keep small counts secret even if a reader combines many views.

``count_in_steps`` replaces the exact counts of an area by multiples of ``STEP`` before a medical
lead reads them. An area is all sites, or a department if there are many sites. Every figure that a
lead can see is a sum of these multiples, so all figures agree with each other. ``_Tokens``
describes how a multiple is chosen. These properties hold by construction;
tests/clinical/sites/test_protection.py attacks them:

- Over any period of months, the number of all cases in the area differs from the exact number by
  less than ``STEP``. The number of cases with one answer can differ by more.
- From the beginning to any month, the number of all cases in a cell (a site, nurse, kind and
  severity) is at most ``STEP`` - 1 above the exact number. For an answer, this holds for each site,
  but not for each cell.
- The counts in steps could be the exact counts of a real registry, because none is negative, and
  parts add up to wholes. A registry with up to ``STEP`` - 1 more cases in any cell and month can
  have the same counts in steps. Therefore at least ``STEP`` values remain possible for each count,
  however many sums a reader compares.
- The same exact counts and the same secret give the same steps. Counting again reveals nothing new.

A count that is the sum of other counts has no steps of its own: two different results for one
number would reveal more than one result. For example, the open cases are computed as the enrolled
cases less the closed cases (``with_parts``). The errors of the summed counts add up, so the first
three properties do not hold for such a count.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import TypeVar

from dashboard.clinical.sites.indicators import ADVICE_PARTS, FLOW, INDICATORS

STEP = 6
"""The number of cases that one token stands for, and of which all published counts are multiples.

With a smaller step, a reader could determine a small count to within ± 2 (five possible values).
"""


@dataclass(frozen=True, order=True)
class Cell:
    """The smallest group of cases that is counted: the cases with the same site, nurse, kind of
    first sequence and severity.
    """

    site: int
    nurse: int
    kind: str = ""
    severity: str = ""


Numbers = Mapping[str, int]
"""The number of cases in one cell, by column of the counts."""

Months = Mapping[date, Mapping[Cell, Numbers]]
"""The number of cases by month, cell and column of the counts."""


@dataclass(frozen=True)
class Split:
    """A yes/no question about the cases of a population.

    Each of ``columns`` counts the cases with the answer yes, so all these columns have the same
    number. If ``within`` is set, the question is only about the cases that the column ``within``
    counts. Cases that one of the columns ``after`` counts are left out.
    """

    columns: tuple[str, ...]
    within: str | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Population:
    """A group of cases, and the yes/no questions about them (``splits``). Each of ``columns``
    counts all cases of the group.

    In a ``snapshot``, the same case is counted again each month. Otherwise, each case counts in one
    month only.
    """

    columns: tuple[str, ...]
    splits: tuple[Split, ...] = ()
    snapshot: bool = False


NEVER_OPEN = "never_open"
"""The column that counts enrolled cases that were closed without a date. These cases are never open
at the end of a month.
"""

RELAPSE_PREVENTION, NOT_MEASURED, OUT_OF_CONTACT, MISSED_BESIDES = (
    "relapse_prevention",
    "not_measured",
    "out_of_contact",
    "missed_besides",
)
"""The columns of four groups of cases on the last day of a month:

- ``RELAPSE_PREVENTION``: open but not active;
- ``NOT_MEASURED``: active without a recent PHQ-9;
- ``OUT_OF_CONTACT``: active without a recent contact;
- ``MISSED_BESIDES``: all other cases that lack a contact or a PHQ-9 in the month.

The number of cases that lack a contact or a PHQ-9 in the month is computed as ``NOT_MEASURED`` plus
``MISSED_BESIDES``. It has no steps of its own, because it is nearly equal to ``NOT_MEASURED``, and
separate steps for both would reveal small counts. ``MISSED_BESIDES`` can be negative: in a month of
31 days, a PHQ-9 of the first day is no longer recent on the last day.
"""

PARTS = (RELAPSE_PREVENTION, NOT_MEASURED, OUT_OF_CONTACT, MISSED_BESIDES)

SUMS_OF_OTHERS = ("active_caseload", "measured", "lost_to_follow_up", "contact_and_score")
"""The snapshots that have no steps of their own. They are computed from ``NEVER_OPEN``, ``PARTS``
and the numbers of enrolled and closed cases.
"""


def _populations() -> Iterator[Population]:
    unimproved = ("unimproved_reviewed", "unimproved_treatment_changed")
    later = ("response", "remission")
    yield Population(
        _named(unimproved, "eligible"),
        (
            Split(_named(unimproved, "measured")),
            *(Split((one,), within=f"{unimproved[0]}_measured") for one in unimproved),
        ),
    )
    yield Population(
        _named(later, "eligible"),
        (
            Split((*_named(later, "measured"), "deteriorated_eligible")),
            Split(("response",), within="response_measured"),
            Split(("remission",), within="response"),
            Split(("deteriorated",), within="response_measured", after=("response",)),
        ),
    )
    yield Population(
        _named((*ADVICE_PARTS, "advice_replaced"), "eligible"),
        (
            *(Split((one,), after=ADVICE_PARTS[:n]) for n, one in enumerate(ADVICE_PARTS)),
            Split(("advice_replaced",), within="advice_unanswered"),
        ),
    )
    referred, enrolled, *then = FLOW
    yield Population(
        (referred,), (Split((enrolled,)), *(Split((one,), within=enrolled) for one in then))
    )
    consent = "consent_recorded"
    yield Population((f"{consent}_eligible",), (Split((consent,)), Split((NEVER_OPEN,))))
    for part in PARTS:
        yield Population((part,), snapshot=True)
    counted = {
        consent,
        *SUMS_OF_OTHERS,
        *unimproved,
        *later,
        "deteriorated",
        *ADVICE_PARTS,
        "advice_replaced",
        *FLOW,
    }
    for indicator in INDICATORS.values():
        if indicator.id in counted:
            continue
        yes, *of_whom = indicator.columns
        if indicator.kind == "count":
            yield Population((yes,), snapshot=indicator.snapshot)
        elif indicator.scores:
            eligible, measured = of_whom
            splits = (Split((measured,)), Split((yes,), within=measured))
            yield Population((eligible,), splits, indicator.snapshot)
        else:
            yield Population((of_whom[0],), (Split((yes,)),), indicator.snapshot)


def _named(indicators: Sequence[str], what: str) -> tuple[str, ...]:
    return tuple(f"{one}_{what}" for one in indicators)


POPULATIONS = tuple(_populations())
"""The populations from which every column of the table ``review.site_month`` is computed."""


def count_in_steps(
    months: Months, secret: bytes, populations: Sequence[Population] = POPULATIONS
) -> dict[date, dict[Cell, dict[str, int]]]:
    """Return the counts of an area in steps, by month, cell and column. Cells in which all counts
    are 0 are left out.
    """
    found: dict[date, dict[Cell, dict[str, int]]] = {}
    for population in populations:
        tokens = _Tokens(population, secret, population.columns[0])
        for month in sorted(months):
            if population.snapshot:
                tokens = _Tokens(population, secret, f"{population.columns[0]} {month}")
            for cell, numbers in sorted(months[month].items()):
                tokens.add(cell, numbers)
            for cell, columns in tokens.give():
                held = found.setdefault(month, {}).setdefault(cell, {})
                for column in columns:
                    held[column] = held.get(column, 0) + STEP
    return found


def with_parts(months: Months) -> dict[date, dict[Cell, dict[str, int]]]:
    """Return these counts with the added columns ``NEVER_OPEN`` and ``PARTS``. The snapshots can be
    computed from these columns.
    """
    found: dict[date, dict[Cell, dict[str, int]]] = {}
    missing: dict[Cell, int] = defaultdict(int)
    cumulated: dict[Cell, int] = defaultdict(int)
    for month in sorted(months):
        cells = found[month] = {}
        for cell in sorted({*months[month], *cumulated}):
            of = defaultdict(int, months[month].get(cell, {}))
            cumulated[cell] += of["consent_recorded_eligible"] - of["closed_as_lost_eligible"]
            before, missing[cell] = missing[cell], cumulated[cell] - of["active_caseload"]
            not_measured = of["measured_eligible"] - of["measured"]
            missed = of["contact_and_score_eligible"] - of["contact_and_score"]
            parts = {
                NEVER_OPEN: missing[cell] - before,
                RELAPSE_PREVENTION: of["active_caseload"] - of["measured_eligible"],
                NOT_MEASURED: not_measured,
                OUT_OF_CONTACT: of["lost_to_follow_up"] - of["closed_as_lost"],
                MISSED_BESIDES: missed - not_measured,
            }
            if cell in months[month] or any(parts.values()):
                cells[cell] = {**of, **parts}
    return found


def indicators_in_steps(months: Months, secret: bytes) -> dict[date, dict[Cell, dict[str, int]]]:
    """Return the counts of all indicators of an area, in steps.

    A snapshot can be negative in a cell. This happens if a token of closed cases is given out
    before the token of the enrolled cases.
    """
    steps = count_in_steps(with_parts(months), secret)
    open_: dict[Cell, int] = defaultdict(int)
    found: dict[date, dict[Cell, dict[str, int]]] = {}
    for month in sorted(months):
        cells = steps.get(month, {})
        for cell in sorted({*cells, *open_}):
            of = defaultdict(int, cells.get(cell, {}))
            closed = of["closed_as_lost_eligible"]
            open_[cell] += of["consent_recorded_eligible"] - of[NEVER_OPEN] - closed
            active = open_[cell] - of[RELAPSE_PREVENTION]
            measured = active - of[NOT_MEASURED]
            numbers = {
                **of,
                "active_caseload": open_[cell],
                "measured_eligible": active,
                "measured": measured,
                "lost_to_follow_up_eligible": active + closed,
                "lost_to_follow_up": of[OUT_OF_CONTACT] + of["closed_as_lost"],
                "contact_and_score_eligible": active + closed,
                "contact_and_score": measured + closed - of[MISSED_BESIDES],
            }
            for part in (NEVER_OPEN, *PARTS):
                numbers.pop(part, None)
            kept = {column: number for column, number in numbers.items() if number}
            if kept:
                found.setdefault(month, {})[cell] = kept
    return found


Waits = Mapping[date, Mapping[Cell, Mapping[int, int]]]
"""The number of cases that waited, by month, cell and number of days waited."""


def waits_in_steps(
    months: Waits, secret: bytes, wait: str
) -> dict[date, dict[Cell, dict[int, int]]]:
    """Return the cases of the waiting time ``wait`` in steps, by month, cell and number of days
    waited.

    Each token stands for ``STEP`` cases of one site, and has the waiting time of one of them. These
    cases are not used for a later token. Over all tokens, the chosen waiting times are spread
    evenly from the shortest to the longest.
    """
    found: dict[date, dict[Cell, dict[int, int]]] = {}
    tokens = _Tokens(Population(("cases",)), secret, wait)
    waiting: dict[int, list[int]] = defaultdict(list)
    for month in sorted(months):
        for cell, by_days in sorted(months[month].items()):
            tokens.add(cell, {"cases": sum(by_days.values())})
            for days, cases in by_days.items():
                waiting[cell.site] += [days] * cases
        for cell, _columns in tokens.give():
            days = _taken(waiting[cell.site], tokens.given)
            held = found.setdefault(month, {}).setdefault(cell, {})
            held[days] = held.get(days, 0) + STEP
    return found


def _taken(waiting: list[int], number: int) -> int:
    """Return one of the waiting times in ``waiting``, in days. Remove ``STEP`` times from
    ``waiting``: the returned time and its nearest neighbours. ``number`` is the number of the
    token; it decides which time is chosen.
    """
    waiting.sort()
    place = int(number * _GOLDEN % 1 * len(waiting))
    days = waiting[place]
    first = max(min(place - STEP // 2, len(waiting) - STEP), 0)
    del waiting[first : first + STEP]
    return days


_GOLDEN = 0.6180339887498949
"""The golden ratio less 1. The fractional parts of its multiples are spread evenly from 0 to 1."""


def _chance(secret: bytes, *name: object) -> random.Random:
    """Return a random generator for ``name``. Its numbers cannot be predicted without
    ``secret``.
    """
    seed = blake2b(repr(name).encode(), key=secret, digest_size=16).digest()
    return random.Random(seed)  # noqa: S311  # nosec B311


Margin = tuple[str, object]
Owed = dict[Margin, int]
Option = TypeVar("Option")


@dataclass
class _Tokens:
    """The tokens of one population, such as the enrolled patients. A token stands for ``STEP``
    cases in one cell. It is given out when the number of cases of the area, counted from the secret
    number ``start``, reaches a multiple of ``STEP``.

    A balance is the exact number of cases so far less the number given out. Each token gets a site,
    then an answer to each question, then a cell. Only options with a positive balance are
    considered, if there is one. For each option, a secret random number between 0 and ``STEP`` is
    added to its mean balance over the groups that leads see. The option with the highest sum is
    chosen.

    ``total`` is the number of cases so far, and ``given`` the number of tokens so far. ``owed`` has
    the balances of all cases by margin (a group that contains cells). ``yes`` and ``no`` have the
    balances of the answers.
    """

    population: Population
    secret: bytes
    name: str
    start: int = 0
    total: int = 0
    given: int = 0
    owed: Owed = field(default_factory=lambda: defaultdict(int))
    yes: list[Owed] = field(default_factory=list)
    no: list[Owed] = field(default_factory=list)
    cells: dict[int, dict[Cell, list[Margin]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # All populations begin with the same number ``start``, so that a population never gets
        # fewer tokens than a population that is a part of it.
        self.start = _chance(self.secret, "start").randrange(STEP)
        self.yes = [defaultdict(int) for _ in self.population.splits]
        self.no = [defaultdict(int) for _ in self.population.splits]

    def add(self, cell: Cell, numbers: Numbers) -> None:
        """Add the cases of a cell to the balances of the margins of this cell. A margin is a group
        that contains the cell.

        ``numbers`` has the number of cases by column.
        """
        cases = numbers.get(self.population.columns[0], 0)
        if not cases:
            return
        self.total += cases
        margins = self.cells.setdefault(cell.site, {}).get(cell)
        if margins is None:
            margins = self.cells[cell.site][cell] = _margins(cell)
        for margin in margins:
            self.owed[margin] += cases
        for place, split in enumerate(self.population.splits):
            asked = numbers.get(split.within, 0) if split.within else cases
            asked -= sum(numbers.get(one, 0) for one in split.after)
            yes = numbers.get(split.columns[0], 0)
            for margin in margins:
                self.yes[place][margin] += yes
                self.no[place][margin] += asked - yes

    def give(self) -> Iterator[tuple[Cell, list[str]]]:
        """Yield each token that is due now: its cell, and the columns to which the token adds
        ``STEP``.
        """
        while self.total + self.start - STEP * self.given >= STEP:
            self.given += 1
            chance = _chance(self.secret, self.name, self.given)
            sites = [(site, self.owed["site", site]) for site in self.cells]
            site = _most_owed(sites, [owed for _, owed in sites], chance)
            columns, owed = self._answers(site, chance)
            cell = self._cell(site, owed, chance)
            for margin in self.cells[site][cell]:
                for one in owed:
                    one[margin] -= STEP
            yield cell, columns

    def _answers(self, site: int, chance: random.Random) -> tuple[list[str], list[Owed]]:
        """Choose the answers of the next token of this site. Return the columns to which the token
        adds ``STEP``, and the balances to reduce by ``STEP``.
        """
        said: list[str] = []
        accounts = [self.owed]
        for split, yes, no in zip(self.population.splits, self.yes, self.no, strict=True):
            if (split.within and split.within not in said) or set(said) & set(split.after):
                continue
            options = [(one, one["site", site]) for one in (yes, no)]
            means = [(one["site", site] + one["all", None]) / 2 for one in (yes, no)]
            answer = _most_owed(options, means, chance)
            accounts.append(answer)
            if answer is yes:
                said += split.columns
        return [*self.population.columns, *said], accounts

    def _cell(self, site: int, accounts: Sequence[Owed], chance: random.Random) -> Cell:
        cells = self.cells[site]
        return _most_owed(
            [(cell, self.owed["cell", cell]) for cell in cells],
            [_mean(accounts, margins) for margins in cells.values()],
            chance,
        )


def _margins(cell: Cell) -> list[Margin]:
    """Return the margins of a cell: the groups that contain the cell and whose counts leads can
    see.
    """
    return [
        ("cell", cell),
        ("nurse", cell.nurse),
        ("kind", cell.kind),
        ("severity", cell.severity),
        ("site", cell.site),
        ("all", None),
    ]


WITHIN_SITE = 4
"""The number of margins in which two cells of one site can differ. ``_margins`` returns these
margins first.
"""


def _mean(accounts: Sequence[Owed], margins: Sequence[Margin]) -> float:
    owed = [one[margin] for one in accounts for margin in margins[:WITHIN_SITE]]
    return sum(owed) / len(owed)


def _most_owed(
    options: Iterable[tuple[Option, int]], means: Iterable[float], chance: random.Random
) -> Option:
    """Return the option with the highest sum of its mean balance and a random number between 0 and
    ``STEP``.

    ``options`` are pairs of an option and its own balance. An option whose own balance is not
    positive is returned only if no option has a positive one.
    """
    scored = [
        (owed > 0, mean + STEP * chance.random(), option)
        for (option, owed), mean in zip(options, means, strict=True)
    ]
    return max(scored, key=lambda one: one[:2])[2]
