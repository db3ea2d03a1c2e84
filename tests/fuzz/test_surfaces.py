"""A small sample of what ``make fuzz`` tries: some inputs at every surface."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text as sql

from dashboard.database.operations.embedded import address_of, app_address_of
from tests.conftest import create_database, drop_database
from tests.fuzz.__main__ import Tried, send_batch
from tests.fuzz.site_in_process import Clinic, clinic
from tests.fuzz.surfaces import (
    OTHERS,
    PLACES,
    READERS,
    SURFACES,
    is_an_inert_table,
    text_only,
)
from tests.support.factories import Database

INPUTS = {
    "texts of the registry on pages": 2,
    "parameters of addresses": 2,
    "fields of forms": 2,
    "a review, its letters, its answers, its exports": 1,
    "letters on paper": 2,
    "files to import": 4,
}
"""A page and a letter take longer than the other surfaces."""


@pytest.fixture(scope="module")
def opened(server: str, prepared: str) -> Iterator[Clinic]:
    create_database(server, "fuzzed", template=prepared)
    database = Database(address_of(server, database="fuzzed"), app_address_of(server, "fuzzed"))
    with clinic(database) as opened:
        yield opened
    database.close()
    drop_database(server, "fuzzed")


@pytest.mark.parametrize("name", SURFACES)
def test_whatever_is_sent_nothing_goes_wrong(opened, name):
    tried = Tried(name)
    send_batch(SURFACES[name], opened, tried, 1, inputs=INPUTS.get(name, 20))
    assert tried.inputs
    assert tried.failures == []


EMPHASIS = "**gras**"
SIGNED = (
    "UPDATE review.recommendation SET detail = :text",
    "UPDATE review.case_review SET summary = :text",
)
PAGES = sorted((READERS | OTHERS).items())


@pytest.mark.parametrize(("page", "username"), PAGES, ids=[page for page, _ in PAGES])
def test_no_text_of_the_registry_or_of_a_review_is_read_as_markdown(opened, page, username):
    for statement in PLACES.values():
        opened.run(statement, text=EMPHASIS)
    with opened.database.owner().begin() as connection:
        # Signed rows refuse changes; a replica does not fire their triggers.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in SIGNED:
            connection.execute(sql(statement), {"text": EMPHASIS})
    query = {"episode": str(opened.case.episode)} if page in ("case", "prepare") else {}
    tab = opened.open(username, page, **query)
    drawn = [one.value for kind in (tab.markdown, tab.caption, tab.info) for one in kind]
    drawn += [one.label for kind in (tab.button, tab.expander, tab.tabs) for one in kind]
    assert drawn
    assert [one for one in drawn if EMPHASIS in one] == []


# That what goes wrong would be seen.


def test_a_name_that_is_drawn_as_markdown_would_be_seen(opened, monkeypatch):
    from dashboard.components.case import case_header

    monkeypatch.setattr(case_header, "plain", lambda text: text)
    name = "texts of the registry on pages"
    with pytest.raises(AssertionError):
        SURFACES[name].check(opened, ("patient.family_name", "case", "&lt;b&gt;"))


@pytest.mark.parametrize("page", ["<p><script>1</script>", "<p>x<img src=x>", "<b>x</b>"])
def test_an_element_that_the_template_does_not_have_is_found(page):
    assert not text_only(page)
    assert text_only("<p>&lt;b&gt;</p>")


def test_a_cell_that_a_spreadsheet_computes_is_found():
    with pytest.raises(AssertionError):
        is_an_inert_table("name\r\n=1+1\r\n".encode("utf-8-sig"))
