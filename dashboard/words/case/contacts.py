"""Texts about contacts with a patient."""

from dashboard.locale import _
from dashboard.vocabulary import ContactKind


def contact_kind_name(kind: str) -> str:
    """Return the name of a kind of contact; ``kind`` itself if it is unknown."""
    names: dict[str, str] = {
        ContactKind.CLINIC: _("at the practice"),
        ContactKind.PHONE: _("phone"),
        ContactKind.VIDEO: _("video"),
        ContactKind.HOME: _("home"),
    }
    return names.get(kind, kind)
