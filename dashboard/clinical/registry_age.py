"""The day that the registry's rows describe, and whether the rows are too old."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dashboard.calendar import PARIS


@dataclass(frozen=True)
class RegistryLoad:
    """One load of data into the registry: a row of the optional relation ``registry.loaded``."""

    as_of: date
    """The day that the loaded rows describe."""
    loaded_at: datetime
    source: str

    @property
    def is_of_its_day(self) -> bool:
        """Whether the rows describe the day of loading (or a later day). Their age is then counted
        from the time of loading.
        """
        return self.as_of >= self.loaded_at.astimezone(PARIS).date()

    @property
    def described_until(self) -> datetime:
        """The latest time that the rows can describe.

        If the rows describe a day before the day of loading, it is the end of the described day.
        Therefore an old export that is loaded again every night still counts as old.
        """
        if self.is_of_its_day:
            return self.loaded_at
        return datetime.combine(self.as_of + timedelta(days=1), time.min, tzinfo=PARIS)


def age(load: RegistryLoad, now: datetime) -> timedelta:
    """Return the age of the registry's rows at ``now``. Return zero if the rows are dated in the
    future.
    """
    return max(now - load.described_until, timedelta())


def is_stale(load: RegistryLoad, now: datetime, after_hours: int) -> bool:
    """Return whether the registry's rows are more than ``after_hours`` hours old at ``now``."""
    return age(load, now) > timedelta(hours=after_hours)
