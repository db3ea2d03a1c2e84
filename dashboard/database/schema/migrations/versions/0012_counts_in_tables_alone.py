"""Removal of the function that counted at each call: leads read counts from tables."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("DROP FUNCTION IF EXISTS review.caseload_by_site(date)")
