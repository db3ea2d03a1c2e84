"""The names of sites, nurses and views."""

import pytest

from dashboard.clinical.sites.site_view import Nurse, Site
from dashboard.locale import LANGUAGES, speaking
from dashboard.words.sites.figures import hidden
from dashboard.words.sites.names import nurse_names, reading_aid, site_names, view_names


def test_a_site_is_named_with_its_department():
    sites = [Site(2, "MSP du Parc", "78"), Site(1, "Centre Curie", "91")]
    assert list(site_names(sites).items()) == [(2, "78 MSP du Parc"), (1, "91 Centre Curie")]


def test_a_nurse_is_named_by_the_family_name_first():
    assert nurse_names([Nurse(4, "Roux", "Nadia")]) == {4: "Roux Nadia"}


def test_the_views_are_in_their_order():
    assert list(view_names()) == ["overview", "sites", "site", "forecast"]


def test_the_reading_aid_names_the_step_and_both_limits():
    said = reading_aid()
    for number in ("steps of 6", "fewer than 11", "fewer than 30"):
        assert number in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_explains_the_mark_that_stands_in_the_tables(language):
    with speaking(language):
        assert f" {hidden()}" in reading_aid()
