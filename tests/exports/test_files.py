"""Files about patients on the disk of the person who runs a command."""

import pytest

from dashboard.exports.files import write_for_owner


@pytest.fixture
def path(tmp_path):
    return tmp_path / "report.csv"


def test_a_file_is_readable_by_its_owner_alone(path):
    write_for_owner(path, b"one")
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_could_read_is_closed_to_them_and_replaced(path):
    path.write_bytes(b"something longer")
    path.chmod(0o644)
    write_for_owner(path, b"one")
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600
