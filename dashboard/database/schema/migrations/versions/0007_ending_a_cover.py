"""The early end of a cover, and the covered psychiatrist of a review."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "cover",
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        schema="review",
    )
    op.create_check_constraint(
        op.f("cover_colleague_check"), "cover", "covering_id <> covered_id", schema="review"
    )
    op.create_index("cover_covered", "cover", ["covered_id", "ends_on"], schema="review")
    op.create_index(
        "cover_once",
        "cover",
        ["covered_id", "covering_id", "starts_on", "ends_on"],
        unique=True,
        schema="review",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.add_column(
        "case_review", sa.Column("covered_id", sa.BigInteger(), nullable=True), schema="review"
    )
