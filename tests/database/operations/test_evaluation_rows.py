"""The rows of the data set for evaluators: where the record of an episode ends."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.database.operations.evaluation_rows import enrolled_episodes, rows_of

ENROLLED = today() - timedelta(days=100)
CLOSED = ENROLLED + timedelta(days=30)


@pytest.mark.parametrize(
    ("status", "closed_day", "days"), [("closed", 30, [10]), ("active", None, [10, 60])]
)
def test_record_ends_on_its_closing_day_only_if_the_episode_is_closed(
    database, status, closed_day, days
):
    case = database.team().case(ENROLLED, status=status, closed_on=CLOSED)
    for day in (10, 60):
        database.assessment(case.patient, "phq9", ENROLLED + timedelta(days=day), 12)
    with database.owner().connect() as connection:
        (episode,) = enrolled_episodes(connection, today())
        scores = rows_of(connection, "scores", {case.episode: episode.horizon})
        assert (episode.facts["closed_day"], [row["day"] for row in scores]) == (closed_day, days)
