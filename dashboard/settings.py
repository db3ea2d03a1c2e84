"""The settings, read from environment variables ``CASE_REVIEW_…`` or a ``.env`` file."""

from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dashboard.vocabulary import MailTransport, Role

PREFIX = "CASE_REVIEW_"

DEMONSTRATION_PASSWORD = "demonstration-2026"  # noqa: S105  # nosec B105
"""The password of the demonstration. It is public, so it is refused outside the demonstration."""

SHORTEST_KEY = 32
"""Minimum number of characters of a key. In base64, 24 random bytes (192 bits) have this length."""


LARGEST_PORT = 65535


class SettingsRefused(ValueError):
    """Error: some settings are wrong. The text has one sentence about each of these settings."""


class Settings(BaseSettings):
    """The settings. docs/settings.md documents each of them, and a test checks this."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        extra="ignore",
        # An error must not show a value, which may be a secret.
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = None
    """The database address that the pages use, with the role ``case_review_app``."""

    service_database_url: SecretStr | None = None
    """The address of the same database for the work of the server itself, with the role
    ``case_review_service``.

    The server uses it to sign people in, to send letters and to make the counts for medical leads.
    By default it is the pages' address with this role. The default works only if the database asks
    for no password, or if both roles have the same password.
    """

    read_database_url: SecretStr | None = None
    """The address of a standby from which the counts for medical leads may be read.

    Its role is ``case_review_app``. Without this setting, counts are read from the primary.
    """

    admin_database_url: SecretStr | None = None
    """The address of the same database for the commands of its owner: ``init``, ``import``,
    ``account`` and others.

    The server never reads this setting.
    """

    data_directory: Path = Path("var")
    """The folder for the demonstration's embedded database.

    By default, letters that are written to files and the key of ``evaluate`` are also in it.
    """

    public_url: str | None = None
    """The address of the pages, such as https://revue.example.fr.

    It is used in the links of mails. If it is set, browsers can use the pages only at this origin.
    """

    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """The addresses and networks of the trusted reverse proxies, separated by commas; default none.

    A trusted proxy sends the browser's address, and whether the browser uses https. Without a
    trusted proxy, the connecting client is treated as the browser.
    """

    link_key: SecretStr | None = None
    """The key that signs the links in letters to GPs without an account, and those of invitations.

    The key has at least 32 random characters, and is the same for every server process. Without the
    key, letters have no link and nobody can be invited.
    """

    second_factor_roles: Annotated[frozenset[Role], NoDecode] | None = None
    """The roles that need a second factor to sign in, separated by commas; empty for none.

    By default all roles need a second factor, but in the demonstration no role needs one.
    """

    sealing_key: SecretStr | None = None
    """The key that encrypts the second factors in the database.

    It also encrypts the requests to the identity provider, which are in cookies. The key has at
    least 32 random characters, and is the same for every server process.
    """

    oidc_issuer: str | None = None
    """The issuer of the site's OpenID Connect provider, exactly as in the provider's tokens.

    Without an identity provider, people sign in with passwords.
    """

    oidc_discovery_url: str | None = None
    """The address of the provider's metadata.

    By default it is ``/.well-known/openid-configuration`` under the issuer.
    """

    oidc_name: str = "Pro Santé Connect"
    """The provider's name on the sign-in page."""

    oidc_client_id: str | None = None
    """The client id of this program at the provider."""

    oidc_client_secret: SecretStr | None = None
    """The client secret of this program at the provider."""

    oidc_scope: str = "openid scope_all"
    """The scopes requested from the provider."""

    oidc_acr: str = "eidas1"
    """The required level of authentication (``acr``); empty if the provider states no level."""

    oidc_claim: str = "SubjectNameID"
    """The claim that identifies the person.

    Its value is an RPPS number, or an RPPS number with an 8 before it.
    """

    mail_transport: MailTransport = MailTransport.MSSANTE
    """The transport of letters.

    ``mssante`` sends the letter itself, and only by secure mail. ``notice`` sends a message that
    advice is waiting, with nothing about a patient. ``folder`` writes letters to a folder, from
    which a person sends them. Outside the demonstration, ``folder`` must be set explicitly.
    """

    mail_host: str | None = None
    """The host of the site's mail gateway."""

    mail_port: int = Field(default=587, ge=1, le=LARGEST_PORT)
    """The port of the gateway: 587 for STARTTLS, 465 for TLS from the first byte."""

    mail_tls: Literal["starttls", "tls", "none"] = "starttls"
    """The encryption of the connection to the gateway.

    ``none`` is allowed only for a gateway on this machine.
    """

    mail_username: str | None = None
    """The user name for the gateway, if it requires one."""

    mail_password: SecretStr | None = None
    """The password for the gateway."""

    mail_from: str | None = None
    """The sender's address of letters."""

    mail_ca_file: Path | None = None
    """A file with the certificate authority of the gateway, if this machine does not trust it."""

    mail_timeout_seconds: float = Field(default=30, gt=0, le=300)
    """Maximum time that the gateway may take for one answer, in seconds."""

    mail_folder: Path | None = None
    """The folder for the ``.eml`` files of the transport ``folder``.

    By default it is ``mail`` in the data directory.
    """

    background_delivery: bool = True
    """Whether the server itself sends the letters. If not, the command ``deliver`` sends them."""

    background_counting: bool = True
    """Whether the server itself makes the counts for medical leads.

    If not, the command ``summarise`` makes them.
    """

    registry_stale_hours: int = Field(default=48, ge=1, le=8760)
    """Age of the registry, in hours, above which the pages show a warning.

    The warning needs the time at which the registry was loaded (``registry.loaded``).
    """

    keep_technical_log_months: int = Field(default=12, ge=6, le=36)
    """Number of months for which sign-ins are kept, and the rows of the access log that concern no
    patient.
    """

    keep_access_log_years: int = Field(default=20, ge=1, le=50)
    """Number of years for which the access log keeps all other rows, such as those about opened
    lists and records.
    """

    audit_key: SecretStr | None = None
    """The key that signs the anchors of the access log.

    Only the commands ``audit anchor`` and ``audit verify`` need this key, and not the server.
    """

    metrics_address: str | None = None
    """The address and port at which ``/metrics`` answers, such as 127.0.0.1:18501; empty for none.

    Each process needs an address of its own, which must not be reachable from outside the site.
    """

    log_format: Literal["text", "json"] = "text"
    """The form of the log's lines: ``text``, or ``json`` for programs that collect logs."""

    @field_validator("metrics_address")
    @classmethod
    def _is_an_address(cls, given: str | None) -> str | None:
        host, _, port = (given or "").rpartition(":")
        is_port = port.isascii() and port.isdigit() and 1 <= int(port) <= LARGEST_PORT
        if given and not (host and is_port):
            raise ValueError("must be an address and a port, such as 127.0.0.1:18501")
        return given or None

    @field_validator(
        "database_url", "service_database_url", "read_database_url", "admin_database_url"
    )
    @classmethod
    def _is_a_database(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not is_database_address(given.get_secret_value()):
            raise ValueError("must look like postgresql://user:password@host/name")
        return given

    @field_validator("link_key", "sealing_key", "audit_key")
    @classmethod
    def _is_long_enough(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and len(given.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(
                f"must be {SHORTEST_KEY} random characters or more:"
                " python -c 'import secrets; print(secrets.token_urlsafe(48))' makes one"
            )
        return given

    @field_validator("second_factor_roles", mode="before")
    @classmethod
    def _at_commas(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        roles = frozenset(role.strip() for role in given.split(",") if role.strip())
        if not roles <= set(Role):
            raise ValueError(f"must name roles, with commas between: {', '.join(Role)}")
        return roles

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        named = tuple(one.strip() for one in given.split(",") if one.strip())
        try:
            for one in named:
                ip_network(one)
        except ValueError:
            raise ValueError(
                "must be addresses or networks, with commas between: 127.0.0.1,10.2.0.0/24"
            ) from None
        return named


@cache
def settings() -> Settings:
    """Return the settings, which are read only once.

    Raise ``SettingsRefused`` if a setting is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsRefused("\n".join(map(_sentence, error.errors()))) from None
    except UnicodeDecodeError:
        raise SettingsRefused("The file .env is not text in UTF-8.") from None
    except OSError as error:
        raise SettingsRefused(f"{error.filename} cannot be read: {error.strerror}.") from None


def is_database_address(url: str) -> bool:
    """Return whether ``url`` is the address of a PostgreSQL database."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).get_backend_name() in ("postgresql", "postgres")
    except (ArgumentError, ValueError):
        return False


def _sentence(error: ErrorDetails) -> str:
    """Return a sentence that says what is wrong with a setting.

    The sentence has the setting's name, but not its value, which may be a secret.
    """
    names = ".".join(str(part) for part in error["loc"][:1])
    limits = error.get("ctx", {})
    said = {
        "int_parsing": "must be a whole number",
        "float_parsing": "must be a number",
        "bool_parsing": "must be true or false",
        "enum": f"must be {limits.get('expected')}",
        "literal_error": f"must be {limits.get('expected')}",
        "greater_than": f"must be more than {limits.get('gt')}",
        "greater_than_equal": f"must be {limits.get('ge')} or more",
        "less_than_equal": f"must be {limits.get('le')} or less",
        "value_error": str(limits.get("error")),
    }.get(error["type"], f"is wrong: {error['msg']}")
    return f"{PREFIX}{names.upper()} {said}."
