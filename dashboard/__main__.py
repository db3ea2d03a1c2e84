"""The commands of ``python -m dashboard``."""

from dashboard.cli.app import app

app()
