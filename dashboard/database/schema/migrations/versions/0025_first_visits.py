"""The day on which a person dismissed the sentences of their first visit."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column(
        "account",
        sa.Column("introduced_at", sa.DateTime(timezone=True), nullable=True),
        schema="review",
        if_not_exists=True,
    )
