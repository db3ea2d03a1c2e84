"""``python -m tools.midnight``: wait until midnight in Paris if it comes soon.

The tests take today's date once, when they begin, and the product takes it anew for each page. So
a run of all tests must not include midnight.
"""

import time
from datetime import datetime, timedelta

from dashboard.calendar import PARIS, now

LONGEST_RUN = timedelta(minutes=30)
"""Longest time that a run of all tests takes on two cores."""


def waiting_time(moment: datetime) -> timedelta:
    """Return how long to wait at ``moment`` so that a run of all tests does not include midnight.

    The result is zero unless midnight in Paris comes within ``LONGEST_RUN``.
    """
    tomorrow = (moment.astimezone(PARIS) + timedelta(days=1)).date()
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PARIS)
    left = midnight - moment
    return left if left < LONGEST_RUN else timedelta()


def main() -> None:
    """Wait if necessary, and say until when."""
    left = waiting_time(now())
    if left:
        print(f"Waiting {left.seconds // 60 + 1} min, because the tests must not include midnight.")
        time.sleep(left.total_seconds() + 1)


if __name__ == "__main__":
    main()
