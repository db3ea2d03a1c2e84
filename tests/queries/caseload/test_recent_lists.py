"""The lists that are kept between readings: whose they are, how many, and for how long."""

from datetime import date, timedelta

from dashboard.clinical.caseload.review_list import ReviewListRow
from dashboard.database import acting_as
from dashboard.queries.caseload.episode_facts import Facts
from dashboard.queries.caseload.recent_lists import RecentLists, read_recent_list
from dashboard.queries.caseload.review_list import ReadList, read_list

TODAY = date(2026, 11, 24)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def list_of(episodes: int) -> ReadList:
    rows: tuple[ReviewListRow, ...] = ()
    return ReadList(list(range(episodes)), Facts(date(2026, 11, 29)), rows, [])


def test_the_last_list_of_a_reader_is_kept():
    lists, second = RecentLists(), list_of(2)
    lists.keep(1, list_of(1))
    lists.keep(1, second)
    lists.keep(2, list_of(3))
    assert lists.last_of(1) is second


def test_the_longest_unread_lists_make_room_for_others():
    lists = RecentLists(episodes=10)
    for reader in (1, 2, 3):
        lists.keep(reader, list_of(4))
    assert [lists.last_of(reader) is None for reader in (1, 2, 3)] == [True, False, False]


def test_a_list_that_is_longer_than_the_limit_is_not_kept():
    lists = RecentLists(episodes=10)
    lists.keep(1, list_of(11))
    assert lists.last_of(1) is None


def test_a_list_that_nobody_reads_any_more_is_dropped():
    seconds = [0.0]
    lists = RecentLists(seconds=600, clock=lambda: seconds[0])
    lists.keep(1, list_of(4))
    seconds[0] = 601
    lists.keep(2, list_of(4))
    assert lists.last_of(1) is None


def test_an_unchanged_list_is_not_made_again(database):
    team = database.team()
    team.case(days_ago(60))
    with acting_as(team.psychiatrist) as connection:
        first = read_recent_list(connection, team.psychiatrist, TODAY)
        assert read_recent_list(connection, team.psychiatrist, TODAY) is first


def test_a_reader_never_gets_the_kept_list_of_somebody_with_other_rows(database):
    team, other = database.team(), database.team()
    team.case(days_ago(60))
    other.case(days_ago(30))
    with acting_as(team.psychiatrist) as connection:
        theirs = read_recent_list(connection, team.psychiatrist, TODAY)
    with acting_as(other.psychiatrist) as connection:
        # Even if the list of the colleague were taken for the last list of this reader.
        again = read_list(connection, TODAY, theirs)
        fresh = read_list(connection, TODAY)
    assert again.rows == fresh.rows
    assert again.rows != theirs.rows
