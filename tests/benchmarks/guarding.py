"""``make bench-guarding``: the cost of the guard of fragments and sockets, against another tree.

Two servers share one registry, one with the code of this tree and one with that of ``--before`` (a
git worktree). They are asked in turn for the list and the case, whole and one fragment of each, so
that a disturbance of the machine affects both. On a busy machine the processor time of the servers
says more than the clock. The guard's query is also measured by itself.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import psutil

from dashboard.calendar import PARIS
from dashboard.database import acting_as, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.queries.caseload.review_list import review_list
from dashboard.web.auth import rights
from tests.benchmarks import registries, serving
from tests.benchmarks.timing import median, milliseconds, report
from tests.browser.websocket import client, run
from tests.support.identity import everybody_is_signed_in

RUNS = 120
SLOWER_AT_MOST = 0.03
QUESTION_AT_MOST_MS = 1.0
PAUSE = 0.02


def main() -> None:
    options = _options()
    day = datetime.now(PARIS).date()
    with registries.server(options.data) as owner_url:
        for caseload in options.caseload:
            registries.registry(owner_url, 2910, day, caseload)
            name = registries.name_of(2910, caseload)
            registry_url = address_of(owner_url, database=name)
            app_url = app_address_of(owner_url, name)
            psychiatrist_id = registries.psychiatrist_with(registry_url, caseload)
            connect_to(app_url)
            everybody_is_signed_in(registry_url)
            with acting_as(psychiatrist_id) as connection:
                cases = review_list(connection, day).episode_id.tolist()
            cookie = serving.cookie_of(registry_url, psychiatrist_id)
            measure_question(cookie, len(cases))
            with servers(app_url, options.before) as running:
                for what, page, query in (
                    ("list", "review-list", ""),
                    ("case", "case", f"episode={cases[0]}"),
                ):
                    measure_page(running, cookie, what, page, query, len(cases))


def measure_question(cookie: str, cases: int) -> None:
    """Measure the guard's one query, with its transaction."""
    token = cookie.partition("=")[2]
    known = rights.rights_of(token, seen=True)
    assert known is not None
    took = milliseconds(lambda: rights.still_hold(known, token), 500, warm_up=20)
    undisturbed = sorted(took)[len(took) // 10]
    report(
        f"the guard's question, {cases} open",
        f"p10 {undisturbed:.2f} ms, p50 {median(took):.2f} ms",
        f"p10 about {QUESTION_AT_MOST_MS:.0f} ms: where nothing else runs",
        reached=undisturbed <= 1.2 * QUESTION_AT_MOST_MS,
    )


def measure_page(
    running: dict[str, tuple[str, psutil.Process]],
    cookie: str,
    what: str,
    page: str,
    query: str,
    cases: int,
) -> None:
    """Measure the page and its slowest fragment, before and after, in turn."""
    took: dict[str, dict[str, list[float]]] = {"page": {}, "fragment": {}}
    worked: dict[str, dict[str, float]] = {"page": {}, "fragment": {}}
    with ExitStack() as open_until_the_end:
        connections = {
            name: open_until_the_end.enter_context(client(url, cookie=cookie))
            for name, (url, _process) in running.items()
        }
        fragments = {
            name: _fragment(run(connection, page, query))
            for name, connection in connections.items()
        }
        for _ in range(RUNS):
            for name, connection in connections.items():
                for kind, fragment in (("page", ""), ("fragment", fragments[name])):
                    time.sleep(PAUSE)
                    started, busy = time.perf_counter(), _busy(running[name][1])
                    run(connection, page, query, fragment)
                    took[kind].setdefault(name, []).append((time.perf_counter() - started) * 1000)
                    busy = _busy(running[name][1]) - busy
                    worked[kind][name] = worked[kind].get(name, 0) + busy * 1000 / RUNS
    for kind, times in took.items():
        before, after = times["before"][5:], times["after"][5:]
        # Of two that ran one after the other the machine was the same.
        slower = median([two - one for one, two in zip(before, after, strict=True)])
        share = slower / median(before)
        report(
            f"{kind} of the {what}, {cases} open, in turn",
            f"p50 {median(before):.1f} → {median(after):.1f} ms, pairs {share:+.1%}",
            f"at most {SLOWER_AT_MOST:.0%} slower" if kind == "page" else "",
            reached=kind == "fragment" or share <= SLOWER_AT_MOST,
        )
        before_busy, after_busy = worked[kind]["before"], worked[kind]["after"]
        report(
            f"… processor time of the server, {kind} of the {what}",
            f"{before_busy:.1f} → {after_busy:.1f} ms, {after_busy / before_busy - 1:+.1%}",
            "",
            reached=kind == "fragment" or after_busy <= (1 + SLOWER_AT_MOST) * before_busy,
        )


def _busy(process: psutil.Process) -> float:
    """Seconds for which a processor has worked for this process."""
    times = process.cpu_times()
    return times.user + times.system


def _fragment(messages) -> str:
    """Return the fragment that has drawn most."""
    drawn = [one.delta.fragment_id for one in messages if one.WhichOneof("type") == "delta"]
    own = [one for one in drawn if one]
    return max(set(own), key=own.count)


@contextmanager
def servers(app_url: str, before: Path) -> Iterator[dict[str, tuple[str, psutil.Process]]]:
    """Yield the address and the process of the dashboard of both trees on this database."""
    with ExitStack() as running:
        yield {
            name: running.enter_context(serving.quiet_server(app_url, tree))
            for name, tree in (("before", before), ("after", Path.cwd()))
        }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.guarding")
    parser.add_argument("--before", type=Path, required=True, help="the tree to compare with")
    parser.add_argument(
        "--caseload",
        type=int,
        nargs="*",
        default=[registries.USUAL_CASELOAD, registries.CASELOAD],
        help="open episodes of the psychiatrist",
    )
    parser.add_argument("--data", type=Path, default=Path("var/benchmarks"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
