"""A vertical scale for rates or counts, with its lines and numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from dashboard.charts.drawing import Drawing, label, rule
from dashboard.locale.formats import number
from dashboard.words.sites.indicators import percent


@dataclass(frozen=True)
class Scale:
    """A scale from ``low`` to ``high``, with a line at every ``step``.

    ``top`` and ``bottom`` are in pixels.
    """

    low: float
    high: float
    step: float
    top: float
    bottom: float
    is_rate: bool = True

    def y(self, value: float) -> float:
        """Return the vertical position of ``value``, in pixels.

        A value beyond the scale is placed at the edge of the scale.
        """
        share = (value - self.low) / (self.high - self.low)
        return round(self.bottom - (self.bottom - self.top) * min(max(share, 0), 1), 1)

    def lines(self) -> Drawing:
        """Return the lines of the scale, with their values in the left margin."""
        steps = round((self.high - self.low) / self.step)
        values = [self.low + self.step * number_ for number_ in range(steps + 1)]
        return Drawing(
            rules=[rule(0, 1, self.y(one), self.y(one), "grid") for one in values],
            labels=[
                label(
                    percent(one) if self.is_rate else number(round(one, 2)),
                    0,
                    self.y(one),
                    dx=-6,
                    align="right",
                    tone="muted",
                )
                for one in values
            ],
        )


def rate_scale(values: Iterable[float], top: float, bottom: float) -> Scale:
    """Return a scale for the rates ``values`` (0–1), in steps of 10 or 20 percentage points.

    The scale begins and ends with a multiple of its step, and does not go beyond 100 %.
    """
    known = list(values) or [0.0, 1.0]
    low, high = floor(min(known) * 10) / 10, ceil(max(known) * 10 - 1e-9) / 10
    if high - low < 0.2:
        low, high = max(0.0, low - 0.1), min(1.0, high + 0.1)
    step = 0.1 if high - low <= 0.5 + 1e-9 else 0.2
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return Scale(first * step, last * step, step, top, bottom)


def count_scale(values: Iterable[float], top: float, bottom: float) -> Scale:
    """Return a scale from 0 for the counts ``values``, in steps of 1, 2, 5 or 10 times a power of
    ten.
    """
    highest = max([1.0, *values])
    unit = 10 ** floor(log10(highest / 4)) if highest >= 4 else 1
    step = next(unit * one for one in (1, 2, 5, 10) if highest / (unit * one) <= 5)
    return Scale(0, step * ceil(highest / step), step, top, bottom, is_rate=False)
