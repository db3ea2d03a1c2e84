"""What can be configured: environment variables ``CASE_REVIEW_…``, or a ``.env`` file."""

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
"""The demonstration's password: published, and so refused everywhere else."""

SHORTEST_KEY = 32
"""Characters of a key: 24 random bytes in base64, 192 bits."""


class SettingsRefused(ValueError):
    """The settings are wrong; the text is one sentence a setting, each with its name."""


class Settings(BaseSettings):
    """The settings; README.md documents each, and a test says so."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        extra="ignore",
        # An error names the setting, not what somebody has set it to.
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = None
    """The database, as the role ``case_review_app``: what the pages connect with."""

    service_database_url: SecretStr | None = None
    """The same database, as the role ``case_review_service``: what the server signs people in,
    sends letters and counts with. By default the same address with that role, for databases that
    know their clients without a password."""

    admin_database_url: SecretStr | None = None
    """The database, as its owner: what the commands ``init``, ``demo``, ``import`` and
    ``account`` connect with. The server never reads it."""

    data_directory: Path = Path("var")
    """Where the demonstration keeps its embedded database, and letters without a gateway."""

    public_url: str | None = None
    """Where people reach the pages, such as https://revue.example.fr: for the links in mails, and
    the one origin from which they may be used."""

    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """The addresses and networks of the reverse proxies that are believed when they say from
    where a browser comes and whether it speaks https, with commas between them; none by default:
    whoever connects is then who comes."""

    link_key: SecretStr | None = None
    """What signs the links by which GPs without an account answer: 32 random characters or more,
    the same for every server process. Without it, letters carry no link."""

    second_factor_roles: Annotated[frozenset[Role], NoDecode] | None = None
    """The roles that need a second factor to sign in, with commas between them; all by default,
    none in the demonstration. Empty for none."""

    sealing_key: SecretStr | None = None
    """What seals the second factors in the database, and a sign-in that is under way elsewhere:
    32 random characters or more, the same for every server process."""

    oidc_issuer: str | None = None
    """The site's identity provider (OpenID Connect), exactly as its tokens name it; without one
    people sign in with passwords."""

    oidc_discovery_url: str | None = None
    """Where it describes itself; by default ``/.well-known/openid-configuration`` of the issuer."""

    oidc_name: str = "Pro Santé Connect"
    """What people call it."""

    oidc_client_id: str | None = None
    """Under which name it knows this program."""

    oidc_client_secret: SecretStr | None = None
    """The secret for that."""

    oidc_scope: str = "openid scope_all"
    """What it is asked to tell."""

    oidc_acr: str = "eidas1"
    """How surely it must know the person (``acr``); empty for a provider that does not say."""

    oidc_claim: str = "SubjectNameID"
    """Where it names the person: an RPPS number, or an 8 before one."""

    mail_transport: MailTransport = MailTransport.MSSANTE
    """``mssante`` sends the letter itself, for secure mail alone; ``notice`` says that one
    waits, and nothing about a patient; ``folder`` sends nothing, and leaves letters in a folder
    for somebody to send. Only the demonstration takes the folder without being told."""

    mail_host: str | None = None
    """The site's mail gateway."""

    mail_port: int = Field(default=587, ge=1, le=65535)
    """Its port: 587 for STARTTLS, 465 for TLS from the first byte."""

    mail_tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted; ``none`` only on the same machine."""

    mail_username: str | None = None
    """Who signs in to the gateway, if it asks."""

    mail_password: SecretStr | None = None
    """The password for that."""

    mail_from: str | None = None
    """The address from which letters come."""

    mail_ca_file: Path | None = None
    """The authority that signed the gateway's certificate, where the machine does not know it."""

    mail_timeout_seconds: float = Field(default=30, gt=0, le=300)
    """How long the gateway may take for one answer."""

    mail_folder: Path | None = None
    """Where letters go as ``.eml`` with ``folder``; else ``mail`` in the data directory."""

    background_delivery: bool = True
    """Whether the server sends letters itself; else ``deliver`` does."""

    background_counting: bool = True
    """Whether the server makes the counts for medical leads itself; else ``summarise`` does."""

    keep_technical_log_months: int = Field(default=12, ge=6, le=36)
    """How many months the access log keeps sign-ins, sign-outs and refusals."""

    keep_access_log_years: int = Field(default=20, ge=1, le=50)
    """How many years it keeps who opened which list and which patient's record."""

    audit_key: SecretStr | None = None
    """What signs the anchors of the access log: for the machine that verifies, not the server."""

    @field_validator("database_url", "service_database_url", "admin_database_url")
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
    """Return the settings of this process, read once. Raises ``SettingsRefused``."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsRefused("\n".join(map(_sentence, error.errors()))) from None
    except UnicodeDecodeError:
        raise SettingsRefused("The file .env is not text in UTF-8.") from None
    except OSError as error:
        raise SettingsRefused(f"{error.filename} cannot be read: {error.strerror}.") from None


def is_database_address(url: str) -> bool:
    """Return whether this is the address of a PostgreSQL database."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).get_backend_name() in ("postgresql", "postgres")
    except (ArgumentError, ValueError):
        return False


def _sentence(error: ErrorDetails) -> str:
    """What is wrong with one setting, with its name and without its value."""
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
