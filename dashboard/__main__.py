"""``python -m dashboard``: the commands."""

from dashboard.cli import app

app()
