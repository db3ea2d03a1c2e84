"""What a setting may say."""

import pytest
from pydantic import ValidationError

from dashboard.settings import Settings


@pytest.mark.parametrize(
    ("said", "trusted"),
    [
        ("", ()),
        ("127.0.0.1", ("127.0.0.1",)),
        ("127.0.0.1, 10.2.0.0/24 ,::1", ("127.0.0.1", "10.2.0.0/24", "::1")),
    ],
)
def test_proxies_are_trusted_by_address_or_network(monkeypatch, said, trusted):
    monkeypatch.setenv("CASE_REVIEW_TRUSTED_PROXIES", said)
    assert Settings().trusted_proxies == trusted


@pytest.mark.parametrize("said", ["*", "proxy.example", "10.2.0.1/24", "127.0.0.1;10.2.0.1"])
def test_nobody_can_be_trusted_by_a_slip_of_the_pen(monkeypatch, said):
    monkeypatch.setenv("CASE_REVIEW_TRUSTED_PROXIES", said)
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings()
