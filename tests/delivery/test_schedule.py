"""When a letter that was not accepted is tried again."""

from datetime import timedelta

from dashboard.delivery.schedule import Schedule


def test_the_waits_double_up_to_a_limit_and_come_to_an_end():
    schedule = Schedule()
    waits = [schedule.wait_after(attempt) for attempt in range(1, 17)]
    minutes = [wait.total_seconds() / 60 for wait in waits[:-1]]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120, 120, 120, 120, 120]
    assert waits[-1] is None
    assert 17 < sum(minutes) / 60 < 19


def test_the_wait_stays_within_its_limit_however_many_attempts_there_were():
    assert Schedule(attempts=10_000).wait_after(9_999) == timedelta(hours=2)
