"""``make cluster``: a whole site on this machine with a demonstration registry, until Ctrl-C.

It shows that the parts fit together, and what happens when one of them dies. It does not show the
speed of a real site, because all programs share the cores of one machine.
"""

import argparse
import secrets
import signal
import sys
import time

from dashboard.calendar import today
from dashboard.database import administering
from dashboard.database.operations.upgrading import bring_up_to_date
from dashboard.demo.accounts import demonstration_accounts
from dashboard.demo.cover import add_demonstration_cover
from dashboard.demo.fill import fill
from dashboard.demo.letters import add_demonstration_letters
from dashboard.web.auth.accounts import add_account
from tools.cluster.site import Site, site

PATIENTS = 600


def main() -> int:
    """Run the cluster until it is interrupted. Return 1 if it could not start."""
    parser = argparse.ArgumentParser(prog="python -m tools.cluster")
    parser.add_argument("--patients", type=int, default=PATIENTS)
    wanted = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    _say("Starting three nodes of the database …")
    try:
        with site() as opened:
            _say(f"Making a registry of {wanted.patients} synthetic patients …")
            done = bring_up_to_date(opened.owner_url, reference_registry=True)
            password = secrets.token_urlsafe(9)
            people = _fill(opened, wanted.patients, password)
            _say("Starting two servers …")
            opened.start_poolers(done.passwords)
            opened.start_servers(
                CASE_REVIEW_SEALING_KEY=secrets.token_urlsafe(48),
                CASE_REVIEW_LINK_KEY=secrets.token_urlsafe(48),
            )
            _say(_instructions(opened, people, password))
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        _say("Stopped.")
        return 0
    except TimeoutError as reason:
        _say(f"The cluster did not start: {reason}.")
        return 1


def _fill(opened: Site, patients: int, password: str) -> list[str]:
    """Fill the registry and add the accounts; return a line for each of them."""
    with administering(opened.owner_url) as connection:
        fill(connection, patients=patients, seed=1, as_of=today())
        add_demonstration_cover(connection, as_of=today())
        add_demonstration_letters(connection)
        people = demonstration_accounts(connection)
        for person in people:
            add_account(connection, person.practitioner_id, person.username, password)
    return [f"  {person.username}: {person.display_name}, {person.role}" for person in people]


def _instructions(opened: Site, people: list[str], password: str) -> str:
    primary = opened.primary()
    nodes = ", ".join(f"{node.name} (port {node.postgresql_port})" for node in opened.nodes)
    configuration = opened.nodes[0].folder / "patroni.yml"
    return "\n".join(
        [
            f"\n{opened.url}",
            f"Its certificate is good on this machine alone: {opened.folder / 'authority.pem'}",
            f"Everybody's password is {password}",
            *people,
            f"\nNodes: {nodes}; primary is {primary.name if primary else 'none'}",
            f"State:      patronictl -c {configuration} list",
            f"Switchover: patronictl -c {configuration} switchover --force",
            f"Logs and configuration: {opened.folder}",
            "Ctrl-C ends all of it, and removes the data.",
        ]
    )


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
