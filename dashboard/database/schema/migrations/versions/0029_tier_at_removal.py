"""The tier of a patient who is taken off an agenda."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column(
        "agenda_item",
        sa.Column("removed_in_tier", sa.Integer(), nullable=True),
        schema="review",
        if_not_exists=True,
    )
