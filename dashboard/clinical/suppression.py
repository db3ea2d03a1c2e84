"""Which counts may be shown: none under 11 patients, and none that others give away.

The rule of the CASD (docs/domain.md, section 6): no figure of fewer than 11 patients leaves
the registry; under 30 it is marked as too few to judge. A count is *small* from 1 to 10: a
zero is nobody. What is small is hidden; so is what would let it be worked out: where the
others and their total are known, a second one is hidden too, until whoever knows all that is
shown, and this rule, is left with at least ``LEAST_CHOICE`` possible values for each.

A rate is three groups that exclude each other: in the numerator, measured but not in it, not
measured. Each of them, and each sum of two, is held to the rule, for the shown ones would
give the others by subtraction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

LEAST = 11
"""Fewer patients than this are hidden."""

FEW = 30
"""Fewer patients than this are too few to judge by."""

LEAST_CHOICE = 5
"""What is hidden keeps at least so many possible values."""


@dataclass(frozen=True)
class Tally:
    """Counts of patients: ``eligible`` ≥ ``measured`` ≥ ``numerator`` ≥ 0."""

    eligible: int
    measured: int
    numerator: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.eligible + other.eligible,
            self.measured + other.measured,
            self.numerator + other.numerator,
        )

    def __sub__(self, other: "Tally") -> "Tally":
        return Tally(
            self.eligible - other.eligible,
            self.measured - other.measured,
            self.numerator - other.numerator,
        )


NOTHING = Tally(0, 0, 0)


@dataclass(frozen=True)
class Shown:
    """A count as it may be shown: its value, or from where to where it may lie.

    Hidden, ``low`` and ``high`` say no more than that the count, or what is left of the one
    above it, is small; or nothing at all: from 0 to all.
    """

    low: int
    high: int

    @property
    def value(self) -> int | None:
        """The count, or None where it is hidden."""
        return self.low if self.low == self.high else None

    @property
    def is_hidden(self) -> bool:
        return self.low != self.high


@dataclass(frozen=True)
class ShownTally:
    """The three counts as they may be shown."""

    eligible: Shown
    measured: Shown
    numerator: Shown

    @property
    def few(self) -> bool:
        """Whether there are too few patients to judge by, where their number is known."""
        return self.eligible.high < FEW

    @property
    def measured_rate(self) -> float | None:
        """The rate (0–1) among those measured; None if hidden, or if nobody was."""
        return _rate(self.numerator, self.measured)

    @property
    def failing_rate(self) -> float | None:
        """The rate (0–1) with those not measured counted as failures."""
        return _rate(self.numerator, self.eligible)

    @property
    def completeness(self) -> float | None:
        """The share (0–1) that was measured."""
        return _rate(self.measured, self.eligible)


def _rate(part: Shown, whole: Shown) -> float | None:
    return part.value / whole.value if part.value is not None and whole.value else None


def is_small(count: int) -> bool:
    """Whether so many patients may not be shown: 1 to 10."""
    return 0 < count < LEAST


Held = frozenset[str]
"""Columns that are hidden for a reason of their own."""

NONE: Held = frozenset()


def shown_parts(
    parts: Sequence[Tally],
    rests: Sequence[Tally] | None = None,
    held: Sequence[Held] | None = None,
    held_whole: Held = NONE,
) -> tuple[list[ShownTally], ShownTally]:
    """The parts of a whole, and the whole, as they may be shown together.

    ``rests`` are, for each part, the patients that a filter leaves out: one who knows the
    unfiltered figures must not find them by subtraction. The whole is hidden where the parts
    could not be without that. Of a hidden count its range is said
    where it is small: 1 to 10, or all but 1 to 10 of enough. ``held`` are columns of each part
    to be hidden for what other indicators say, ``held_whole`` those of the whole.
    """
    of_others = list(held) if held is not None else [NONE] * len(parts)
    left_out = list(rests) if rests is not None else [NOTHING] * len(parts)
    small = [
        _small(part) | _small(rest) | one
        for part, rest, one in zip(parts, left_out, of_others, strict=True)
    ]
    whole_hidden = _small(sum(parts, NOTHING)) | _small(sum(left_out, NOTHING)) | held_whole
    table = _Table(parts, small, ranges=True)
    for column in COLUMNS:
        if column not in whole_hidden and not table.hide_seconds(column):
            whole_hidden |= _with_what_hangs_on(column)
    return table.shown(), _shown(sum(parts, NOTHING), whole_hidden, ranges=True)


def shown_within(
    parts: Sequence[Tally],
    whole: ShownTally,
    rests: Sequence[Tally] | None = None,
    held: Sequence[Held] | None = None,
) -> list[ShownTally]:
    """The parts of a whole that is shown elsewhere: what is hidden there is hidden here too.

    Of a hidden count no range is said: the whole could not be hidden to make up for it.
    """
    of_whole = {name for name in COLUMNS if getattr(whole, name).is_hidden}
    left_out = list(rests) if rests is not None else [NOTHING] * len(parts)
    of_others = list(held) if held is not None else [NONE] * len(parts)
    small = [
        _small(part) | _small(rest) | of_whole | one
        for part, rest, one in zip(parts, left_out, of_others, strict=True)
    ]
    table = _Table(parts, small, ranges=False)
    for column in COLUMNS:
        if column not in of_whole:
            table.hide_seconds(column)
    return table.shown()


def shown_alone(tally: Tally, rest: Tally = NOTHING, held: Held = NONE) -> ShownTally:
    """A whole of which no parts are shown; ``rest`` is what a filter leaves out of it."""
    return _shown(tally, _small(tally) | _small(rest) | held, ranges=False)


def some_of(parts: Sequence[Tally], shown: Sequence[ShownTally]) -> ShownTally:
    """The sum of some parts of a table that is shown whole elsewhere.

    A column of it is shown where it is of each of them: else the sum would be one more
    thing known of the hidden ones.
    """
    hidden = {name for name in COLUMNS if any(getattr(one, name).is_hidden for one in shown)}
    of_sum = _small(sum(parts, NOTHING))
    return _shown(sum(parts, NOTHING), hidden | of_sum, ranges=False)


def shown_counts(parts: Sequence[int]) -> tuple[list[Shown], Shown]:
    """The same for single counts and their sum."""
    shown, whole = shown_parts([Tally(one, one, one) for one in parts])
    return [one.eligible for one in shown], whole.eligible


def counts_within(parts: Sequence[int], whole: Shown) -> list[Shown]:
    """Single counts of a sum that is shown elsewhere, or hidden there."""
    tallies = [Tally(one, one, one) for one in parts]
    return [one.eligible for one in shown_within(tallies, ShownTally(whole, whole, whole))]


COLUMNS = ("eligible", "measured", "numerator")
"""Each is at most the one before it."""


def _with_what_hangs_on(column: str) -> set[str]:
    """Hidden with this column: how many were measured says how many there were at least."""
    return set(COLUMNS) if column == "eligible" else {column}


def _small(tally: Tally) -> set[str]:
    """Which of the three counts must not be shown for the smallness of a group."""
    hidden: set[str] = set()
    unmeasured, without = tally.eligible - tally.measured, tally.measured - tally.numerator
    if is_small(tally.eligible):
        hidden |= _with_what_hangs_on("eligible")
    if is_small(tally.measured) or is_small(unmeasured):
        hidden.add("measured")
    if any(map(is_small, (tally.numerator, tally.measured, without, unmeasured + without))):
        hidden.add("numerator")
    return hidden


@dataclass
class _Table:
    """The parts, and which of their counts are hidden: ``small`` ones first, then seconds."""

    parts: Sequence[Tally]
    small: Sequence[set[str]]
    ranges: bool

    def __post_init__(self) -> None:
        self.hidden = [set(held) for held in self.small]
        self._shown: dict[int, ShownTally] = {}

    def shown(self) -> list[ShownTally]:
        return [self._shown_of(place) for place in range(len(self.parts))]

    def _shown_of(self, place: int) -> ShownTally:
        """Of thousands of sites most stay as they are while a few more are hidden."""
        known = self._shown.get(place)
        if known is None:
            known = _shown(self.parts[place], self.hidden[place], self.ranges)
            self._shown[place] = known
        return known

    def _hide(self, place: int, column: str) -> None:
        self.hidden[place] |= _with_what_hangs_on(column)
        self._shown.pop(place, None)

    def hide_seconds(self, column: str) -> bool:
        """Hide more of a column until its total gives no small one away; whether that is so.

        The one that is smallest goes first: it costs least. One without patients hides nothing.
        """
        hidden = [place for place, held in enumerate(self.hidden) if column in held]
        known = _Known()
        for place in hidden:
            known.learn(getattr(self.parts[place], column), self._range(place, column))
        # Of each small one it matters how wide its range is, and nothing else.
        small = (self._range(place, column) for place in hidden if column in self.small[place])
        widths = {one.high - one.low for one in small}
        left = [
            place
            for place, part in enumerate(self.parts)
            if column not in self.hidden[place] and part.eligible
        ]
        # The last is taken first: the smallest, and of several of one size the first.
        left.sort(key=lambda place: (-self.parts[place].eligible, -place))
        while not all(known.choice(width) >= LEAST_CHOICE for width in widths):
            if not left:
                return False
            second = left.pop()
            self._hide(second, column)
            known.learn(getattr(self.parts[second], column), self._range(second, column))
        return True

    def _range(self, place: int, column: str) -> Shown:
        found: Shown = getattr(self._shown_of(place), column)
        return found


@dataclass
class _Known:
    """What is known of the hidden counts of a column together: their total, by subtraction, and
    the least and the most that their ranges allow."""

    total: int = 0
    lows: int = 0
    highs: int = 0

    def learn(self, count: int, shown: Shown) -> None:
        """One more is hidden."""
        self.total += count
        self.lows += shown.low
        self.highs += shown.high

    def choice(self, width: int) -> int:
        """How many values are left to one whose range is so wide, with the total known.

        It can be above its lowest by as much as the total is above all the lowest, and below
        its highest by as much as the total is below all the highest.
        """
        return min(width, self.total - self.lows) - max(0, width - self.highs + self.total) + 1


def _shown(tally: Tally, hidden: set[str], ranges: bool) -> ShownTally:
    """The three counts, each hidden one as what is known of it."""
    eligible = _known(tally.eligible, "eligible" in hidden, Shown(0, UNKNOWN), ranges)
    numerator = Shown(tally.numerator, tally.numerator)
    measured = _known(tally.measured, "measured" in hidden, eligible, ranges)
    if "numerator" in hidden:
        numerator = _known(tally.numerator, True, measured, ranges)
    elif measured.is_hidden:
        measured = replace(measured, low=max(measured.low, numerator.low))
    return ShownTally(eligible, measured, numerator)


def _known(count: int, is_hidden: bool, above: Shown, ranges: bool) -> Shown:
    """What is known of a count that is at most the one ``above`` it."""
    if not is_hidden:
        return Shown(count, count)
    if ranges and above.high == UNKNOWN and is_small(count):
        return Shown(1, LEAST - 1)
    if ranges and above.value is not None and above.low >= 2 * LEAST:
        if is_small(count):
            return Shown(1, LEAST - 1)
        if is_small(above.low - count):
            return Shown(above.low - LEAST + 1, above.low - 1)
    return Shown(0, above.high)


UNKNOWN = 10**9
"""Of a hidden number of patients nothing is said."""
