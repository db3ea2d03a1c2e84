"""The time at which a person closed the introduction to the dashboard."""

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
