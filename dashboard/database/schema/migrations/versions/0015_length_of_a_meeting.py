"""The length of a meeting, its number of due cases, and for how many cases it has time."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for name in ("minutes", "due_cases", "room"):
        op.add_column("meeting", sa.Column(name, sa.Integer(), nullable=True), schema="review")
