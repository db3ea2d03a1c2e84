"""Texts for the access log: the actions and the reasons for access."""

from dashboard.locale import _
from dashboard.vocabulary import AccessReason


def action_name(action: str) -> str:
    """Return the name of an action in the access log; ``action`` itself if it is unknown."""
    return {
        "case_opened": _("opened the record"),
        "case_refused": _("was refused the record"),
        "preparation_opened": _("opened the record to prepare the review"),
        "preparation_ready": _("put a question to the psychiatrist"),
        "preparation_withdrawn": _("took a question back"),
        "review_signed": _("signed a review"),
        "letter_previewed": _("looked at a letter before signing"),
        "letter_opened": _("opened or downloaded a letter"),
        "record_opened": _("opened the traceability of a review"),
        "record_exported": _("exported the traceability of a review"),
        "report_exported": _("exported the report of a review"),
        "incident_noted": _("noted a technical incident"),
        "recommendation_answered": _("answered a recommendation"),
        "answer_undone": _("undid an answer"),
        "recommendation_withdrawn": _("withdrew a recommendation"),
        "answer_link_opened": _("opened the link of a letter"),
        "answer_link_refused": _("was refused the link of a letter"),
        "recipient_reminded": _("reminded of advice that awaits an answer"),
        "case_deferred": _("put the case off in a meeting"),
        "case_taken_up": _("took the case up again in a meeting"),
        "delivery_sent_again": _("sent a letter again"),
        "delivery_settled": _("noted that a letter was told otherwise"),
        "emergency_opened": _("asked for emergency access"),
        "emergency_refused": _("was refused emergency access"),
        "emergency_ended": _("ended the emergency access"),
        "accesses_reported": _("made the report of accesses"),
        "patient_erased": _("erased what the dashboard held"),
    }.get(action, action)


def why_name(why: str | None) -> str:
    """Return the reason why an access was allowed; an empty text if the reason is not known."""
    names: dict[str, str] = {
        AccessReason.CARE: _("of the patient's team"),
        AccessReason.MEETING: _("of the patient's team, in the meeting"),
        AccessReason.COVER: _("covers a colleague of the team"),
        AccessReason.EMERGENCY: _("emergency access"),
    }
    return names.get(why or "", "")
