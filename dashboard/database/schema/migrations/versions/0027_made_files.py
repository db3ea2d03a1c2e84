"""The files that were made for downloads in the last minutes, for other server processes."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "made_file",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("path", "token_hash"),
        schema="review",
        prefixes=["UNLOGGED"],
        if_not_exists=True,
    )
    op.create_index(
        "made_file_made_at", "made_file", ["made_at"], schema="review", if_not_exists=True
    )
