"""A pool of connections, some of which the server has closed meanwhile."""

import time

from sqlalchemy import text

from dashboard.database import acting_as
from dashboard.database.connection import SURELY_THERE


def test_a_connection_that_the_server_closed_in_the_pool_is_replaced(database):
    with acting_as(7) as connection:
        closed = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with database.owner().begin() as owner:
        owner.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": closed})
    time.sleep(SURELY_THERE + 0.1)
    with acting_as(7) as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != closed
