"""The time since when the screen of a sign-in has been shared."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "sign_in",
        sa.Column("presenting_since", sa.DateTime(timezone=True), nullable=True),
        schema="review",
    )
