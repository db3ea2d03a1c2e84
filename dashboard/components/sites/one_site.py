"""The view of one site: caseload by nurse, waiting times, flow of patients, open work."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.clinical.sites.forecast import PATIENTS_OF_A_NURSE
from dashboard.clinical.sites.indicators import FLOW, WAITS
from dashboard.clinical.sites.site_view import WORK, OneSite, Work
from dashboard.clinical.sites.suppression import Shown
from dashboard.components.charts.chart_export import FILE_WIDTH, draw
from dashboard.components.elements.stylesheet import stylesheet
from dashboard.components.elements.wrapped_table import wrapped_table
from dashboard.components.sites.indicator_detail import TakeAway, table_of
from dashboard.components.sites.site_sheet import site_sheet
from dashboard.components.sites.sites_view import IN_MULTIPLES
from dashboard.locale import _
from dashboard.locale.formats import moment, number
from dashboard.words.caseload.reasons import tier_name
from dashboard.words.sites.figures import count_in_words, hidden, hidden_in_words
from dashboard.words.sites.indicators import indicator_name, percent, wait_name

OF_COMPLETENESS = ("baseline_known", "consent_recorded", "item9_answered")
ON_SHEET = (*IN_MULTIPLES, *OF_COMPLETENESS)

_NARROWEST_SHEET = 480
"""The width of the chart of the rates in a window of 1024 pixels, in pixels."""


def one_site(
    site: OneSite, names: Mapping[int, str], nurses: Mapping[int, str], take_away: TakeAway
) -> None:
    """Draw the open work of the site, then the caseload and the rates, then the waiting times and
    the flow.
    """
    _work(site.work)
    left, right = st.columns(2, gap="medium")
    with left:
        _titled(_("Caseload by nurse"), caseload_table(site, nurses))
        st.caption(
            _(
                "In a year: as many as in a whole year at the pace of the period, and the share of"
                " the {n} patients a year that are planned for a nurse (SÉSAME, June 2023).",
                n=PATIENTS_OF_A_NURSE,
            )
            + " "
            + _(
                "Per full-time post: the open episodes at all of your sites, divided by the"
                " working time in the registry; – where it is not known."
            )
        )
        _tiers(site)
    with right:
        st.markdown(f"**{_('Rates, between the limits of all sites')}**")
        rates = [site.figures[one] for one in ON_SHEET]
        sheet = site_sheet(
            rates, "all", names, columns=1, width=FILE_WIDTH, narrowest=_NARROWEST_SHEET
        )
        stylesheet(__file__)
        with st.container(key="one_site_sheet"):
            draw(sheet, key="one_site")
        with st.container(horizontal=True):
            st.caption(
                _(
                    "Stroke: the programme. Band: where 95 of 100 sites are by chance alone. ◆"
                    " outside the band. Hollow: too few to judge."
                )
            )
            take_away(sheet)
        table_of(sheet)
    left, right = st.columns(2, gap="medium")
    with left:
        _titled(_("Waiting times, days"), waits_table(site))
        st.caption(
            _(
                "The waits that ended in the period. Median: half waited no longer. 90th"
                " percentile: nine in ten waited no longer."
            )
        )
    with right:
        _titled(_("From referral to closing"), flow_table(site))
        st.caption(
            _(
                "Only the patients referred in the period, and what became of them by today. The"
                " caseload counts all who were enrolled in the period."
            )
        )


def _work(work: Work) -> None:
    """Draw the open work as figures on one line."""
    columns = st.columns(5)
    columns[0].metric(_("Open episodes"), count_in_words(work.open_episodes))
    for place, (name, label) in enumerate(work_names().items(), start=1):
        columns[place].metric(label, count_in_words(work.open_work[name]))
    if any(one.is_hidden for one in (work.open_episodes, *work.open_work.values())):
        st.caption(hidden_in_words())


def work_names() -> dict[str, str]:
    """Return the names of the kinds of open work."""
    return dict(
        zip(
            WORK[1:],
            (
                _("Never reviewed after 28 days"),
                _("Questions older than 7 days"),
                _("Advice unanswered after 14 days"),
                _("Letters not delivered"),
            ),
            strict=True,
        )
    )


def _titled(title: str, table: pd.DataFrame) -> None:
    st.markdown(f"**{title}**")
    wrapped_table(table, title, border=True)


def _tiers(site: OneSite) -> None:
    if not site.tiers:
        st.markdown(f"**{_('Caseload by tier')}**")
        st.caption(_("Not counted yet: that is done in the background."))
        return
    _titled(_("Caseload by tier"), tiers_table(site))
    if site.tiers_at is not None:
        st.caption(_("By the rules of the review list, as of {time}.", time=moment(site.tiers_at)))


def tiers_table(site: OneSite) -> pd.DataFrame:
    """Return the table of open episodes by tier as texts, most urgent tier first."""
    whole = site.work.open_episodes.value
    rows = [
        (f"{int(tier)} {tier_name(tier)}", count_in_words(count), _share(count.value, whole))
        for tier, count in site.tiers.items()
    ]
    return pd.DataFrame(rows, columns=[_("Tier"), _("Open episodes"), _("Share")])


def caseload_table(site: OneSite, nurses: Mapping[int, str]) -> pd.DataFrame:
    """Return the table of the caseload of each nurse, as texts."""
    rows = [
        (
            nurses.get(nurse, _("no nurse")),
            count_in_words(open_),
            count_in_words(enrolled),
            _a_year(enrolled, site.months),
            number(round(site.per_full_time[nurse])) if nurse in site.per_full_time else "–",
        )
        for nurse, open_, enrolled in site.nurses
    ]
    heads = [
        _("Nurse"),
        _("Open episodes"),
        _("Enrolled in the period"),
        _("In a year (of {n})", n=PATIENTS_OF_A_NURSE),
        _("Per full-time post"),
    ]
    return pd.DataFrame(rows, columns=heads)


def _a_year(enrolled: Shown, months: int) -> str:
    if enrolled.value is None:
        return hidden()
    a_year = enrolled.value * 12 / months
    return f"{number(round(a_year))} ({percent(a_year / PATIENTS_OF_A_NURSE)})"


def waits_table(site: OneSite) -> pd.DataFrame:
    """Return the table of waiting times as texts. It compares the site with all sites."""
    rows = [
        (
            wait_name(wait),
            count_in_words(here.cases),
            *(_days(one) for one in (here.median_days, here.p90_days)),
            *(_days(one) for one in (every.median_days, every.p90_days)),
        )
        for wait in WAITS
        for here, every in [site.waits[wait]]
    ]
    heads = [
        _("Wait"),
        _("n"),
        _("Median"),
        _("90th percentile"),
        _("Median, all sites"),
        _("90th percentile, all sites"),
    ]
    return pd.DataFrame(rows, columns=heads)


def _days(days: int | None) -> str:
    return hidden() if days is None else number(days)


def flow_table(site: OneSite) -> pd.DataFrame:
    """Return the table of the patients who were referred in the period, as texts.

    Each row is a step of the care, with the number of patients who reached the step.
    """
    shown = {one: site.figures[one].sites[0].shown.numerator for one in FLOW}
    first = shown[FLOW[0]].value
    rows = [
        (indicator_name(one), count_in_words(count), _share(count.value, first))
        for one, count in shown.items()
    ]
    return pd.DataFrame(rows, columns=[_("Step"), _("Patients"), _("Of those referred")])


def _share(count: int | None, of: int | None) -> str:
    return hidden() if count is None or not of else percent(count / of)
