"""Faults of the database's side of a site, while one person's work goes through it.

The person repeats what they were not told of, as the page does for them. ``invariants`` checks the
result.
"""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import psutil

from tests.faults.breaking import At
from tests.faults.cluster.region import (
    SECONDS,
    Region,
    freeze,
    receivers_of,
    thaw,
)
from tests.faults.invariants import when_all_is_done
from tests.faults.operations import Order
from tests.faults.served_site import WORK
from tests.faults.tcp_proxy import Strike
from tools.cluster.nodes import Node
from tools.cluster.processes import wait_until

SECONDS_WITHOUT_ETCD = 15
SECONDS_TO_FAIL_OVER = 15
TRIES = 3


@dataclass
class Outcome:
    """The result of one fault of a site."""

    what: str
    wrong: list[str] = field(default_factory=list)
    write_seconds: float | None = None
    """From the fault until the interrupted work was done."""
    typing_lost_seconds: float | None = None
    back_seconds: float | None = None
    """The longest time for which a page was away."""
    reader_errors: int = 0


def primary_killed(region: Region, chance: Random, at: At) -> Outcome:
    """Kill the primary and its Patroni at this statement."""
    primary = region.primary()
    order = WORK[at.work](region, chance)
    place = _struck(region, order, at, lambda: region.kill(primary))
    return _recovered(region, order, place)


def standby_frozen(region: Region, chance: Random, work: str) -> Outcome:
    """Freeze the synchronous standby, then kill the primary, then let the standby go on."""
    standby, primary = region.synchronous(), region.primary()
    order = WORK[work](region, chance)
    before, after = chance.uniform(0.2, 7), chance.uniform(0.5, 6)
    freeze(standby)

    def go_on() -> None:
        time.sleep(before)
        region.kill(primary)
        time.sleep(after)
        thaw(standby)

    others = threading.Thread(target=go_on)
    region.broken_now()
    others.start()
    region.attempt(order)
    others.join()
    # Without its standby nobody may become primary: the wait begins when it is back.
    region.broken_now()
    what = f"{work}, primary killed {before:.1f} s after the standby hung"
    if not _has_primary(region):
        # It died while its standby was being replaced: it alone surely has all that was signed.
        region.broken_now()
        primary.patroni.start()
        what += ", and needed again"
    return _recovered(region, order, what)


def switched_in_commit(region: Region, chance: Random, work: str) -> Outcome:
    """Change the primary while a COMMIT waits for the standby."""
    order, _primary, receivers, person = _commit_waits(region, chance, work)
    region.broken_now()
    change = threading.Thread(target=region.switch_over)
    change.start()
    pause = chance.uniform(0, 2)
    time.sleep(pause)
    _signal(receivers, signal.SIGCONT)
    change.join()
    first = "told at once" if person.is_told() else "not told at first"
    return _recovered(region, order, f"{work}, standby late by {pause:.1f} s, {first}")


def wait_cancelled(region: Region, chance: Random, work: str) -> Outcome:
    """Cancel the wait for the standby; the primary, which alone has it, then dies."""
    order, primary, receivers, person = _commit_waits(region, chance, work)
    for backend in region.waiting_commits(primary):
        psutil.Process(backend).send_signal(signal.SIGINT)
    time.sleep(chance.uniform(0.05, 0.5))
    # The journal that the standby had not read yet is lost with its process.
    region.kill(primary)
    _signal(receivers, signal.SIGKILL)
    first = "told at once" if person.is_told() else "not told at first"
    return _recovered(region, order, f"{work}, {first}")


def pooler_killed(region: Region, chance: Random, at: At) -> Outcome:
    """Kill PgBouncer at this statement; systemd starts it again."""
    order, pooler = WORK[at.work](region, chance), region.site.poolers[0]

    place = _struck(region, order, at, pooler.kill)
    time.sleep(chance.uniform(0.1, 1))
    pooler.start()
    return _recovered(region, order, place)


def front_reloaded(region: Region, chance: Random, at: At) -> Outcome:
    """Reload the HAProxy that leads to the primary, at this statement."""
    order = WORK[at.work](region, chance)
    return _recovered(region, order, _struck(region, order, at, region.reload_front))


def etcd_lost(region: Region, chance: Random, work: str) -> Outcome:
    """Kill every member of etcd; people go on, and it comes back."""
    order = WORK[work](region, chance)
    for node in region.site.nodes:
        node.etcd.kill()
    region.broken_now()
    away = time.monotonic() + chance.uniform(3, SECONDS_WITHOUT_ETCD)
    seconds = region.insist(order)
    worst = seconds
    while time.monotonic() < away:
        started = time.monotonic()
        region.insist(WORK["drafting"](region, chance))
        worst = max(worst, time.monotonic() - started)
        time.sleep(0.5)
    for node in region.site.nodes:
        node.etcd.start()
    outcome = _recovered(region, order, f"{work}, {worst:.1f} s at most without etcd")
    outcome.write_seconds = worst
    return outcome


class _Person(threading.Thread):
    """A person who does something once."""

    def __init__(self, region: Region, order: Order) -> None:
        super().__init__()
        self._region, self._order = region, order
        self._told = False

    def run(self) -> None:
        self._told = self._region.attempt(self._order)

    def is_told(self) -> bool:
        """Wait for the end; return whether the person was told that it is done."""
        self.join()
        return self._told


def _commit_waits(
    region: Region, chance: Random, work: str
) -> tuple[Order, Node, list[psutil.Process], _Person]:
    """Let a person work until their COMMIT waits for the standby, whose receivers are stopped.

    Return the order, the primary, the receivers and the person. A person who is slower than Patroni
    on a busy machine waits for no standby, because the other one has become synchronous. Then
    another order is tried.
    """
    for _ in range(TRIES):
        order = WORK[work](region, chance)
        primary, receivers = region.primary(), receivers_of(region.synchronous())
        _signal(receivers, signal.SIGSTOP)
        person = _Person(region, order)
        person.start()
        try:
            wait_until(lambda node=primary: bool(region.waiting_commits(node)), 20, "no COMMIT")
        except TimeoutError:
            _signal(receivers, signal.SIGCONT)
            person.join()
            region.insist(order)
            region.mend()
        else:
            return order, primary, receivers, person
    raise TimeoutError(f"no COMMIT waits, tried {TRIES} times")


def _has_primary(region: Region) -> bool:
    """Return whether a new primary is there within the time that a failover may take."""
    try:
        wait_until(lambda: region.site.primary() is not None, SECONDS_TO_FAIL_OVER, "no primary")
    except TimeoutError:
        return False
    return True


def _struck(region: Region, order: Order, at: At, break_it: Callable[[], object]) -> str:
    """Let the person try once while this breaks at that statement, or after the last one."""

    def strike(_line: object = None) -> None:
        region.broken_now()
        break_it()

    heard = region.listen(Strike(at.nth, at.moment, strike))
    told = region.attempt(order)
    if told and not heard.struck.is_set():
        region.listen()
        strike()
        return f"{at.work}, after the last statement"
    assert heard.struck.wait(SECONDS), f"{at} was never reached"
    statement = heard.statements[at.nth - 1][:40]
    return f"{at.work}, {at.moment} statement {at.nth} ({statement})"


def _recovered(region: Region, order: Order, what: str) -> Outcome:
    """Let the person finish, wait for the letters, and check everything."""
    seconds = region.insist(order)
    region.mend()
    region.finish()
    return Outcome(what, when_all_is_done(region), seconds)


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
