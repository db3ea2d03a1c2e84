"""The second factor, the next step of a sign-in, temporary passwords and former passwords."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "second_factor",
        sa.Column("practitioner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column(
            "enrolled_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery_hashes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("practitioner_id", name=op.f("second_factor_pkey")),
        schema="review",
    )
    op.add_column("sign_in", sa.Column("awaits", sa.Text(), nullable=True), schema="review")
    op.create_check_constraint(
        op.f("sign_in_awaits_check"),
        "sign_in",
        "awaits IN ('code', 'new_password', 'enrolment', 'recovery_codes')",
        schema="review",
    )
    op.alter_column("account", "password_hash", nullable=True, schema="review")
    op.add_column(
        "account",
        sa.Column(
            "password_is_temporary", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        schema="review",
    )
    op.add_column(
        "account",
        sa.Column(
            "old_password_hashes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        schema="review",
    )
