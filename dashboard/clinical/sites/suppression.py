"""The suppression of small counts: no count under 11 patients is shown (docs/domain.md, section 6).

Counts are already in steps (``clinical.sites.protection``), so that combining views does not reveal
small counts. This module judges each count alone. No figure about fewer than 11 patients leaves the
registry (the rule of the CASD). A figure about fewer than 30 patients is marked as too small to
judge. For a rate, the number of patients is that of its denominator.
"""

from dataclasses import dataclass

from dashboard.clinical.sites.protection import STEP

LEAST = 11
"""The smallest number of patients that is shown. A smaller number is hidden."""

FEW = 30
"""The smallest number of patients with which the rate of a site can be judged."""

STEP_VARIANCE = STEP**2 / 3
"""The variance that counting in steps adds to a count of a site, in cases². It widens the limits of
the funnel plot.

It is a little greater than the variance measured on the demonstration data, 9.6
(``tools/protection_report.py``).
"""

WITHIN_OF_SITE, WITHIN_OF_OTHERS = 8, 24
"""The largest error of a count in steps, in cases, for 95 % of the counts. The first value is for a
count of one site. The second value is for all other counts, such as that of a nurse. Both were
measured on the demonstration data (``tools/protection_report.py``).
"""

COLUMNS = ("eligible", "measured", "numerator")
"""The names of the three counts of a ``Tally``. Each exact count is at most as large as the one
before it. In steps, a snapshot can break this order (``indicators_in_steps``).
"""


@dataclass(frozen=True)
class Shown:
    """A count that may be hidden: its value, or None if it is hidden because it is too small."""

    value: int | None

    @property
    def is_hidden(self) -> bool:
        return self.value is None


@dataclass(frozen=True)
class Tally:
    """Three counts of patients, in steps. ``numerator`` is a part of ``measured``, and ``measured``
    is a part of ``eligible``.
    """

    eligible: int
    measured: int
    numerator: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.eligible + other.eligible,
            self.measured + other.measured,
            self.numerator + other.numerator,
        )


NOTHING = Tally(0, 0, 0)


@dataclass(frozen=True)
class ShownTally:
    """The three counts of a ``Tally`` and its rates, with small counts hidden."""

    tally: Tally

    @property
    def eligible(self) -> Shown:
        return shown(self.tally.eligible)

    @property
    def measured(self) -> Shown:
        return shown(self.tally.measured)

    @property
    def numerator(self) -> Shown:
        return shown(self.tally.numerator)

    @property
    def few(self) -> bool:
        """Whether there are too few eligible patients to judge the rate."""
        return self.tally.eligible < FEW

    @property
    def measured_rate(self) -> float | None:
        """The rate (0–1) among the measured patients; None if the number of measured patients is
        hidden.
        """
        return _rate(self.tally.numerator, self.measured)

    @property
    def failing_rate(self) -> float | None:
        """The rate (0–1) among the eligible patients; None if the number of eligible patients is
        hidden. Patients who were not measured count as failures.
        """
        return _rate(self.tally.numerator, self.eligible)

    @property
    def completeness(self) -> float | None:
        """The share (0–1) of the eligible patients who were measured; None if the number of
        eligible patients is hidden.
        """
        return _rate(self.tally.measured, self.eligible)


def shown(count: int) -> Shown:
    """Return the count, hidden if it is under 11."""
    return Shown(count if count >= LEAST else None)


def _rate(part: int, whole: Shown) -> float | None:
    # In a snapshot, counting in steps can make a part negative or larger than the whole, so the
    # rate is limited to 0–1.
    return min(max(part / whole.value, 0.0), 1.0) if whole.value else None
