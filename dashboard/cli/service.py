"""The commands that run the dashboard: ``serve``, ``deliver``, ``summarise``."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from dashboard.cli.owner import stop


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    demonstration: Annotated[
        bool, typer.Option("--demonstration", help="With a synthetic registry of its own.")
    ] = False,
) -> None:
    """Serve the pages until the process is stopped."""
    from dashboard.web.server.readiness import CannotServe
    from dashboard.web.server.serving import configured_database, serve

    database = _demonstration_database() if demonstration else configured_database()
    try:
        serve(address, port, database, typer.echo, demonstration=demonstration)
    except CannotServe as reason:
        stop(str(reason))


def deliver(
    once: Annotated[
        bool, typer.Option("--once", help="Send what is due and end, for cron.")
    ] = False,
) -> None:
    """Send the letters and the mails about accounts that are due.

    The exit status is 1 if one of them failed permanently.

    Without --once, the command runs until it is stopped. It connects to
    CASE_REVIEW_SERVICE_DATABASE_URL as the role case_review_service.
    """
    from dashboard.web.server.delivering import deliver_for_ever, deliver_once
    from dashboard.web.server.readiness import CannotServe

    try:
        done = deliver_once() if once else deliver_for_ever()
    except CannotServe as reason:
        stop(str(reason))
    typer.echo(f"Sent: {done.sent}. To be tried again: {done.queued}. Failed: {done.failed}.")
    raise typer.Exit(1 if done.failed else 0)


def summarise() -> None:
    """Recompute the counts that medical leads see. The command is meant for cron.

    It connects with the two database roles of the server, and not as the owner of the database.
    """
    from dashboard.web.server.counting import summarise as count
    from dashboard.web.server.readiness import CannotServe

    try:
        done = count()
    except CannotServe as reason:
        stop(str(reason))
    typer.echo(f"Sites counted: {done.sites}. Nurses: {done.nurses}.")


def _demonstration_database() -> AbstractContextManager[Sequence[str]]:
    from dashboard.calendar import today
    from dashboard.cli.demonstration import demonstration_database
    from dashboard.settings import settings

    return demonstration_database(settings().data_directory, today(), typer.echo)
