"""The downloads of figures: a chart as a picture, the figures as CSV, the report as PDF.

Files are made on request. They contain only rounded counts, and no small counts, so that no patient
can be identified. Each download is logged.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.components.charts.chart_export import Drawn, as_png, as_svg
from dashboard.components.elements.guarded import DeferredFile, download_button
from dashboard.locale import _


@dataclass(frozen=True)
class SiteFiles:
    """The files of the page. Each file is made and logged when the reader clicks its button.

    ``picture`` returns the file of a chart. Its arguments are the format, the name of the chart,
    and the function that makes the picture.
    """

    csv: DeferredFile
    report: DeferredFile
    picture: Callable[[str, str, Callable[[], bytes]], DeferredFile]
    stem: str
    """The beginning of every file name. It contains the period, and nothing that identifies a
    person.
    """


def take_all_away(files: SiteFiles | None) -> None:
    """Draw the downloads of the whole page.

    ``files`` is None while the screen is shared. Then draw only a note that nothing can be
    downloaded.
    """
    if files is None:
        st.caption(_("While presenting nothing can be downloaded."))
        return
    with st.popover(_("Export"), icon=":material/download:"):
        _button(_("Report (PDF)"), files.report, f"{files.stem}.pdf", "application/pdf")
        _button(_("What is shown (CSV)"), files.csv, f"{files.stem}.csv", "text/csv")
        st.caption(
            _("Counts are in steps of 6; those under 11 are left out. Each download is logged.")
        )


def take_chart_away(drawn: Drawn, files: SiteFiles | None) -> None:
    """Draw the downloads of one chart. Draw nothing if ``files`` is None."""
    if files is None:
        return
    with st.container(horizontal=True, width="content", gap="xxsmall"):
        for format_, make, mime in (
            ("svg", lambda: as_svg(drawn).encode(), "image/svg+xml"),
            ("png", lambda: as_png(drawn), "image/png"),
        ):
            _button(
                format_.upper(),
                files.picture(format_, drawn.name, make),
                f"{files.stem}_{drawn.name}.{format_}",
                mime,
                type="tertiary",
            )


def _button(
    label: str,
    file: DeferredFile,
    file_name: str,
    mime: str,
    type: str = "secondary",  # noqa: A002
) -> None:
    download_button(
        label,
        file,
        file_name=file_name,
        mime=mime,
        icon=":material/download:",
        type=type,
        key=f"take_away/{file_name}",
    )
