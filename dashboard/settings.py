"""What can be configured: environment variables ``CASE_REVIEW_…``, or a ``.env`` file."""

from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Role = Literal["psychiatrist", "nurse", "gp", "lead"]


class Settings(BaseSettings):
    """The settings; README.md documents each, and a test says so."""

    model_config = SettingsConfigDict(
        env_prefix="CASE_REVIEW_",
        env_file=".env",
        extra="ignore",
        # An error names the setting, not what somebody has set it to.
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = None
    """The database, as the role ``case_review_app``: what the pages connect with."""

    admin_database_url: SecretStr | None = None
    """The database, as its owner: what the commands ``init``, ``demo``, ``import`` and
    ``account`` connect with. The server never reads it."""

    data_directory: Path = Path("var")
    """Where the demonstration keeps its embedded database, and letters without a gateway."""

    public_url: str | None = None
    """Where people reach the pages, for the links in mails: https://revue.example.fr."""

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

    mail_transport: Literal["mssante", "notice"] = "mssante"
    """``mssante`` sends the letter itself, for secure mail alone; ``notice`` says that one
    waits, and nothing about a patient."""

    mail_host: str | None = None
    """The site's mail gateway; without one letters go to a folder."""

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
    """Where letters go as ``.eml`` without a gateway; else ``mail`` in the data directory."""

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

    @field_validator("second_factor_roles", mode="before")
    @classmethod
    def _at_commas(cls, given: object) -> object:
        if isinstance(given, str):
            return frozenset(role.strip() for role in given.split(",") if role.strip())
        return given

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        named = tuple(one.strip() for one in given.split(",") if one.strip())
        for one in named:
            ip_network(one)
        return named


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
