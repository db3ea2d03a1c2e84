"""Fields of stored JSON, read leniently."""

from datetime import date

import pytest
from pydantic import TypeAdapter

from dashboard.clinical.stored_json import DayOrNone, Text, TextOrNone

CASES = [
    # type, stored value, value read
    (Text, "Vu", "Vu"),
    (Text, "a\x00b\ud800", "ab"),
    (Text, None, ""),
    (Text, 3, ""),
    (TextOrNone, "", None),
    (TextOrNone, "N06AB06", "N06AB06"),
    (DayOrNone, "2026-12-08", date(2026, 12, 8)),
    (DayOrNone, "2026-13-01", None),
    (DayOrNone, "1700000000", None),
    (DayOrNone, 1_700_000_000, None),
]


@pytest.mark.parametrize(("kind", "stored", "read"), CASES)
def test_what_does_not_fit_is_read_as_not_written(kind, stored, read):
    assert TypeAdapter(kind).validate_python(stored) == read
