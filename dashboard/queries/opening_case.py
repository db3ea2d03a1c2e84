"""Opening a case for its page, and storing in the same transaction what the practitioner saw."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from dashboard.clinical.access.emergency import Emergency, is_outside
from dashboard.clinical.advice.drafts import Draft
from dashboard.clinical.advice.signing import can_write_review
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.case.last_look import News
from dashboard.clinical.deidentification import AsWritten
from dashboard.clinical.registry_age import RegistryLoad
from dashboard.queries.access.emergency import running
from dashboard.queries.access.haste import opens_in_haste
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.case.case_file import open_case
from dashboard.queries.case.looking import look
from dashboard.queries.registry_age import registry_load


@dataclass(frozen=True)
class OpenedCase:
    """A case as it is opened for one practitioner.

    ``is_outside`` is true if neither the practitioner nor a colleague whom they cover is in the
    care team. ``emergency`` is then their open emergency access, None without one. ``draft`` holds
    None if the practitioner may not write a review. ``loaded`` says when the registry was last
    loaded; None if this is not recorded.
    """

    case: CaseFile
    news: News
    is_outside: bool
    emergency: Emergency | None
    draft: AsWritten[Draft | None]
    loaded: RegistryLoad | None


def opened_case(
    connection: Connection, episode_id: int, practitioner_id: int, role: str, as_of: date
) -> tuple[bool, OpenedCase | None]:
    """Open the case of an episode for the practitioner who is signed in.

    The first value is true if the practitioner opens records too fast and must wait. The second
    value is the opened case. It is None if the practitioner must wait, if the episode does not
    exist, or if the practitioner may not see it.
    """
    if opens_in_haste(connection, episode_id):
        return True, None
    case = open_case(connection, episode_id, as_of=as_of)
    if case is None:
        return False, None
    outside = is_outside(case, practitioner_id)
    may_write = can_write_review(case, practitioner_id, role)
    return False, OpenedCase(
        case,
        look(connection, case),
        outside,
        running(connection, case.identity.patient_id) if outside else None,
        AsWritten(case.identity, open_draft(connection, episode_id) if may_write else None),
        registry_load(connection),
    )
