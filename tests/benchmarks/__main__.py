"""``make bench``: how fast it is, and whether that reaches the goals.

Everything that is compared is measured in one run, on one machine.
"""

import argparse
import gc
import sys
from datetime import date, datetime
from functools import partial
from pathlib import Path

from dashboard.calendar import PARIS
from dashboard.database import acting_as, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import review_list
from dashboard.web.server.asgi import OBJECTS_BETWEEN_LOOKS
from tests.benchmarks import browser, registries, serving, sites, users
from tests.benchmarks.timing import median, milliseconds, p95, report, summary
from tests.support.identity import everybody_is_signed_in
from tests.support.statements import statements

RUNS = 50


def main() -> None:
    options = _options()
    # As in the server at its start: the garbage collector skips the loaded objects.
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
    day = datetime.now(PARIS).date()
    with registries.server(options.data) as owner_url:
        sizes = [2910] if options.small else [2910, 1_000_000]
        owners = {size: registries.registry(owner_url, size, day) for size in sizes}
        psychiatrists = {
            size: registries.psychiatrist_with(owners[size], registries.CASELOAD) for size in sizes
        }
        lists = {}
        for size in sizes:
            connect_to(app_address_of(owner_url, registries.name_of(size)))
            everybody_is_signed_in(owners[size])
            lists[size] = measure_list(psychiatrists[size], size, day)
            sites.count_what_is_not(size, day)
            sites.measure_leads(owners[size], size, day)
        if len(sizes) == 2:
            compare_sizes(lists)
        usual = registries.USUAL_CASELOAD
        registries.registry(owner_url, 2910, day, usual)
        measure_pages(owner_url, 2910, usual, day)
        measure_pages(owner_url, sizes[-1], registries.CASELOAD, day)


def measure_list(psychiatrist_id: int, size: int, day: date) -> list[float]:
    """Measure the query and the ranking of the list; return the times in ms."""

    def draw() -> int:
        with acting_as(psychiatrist_id) as connection:
            return len(review_list(connection, day))

    open_episodes = draw()
    took = milliseconds(draw, RUNS)
    report(
        f"review list, {open_episodes} open of {size:,} patients",
        summary(took),
        "p95 at most 120 ms",
        reached=p95(took) <= 120,
    )
    with acting_as(psychiatrist_id) as connection:
        first = int(review_list(connection, day).episode_id[0])
    for page, ask in (
        ("list", partial(review_list, as_of=day)),
        ("case", partial(open_case, episode_id=first, as_of=day)),
    ):
        with acting_as(psychiatrist_id) as connection:
            number = statements(connection, ask)
        report(f"statements of the {page}, {size:,} patients", str(number), "", reached=True)
    return took


def compare_sizes(lists: dict[int, list[float]]) -> None:
    """Report that the cost follows the caseload, and not the registry."""
    small, large = (p95(lists[size]) for size in sorted(lists))
    report(
        "review list, 1,000,000 against 2,910 patients",
        f"{large / small:.2f} times",
        "at most 1.5 times",
        reached=large <= 1.5 * small,
    )


def measure_pages(owner_url: str, size: int, caseload: int, day: date) -> None:
    """Measure the server's cost of a page, for one user and for fifty, and the reader's wait."""
    name = registries.name_of(size, caseload)
    registry_url, app_url = address_of(owner_url, database=name), app_address_of(owner_url, name)
    psychiatrist_id = registries.psychiatrist_with(registry_url, caseload)
    connect_to(app_url)
    everybody_is_signed_in(registry_url)
    with acting_as(psychiatrist_id) as connection:
        cases = review_list(connection, day).episode_id.tolist()
    of_all = f"{len(cases)} open of {size:,}"
    cookies = [serving.cookie_of(registry_url, psychiatrist_id) for _ in range(50)]
    pages = [("review-list", ""), *(("case", f"episode={one}") for one in cases[:40])]
    with serving.empty_server() as empty_url, serving.dashboard_server(app_url) as url:
        nothing = median(users.reruns(empty_url, "", "", "", RUNS))
        of_page = {
            name: users.reruns(url, cookies[0], *page, RUNS)
            for name, page in (("list", pages[0]), ("case", pages[1]))
        }
        for name, took in of_page.items():
            report(
                f"rerun of the {name}, {of_all} (empty page: {nothing:.1f} ms)",
                f"{summary(took)}, {median(took) / nothing:.1f} times",
                "at most 10 times an empty page",
                reached=median(took) <= 10 * nothing,
            )
        waited = browser.from_row_to_chart(url, cookies[0])
        report(
            f"from choosing a patient to the chart, {of_all}",
            summary(waited),
            "median at most 250 ms",
            reached=median(waited) <= 250,
        )
        alone = median(users.many(url, cookies[:1], pages, 0.5))
        crowd = users.many(url, cookies, pages, 8)
        report(
            f"50 users, 8 s of thought, {of_all} (one: {alone:.0f} ms)",
            f"{summary(crowd)}, {p95(crowd) / alone:.1f} times",
            "p95 at most 4 times one user's median",
            reached=p95(crowd) <= 4 * alone,
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path("var/benchmarks"), help="where the registries are kept"
    )
    parser.add_argument(
        "--small", action="store_true", help="without the registry of a million patients"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
