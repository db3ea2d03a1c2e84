"""The content of the report for the monthly meeting about the sites."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from dashboard.clinical.sites.comparison import Basis, Figure
from dashboard.clinical.sites.forecast import BUDGET, Experiment
from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.clinical.sites.site_view import View
from dashboard.components.charts.chart_export import FILE_WIDTH, as_svg
from dashboard.components.sites.forecast_view import forecast_charts, projection_in_words
from dashboard.components.sites.overview_table import overview_row
from dashboard.components.sites.site_filters import period_in_words
from dashboard.components.sites.site_sheet import site_sheet
from dashboard.components.sites.sites_view import IN_MULTIPLES
from dashboard.letters.site_report import Picture, ReportRow, SiteReport
from dashboard.locale import _, language, ngettext, pgettext
from dashboard.locale.formats import moment
from dashboard.words.case.chart import sequence_name
from dashboard.words.sites.figures import place_name, run_chart_in_words
from dashboard.words.sites.indicators import euros, indicator_name, severity_name
from dashboard.words.sites.names import reading_aid

MOST_SITES = 24
"""The maximum number of sites that fit on the page with their limits.

If there are more sites, the report has no picture of the sites.
"""

WIDE, NARROW = 3, 4
"""The two possible numbers of sites that the report draws side by side.

The report uses ``NARROW`` if there are more than ``FIT_WIDE`` sites. Otherwise it uses ``WIDE``.
"""

FIT_WIDE = 12

MOST_NOTES = 9


def report_of(
    figures: Mapping[str, Figure],
    experiment: Experiment,
    view: View,
    names: Mapping[int, str],
    nurses: Mapping[int, str],
    made_at: datetime,
) -> SiteReport:
    """Return the report in the reader's language.

    The report is made only from rounded counts, and small counts are left out.
    """
    rows = [(one, overview_row(figure)) for one, figure in figures.items()]
    return SiteReport(
        language=language(),
        title=_("How the sites perform: {period}", period=period_in_words(view.period)),
        about=" · ".join(filters_in_words(view, names, nurses)),
        heads=(
            _("Indicator"),
            _("n"),
            _("Of all"),
            _("Of those measured"),
            pgettext("plural", "Measured"),
            _("Change"),
            _("Signal"),
            _("Sites outside"),
        ),
        rows=tuple(_row(one, row, figures[one]) for one, row in rows),
        notes_heading=_("What to look at"),
        notes=tuple(_notes(figures.values(), names)),
        pictures=tuple(_pictures(figures, experiment, names)),
        forecast=(_tariff(experiment), projection_in_words(experiment)),
        reading=reading_aid(),
        footer=_("Made on {time}. Counts only: no patient is named.", time=moment(made_at)),
        made_at=made_at,
    )


def filters_in_words(
    view: View, names: Mapping[int, str], nurses: Mapping[int, str]
) -> Iterator[str]:
    """Yield the filters in words: sites, nurse, kind of sequence, and baseline."""
    sites = [names[one] for one in view.sites if one in names]
    yield ", ".join(sites) if sites else _("All sites")
    if view.nurse is not None:
        yield nurses.get(view.nurse, "")
    if view.kind is not None:
        yield _("Sequences, {kind}", kind=sequence_name(view.kind))
    if view.severity is not None:
        yield _("Baseline: {severity}", severity=severity_name(view.severity))


def _row(one: str, row: Mapping[str, object], figure: Figure) -> ReportRow:
    keys = ("n", "all", "measured", "completeness", "change", "signal", "outside")
    chart = figure.run_chart("all" if INDICATORS[one].kind == "rate" else None)
    outside = figure.outside()[0] > 0 and INDICATORS[one].kind == "rate"
    return ReportRow(
        indicator_name(one),
        tuple(str(row[key]) for key in keys),
        marked=outside or (chart is not None and chart.has_signal),
    )


def _notes(figures: Iterable[Figure], names: Mapping[int, str]) -> Iterator[str]:
    """Yield the notes of the report: the signals of the run charts, then the sites outside the
    limits.

    The sites are in their fixed order. After ``MOST_NOTES`` notes, yield one last note with the
    number of the remaining notes. If there are no notes, yield a note that says so.
    """
    notes = [*_signals(figures := list(figures)), *_outside(figures, names)]
    yield from notes[:MOST_NOTES]
    if len(notes) > MOST_NOTES:
        yield ngettext("… and {n} more", "… and {n} more", len(notes) - MOST_NOTES)
    if not notes:
        yield _("No signal in a run chart, no site outside the 95 % limits.")


def _signals(figures: Sequence[Figure]) -> Iterator[str]:
    for figure in figures:
        basis: Basis | None = "all" if INDICATORS[figure.indicator].kind == "rate" else None
        chart = figure.run_chart(basis)
        if chart is not None and chart.has_signal:
            yield f"{indicator_name(figure.indicator)} · {run_chart_in_words(chart)}"


def _outside(figures: Sequence[Figure], names: Mapping[int, str]) -> Iterator[str]:
    for figure in figures:
        if INDICATORS[figure.indicator].kind != "rate":
            continue
        sites = [
            f"{names.get(one.site_id, one.site_id)} ({place_name(place)})"
            for one in figure.sites
            if (place := one.places["all"]) is not None and place.is_outside
        ]
        if sites:
            yield f"{indicator_name(figure.indicator)} · {', '.join(sites)}"


def _pictures(
    figures: Mapping[str, Figure], experiment: Experiment, names: Mapping[int, str]
) -> Iterator[Picture]:
    rates = [figures[one] for one in IN_MULTIPLES if one in figures]
    if rates and len(rates[0].sites) <= MOST_SITES:
        columns = WIDE if len(rates[0].sites) <= FIT_WIDE else NARROW
        sheet = site_sheet(rates, "all", names, columns=columns, width=FILE_WIDTH)
        yield Picture(_("The sites, each between its limits"), as_svg(sheet), sheet.words)
    tariff = forecast_charts(experiment)[0]
    yield Picture(_("Tariff in euros"), as_svg(tariff), tariff.words)


def _tariff(experiment: Experiment) -> str:
    if experiment.tariff is None:
        return _("The tariff so far is not shown: too few sequences.")
    return _(
        "Tariff of the sequences started: {tariff}, forecast {forecast}; {left} remains of"
        " {budget}.",
        tariff=euros(experiment.tariff),
        forecast=euros(experiment.forecast_tariff),
        left=euros(BUDGET - experiment.tariff),
        budget=euros(BUDGET),
    )
