"""``python -m dashboard``: the commands."""

from dashboard.cli.app import app

app()
