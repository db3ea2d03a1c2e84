"""Users who think: each asks for a page, reads it for a while, asks for the next."""

import random
import threading
import time
from collections.abc import Sequence

from tests.browser.websocket import client, run

PAGES_EACH = 6


def reruns(url: str, cookie: str, page: str, query: str, runs: int) -> list[float]:
    """Return the server's times in ms for a page that is drawn again and again."""
    took = []
    with client(url, cookie=cookie) as connection:
        for _ in range(runs + 3):
            time.sleep(0.1)
            started = time.perf_counter()
            run(connection, page, query)
            took.append((time.perf_counter() - started) * 1000)
    return took[3:]


def many(
    url: str, cookies: Sequence[str], pages: Sequence[tuple[str, str]], think_seconds: float
) -> list[float]:
    """Return the waits in ms of users who come at random times; their first page does not count."""
    took: list[float] = []
    threads = [
        threading.Thread(target=_one, args=(url, cookie, pages, think_seconds, took, number))
        for number, cookie in enumerate(cookies)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def _one(
    url: str,
    cookie: str,
    pages: Sequence[tuple[str, str]],
    think_seconds: float,
    took: list[float],
    number: int,
) -> None:
    chance = random.Random(number)  # noqa: S311
    time.sleep(chance.uniform(0, think_seconds))
    with client(url, cookie=cookie) as connection:
        run(connection, *pages[0])
        for _ in range(PAGES_EACH):
            time.sleep(min(chance.expovariate(1 / think_seconds), 4 * think_seconds))
            started = time.perf_counter()
            run(connection, *chance.choice(pages))
            took.append((time.perf_counter() - started) * 1000)
