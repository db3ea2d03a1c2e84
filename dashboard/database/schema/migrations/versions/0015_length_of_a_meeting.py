"""The length of a meeting, the number of due cases, and how many of them fitted in."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for name in ("minutes", "due_cases", "room"):
        op.add_column("meeting", sa.Column(name, sa.Integer(), nullable=True), schema="review")
