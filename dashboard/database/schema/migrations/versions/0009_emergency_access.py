"""Emergency access to the record of a patient whom the person does not treat."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "emergency_access",
        sa.Column("patient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("episode_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("practitioner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column(
            "begun_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("patient_id", "id", name=op.f("emergency_access_pkey")),
        sa.CheckConstraint(
            "reason IN ('acute_risk', 'on_call', 'colleague_away', 'patient_asks', 'other')",
            name=op.f("emergency_access_reason_check"),
        ),
        sa.CheckConstraint(
            "length(btrim(explanation)) >= 10", name=op.f("emergency_access_explanation_check")
        ),
        sa.CheckConstraint(
            "ends_at <= begun_at + interval '1 hour'", name=op.f("emergency_access_hour_check")
        ),
        schema="review",
    )
    op.create_index(
        "emergency_access_practitioner",
        "emergency_access",
        ["practitioner_id", "ends_at"],
        schema="review",
    )
    op.create_index("emergency_access_begun", "emergency_access", ["begun_at"], schema="review")
