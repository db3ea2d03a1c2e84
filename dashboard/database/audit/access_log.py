"""The access log: who did what, about which patient, from where. It is append-only.

The database adds the person's role and the reason for their access, and chains the rows
(``access_chain``).
"""

import json
import uuid
from typing import Any

from sqlalchemy import Connection, text

from dashboard.database.audit.client_origin import origin

TECHNICAL = frozenset(
    {
        "sign_in",
        "sign_out",
        "sign_out_everywhere",
        "sign_in_ended",
        "second_factor_set_up",
        "recovery_codes_renewed",
        "password_changed",
        "sign_in_refused",
        "page_refused",
        "download_refused",
        "answer_link_forged",
        "log_purged",
        "sign_ins_purged",
    }
)
"""Actions that tell how the dashboard is used and nothing of a patient: kept for a shorter time."""

_INSERT = text(
    "INSERT INTO review.access_log"
    " (id, practitioner_id, action, patient_id, detail, address, sign_in)"
    " VALUES (:id, review.acting_practitioner(), :action, :patient_id, CAST(:detail AS jsonb),"
    " :address, :sign_in)"
)


def log_access(
    connection: Connection, action: str, patient_id: int | None = None, **detail: Any
) -> None:
    """Log an action of the acting practitioner, in the transaction that reads the data.

    Either both are committed or neither. ``detail`` is kept as JSON: ids, counts and dates, never
    clinical text or a name.
    """
    whence = origin()
    connection.execute(
        _INSERT,
        {
            "id": uuid.uuid4(),
            "action": action,
            "patient_id": patient_id,
            "detail": json.dumps(detail, default=str),
            "address": whence.address,
            "sign_in": whence.sign_in,
        },
    )


def covering(covered_id: int | None) -> dict[str, int]:
    """Return the detail to log for an access in a colleague's place; empty if there is none."""
    return {} if covered_id is None else {"cover": covered_id}
