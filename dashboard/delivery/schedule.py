"""The waiting times between the attempts to send a letter."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Schedule:
    """The attempts to send a letter: their number, and the waits between them.

    Each wait is twice as long as the previous one, up to ``longest``. The default waits are 1, 2,
    4, …, 64 minutes, then two hours each. The 16th and last attempt is 18 hours after the first, so
    that a letter is sent even if the mail server is down for a night. A letter that was signed in
    the afternoon has failed by the next day, when a person can send it in another way.
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
        # The exponent is limited, because a longer wait would overflow ``timedelta``.
        return min(self.longest, self.first * (1 << min(attempt - 1, 30)))
