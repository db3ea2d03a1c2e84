"""The waiting times between the attempts to send a letter."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Schedule:
    """A schedule of attempts to send a letter: the first wait, the longest wait, and the number of
    attempts.

    Each wait is twice as long as the previous one, up to the longest. By default the waits are 1,
    2, 4 … 64 minutes, then two hours each. The 16th and last attempt is 18 hours after the first.

    These defaults have two reasons. If a mail server is down for a night, its letters are still
    sent. If a letter that was signed in the afternoon fails, a person can act on the next day.
    """

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=2)
    attempts: int = 16

    def wait_after(self, attempt: int) -> timedelta | None:
        """Return the wait after the attempt with this number, counted from 1.

        Return ``None`` after the last attempt.
        """
        if attempt >= self.attempts:
            return None
        # The exponent is limited, because a larger product would overflow ``timedelta``.
        return min(self.longest, self.first * (1 << min(attempt - 1, 30)))
