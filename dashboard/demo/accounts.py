"""The accounts of the demonstration: four practitioners and a published password."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from dashboard.demo.staff import ascii_name


@dataclass(frozen=True)
class DemonstrationAccount:
    """A practitioner who signs in with ``DEMONSTRATION_PASSWORD``."""

    practitioner_id: int
    username: str
    role: str
    display_name: str


def demonstration_accounts(connection: Connection) -> list[DemonstrationAccount]:
    """Return the four accounts: a psychiatrist, a nurse, a GP, and the lead of all sites.

    The psychiatrist and the nurse are the two who have the most open episodes in common. The GP is
    the one who has the most open episodes in common with both of them. The result is empty if the
    registry has no open episode or no lead of all sites.
    """
    team = connection.execute(text(_TEAM)).first()
    lead = connection.execute(text(_LEAD_OF_ALL)).first()
    if team is None or lead is None:
        return []
    return _accounts(connection, [team.psychiatrist_id, team.nurse_id, team.gp_id, lead.id])


def demonstration_pair(connection: Connection) -> tuple[int, int] | None:
    """Return the ids of the psychiatrist and the nurse who have a demonstration account.

    Return None if the registry has no open episode.
    """
    team = connection.execute(text(_TEAM)).first()
    return None if team is None else (team.psychiatrist_id, team.nurse_id)


_TEAM = """
WITH pair AS (
    SELECT psychiatrist_id, nurse_id FROM registry.episode WHERE status <> 'closed'
    GROUP BY psychiatrist_id, nurse_id ORDER BY count(*) DESC, 1, 2 LIMIT 1
)
SELECT psychiatrist_id, nurse_id, gp_id
FROM registry.episode JOIN pair USING (psychiatrist_id, nurse_id) WHERE status <> 'closed'
GROUP BY psychiatrist_id, nurse_id, gp_id ORDER BY count(*) DESC, gp_id LIMIT 1
"""

_LEAD_OF_ALL = """
SELECT id FROM registry.practitioner p
WHERE role = 'lead' AND active
  AND NOT EXISTS (SELECT FROM registry.practitioner_site s WHERE s.practitioner_id = p.id)
ORDER BY id LIMIT 1
"""


def _accounts(connection: Connection, ids: list[int]) -> list[DemonstrationAccount]:
    people = connection.execute(
        text("SELECT * FROM registry.practitioner WHERE id = ANY (:ids)"), {"ids": ids}
    )
    by_id = {person.id: person for person in people}
    accounts: list[DemonstrationAccount] = []
    for id_ in ids:
        person = by_id[id_]
        username = ascii_name(person.family_name)
        if username in {account.username for account in accounts}:
            username = f"{ascii_name(person.given_name)}-{username}"
        name = f"{person.given_name} {person.family_name}"
        accounts.append(DemonstrationAccount(id_, username, person.role, name))
    return accounts
