"""Notices in the outbox that a line of advice was withdrawn between reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # Servers of the previous version never see such a row, because they claim letters with another
    # function.
    for column in (
        sa.Column("settlement_id", sa.UUID(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=True),
    ):
        op.add_column("delivery", column, schema="review")
    op.create_foreign_key(
        op.f("delivery_patient_id_settlement_id_fkey"),
        "delivery",
        "settlement",
        ["patient_id", "settlement_id"],
        ["patient_id", "id"],
        source_schema="review",
        referent_schema="review",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("delivery_withdrawal_check"),
        "delivery",
        "(reminder < 0) = (settlement_id IS NOT NULL)",
        schema="review",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("delivery_notice_check"),
        "delivery",
        "(reminder < 0) = (notice IS NOT NULL)",
        schema="review",
        postgresql_not_valid=True,
    )
    # These constraints were added by migration 0014. Their validation reads every row but blocks
    # nobody.
    for name in ("case_review_risk_level_check", "case_review_risk_reassess_on_check"):
        op.execute(f"ALTER TABLE review.case_review VALIDATE CONSTRAINT {name}")
