"""The transport of a letter, and the person who told the recipient of a letter that failed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for column in (
        sa.Column("transport", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=True),
    ):
        op.add_column("delivery", column, schema="review")
    for name, condition in (
        ("transport", "transport IN ('mssante', 'notice', 'folder')"),
        ("settled_how", "settled_how IN ('phone', 'post', 'in_person')"),
        ("settled_by", "(settled_at IS NULL) = (settled_by IS NULL)"),
        ("settled", "(settled_at IS NULL) = (settled_how IS NULL)"),
    ):
        op.create_check_constraint(
            op.f(f"delivery_{name}_check"), "delivery", condition, schema="review"
        )
    op.create_index(
        "delivery_failed",
        "delivery",
        ["patient_id"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("state = 'failed'"),
    )
