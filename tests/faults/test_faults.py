"""Some faults of ``make faults``, those where it would be lost; and that a loss is seen."""

from datetime import date
from random import Random

import pytest

from dashboard.database import connect_to
from dashboard.settings import settings
from tests.faults import breaking
from tests.faults.breaking import At, statements_of
from tests.faults.figures import figures
from tests.faults.invariants import at_any_moment, when_all_is_done
from tests.faults.runs import KINDS, planned
from tests.faults.served_site import open_clinic

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def clinic():
    """Yield one clinic for all tests: its server is killed, and started again."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CASE_REVIEW_LINK_KEY", "k" * 32)
        environment.setenv("CASE_REVIEW_PUBLIC_URL", "https://revue.example")
        settings.cache_clear()
        with open_clinic() as opened:
            # The first letter of a process takes longer, after which a connection is tested.
            statements_of(opened, "signing")
            yield opened
    settings.cache_clear()


@pytest.fixture(autouse=True)
def connected(clinic):
    connect_to(clinic.database.app_url)


def place(clinic, work, statement, moment):
    """Return the place of this statement of the work, the last one that begins so."""
    said = statements_of(clinic, work)
    nth = max(n for n, one in enumerate(said, start=1) if one.startswith(statement))
    return At(work, nth, moment)


FAULTS = [
    ("signed, and nobody was told", breaking.database_killed, "signing", "COMMIT", "after"),
    (
        "half of the lines are there",
        breaking.database_killed,
        "signing",
        "INSERT INTO review.recommendation",
        "after",
    ),
    (
        "answered, and nobody was told",
        breaking.connection_cut,
        "answering by link",
        "COMMIT",
        "after",
    ),
    (
        "accepted, and not marked as sent",
        breaking.database_killed,
        "delivering",
        "UPDATE",
        "before",
    ),
    ("no connection left", breaking.connections_exhausted, "drafting", "COMMIT", "before"),
]


@pytest.mark.parametrize(
    ("title", "broken", "work", "statement", "moment"), FAULTS, ids=[row[0] for row in FAULTS]
)
def test_nothing_is_lost_and_nothing_is_there_twice(clinic, title, broken, work, statement, moment):
    chance = Random(1)  # noqa: S311 - the same on every run
    outcome = broken(clinic, chance, place(clinic, work, statement, moment))
    assert outcome.wrong == []
    assert outcome.recovery_seconds < 10


LOSSES = [
    (
        "DELETE FROM review.letter WHERE id = (SELECT min(id::text)::uuid FROM review.letter)",
        "a review is not whole",
    ),
    (
        "UPDATE review.delivery SET message_id = 'never' WHERE channel = 'mail'",
        "marked as sent, and not accepted",
    ),
    ('UPDATE review.draft SET content = \'{"summary": "Rép"}\'', "a draft is lost"),
    ("UPDATE review.case_review SET summary = 'Autre'", "to be signed"),
    ("UPDATE review.answer SET outcome = 'acknowledged'", "answered"),
    (
        "INSERT INTO review.answer SELECT patient_id, gen_random_uuid(), recommendation_id,"
        " practitioner_id, outcome, reason FROM review.answer LIMIT 1",
        "answered None",
    ),
    ("UPDATE review.access_log SET action = 'sign_in'", "the access log"),
    ("DELETE FROM review.answer", "a link and its answers disagree"),
    ("DELETE FROM review.case_review", "a signed review is lost"),
]


@pytest.mark.parametrize(("loss", "complaint"), LOSSES, ids=[row[1] for row in LOSSES])
def test_a_loss_would_be_seen(clinic, loss, complaint):
    with clinic.database.owner().begin() as connection:
        # Signed rows refuse changes; a replica does not fire their triggers.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        assert connection.exec_driver_sql(loss).rowcount > 0
    found = [*at_any_moment(clinic), *when_all_is_done(clinic)]
    assert any(one.startswith(complaint) for one in found), found


def test_every_kind_has_its_share_of_200_runs():
    runs = planned(200, seed=1)
    assert [one.number for one in runs] == list(range(1, 201))
    assert {kind.name: kind.share for kind in KINDS} == {
        kind.name: sum(one.kind == kind for one in runs) for kind in KINDS
    }


def test_what_was_lost_or_not_run_has_not_survived():
    said = {"recovery_seconds": 1.0, "draft_loss_seconds": None, "not_here": None, "wrong": []}
    results = [
        {"kind": "a"} | said,
        {"kind": "a"} | said | {"wrong": ["an answer is lost"], "recovery_seconds": 7.5},
        {"kind": "b"} | said | {"not_here": "only root may", "recovery_seconds": None},
    ]
    came = figures(results, 1, date(2026, 11, 25))
    assert (came["runs"], came["survived"], came["not_run"]) == (3, 1, 1)
    assert (came["worst_recovery_seconds"], came["worst_draft_loss_seconds"]) == (7.5, None)
