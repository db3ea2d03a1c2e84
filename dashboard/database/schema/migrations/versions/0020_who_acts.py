"""Indexes to look up links and claims. Only the server's own role may read second factors."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_POLICIES = ("reads", "adds", "changes", "removes", "leaves_others", "admits")


def upgrade() -> None:
    op.create_index(
        "answer_link_id", "answer_link", ["id"], unique=True, schema="review", if_not_exists=True
    )
    op.add_column(
        "nurse_counted", sa.Column("claim_hash", sa.Text(), nullable=True), schema="review"
    )
    op.create_index(
        "nurse_counted_claim",
        "nurse_counted",
        ["claim_hash"],
        unique=True,
        schema="review",
        if_not_exists=True,
    )
    # The policies were for the pages' role, which may no longer read this table.
    for policy in _POLICIES:
        op.execute(f"DROP POLICY IF EXISTS case_review_{policy} ON review.second_factor")
    op.execute("ALTER TABLE review.second_factor NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE review.second_factor DISABLE ROW LEVEL SECURITY")
