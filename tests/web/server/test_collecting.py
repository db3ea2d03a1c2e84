"""Garbage is collected in the background, and not while a page is drawn."""

import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, repeat

import pytest

from dashboard.web.server.collecting import RUNS, Collector, a_page_is_drawn, start_collecting

NO_RUNS = repeat(0)


class Session:
    """An object that refers to itself, as the sessions of Streamlit do."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def _only_this_collects() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@contextmanager
def collecting(
    longest_wait: float, every: float = 0.05, runs: Iterator[int] = NO_RUNS
) -> Iterator[Collector]:
    collector = start_collecting(lambda: next(runs), every, longest_wait)
    try:
        yield collector
    finally:
        collector.stop()


@contextmanager
def a_run() -> Iterator[None]:
    over = threading.Event()
    run = threading.Thread(target=over.wait, name="ScriptRunner.scriptThread", daemon=True)
    run.start()
    try:
        yield
    finally:
        over.set()
        run.join()


def freed_within(seconds: float) -> bool:
    """Return whether garbage that is made now is freed within this time."""
    freed = threading.Event()
    session = Session()
    weakref.finalize(session, freed.set)
    del session
    return freed.wait(seconds)


def test_garbage_is_freed_without_anybodys_asking():
    with collecting(longest_wait=10):
        assert freed_within(60)


def test_garbage_of_many_runs_is_freed_before_its_time():
    with collecting(longest_wait=10, every=3600, runs=count(step=RUNS)):
        assert freed_within(60)


def test_garbage_of_few_runs_waits_for_its_time():
    with collecting(longest_wait=10, every=3600):
        assert not freed_within(2)


def test_garbage_waits_while_a_page_is_drawn():
    with collecting(longest_wait=10), a_run():
        assert not freed_within(0.5)


def test_a_server_that_always_draws_collects_too():
    with collecting(longest_wait=0.1), a_run():
        assert freed_within(60)


def test_the_run_of_a_page_is_recognised_by_the_name_that_streamlit_gives_its_thread():
    from inspect import getsource

    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

    with a_run():
        assert a_page_is_drawn()
    assert not a_page_is_drawn()
    assert 'name="ScriptRunner.scriptThread"' in getsource(ScriptRunner.start)


def test_a_stopped_thread_ends():
    with collecting(longest_wait=10) as collector:
        pass
    assert not collector.thread.is_alive()
