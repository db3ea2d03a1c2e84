"""The patients and episodes that imports kept although the files no longer have them."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "kept_record",
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kept_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.CheckConstraint(
            "relation IN ('patient', 'episode')", name=op.f("kept_record_relation_check")
        ),
        sa.PrimaryKeyConstraint("patient_id", "relation", "id", name=op.f("kept_record_pkey")),
        schema="review",
        if_not_exists=True,
    )
