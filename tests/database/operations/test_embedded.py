"""The project's own PostgreSQL server on a machine that has never had one."""

from subprocess import CalledProcessError

import pytest

from dashboard.database.operations import embedded


@pytest.fixture
def starting(monkeypatch):
    """Make each start end as given: in an error, or in a server."""

    def start(*outcomes: object) -> list[object]:
        left = list(outcomes)

        def get_server(directory, cleanup_mode):
            outcome = left.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(embedded, "get_server", get_server)
        monkeypatch.setattr(embedded, "_SECONDS_TO_MAKE_A_USER", 0)
        return left

    return start


def test_a_start_whose_user_another_process_is_making_is_made_again(starting, tmp_path):
    left = starting(CalledProcessError(9, ["useradd", "postgres"]), "server")
    assert embedded._started(tmp_path) == "server"
    assert left == []


def test_any_other_failure_is_said_at_once(starting, tmp_path):
    left = starting(CalledProcessError(1, ["initdb"]), "server")
    with pytest.raises(CalledProcessError):
        embedded._started(tmp_path)
    assert left == ["server"]
