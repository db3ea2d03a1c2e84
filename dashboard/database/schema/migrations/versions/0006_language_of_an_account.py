"""The language that the person has chosen, used for letters too."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("account", sa.Column("language", sa.Text(), nullable=True), schema="review")
