"""Words are read in English, unless a test says otherwise."""

from collections.abc import Iterator

import pytest

from dashboard.locale import speaking


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with speaking("en"):
        yield
