"""The demonstration: whoever tries the product signs in with the password that it names."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dashboard.calendar import today
from dashboard.cli import demonstration
from dashboard.cli.demonstration import demonstration_database
from dashboard.settings import DEMONSTRATION_PASSWORD
from dashboard.web.auth import encryption, second_factor
from dashboard.web.auth.sign_in import admit

pytestmark = pytest.mark.programs


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a folder for a small demonstration, which may be read by the user of PostgreSQL."""
    monkeypatch.setattr(demonstration, "PATIENTS", 60)
    # The demonstration sets both for its own process.
    monkeypatch.setattr(encryption, "_key", encryption._key)
    monkeypatch.setattr(second_factor, "_without_demand", second_factor._without_demand)
    with TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def test_everybody_who_is_named_signs_in_with_the_password_that_is_named(folder):
    with demonstration_database(folder, today(), print) as (password, *people):
        assert DEMONSTRATION_PASSWORD in password
        usernames = [line.split(":")[0].strip() for line in people]
        assert len(usernames) == 4
        assert all(admit(one, DEMONSTRATION_PASSWORD, "192.0.2.1") for one in usernames)
        assert not admit(usernames[0], "another password", "192.0.2.1")
