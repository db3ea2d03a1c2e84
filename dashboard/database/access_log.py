"""The access log: who opened what. It can only be appended to."""

import json
import uuid
from typing import Any

from sqlalchemy import Connection, text

_INSERT = text(
    "INSERT INTO review.access_log (id, practitioner_id, action, patient_id, detail)"
    " VALUES (:id, review.acting_practitioner(), :action, :patient_id, CAST(:detail AS jsonb))"
)


def log_access(
    connection: Connection, action: str, patient_id: int | None = None, **detail: Any
) -> None:
    """Write that the acting practitioner does this, in the transaction that reads the data.

    Either both are committed or neither. ``detail`` is kept as JSON: ids, counts and
    dates, never clinical text or a name.
    """
    connection.execute(
        _INSERT,
        {
            "id": uuid.uuid4(),
            "action": action,
            "patient_id": patient_id,
            "detail": json.dumps(detail, default=str),
        },
    )


def covering(covered_id: int | None) -> dict[str, int]:
    """What the detail of an access says where it is in the place of a colleague."""
    return {} if covered_id is None else {"cover": covered_id}
