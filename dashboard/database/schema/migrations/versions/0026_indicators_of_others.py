"""The counts of four indicators that other programmes publish."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

COLUMNS = (
    "contact_and_score",
    "contact_and_score_eligible",
    "unimproved_reviewed_with_advice",
    "unimproved_reviewed_with_advice_eligible",
    "unimproved_reviewed_with_advice_measured",
    "deteriorated",
    "deteriorated_eligible",
    "psychosocial_care",
    "psychosocial_care_eligible",
)


def upgrade() -> None:
    for table in ("site_month", "exact_month", "every_month"):
        for name in COLUMNS:
            op.add_column(
                table,
                sa.Column(name, sa.Integer(), nullable=False, server_default="0"),
                schema="review",
            )
            op.alter_column(table, name, server_default=None, schema="review")
