"""A cover for the demonstration, so that its psychiatrist also sees the patients of a colleague."""

from datetime import date, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from dashboard.database.schema.registry import practitioner
from dashboard.database.schema.review import cover
from dashboard.demo.accounts import demonstration_accounts
from dashboard.vocabulary import Role

_COVERS = UUID("0d7c9a54-7e0b-4c55-9a35-0f0f3f6a2c11")

BEGAN_DAYS_AGO, LASTS_DAYS = 4, 18


def add_demonstration_cover(connection: Connection, as_of: date) -> None:
    """Write a cover in which the psychiatrist with an account covers another psychiatrist.

    The covered psychiatrist is the one with the next id. Nothing is written if there is no other
    psychiatrist. The connection must be that of the owner of the database. The same registry and
    ``as_of`` always give the same cover.
    """
    accounts = {one.role: one.practitioner_id for one in demonstration_accounts(connection)}
    covering = accounts.get(Role.PSYCHIATRIST)
    if covering is None:
        return
    # If no psychiatrist has a higher id, the psychiatrist with the lowest id is covered.
    others = select(practitioner.c.id).where(
        practitioner.c.role == Role.PSYCHIATRIST, practitioner.c.id != covering
    )
    covered = connection.execute(
        others.order_by(practitioner.c.id <= covering, practitioner.c.id).limit(1)
    ).scalar_one_or_none()
    if covered is None:
        return
    starts_on = as_of - timedelta(days=BEGAN_DAYS_AGO)
    connection.execute(
        cover.insert().values(
            id=uuid5(_COVERS, f"{covering} covers {covered} from {starts_on}"),
            covered_id=covered,
            covering_id=covering,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=LASTS_DAYS - 1),
        )
    )
