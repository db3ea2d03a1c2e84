"""Texts for the counts and rates of sites. A hidden count or rate is shown as a mark."""

from decimal import Decimal

from dashboard.clinical.sites.comparison import Basis, Figure, rate_of, too_few
from dashboard.clinical.sites.funnel import Dispersion, Place
from dashboard.clinical.sites.run_chart import RunChart
from dashboard.clinical.sites.suppression import LEAST, Shown, ShownTally
from dashboard.locale import _, ngettext, pgettext
from dashboard.locale.formats import number
from dashboard.words.sites.indicators import percent


def count_in_words(shown: Shown) -> str:
    """Return the count, or a mark if the count is hidden."""
    return hidden() if shown.value is None else number(shown.value)


def hidden() -> str:
    """Return the mark that replaces a hidden count or rate."""
    return _("hidden")


def hidden_in_words() -> str:
    """Return a sentence that says which counts and rates are hidden."""
    return _("{hidden}: fewer than {least} cases.", hidden=hidden(), least=LEAST)


def rate_in_words(shown: ShownTally, basis: Basis) -> str:
    """Return the rate, such as "46 %", or a mark if the rate is hidden.

    An asterisk is added if there are too few cases to judge the rate.
    """
    rate = rate_of(shown, basis)
    return hidden() if rate is None else percent(rate) + (" *" if too_few(shown, basis) else "")


def share_in_words(shown: ShownTally) -> str:
    """Return in percent how many of the eligible cases were measured, or a mark if this is
    hidden.
    """
    return hidden() if shown.completeness is None else percent(shown.completeness)


def place_name(place: Place | None) -> str:
    """Return where a site lies relative to the control limits of a funnel plot.

    Return a dash if ``place`` is None.
    """
    if place is None:
        return "–"
    return {
        Place.FAR_BELOW: _("below 99.8 %"),
        Place.BELOW: _("below 95 %"),
        Place.WITHIN: _("within"),
        Place.ABOVE: _("above 95 %"),
        Place.FAR_ABOVE: _("above 99.8 %"),
    }[place]


def signal_in_words(chart: RunChart | None) -> str:
    """Return the name of the signal in a run chart: a shift, too few crossings of the median, or
    none.

    Return a dash if there is no chart, or no month can be judged.
    """
    if chart is None or chart.useful == 0:
        return "–"
    if chart.has_shift:
        return _("shift")
    return _("crossings") if chart.crosses_too_seldom else pgettext("signal", "none")


def run_chart_in_words(chart: RunChart | None) -> str:
    """Return a sentence that says whether a run chart shows a change beyond chance, and why.

    The sentence contains the length of the longest run and the number of crossings of the median.
    """
    if chart is None:
        return _("No month can be shown.")
    said = ngettext(
        "longest run on one side {n} month (a shift from 6)",
        "longest run on one side {n} months (a shift from 6)",
        chart.longest_run,
    )
    if chart.least_crossings is None:
        crossings = _("too few months to judge the crossings")
    else:
        crossings = ngettext(
            "{n} crossing of the median (chance: {least} or more)",
            "{n} crossings of the median (chance: {least} or more)",
            chart.crossings,
            least=chart.least_crossings,
        )
    verdict = (
        _("A change that chance does not explain")
        if chart.has_signal
        else _("No change beyond chance")
    )
    return _("{verdict}: {said}, {crossings}.", verdict=verdict, said=said, crossings=crossings)


def dispersion_in_words(found: Dispersion | None) -> str:
    """Return a sentence that says whether the sites differ by more than chance."""
    if found is None:
        return _("Too few sites to say whether they differ by more than chance.")
    numbers = _(
        "φ = {factor}, p {probability}, {sites} sites",
        factor=number(round(found.factor, 1)),
        probability=_probability(found.probability),
        sites=found.sites,
    )
    if found.is_over:
        return _(
            "Sites differ by more than chance ({numbers}): look for what they have in common"
            " before looking at one of them; the limits are too narrow for that.",
            numbers=numbers,
        )
    return _("Sites differ no more than chance explains ({numbers}).", numbers=numbers)


def outside_in_words(figure: Figure, basis: Basis) -> str:
    """Return how many sites are outside the 95 % limits, such as "2 / 17".

    The second number counts the sites that can be compared with the limits. Return a dash if it is
    0.
    """
    outside, placed = figure.outside(basis)
    return f"{outside} / {placed}" if placed else "–"


def _probability(value: float) -> str:
    """Return a probability such as "= 0.04", or "< 0.01" because two decimals would make it 0."""
    for limit in (Decimal("0.001"), Decimal("0.01")):
        if value < limit:
            return f"< {number(limit)}"
    return f"= {number(round(value, 2))}"
