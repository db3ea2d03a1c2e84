"""The age of the registry: how long ago its rows can have been true."""

from datetime import date, datetime, timedelta

import pytest

from dashboard.calendar import PARIS
from dashboard.clinical.registry_age import RegistryLoad, age, is_stale

NIGHT = datetime(2026, 11, 29, 2, tzinfo=PARIS)
YESTERDAY, TODAY = date(2026, 11, 28), date(2026, 11, 29)


@pytest.mark.parametrize(
    ("as_of", "loaded_at", "expected"),
    [
        (TODAY, NIGHT, timedelta(hours=10)),
        # A nightly export of yesterday describes yesterday to its end.
        (YESTERDAY, NIGHT, timedelta(hours=12)),
        # An export that stopped three days ago is loaded again every night.
        (date(2026, 11, 25), NIGHT, timedelta(days=3, hours=12)),
        # Clocks that disagree do not make it younger than new.
        (date(2026, 12, 24), NIGHT + timedelta(days=1), timedelta()),
    ],
)
def test_the_age_is_counted_from_the_last_instant_that_the_rows_describe(
    as_of, loaded_at, expected
):
    noon = datetime(2026, 11, 29, 12, tzinfo=PARIS)
    assert age(RegistryLoad(as_of, loaded_at, "files"), noon) == expected


def test_a_registry_is_stale_once_it_is_older_than_the_limit():
    load = RegistryLoad(TODAY, NIGHT, "files")
    assert not is_stale(load, NIGHT + timedelta(hours=48), 48)
    assert is_stale(load, NIGHT + timedelta(hours=48, seconds=1), 48)
