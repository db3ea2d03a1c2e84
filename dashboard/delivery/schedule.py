"""When a letter that was not accepted is tried again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Schedule:
    """Each wait is twice the one before, up to a limit; then a person must look.

    As it stands: 1, 2, 4 … 64 minutes, then every two hours; the 16th and last attempt comes
    18 hours after the first. So what is signed in the afternoon is work for somebody on the
    next day, and a mail server that is down for a night loses nothing.
    """

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=2)
    attempts: int = 16

    def wait_after(self, attempt: int) -> timedelta | None:
        """How long to wait after this attempt, counted from 1; none after the last."""
        if attempt >= self.attempts:
            return None
        # Beyond 2**30 the power alone would be out of range.
        return min(self.longest, self.first * (1 << min(attempt - 1, 30)))
