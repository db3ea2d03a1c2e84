"""Faults of the servers and of the balancer, while people read, sign and answer."""

import signal
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from random import Random

from dashboard.database import administering
from dashboard.database.operations.upgrading import bring_up_to_date
from tests.faults.cluster.database_faults import Outcome
from tests.faults.cluster.people import at_work, readers, until, visitor
from tests.faults.cluster.region import Region
from tests.faults.invariants import when_all_is_done
from tests.faults.served_site import WORK
from tools.cluster.processes import Program

READERS = 4
SECONDS_TO_BE_READY = 60
SECONDS_FOR_THE_BALANCER = 2.5
"""The balancer believes a server after two good answers, one a second."""


def rolling_upgrade(region: Region, chance: Random) -> Outcome:
    """Migrate, then restart one server after the other, as docs/deploying.md says."""

    def upgrade() -> str:
        with administering(region.database.owner_url) as owner:
            owner.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            owner.exec_driver_sql(
                "ALTER TABLE review.draft ADD COLUMN IF NOT EXISTS of_the_next_version text"
            )
        bring_up_to_date(region.database.owner_url)
        for server in region.site.servers:
            server.stop()
            time.sleep(chance.uniform(0, 1))
            server.start()
            wait_for(region, server)
        return "migrated, both servers restarted"

    return _while_people_work(region, chance, upgrade)


def rolling_restart(region: Region, chance: Random) -> Outcome:
    """Restart one server after the other."""

    def restart() -> str:
        order = list(region.site.servers)
        chance.shuffle(order)
        for server in order:
            server.stop()
            server.start()
            wait_for(region, server)
        return "both servers restarted"

    return _while_people_work(region, chance, restart)


def server_killed(region: Region, chance: Random) -> Outcome:
    """Kill a server; when it is back, let the other one drain and come back."""

    def kill() -> str:
        one, other = chance.sample(region.site.servers, 2)
        one.kill()
        time.sleep(chance.uniform(0.5, 3))
        one.start()
        wait_for(region, one)
        other.stop()
        other.start()
        wait_for(region, other)
        return f"{one.name} killed, {other.name} drained"

    return _while_people_work(region, chance, kill, killed=True)


def balancer_reloaded(region: Region, chance: Random) -> Outcome:
    """Reload the balancer several times."""

    def reload() -> str:
        balancer = region.site.balancer
        assert balancer is not None
        assert balancer.process is not None
        for _ in range(3):
            balancer.process.send_signal(signal.SIGUSR2)
            time.sleep(chance.uniform(1, 3))
        return "reloaded three times"

    return _while_people_work(region, chance, reload)


def wait_for(region: Region, server: Program) -> None:
    """Wait until the server is ready and the balancer knows it."""
    number = region.site.servers.index(server) + 1
    address = f"http://{region.site.variables[f'SITE_APP_{number}']}/readyz"

    def ready() -> bool:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return True
        return False

    assert until(ready, SECONDS_TO_BE_READY), f"{server.name} is not ready"
    time.sleep(SECONDS_FOR_THE_BALANCER)


def _while_people_work(
    region: Region, chance: Random, break_it: Callable[[], str], *, killed: bool = False
) -> Outcome:
    """Break it while people read through the balancer and others sign and answer."""
    cases = [region.case() for _ in range(READERS)]
    people, loading = readers(region, cases, chance), visitor(region)
    orders = [WORK[work](region, chance) for work in ("signing", "answering", "drafting")]
    with at_work(*people, loading):
        assert until(lambda: all(person.read for person in people), 60), "nobody can read"
        what = break_it()
        slowest = 0.0
        for order in orders:
            region.broken_now()
            slowest = max(slowest, region.insist(order))
        time.sleep(1)
    region.finish()
    errors = [error for person in (*people, loading) for error in person.errors]
    away = [seconds for person in people for seconds in person.away]
    wrong = when_all_is_done(region)
    if errors and not killed:
        wrong += sorted(set(errors))
    read = sum(person.read for person in people)
    said = f"{what}; {read} pages read, {loading.loaded} loads, {len(away)} interruptions"
    return Outcome(said, wrong, slowest, None, max(away, default=0.0), len(errors))
