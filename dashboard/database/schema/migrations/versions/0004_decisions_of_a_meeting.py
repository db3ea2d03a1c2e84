"""The person who decided a case on the agenda, and the known rows when the meeting began."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "agenda_item",
        sa.Column("decided_by", sa.BigInteger(), autoincrement=False, nullable=True),
        schema="review",
    )
    op.add_column(
        "agenda_item",
        sa.Column("known", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        schema="review",
    )
