"""Undelivered letters of the demonstration can be read, and sent again."""

import pytest

from dashboard.demo.letters import add_demonstration_letters

pytestmark = pytest.mark.thorough

NOT_ARRIVED = (
    "SELECT count(*) FROM review.delivery WHERE channel = 'mail' AND state = 'failed'",
    "SELECT count(*) FROM review.delivery d JOIN review.letter l"
    " USING (patient_id, case_review_id, recipient_id)"
    " WHERE d.channel = 'mail' AND d.state = 'failed'",
)


@pytest.fixture
def with_letters(synthetic):
    attempt = synthetic.begin_nested()
    # Two are as good as all: one of a review that decided on the risk, one that settled advice.
    synthetic.exec_driver_sql(
        "DELETE FROM review.delivery WHERE state = 'failed' AND id NOT IN"
        " (SELECT d.id FROM review.delivery d JOIN review.case_review r ON r.id = d.case_review_id"
        "  WHERE d.state = 'failed' AND r.risk_level IN ('low', 'moderate', 'high')"
        "  ORDER BY d.id LIMIT 1)"
        " AND id NOT IN"
        " (SELECT d.id FROM review.delivery d"
        "  JOIN review.settlement s ON s.case_review_id = d.case_review_id"
        "  JOIN review.case_review r ON r.id = d.case_review_id AND r.risk_level IS NULL"
        "  WHERE d.state = 'failed' AND s.kind = 'replaced' ORDER BY d.id LIMIT 1)"
    )
    add_demonstration_letters(synthetic)
    yield synthetic
    attempt.rollback()


def test_each_letter_that_did_not_arrive_is_stored(with_letters):
    failed, stored = (with_letters.exec_driver_sql(one).scalar_one() for one in NOT_ARRIVED)
    assert failed == stored == 2


def test_it_says_what_was_known_and_written_when_it_was_signed(with_letters):
    rows = with_letters.exec_driver_sql(
        "SELECT l.content, l.pdf, r.summary, r.signed_at, r.psychiatrist_id, l.recipient_id,"
        " (SELECT count(*) FROM review.recommendation c WHERE c.case_review_id = r.id) AS lines"
        " FROM review.letter l JOIN review.case_review r ON r.id = l.case_review_id"
    ).all()
    assert len(rows) == 4
    for row in rows:
        said = row.content
        assert row.pdf.startswith(b"%PDF")
        assert said["summary"] == row.summary
        assert len(said["advice"]) == row.lines
        assert said["team"]["psychiatrist"]["id"] == row.psychiatrist_id
        assert said["recipient"]["id"] == row.recipient_id
        signed_on = f"{row.signed_at:%Y-%m-%d}"
        assert said["as_of"] == signed_on
        assert all(day < signed_on for day in said["reviewed_on"])


def test_it_states_the_risk_and_the_end_of_earlier_advice_as_the_review_does(with_letters):
    rows = with_letters.exec_driver_sql(
        "SELECT l.content, r.risk_level, ARRAY(SELECT s.kind FROM review.settlement s"
        "  WHERE s.case_review_id = r.id ORDER BY s.kind) AS settled"
        " FROM review.letter l JOIN review.case_review r ON r.id = l.case_review_id"
    ).all()
    assert any(row.risk_level for row in rows)
    assert any("replaced" in row.settled for row in rows)
    for row in rows:
        said = row.content
        assert (said["risk"] or {"level": None})["level"] == row.risk_level
        assert sorted(one["kind"] for one in said["settled"]) == row.settled
        replacing = [one["replaced_by"] for one in said["settled"] if one["kind"] == "replaced"]
        assert all(replacing)
