"""Sums over all sites, for leads who watch all sites."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    columns = sa.inspect(op.get_bind()).get_columns("site_month", schema="review")
    numbers = [one["name"] for one in columns if isinstance(one["type"], sa.INTEGER)]
    op.create_table(
        "site_waited",
        sa.Column("wait", sa.Text(), nullable=False),
        _id("site_id"),
        _id("nurse_id"),
        sa.Column("month", sa.Date(), nullable=False),
        _number("cases"),
        sa.PrimaryKeyConstraint(
            "wait", "site_id", "nurse_id", "month", name=op.f("site_waited_pkey")
        ),
        schema="review",
    )
    op.create_index("site_waited_site", "site_waited", ["site_id"], schema="review")
    op.create_table(
        "every_month",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *(_number(name) for name in numbers),
        sa.PrimaryKeyConstraint("kind", "severity", "month", name=op.f("every_month_pkey")),
        schema="review",
    )
    op.create_table(
        "every_wait",
        sa.Column("wait", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        _number("days"),
        _number("cases"),
        sa.PrimaryKeyConstraint("wait", "month", "days", name=op.f("every_wait_pkey")),
        schema="review",
    )
    sums = ", ".join(f"sum({name})" for name in numbers)
    for statement in (
        "INSERT INTO review.site_waited SELECT wait, site_id, nurse_id, month, sum(cases)"
        " FROM review.site_wait GROUP BY wait, site_id, nurse_id, month",
        f"INSERT INTO review.every_month SELECT kind, severity, month, {sums}"
        " FROM review.site_month GROUP BY kind, severity, month",
        "INSERT INTO review.every_wait SELECT wait, month, days, sum(cases)"
        " FROM review.site_wait GROUP BY wait, month, days",
    ):
        op.execute(statement)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)
