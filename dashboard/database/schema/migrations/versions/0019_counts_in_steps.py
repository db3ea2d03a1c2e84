"""Separate tables for exact counts.

From now on, the counts that leads read are rounded to steps.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    # The existing counts are exact. Nobody can see them (``database.counts.lead_counts``) until
    # these columns say that they were recomputed in steps.
    for column in ("exactly_at", "protected_at"):
        op.add_column(
            "site_counted",
            sa.Column(column, sa.DateTime(timezone=True), nullable=True),
            schema="review",
        )
    op.add_column(
        "nurse_tier",
        sa.Column("in_steps", sa.Boolean(), server_default=sa.false(), nullable=False),
        schema="review",
    )
    for what, keys in (
        ("month", "kind, severity, site_id, nurse_id, month"),
        ("wait", "wait, kind, severity, site_id, nurse_id, month, days"),
        ("work", "site_id, nurse_id"),
    ):
        table = f"exact_{what}"
        # LIKE is not used, because it would also copy the names of the constraints, which a restore
        # changes.
        columns = op.get_bind().exec_driver_sql(
            "SELECT concat(quote_ident(attname), ' ', format_type(atttypid, atttypmod),"
            " CASE WHEN attnotnull THEN ' NOT NULL' END) FROM pg_attribute"
            f" WHERE attrelid = 'review.site_{what}'::regclass AND attnum > 0"
            " AND NOT attisdropped ORDER BY attnum"
        )
        op.execute(f"CREATE TABLE review.{table} ({', '.join(columns.scalars())})")
        op.execute(f"ALTER TABLE review.{table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({keys})")
    for table in ("exact_month", "exact_wait"):
        op.create_index(f"{table}_site", table, ["site_id"], schema="review")
    op.create_table(
        "count_secret",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("count_secret_pkey")),
        schema="review",
    )
