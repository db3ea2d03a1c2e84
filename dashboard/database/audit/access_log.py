"""The access log records who did what, about which patient and from where. It is append-only.

One trigger adds the practitioner's role and the reason for the access to each row. Another trigger
adds the row to a hash chain (``access_chain``).
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
        "account_changed",
        "calendar_renewed",
        "calendar_ended",
        "log_purged",
        "sign_ins_purged",
    }
)
"""Actions whose log rows are kept for the shorter period, such as signing in (``retention``).

They concern no patient. The rows of all other actions are kept for the longer period.
"""

_INSERT = text(
    "INSERT INTO review.access_log"
    " (id, practitioner_id, action, patient_id, detail, address, sign_in)"
    " VALUES (:id, review.acting_practitioner(), :action, :patient_id, CAST(:detail AS jsonb),"
    " :address, :sign_in)"
)


def log_access(
    connection: Connection, action: str, patient_id: int | None = None, **detail: Any
) -> None:
    """Log an action of the practitioner for whom the transaction of ``connection`` runs.

    Call this in the transaction that reads or writes the data, so that the action and its log row
    are committed together. ``detail`` is stored as JSON. It must contain only ids, counts and
    dates, never a name or clinical text.
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
    """Return the detail to log if a practitioner acts as the cover of the colleague ``covered_id``.

    If ``covered_id`` is None, return an empty detail.
    """
    return {} if covered_id is None else {"cover": covered_id}
