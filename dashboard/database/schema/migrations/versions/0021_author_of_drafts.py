"""An index to find the drafts of an author."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_index(
        "draft_author",
        "draft",
        ["psychiatrist_id", "begun_at"],
        schema="review",
        if_not_exists=True,
    )
