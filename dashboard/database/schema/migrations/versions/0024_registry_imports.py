"""The history of the imports of files into the registry."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "registry_import",
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("read", "added", "changed", "removed", "kept", "same", "refused")
        ),
        sa.CheckConstraint(
            "outcome IN ('loaded', 'set_aside', 'stopped')",
            name=op.f("registry_import_outcome_check"),
        ),
        sa.PrimaryKeyConstraint("import_id", "relation", name=op.f("registry_import_pkey")),
        schema="review",
    )
    op.create_index("registry_import_at", "registry_import", ["at"], schema="review")
