"""The times at which a letter that was not accepted is tried again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Schedule:
    """A schedule with each wait twice the one before, up to a limit; then a person must look.

    By default the waits are 1, 2, 4 … 64 minutes, then two hours each; the 16th and last attempt is
    18 hours after the first. So a letter signed in the afternoon that fails is somebody's work on
    the next day, and a mail server that is down for a night loses nothing.
    """

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=2)
    attempts: int = 16

    def wait_after(self, attempt: int) -> timedelta | None:
        """Return the wait after this attempt, counted from 1; ``None`` after the last."""
        if attempt >= self.attempts:
            return None
        # Above 2**30 the power alone would be out of range.
        return min(self.longest, self.first * (1 << min(attempt - 1, 30)))
