"""Names of roles, on screen and in letters."""

from dashboard.locale import _
from dashboard.vocabulary import Role


def role_name(role: str) -> str:
    """Return the name of a role in the reader's language; ``role`` itself if it is unknown."""
    names: dict[str, str] = {
        Role.PSYCHIATRIST: _("psychiatrist"),
        Role.NURSE: _("nurse"),
        Role.GP: _("GP"),
        Role.LEAD: _("medical lead"),
    }
    return names.get(role, role)
