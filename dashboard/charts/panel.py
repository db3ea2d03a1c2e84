"""The area in which the scores of one questionnaire are drawn."""

from dataclasses import dataclass

from dashboard.clinical.instruments import INSTRUMENTS, Instrument


@dataclass(frozen=True)
class Panel:
    """The area in which the scores of one questionnaire are drawn, in pixels from the top."""

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
        """The questionnaire's name; its code if it is unknown."""
        return self.known.label if self.known else self.instrument

    def y(self, value: float) -> float:
        """Return the vertical position of a score, in pixels. A score out of range is drawn just
        beyond the edge.
        """
        place = self.bottom - (self.bottom - self.top) * value / self.maximum
        return round(min(max(place, self.top - 5), self.bottom + 5), 1)
