"""Durations of runs in the metrics: under page and role, also where a run is interrupted."""

import pytest

from dashboard.metrics import REGISTRY
from dashboard.web.page_support.page_runs import describe_run, timed_partial_run, timed_run


class Interrupted(BaseException):
    """The exception with which Streamlit ends a run, such as a rerun."""


def runs(page: str, role: str) -> float:
    labels = {"page": page, "role": role}
    return REGISTRY.get_sample_value("case_review_page_run_seconds_count", labels) or 0


@pytest.mark.parametrize(
    ("address", "page"), [("case", "case"), ("", "start")], ids=["a page", "the root address"]
)
def test_a_run_counts_under_its_page_and_role(address, page):
    before = runs(page, "nurse")
    with timed_run():
        describe_run(address, "nurse")
    assert runs(page, "nurse") == before + 1


def test_a_run_that_draws_no_page_counts_as_signing_in_also_after_another_run():
    before = runs("sign-in", "none")
    with timed_run():
        describe_run("case", "nurse")
    with timed_run():
        pass
    assert runs("sign-in", "none") == before + 1


def test_an_interrupted_run_counts():
    before = runs("sign-in", "none")
    with pytest.raises(Interrupted), timed_run():
        raise Interrupted
    assert runs("sign-in", "none") == before + 1


def test_an_interrupted_partial_run_counts_under_its_role():
    def partial_runs() -> float:
        name = "case_review_partial_run_seconds_count"
        return REGISTRY.get_sample_value(name, {"role": "lead"}) or 0

    before = partial_runs()
    with pytest.raises(Interrupted), timed_partial_run("lead"):
        raise Interrupted
    assert partial_runs() == before + 1
