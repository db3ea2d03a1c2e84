"""What can be configured: environment variables ``CASE_REVIEW_…``, or a ``.env`` file."""

from functools import cache
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings; README.md documents each, and a test says so."""

    model_config = SettingsConfigDict(env_prefix="CASE_REVIEW_", env_file=".env", extra="ignore")

    database_url: SecretStr | None = None
    """The database, as the role ``case_review_app``: what the pages connect with."""

    admin_database_url: SecretStr | None = None
    """The database, as its owner: what the commands ``init``, ``demo``, ``import`` and
    ``account`` connect with. The server never reads it."""

    data_directory: Path = Path("var")
    """Where the demonstration keeps its embedded database."""


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
