"""The head of the form: who the patient is, on one's own screen and on a shared one."""

from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.deidentification import AsWritten, presented_identity
from dashboard.clinical.episodes import DatedScore
from dashboard.clinical.meeting.agenda import AgendaItem, CaseToPrepare
from tests.clinical.meeting.test_agenda import TODAY, case
from tests.components.meeting.test_preparation_form_state import Service

WITH_A_NAME = case(7)
ON_A_SHARED_SCREEN = replace(WITH_A_NAME, identity=presented_identity(WITH_A_NAME.identity, TODAY))


def page(shown, today, actions, written, item=None):
    from dashboard.components.meeting.preparation_form import preparation_form
    from dashboard.locale import speaking

    with speaking("en"):
        preparation_form(shown, item, today, actions, written=written)


@pytest.mark.parametrize(
    ("shown", "heading"),
    [
        (WITH_A_NAME, "## Lefèvre Camille · 43 years · F · no. 7"),
        (ON_A_SHARED_SCREEN, "## Ms L&#46;&#44; 43 years · no. 7"),
    ],
    ids=["own screen", "shared screen"],
)
def test_the_patient_is_named_as_the_screen_allows(shown: CaseToPrepare, heading: str):
    written = AsWritten(shown.identity, shown.preparation)
    tab = AppTest.from_function(page, args=(shown, TODAY, Service().actions(), written)).run()
    assert not tab.exception
    (said,) = [one.value for one in tab.markdown if one.value.startswith("## ")]
    assert said == heading


@pytest.mark.parametrize(("tier", "offered"), [(Tier.SAFETY, False), (Tier.OWED, True)])
def test_a_patient_with_a_sign_of_danger_is_not_called_stable_in_one_click(tier, offered):
    shown = replace(WITH_A_NAME, tier=tier)
    written = AsWritten(shown.identity, shown.preparation)
    drawn = (shown, TODAY, Service().actions(), written, AgendaItem(shown, "rule"))
    tab = AppTest.from_function(page, args=drawn).run()
    labels = [one.label for one in tab.button]
    assert "Settled with the GP" in labels
    assert ("Stable, nothing to decide" in labels) is offered


def test_a_score_of_long_ago_is_dated_with_its_year():
    scores = (DatedScore(date(2025, 12, 1), 14),)
    shown = replace(WITH_A_NAME, facts=replace(WITH_A_NAME.facts, phq9=scores))
    written = AsWritten(shown.identity, shown.preparation)
    tab = AppTest.from_function(page, args=(shown, TODAY, Service().actions(), written)).run()
    assert "PHQ&#45;9 14 on 1 Dec 2025" in tab.caption[0].value
