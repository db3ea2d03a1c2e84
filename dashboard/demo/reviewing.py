"""The state of an episode while its reviews are made."""

from dataclasses import dataclass, field
from datetime import date

from dashboard.clinical.medication import age_on
from dashboard.demo.fitting import Circumstances, circumstances_of
from dashboard.demo.record import Episode, Record
from dashboard.demo.regimen import Regimen
from dashboard.demo.rows import Recommendation
from dashboard.demo.situations import Situation, situation_on
from dashboard.demo.visits import Measured
from dashboard.vocabulary import Adherence


@dataclass
class Reviewing:
    """The state of an episode while its reviews are made: measurements, treatment, decisions."""

    record: Record
    episode: Episode
    measured: list[Measured]
    regimen: Regimen
    reviewed_on: list[date] = field(default_factory=list)
    in_relapse_prevention: bool = False
    cares: dict[str, date] = field(default_factory=dict)
    """The day on which each kind of psychosocial care begins."""
    standing: list[Recommendation] = field(default_factory=list)
    is_at_high_risk: bool = False
    """Whether the last decision on suicide risk was "high"."""
    risk_decided_on: date | None = None
    reassess_on: date | None = None

    @property
    def horizon(self) -> date:
        """The last day of the episode, or of the registry if the episode is open."""
        return self.episode.stay.last_day

    def known_on(self, day: date) -> list[Measured]:
        """Return the measurements up to and including ``day``."""
        return [one for one in self.measured if one.day <= day]

    def circumstances(self, day: date) -> Circumstances:
        """Return the facts about the patient on ``day`` that decide which texts fit."""
        known = self.known_on(day)
        last = known[-1] if known else None
        taken = self.regimen.taken("antidepressant")
        return circumstances_of(
            self.regimen.begun,
            day,
            age=age_on(self.record.patient.birth_date, day),
            ninth_item=last.ninth_item if last else None,
            severe_screen=last is not None and last.severe_screen,
            in_relapse_prevention=self.in_relapse_prevention,
            scores=len(known),
            well_taken=taken is not None and taken.adherence == Adherence.GOOD,
        )

    def situation(self, day: date) -> Situation:
        """Return the patient's situation on ``day``.

        Changes of treatment that are planned up to ``day`` are applied first.
        """
        self.regimen.until(day)
        return situation_on(
            day,
            self.known_on(day),
            self.episode.stay,
            self.episode.picture,
            first=not self.reviewed_on,
            in_relapse_prevention=self.in_relapse_prevention,
            cares=frozenset(kind for kind, begun_on in self.cares.items() if begun_on <= day),
        )
