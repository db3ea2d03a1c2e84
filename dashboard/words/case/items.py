"""Short names of the items of questionnaires, for tables. They do not replace the exact wording of
the items.
"""

from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import _
from dashboard.vocabulary import InstrumentCode


def item_name(instrument: str, position: int) -> str:
    """Return the number of an item, its short name if it has one, and ⚑ if it is about suicide.

    Source of the names: PHQ-9 (Kroenke 2001) and GAD-7 (Spitzer 2006).
    """
    names = _names().get(instrument, ())
    name = f" {names[position - 1]}" if 0 < position <= len(names) else ""
    known = INSTRUMENTS.get(instrument)
    flag = " ⚑" if known is not None and known.risk_item == position else ""
    return f"{position}{name}{flag}"


def _names() -> dict[str, tuple[str, ...]]:
    return {
        InstrumentCode.PHQ9: (
            _("interest"),
            _("mood"),
            _("sleep"),
            _("energy"),
            _("appetite"),
            _("self-esteem"),
            _("concentration"),
            _("slowing or agitation"),
            _("thoughts of death"),
        ),
        InstrumentCode.GAD7: (
            _("nervousness"),
            _("control of worry"),
            _("too much worry"),
            _("relaxing"),
            _("restlessness"),
            _("irritability"),
            _("fear"),
        ),
    }
