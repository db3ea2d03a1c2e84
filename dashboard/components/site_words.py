"""The names of sites, of nurses, and of the views of the page."""

from collections.abc import Iterable

from dashboard.clinical.site_view import Nurse, Site
from dashboard.clinical.suppression import FEW, LEAST
from dashboard.locale import _
from dashboard.locale.formats import full_name


def site_names(sites: Iterable[Site]) -> dict[int, str]:
    """By id, with the department, in the order given."""
    return {site.id: f"{site.department} {site.name}" for site in sites}


def nurse_names(nurses: Iterable[Nurse]) -> dict[int, str]:
    """By id, in the order given."""
    return {nurse.id: full_name(nurse.family_name, nurse.given_name) for nurse in nurses}


def view_names() -> dict[str, str]:
    """The views, in their order."""
    return {
        "overview": _("Overview"),
        "sites": _("Sites"),
        "site": _("One site"),
        "forecast": _("Forecast and tariff"),
    }


def reading_aid() -> str:
    """What stands for what is not shown, and what is marked."""
    return _(
        "n. s.: not shown, for it is of fewer than {least} patients or would give such a count"
        " away · ≥, ≤: as much as may be said · *: fewer than {few}, too few to judge.",
        least=LEAST,
        few=FEW,
    )
