"""Counts for medical leads, by site, nurse and month.

The counts can be recomputed from the records. So a later migration may drop these tables and create
them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

NUMBERS = (
    "active_caseload",
    "enrolment",
    "sequences_leger",
    "sequences_classique",
    "early_contact",
    "early_contact_eligible",
    "four_contacts",
    "four_contacts_eligible",
    "measured",
    "measured_eligible",
    "unimproved_reviewed",
    "unimproved_reviewed_eligible",
    "unimproved_reviewed_measured",
    "unimproved_treatment_changed",
    "unimproved_treatment_changed_eligible",
    "unimproved_treatment_changed_measured",
    "answered_in_7_days",
    "answered_in_7_days_eligible",
    "lost_to_follow_up",
    "lost_to_follow_up_eligible",
    "closed_as_lost",
    "closed_as_lost_eligible",
    "improved_70",
    "improved_70_eligible",
    "improved_70_measured",
    "response",
    "response_eligible",
    "response_measured",
    "remission",
    "remission_eligible",
    "remission_measured",
    "advice_followed",
    "advice_followed_eligible",
    "advice_acknowledged",
    "advice_acknowledged_eligible",
    "advice_declined",
    "advice_declined_eligible",
    "advice_refused",
    "advice_refused_eligible",
    "advice_unanswered",
    "advice_unanswered_eligible",
    "flow_referred",
    "flow_enrolled",
    "flow_reviewed",
    "flow_improved",
    "flow_closed",
    "baseline_known",
    "baseline_known_eligible",
    "consent_recorded",
    "consent_recorded_eligible",
    "item9_answered",
    "item9_answered_eligible",
)


def upgrade() -> None:
    op.create_table(
        "site_counted",
        _id("site_id"),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("site_id", name=op.f("site_counted_pkey")),
        schema="review",
    )
    key = ("kind", "severity", "site_id", "nurse_id", "month")
    op.create_table(
        "site_month",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        _id("site_id"),
        _id("nurse_id"),
        sa.Column("month", sa.Date(), nullable=False),
        *(_number(name) for name in NUMBERS),
        sa.PrimaryKeyConstraint(*key, name=op.f("site_month_pkey")),
        schema="review",
    )
    op.create_index("site_month_site", "site_month", ["site_id"], schema="review")
    op.create_table(
        "site_wait",
        sa.Column("wait", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        _id("site_id"),
        _id("nurse_id"),
        sa.Column("month", sa.Date(), nullable=False),
        _number("days"),
        _number("cases"),
        sa.PrimaryKeyConstraint("wait", *key, "days", name=op.f("site_wait_pkey")),
        schema="review",
    )
    op.create_index("site_wait_site", "site_wait", ["site_id"], schema="review")
    op.create_table(
        "site_work",
        _id("site_id"),
        _id("nurse_id"),
        _number("open_episodes"),
        _number("never_reviewed"),
        _number("questions_late"),
        _number("advice_unanswered"),
        _number("letters_failed"),
        sa.PrimaryKeyConstraint("site_id", "nurse_id", name=op.f("site_work_pkey")),
        schema="review",
    )
    op.create_table(
        "nurse_counted",
        _id("nurse_id"),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("nurse_id", name=op.f("nurse_counted_pkey")),
        schema="review",
    )
    op.create_table(
        "nurse_tier",
        _id("nurse_id"),
        _id("site_id"),
        _number("tier"),
        _number("episodes"),
        sa.PrimaryKeyConstraint("nurse_id", "site_id", "tier", name=op.f("nurse_tier_pkey")),
        schema="review",
    )
    op.create_index("nurse_tier_site", "nurse_tier", ["site_id"], schema="review")


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)
