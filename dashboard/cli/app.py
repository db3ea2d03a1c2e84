"""The entry point of the command line: ``python -m dashboard …``."""

from typing import Any

import typer
from typer.core import TyperGroup

from dashboard.cli.accounts import account
from dashboard.cli.audit import audit
from dashboard.cli.demo import demo
from dashboard.cli.evaluation import evaluate
from dashboard.cli.maintenance import backup, erase, restore
from dashboard.cli.owner import stop
from dashboard.cli.registry import copy, import_registry, init
from dashboard.cli.service import deliver, serve, summarise


class Commands(TyperGroup):
    """The group of all commands. It ends a command with a message if the settings are wrong."""

    def invoke(self, ctx: Any) -> object:
        """Run the command that is named on the command line."""
        from dashboard.settings import SettingsRefused

        try:
            return super().invoke(ctx)
        except SettingsRefused as reason:
            stop(str(reason))


app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def commands() -> None:
    """Weekly case review for collaborative care."""


app.command()(init)
app.command()(copy)
app.command("import")(import_registry)
app.command()(demo)
app.command()(serve)
app.command()(deliver)
app.command()(summarise)
app.add_typer(account, name="account")
app.add_typer(audit, name="audit")
app.command()(backup)
app.command()(restore)
app.command()(erase)
app.command()(evaluate)
