"""The pages, and who gets them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.locale import _, language

PAGES = Path(__file__).parents[2] / "pages"


@dataclass(frozen=True)
class Entry:
    """A page: its script, its address, and the roles that get it."""

    script: str
    address: str
    roles: frozenset[str]
    start_of: frozenset[str] = frozenset()
    """The roles for which it is the first page."""
    in_menu: bool = True


EVERYBODY = frozenset({"psychiatrist", "nurse", "gp", "lead"})

TABLE = (
    Entry(
        "review_list.py",
        "review-list",
        roles=frozenset({"psychiatrist", "nurse"}),
        start_of=frozenset({"psychiatrist"}),
    ),
    Entry("meeting.py", "meeting", roles=frozenset({"psychiatrist", "nurse"})),
    Entry(
        "inbox.py",
        "inbox",
        roles=frozenset({"nurse", "gp"}),
        start_of=frozenset({"nurse", "gp"}),
    ),
    Entry("prepare.py", "prepare", roles=frozenset({"nurse"})),
    Entry("follow_up.py", "follow-up", roles=frozenset({"psychiatrist", "nurse"})),
    Entry("case.py", "case", roles=frozenset({"psychiatrist", "nurse", "gp"}), in_menu=False),
    Entry("cover.py", "cover", roles=frozenset({"psychiatrist", "nurse"})),
    Entry(
        "emergency.py",
        "emergency",
        roles=frozenset({"psychiatrist", "nurse", "gp"}),
        in_menu=False,
    ),
    Entry("account.py", "account", roles=EVERYBODY, in_menu=False),
    Entry("programme.py", "programme", roles=frozenset({"lead"}), start_of=frozenset({"lead"})),
    Entry("access.py", "access", roles=frozenset({"lead"})),
)


def pages_of(role: str) -> list[Page]:
    """The pages of this role, for ``st.navigation``; none is at the root."""
    return [_page(entry) for entry in TABLE if role in entry.roles]


def addresses_without(role: str) -> set[str]:
    """The addresses of the pages that this role does not get."""
    return {entry.address for entry in TABLE if role not in entry.roles}


def start_of(role: str) -> Path:
    """The script of the page with which this role begins."""
    return next(PAGES / entry.script for entry in TABLE if role in entry.start_of)


def in_menu(pages: list[Page]) -> list[Page]:
    """Those to which the menu leads."""
    shown = {entry.address for entry in TABLE if entry.in_menu}
    return [page for page in pages if page.url_path in shown]


def root() -> Page:
    """What is at the root: nothing, for Streamlit takes its address from a page put there."""
    return st.Page(_nothing, title=_("Case review"), default=True, visibility="hidden")


def _nothing() -> None:
    """The main script goes on to the start page."""


def _page(entry: Entry) -> Page:
    return st.Page(
        PAGES / entry.script,
        title=title_of(entry),
        url_path=entry.address,
        visibility="visible" if entry.in_menu else "hidden",
    )


def title_of(entry: Entry) -> str:
    """The title in the menu and in the browser's tab: never a patient's name."""
    return _titles(language())[entry.address]


@cache
def _titles(_language: str) -> dict[str, str]:
    return {
        "review-list": _("Review list"),
        "meeting": _("Meeting"),
        "inbox": _("Inbox"),
        "prepare": _("Prepare"),
        "follow-up": _("Follow-up"),
        "case": _("Case"),
        "cover": _("Cover"),
        "emergency": _("Emergency access"),
        "account": _("Your account"),
        "programme": _("Programme"),
        "access": _("Access"),
    }
