"""The latest imports of files into the registry, and the numbers of rows of the last import by
table.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.clinical.registry_imports import Arrived, PastImport
from dashboard.components.elements.escaping import legible_table
from dashboard.locale import _
from dashboard.locale.formats import day, moment
from dashboard.vocabulary import ImportOutcome


def registry_imports(past: Sequence[PastImport]) -> None:
    """Draw the imports. Draw nothing if the registry is not loaded from files."""
    if not past:
        return
    with st.expander(_("Imports into the registry")):
        st.dataframe(legible_table(pd.DataFrame(map(_summed, past))), hide_index=True)
        if past[0].relations:
            st.caption(_("The last import, by table of the registry:"))
            st.dataframe(
                legible_table(pd.DataFrame(map(_of_relation, past[0].relations))), hide_index=True
            )


def _summed(one: PastImport) -> dict[str, str | int]:
    outcome = {
        ImportOutcome.LOADED: _("loaded"),
        ImportOutcome.SET_ASIDE: _("loaded, faulty rows set aside"),
        ImportOutcome.STOPPED: _("stopped, nothing changed"),
    }[one.outcome]
    return {
        _("Imported"): moment(one.at),
        _("State of"): day(one.as_of),
        _("Result"): outcome,
        **_numbers(one.relations),
    }


def _of_relation(one: Arrived) -> dict[str, str | int]:
    return {_("Table"): one.relation, **_numbers([one])}


def _numbers(relations: Sequence[Arrived]) -> dict[str, int]:
    return {
        _("New"): sum(one.added for one in relations),
        _("Changed"): sum(one.changed for one in relations),
        _("Gone"): sum(one.removed for one in relations),
        _("Refused"): sum(one.refused for one in relations),
    }
