"""Names of sites, nurses and views."""

from collections.abc import Iterable

from dashboard.clinical.sites.protection import STEP
from dashboard.clinical.sites.site_view import Nurse, Site
from dashboard.clinical.sites.suppression import FEW, LEAST, WITHIN_OF_OTHERS, WITHIN_OF_SITE
from dashboard.locale import _
from dashboard.locale.formats import full_name
from dashboard.words.sites.figures import hidden


def site_names(sites: Iterable[Site]) -> dict[int, str]:
    """Return the department and name of each site, by the id of the site, in the order given."""
    return {site.id: f"{site.department} {site.name}" for site in sites}


def nurse_names(nurses: Iterable[Nurse]) -> dict[int, str]:
    """Return the full name of each nurse, by the id of the nurse, in the order given."""
    return {nurse.id: full_name(nurse.family_name, nurse.given_name) for nurse in nurses}


def view_names() -> dict[str, str]:
    """Return the names of the views of the sites page, in their order on the page."""
    return {
        "overview": _("Overview"),
        "sites": _("Sites"),
        "site": _("One site"),
        "forecast": _("Forecast and tariff"),
    }


def reading_aid() -> str:
    """Return the note about the rounding of counts and the marks of hidden and small counts."""
    return _(
        "Counts are in steps of {step}, so that none of a few patients can be worked out: 19 times"
        " of 20, the count of a site is within {of_site} of the exact number, and any other count"
        " within {of_others} · {hidden}: fewer than {least} · *: fewer than {few}, too few to"
        " judge.",
        step=STEP,
        of_site=WITHIN_OF_SITE,
        of_others=WITHIN_OF_OTHERS,
        hidden=hidden(),
        least=LEAST,
        few=FEW,
    )
