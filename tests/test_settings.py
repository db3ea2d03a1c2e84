"""The accepted values of the settings."""

import pytest
from pydantic import ValidationError

from dashboard.settings import Settings, SettingsRefused, settings


@pytest.fixture
def refusal(monkeypatch):
    """Set these environment variables; the sentences with which the settings are refused."""

    def refused(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        with pytest.raises(SettingsRefused) as told:
            settings()
        settings.cache_clear()
        return str(told.value).splitlines()

    return refused


WRONG = [
    ("MAIL_PORT", "smtp", "must be a whole number."),
    ("MAIL_PORT", "70000", "must be 65535 or less."),
    ("MAIL_PORT", "0", "must be 1 or more."),
    ("MAIL_TIMEOUT_SECONDS", "long", "must be a number."),
    ("MAIL_TIMEOUT_SECONDS", "0", "must be more than 0.0."),
    ("MAIL_TLS", "ssl", "must be 'starttls', 'tls' or 'none'."),
    ("MAIL_TRANSPORT", "smtp", "must be 'mssante', 'notice' or 'folder'."),
    ("METRICS_ADDRESS", "18501", "must be an address and a port, such as 127.0.0.1:18501."),
    ("METRICS_ADDRESS", "::1:65536", "must be an address and a port, such as 127.0.0.1:18501."),
    ("METRICS_ADDRESS", "::1:0", "must be an address and a port, such as 127.0.0.1:18501."),
    ("LOG_FORMAT", "xml", "must be 'text' or 'json'."),
    ("BACKGROUND_DELIVERY", "perhaps", "must be true or false."),
    ("KEEP_TECHNICAL_LOG_MONTHS", "3", "must be 6 or more."),
    (
        "SECOND_FACTOR_ROLES",
        "nurse,doctor",
        "must name roles, with commas between: psychiatrist, nurse, gp, lead.",
    ),
    (
        "TRUSTED_PROXIES",
        "proxy",
        "must be addresses or networks, with commas between: 127.0.0.1,10.2.0.0/24.",
    ),
    ("DATABASE_URL", "mysql://h/d", "must look like postgresql://user:password@host/name."),
    ("SERVICE_DATABASE_URL", "h", "must look like postgresql://user:password@host/name."),
    ("ADMIN_DATABASE_URL", "h", "must look like postgresql://user:password@host/name."),
    *(
        (
            f"{name}_KEY",
            "hush" * 7 + "123",
            "must be 32 random characters or more:"
            " python -c 'import secrets; print(secrets.token_urlsafe(48))' makes one.",
        )
        for name in ("LINK", "SEALING", "AUDIT")
    ),
]


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_a_wrong_value_is_a_sentence_with_the_name_of_the_setting(refusal, name, value, sentence):
    assert refusal(**{f"CASE_REVIEW_{name}": value}) == [f"CASE_REVIEW_{name} {sentence}"]


def test_all_that_is_wrong_is_said_at_once_and_no_value_of_it(refusal):
    said = refusal(CASE_REVIEW_MAIL_PORT="hush", CASE_REVIEW_LINK_KEY="hush")
    assert len(said) == 2
    assert "hush" not in "".join(said)


def test_an_empty_key_is_refused_too(refusal):
    assert refusal(CASE_REVIEW_LINK_KEY="")


def test_a_file_env_that_is_no_text_is_a_sentence(refusal, tmp_path, monkeypatch):
    (tmp_path / ".env").write_bytes(b"CASE_REVIEW_PUBLIC_URL=\xe9")
    monkeypatch.chdir(tmp_path)
    assert refusal() == ["The file .env is not text in UTF-8."]


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
