"""A psychiatrist who types in a real browser while parts of the site are broken."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from playwright.sync_api import BrowserContext, expect, sync_playwright
from sqlalchemy.exc import SQLAlchemyError

from dashboard.web.auth import sessions
from tests.browser import chromium
from tests.browser.served_site import Ward, settled, summary
from tests.faults.cluster.database_faults import Outcome
from tests.faults.cluster.people import token_of, until
from tests.faults.cluster.region import Region
from tests.faults.cluster.web_faults import wait_for
from tests.faults.in_browser import Typed
from tests.faults.invariants import when_all_is_done
from tests.support.factories import Case

SECONDS_TO_SAVE = 60
SECONDS_BEFORE = 3.0
SECONDS_WITHOUT_A_PRIMARY = 16.0


@dataclass
class Desk(Ward):
    """The ward of a psychiatrist who reaches the site through the balancer."""

    region: Region = field(kw_only=True)

    @property
    def url(self) -> str:
        return self.region.site.url

    def cookie(self, person: int) -> dict[str, str]:
        token = token_of(self.region, person)
        return {"name": sessions.SECURE_COOKIE, "value": token, "url": self.url}


@contextmanager
def desk(region: Region) -> Iterator[Desk]:
    """Open a browser for a psychiatrist of this region."""
    program = chromium.find()
    assert program is not None, chromium.HOW_TO_GET_ONE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(chromium.ARGUMENTS))
        expect.set_options(timeout=45_000)

        def visitor(**options: object) -> BrowserContext:
            return browser.new_context(ignore_https_errors=True, **options)

        try:
            team = region.case().team
            yield Desk(
                region.database, None, region.site.folder, team, visitor=visitor, region=region
            )
        finally:
            browser.close()


def primary_killed(region: Region, chance: Random) -> Outcome:
    """Kill the primary while somebody types, who goes on typing."""

    def kill(typed: Typed) -> None:
        region.kill(region.primary())
        typed.go_on(SECONDS_WITHOUT_A_PRIMARY)

    return _while_typing(region, chance, kill, "primary killed")


def servers_restarted(region: Region, chance: Random) -> Outcome:
    """Restart both servers, one after the other, while somebody types."""

    def restart(typed: Typed) -> None:
        def one_after_the_other() -> None:
            for server in region.site.servers:
                server.stop()
                server.start()
                wait_for(region, server)

        restarting = threading.Thread(target=one_after_the_other)
        restarting.start()
        while restarting.is_alive():
            typed.go_on(1)

    return _while_typing(region, chance, restart, "both servers restarted")


def servers_killed(region: Region, chance: Random) -> Outcome:
    """Kill one server, then the other, while somebody types."""

    def kill(typed: Typed) -> None:
        for server in chance.sample(region.site.servers, 2):
            server.kill()
            typed.go_on(chance.uniform(2, 6))
            server.start()
            wait_for(region, server)
            typed.go_on(1)

    return _while_typing(region, chance, kill, "each server killed once")


def _while_typing(
    region: Region, chance: Random, break_it: Callable[[Typed], None], what: str
) -> Outcome:
    with desk(region) as ward:
        case = ward.case()
        page = ward.open(case, ward.tab())
        settled(page)
        summary(page).click()
        typed = Typed(page, chance)
        watch = Watch(ward, case, typed)
        watch.start()
        typed.go_on(SECONDS_BEFORE)
        region.broken_now()
        break_it(typed)
        typed.go_on(1)
        whole = until(lambda: watch.saved == len(typed.text), SECONDS_TO_SAVE)
        watch.stop()
        region.mend()
        kept = ward.draft(case) or ""
        lost = typed.lost(kept, typed.at[-1]) if typed.text.startswith(kept) else None
    region.drafted[case.episode] = kept
    region.finish()
    wrong = when_all_is_done(region)
    if not whole or lost is None:
        wrong.append(f"typed {typed.text!r}, and there is {kept!r}")
    said = f"{what}; {len(typed.text)} letters typed, saved {watch.late:.1f} s late at most"
    return Outcome(said, wrong, None, lost or 0.0)


class Watch:
    """A look at the draft in the database, ten times a second."""

    def __init__(self, ward: Desk, case: Case, typed: Typed) -> None:
        self.saved = 0
        self.late = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(ward, case, typed), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _look(self, ward: Desk, case: Case, typed: Typed) -> None:
        while not self._stopped.wait(0.1):
            try:
                self.saved = len(ward.draft(case) or "")
            except SQLAlchemyError:
                ward.database.close()
            if self.saved < len(typed.at):
                self.late = max(self.late, time.monotonic() - typed.at[self.saved])
