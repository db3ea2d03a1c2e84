"""Risk decisions, settlements of earlier advice, and the drug that a switch replaces."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    # Servers of the previous version keep running. They do not write these columns.
    for column in (
        sa.Column("risk_level", sa.Text(), nullable=True),
        sa.Column("risk_reassess_on", sa.Date(), nullable=True),
        sa.Column("risk_reason", sa.Text(), nullable=True),
    ):
        op.add_column("case_review", column, schema="review")
    op.create_check_constraint(
        op.f("case_review_risk_level_check"),
        "case_review",
        "risk_level IN ('low', 'moderate', 'high', 'not_assessed')",
        schema="review",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("case_review_risk_reassess_on_check"),
        "case_review",
        "risk_reassess_on IS NULL OR risk_level IN ('low', 'moderate', 'high')",
        schema="review",
        postgresql_not_valid=True,
    )
    for name in ("replaced_atc_code", "replaced_drug_name"):
        op.add_column("recommendation", sa.Column(name, sa.Text(), nullable=True), schema="review")
    op.create_table(
        "settlement",
        sa.Column("patient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_review_id", sa.UUID(), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "settled_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("recommendation_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.UUID(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("patient_id", "id", name=op.f("settlement_pkey")),
        sa.ForeignKeyConstraint(
            ["patient_id", "case_review_id"],
            ["review.case_review.patient_id", "review.case_review.id"],
            name=op.f("settlement_patient_id_case_review_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id", "recommendation_id"],
            ["review.recommendation.patient_id", "review.recommendation.id"],
            name=op.f("settlement_patient_id_recommendation_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id", "replaced_by"],
            ["review.recommendation.patient_id", "review.recommendation.id"],
            name=op.f("settlement_patient_id_replaced_by_fkey"),
        ),
        sa.UniqueConstraint(
            "patient_id",
            "case_review_id",
            "recommendation_id",
            name=op.f("settlement_once_a_review_key"),
        ),
        sa.CheckConstraint(
            "kind IN ('kept', 'replaced', 'withdrawn')", name=op.f("settlement_kind_check")
        ),
        sa.CheckConstraint(
            "(kind = 'replaced') = (replaced_by IS NOT NULL)",
            name=op.f("settlement_replaced_by_check"),
        ),
        sa.CheckConstraint(
            "case_review_id IS NOT NULL OR kind = 'withdrawn'",
            name=op.f("settlement_between_reviews_check"),
        ),
        sa.CheckConstraint("due_on IS NULL OR kind = 'kept'", name=op.f("settlement_due_on_check")),
        schema="review",
    )
    op.create_index(
        "settlement_recommendation",
        "settlement",
        ["patient_id", "recommendation_id", "settled_at"],
        schema="review",
    )
    op.create_index(
        "settlement_withdrawn_once",
        "settlement",
        ["patient_id", "recommendation_id"],
        unique=True,
        schema="review",
        postgresql_where=sa.text("case_review_id IS NULL"),
    )
