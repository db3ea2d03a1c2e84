"""The times at which a letter that was not accepted is tried again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Schedule:
    """A schedule of attempts.

    Each wait is twice the previous wait, up to a limit. After the last attempt a person must act.
    By default the waits are 1, 2, 4 … 64 minutes, then two hours each. The 16th and last attempt is
    18 hours after the first. So somebody can act on the next day if a letter that was signed in the
    afternoon fails. If a mail server is down for a night, its letters are still sent.
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
