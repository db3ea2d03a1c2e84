"""Downloads of the figures of sites. The right to a download is checked at the click."""

from collections.abc import Callable

from sqlalchemy import Connection

from dashboard.calendar import now, today
from dashboard.clinical.sites.site_view import View
from dashboard.components.elements.guarded import DeferredFile
from dashboard.components.sites.downloads import SiteFiles
from dashboard.components.sites.overview_table import IN_OVERVIEW
from dashboard.components.sites.site_report import report_of
from dashboard.components.sites.sites_view import IN_MULTIPLES
from dashboard.exports.site_table import figures_table, forecast_table, site_table
from dashboard.letters.site_report import report_pdf
from dashboard.queries.sites import site_figures
from dashboard.vocabulary import Role
from dashboard.web.auth.authorization import signed_in
from dashboard.web.page_support.deferred import at_the_click
from dashboard.words.sites.names import nurse_names, site_names

ROLES = (Role.LEAD,)


def site_files(view: View, shown: str) -> SiteFiles | None:
    """Return the files that can be downloaded from a part of the sites page.

    ``shown`` names the part: ``overview``, ``sites``, ``site`` or ``forecast``. Tables are read
    again at the click, under the rights at that time. Pictures are those that the page shows.
    Return None while the screen is shared.
    """
    if signed_in(*ROLES).presenting:
        return None

    def logged(kind: str, make: Callable[[Connection], bytes]) -> DeferredFile:
        def made(connection: Connection) -> bytes:
            site_figures.log_export(connection, view, shown, kind)
            return make(connection)

        return at_the_click(made, ROLES)

    return SiteFiles(
        csv=logged("csv", lambda connection: _csv(connection, view, shown)),
        report=logged("pdf", lambda connection: _report(connection, view)),
        picture=lambda kind, name, make: logged(f"{kind} {name}", lambda _connection: make()),
        stem=f"sites_{view.period.since:%Y-%m}_{view.period.until:%Y-%m}",
    )


def _csv(connection: Connection, view: View, shown: str) -> bytes:
    sites = site_figures.watched_sites(connection)
    names = site_names(sites)
    if shown == "forecast":
        return forecast_table(site_figures.experiment(connection, view.period.until))
    if shown == "site":
        nurses = nurse_names(site_figures.nurses_at_work(connection))
        return site_table(site_figures.one_site(connection, view, sites, today()), names, nurses)
    wanted = IN_MULTIPLES if shown == "sites" else IN_OVERVIEW
    found = site_figures.figures(connection, view, sites, today(), wanted)
    return figures_table(found.values(), names)


def _report(connection: Connection, view: View) -> bytes:
    sites = site_figures.watched_sites(connection)
    return report_pdf(
        report_of(
            site_figures.figures(connection, view, sites, today(), IN_OVERVIEW),
            site_figures.experiment(connection, view.period.until),
            view,
            site_names(sites),
            nurse_names(site_figures.nurses_at_work(connection)),
            now(),
        )
    )
