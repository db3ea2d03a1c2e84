"""The count of advice that was replaced or withdrawn before an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

COLUMNS = ("advice_replaced", "advice_replaced_eligible")


def upgrade() -> None:
    for table in ("site_month", "every_month"):
        for name in COLUMNS:
            op.add_column(
                table,
                sa.Column(name, sa.Integer(), nullable=False, server_default="0"),
                schema="review",
            )
            op.alter_column(table, name, server_default=None, schema="review")
