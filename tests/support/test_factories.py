from datetime import date

from dashboard.database import acting_as


def test_a_database_of_its_own(database):
    case = database.team().case(date(2026, 9, 1))
    with acting_as(case.team.psychiatrist) as connection:
        assert connection.exec_driver_sql("SELECT id FROM registry.episode").all() == [
            (case.episode,)
        ]
