"""Notices of withdrawals in tests."""

from uuid import UUID

from dashboard.database.schema.review import delivery


def number_notices(database, *recipients):
    """Give the notices to these recipients ids that sort in this order."""
    with database.owner().begin() as connection:
        for number, recipient in enumerate(recipients, start=1):
            connection.execute(
                delivery.update()
                .where(delivery.c.recipient_id == recipient, delivery.c.reminder < 0)
                .values(id=UUID(int=number))
            )
