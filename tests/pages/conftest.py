"""The pages, run in-process through the main script, for a signed-in person."""

import html
import json
from collections.abc import Callable, Iterator
from typing import Any
from zlib import decompress

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import calendar
from dashboard.locale import speaking
from dashboard.web.auth import sessions
from dashboard.web.server.asgi import MAIN_SCRIPT
from tests.support.factories import Team
from tests.web.conftest import People, people, quick_hashes

__all__ = ["people", "quick_hashes"]

TODAY = calendar.today()

Visit = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """AppTest asks for the texts of options in this thread, where no reader is."""
    with speaking("en"):
        yield


@pytest.fixture
def team(people: People) -> Team:
    return people.team


@pytest.fixture
def visit(people: People, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Come to an address: ``visit("moreau", "case", episode=7)``.

    In English unless told otherwise; ``remembered`` is what the session holds already.
    """

    def come(
        username: str,
        address: str,
        *,
        language: str = "en",
        remembered: dict[str, object] | None = None,
        **query: object,
    ) -> AppTest:
        token = people.token(username)
        monkeypatch.setattr(sessions, "presented_token", lambda: token)
        tab = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=60)
        tab.session_state["shown_to"] = people.practitioner(username)
        for name, value in {"language": language, **(remembered or {})}.items():
            tab.session_state[name] = value
        # As a browser does that comes here first. ``switch_page`` knows the pages only after
        # a run, which would be one of another page.
        tab._page_hash = calc_hash(address)
        for name, value in query.items():
            tab.query_params[name] = value if isinstance(value, list) else str(value)
        return tab.run()

    return come


def words(tab: AppTest) -> str:
    """Return all texts of a page as a person reads them; fail if the page shows an error.

    Entities are resolved and invisible characters left out.
    """
    assert not tab.exception, [one.message for one in tab.exception]
    said = [one.value for kind in _TEXTS for one in tab.main.get(kind)]
    said += [one.label for one in (*tab.button, *tab.expander)]
    said += [frame.value.to_csv() for frame in (*tab.dataframe, *tab.table)]
    said += map(str, rows_of(tab))
    return html.unescape("\n".join(map(str, said))).replace("\u2060", "")


def rows_of(tab: AppTest) -> list[dict[str, Any]]:
    """Return the rows of the review list as the browser gets them; fail if there is an error."""
    assert not tab.exception, [one.message for one in tab.exception]
    drawn = [one.proto for one in tab.get("bidi_component")]
    lists = [one.bytes for one in drawn if one.component_name == "case_review_rows"]
    return json.loads(decompress(lists[0].partition(b"\0")[2])) if lists else []


_TEXTS = (
    *("title", "header", "subheader", "markdown", "caption", "text"),
    *("info", "warning", "error", "success"),
)
