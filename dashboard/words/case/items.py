"""Short names of the items of questionnaires, for tables.

The short names do not replace the exact wording of the items.
"""

from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import _
from dashboard.vocabulary import InstrumentCode


def item_name(instrument: str, position: int) -> str:
    """Return the number and short name of an item, and the mark ⚑ if the item is about suicide.

    Only the items of the PHQ-9 and the GAD-7 have names. Sources: PHQ-9 (Kroenke 2001) and GAD-7
    (Spitzer 2006).
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
