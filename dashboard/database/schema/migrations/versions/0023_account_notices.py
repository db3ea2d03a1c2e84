"""The changes of accounts, invitations among them, and the mails about them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_ACTIONS = "'invite', 'reset_password', 'reset_second_factor', 'lock', 'unlock'"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "account_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("made_at", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", instant, nullable=True),
        sa.Column("used_at", instant, nullable=True),
        sa.Column("voided_at", instant, nullable=True),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", instant, nullable=True),
        sa.Column("sent_at", instant, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(f"action IN ({_ACTIONS})", name="action"),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
        sa.PrimaryKeyConstraint("id"),
        schema="review",
        if_not_exists=True,
    )
    op.create_index(
        "account_notice_practitioner",
        "account_notice",
        ["practitioner_id", "made_at"],
        schema="review",
        if_not_exists=True,
    )
    op.create_index(
        "account_notice_queued",
        "account_notice",
        ["next_attempt_at"],
        schema="review",
        postgresql_where=sa.text("state = 'queued'"),
        if_not_exists=True,
    )
