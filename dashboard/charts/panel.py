"""The area in which the scores of one questionnaire are drawn."""

from dataclasses import dataclass

from dashboard.clinical.instruments import INSTRUMENTS, Instrument


@dataclass(frozen=True)
class Panel:
    """The area in which the scores of one questionnaire are drawn.

    ``top`` and ``bottom`` are in pixels from the top of the chart. ``maximum`` is the highest
    score.
    """

    instrument: str
    maximum: int
    top: float
    bottom: float

    @property
    def known(self) -> Instrument | None:
        """The questionnaire; None if the dashboard does not know it."""
        return INSTRUMENTS.get(self.instrument)

    @property
    def name(self) -> str:
        """The name of the questionnaire; its code if the dashboard does not know it."""
        return self.known.label if self.known else self.instrument

    def y(self, value: float) -> float:
        """Return the vertical position of the score ``value``, in pixels from the top of the chart.

        A score that is out of range is placed at most 5 pixels beyond the edge of the panel.
        """
        place = self.bottom - (self.bottom - self.top) * value / self.maximum
        return round(min(max(place, self.top - 5), self.bottom + 5), 1)
