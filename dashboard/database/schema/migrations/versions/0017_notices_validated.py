"""Validation of the constraints of the notices for the existing rows."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    for name in (
        "delivery_patient_id_settlement_id_fkey",
        "delivery_withdrawal_check",
        "delivery_notice_check",
    ):
        op.execute(f"ALTER TABLE review.delivery VALIDATE CONSTRAINT {name}")
