"""The states of a letter: failures as they are stored, and who has to see to them."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from dashboard.clinical.delivery import Delivery, Failure, without_addresses

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.1.1 <anais.petit@mssante.example>: unknown", "550 5.1.1 <…>: unknown"),
        ("no such user anais.petit@mssante.example here", "no such user … here"),
        ("two\r\nlines\x00", "two lines"),
        ("x" * 500, "x" * 159 + "…"),
    ],
)
def test_what_a_server_said_is_kept_without_addresses(said, kept):
    assert without_addresses(said) == kept


@pytest.mark.parametrize("failure", [Failure("dropped"), Failure("refused", "550 no such user")])
def test_a_failure_is_read_as_it_was_written(failure):
    assert Failure.read(str(failure)) == failure
    assert Failure.read(None) is None
    assert Failure.read("something else").code == "unsendable"


@pytest.mark.parametrize(
    ("state", "settled_at", "needs"),
    [("failed", None, True), ("failed", AT, False), ("queued", None, False), ("sent", None, False)],
)
def test_a_failed_delivery_needs_someone_until_it_is_settled(state, settled_at, needs):
    delivery = Delivery(UUID(int=1), None, "gp", "mail", 0, state, 3, AT, settled_at=settled_at)
    assert delivery.needs_someone is needs


@pytest.mark.parametrize(("code", "needs"), [("superseded", False), ("inactive", True)])
def test_a_letter_that_an_amendment_replaced_needs_nobody(code, needs):
    delivery = Delivery(UUID(int=1), None, "gp", "mail", 0, "failed", 0, AT, failure=Failure(code))
    assert delivery.needs_someone is needs
