"""Tables for meetings with their preparation, rows already looked at, letters and deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "last_look",
        sa.Column("patient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("episode_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("practitioner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seen_before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "looked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint(
            "patient_id", "episode_id", "practitioner_id", name=op.f("last_look_pkey")
        ),
        schema="review",
    )
    op.create_table(
        "answer_link",
        sa.Column("patient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_review_id", sa.UUID(), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id", "case_review_id"],
            ["review.case_review.patient_id", "review.case_review.id"],
            name=op.f("answer_link_patient_id_case_review_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("patient_id", "id", name=op.f("answer_link_pkey")),
        schema="review",
    )
    op.create_table(
        "incident",
        sa.Column("patient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_review_id", sa.UUID(), nullable=False),
        sa.Column("practitioner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["patient_id", "case_review_id"],
            ["review.case_review.patient_id", "review.case_review.id"],
            name=op.f("incident_patient_id_case_review_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("patient_id", "id", name=op.f("incident_pkey")),
        schema="review",
    )
    op.create_table(
        "letter",
        sa.Column("patient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_review_id", sa.UUID(), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plain_text", sa.Text(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["patient_id", "case_review_id"],
            ["review.case_review.patient_id", "review.case_review.id"],
            name=op.f("letter_patient_id_case_review_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("patient_id", "id", name=op.f("letter_pkey")),
        sa.UniqueConstraint(
            "patient_id",
            "case_review_id",
            "recipient_id",
            name=op.f("letter_patient_id_case_review_id_recipient_id_key"),
        ),
        schema="review",
    )
    op.add_column(
        "agenda_item",
        sa.Column("chosen_by", sa.Text(), nullable=False, server_default="rule"),
        schema="review",
    )
    op.alter_column("agenda_item", "chosen_by", server_default=None, schema="review")
    op.add_column(
        "agenda_item",
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        schema="review",
    )
    op.add_column(
        "agenda_item", sa.Column("removed_reason", sa.Text(), nullable=True), schema="review"
    )
    op.add_column(
        "agenda_item", sa.Column("case_review_id", sa.UUID(), nullable=True), schema="review"
    )
    op.add_column(
        "agenda_item",
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        schema="review",
    )
    op.drop_column("agenda_item", "pinned_at", schema="review")
    for name, condition in (
        ("chosen_by", "chosen_by IN ('rule', 'nurse', 'deferred')"),
        ("decided", "(outcome IS NULL) = (decided_at IS NULL)"),
        ("removed_reason", "removed_at IS NULL OR removed_reason IS NOT NULL"),
    ):
        op.create_check_constraint(
            op.f(f"agenda_item_{name}_check"), "agenda_item", condition, schema="review"
        )
    op.add_column(
        "delivery",
        sa.Column("reminder", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="review",
    )
    op.add_column(
        "delivery",
        sa.Column(
            "queued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        schema="review",
    )
    op.execute("UPDATE review.delivery SET queued_at = sent_at WHERE sent_at IS NOT NULL")
    op.drop_constraint(
        op.f("delivery_patient_id_case_review_id_recipient_id_channel_key"),
        "delivery",
        schema="review",
        type_="unique",
    )
    op.create_unique_constraint(
        "delivery_once_key",
        "delivery",
        ["patient_id", "case_review_id", "recipient_id", "channel", "reminder"],
        schema="review",
    )
    op.create_index(
        "delivery_queued",
        "delivery",
        ["next_attempt_at"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.add_column(
        "meeting", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True), schema="review"
    )
    op.add_column(
        "meeting", sa.Column("current_item_id", sa.UUID(), nullable=True), schema="review"
    )
    op.add_column(
        "meeting",
        sa.Column("turned_at", sa.DateTime(timezone=True), nullable=True),
        schema="review",
    )
    op.add_column(
        "meeting",
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        schema="review",
    )
    op.create_index(
        "meeting_not_ended",
        "meeting",
        ["psychiatrist_id", "nurse_id"],
        unique=True,
        schema="review",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column(
        "preparation",
        sa.Column("tried", sa.Text(), server_default=sa.text("''"), nullable=False),
        schema="review",
    )
    op.add_column(
        "preparation",
        sa.Column(
            "wants_discussion", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        schema="review",
    )
    op.create_index(
        "preparation_episode",
        "preparation",
        ["patient_id", "episode_id"],
        unique=False,
        schema="review",
    )
    op.drop_column("preparation", "meeting_on", schema="review")
    op.drop_column("preparation", "position", schema="review")
