"""The pages, and the roles that have access to each."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.locale import _, language
from dashboard.vocabulary import CARE_TEAM, LETTER_ROLES, PAIR, Role

PAGES = Path(__file__).parents[2] / "pages"


@dataclass(frozen=True)
class Entry:
    """A page: its script, its address, and the roles that have access."""

    script: str
    address: str
    roles: frozenset[Role]
    start_of: frozenset[Role] = frozenset()
    """Roles that have this page as their start page."""
    in_menu: bool = True


EVERYBODY = frozenset(Role)

CASE = "case"
"""The address of the page of a case."""

TABLE = (
    Entry(
        "review_list.py",
        "review-list",
        roles=frozenset(PAIR),
        start_of=frozenset({Role.PSYCHIATRIST}),
    ),
    Entry("meeting.py", "meeting", roles=frozenset(PAIR)),
    Entry(
        "inbox.py",
        "inbox",
        roles=frozenset(LETTER_ROLES),
        start_of=frozenset(LETTER_ROLES),
    ),
    Entry("prepare.py", "prepare", roles=frozenset({Role.NURSE})),
    Entry("follow_up.py", "follow-up", roles=frozenset(PAIR)),
    Entry("figures.py", "figures", roles=frozenset(PAIR)),
    Entry("case.py", CASE, roles=frozenset(CARE_TEAM), in_menu=False),
    Entry("cover.py", "cover", roles=frozenset(PAIR)),
    Entry(
        "emergency.py",
        "emergency",
        roles=frozenset(CARE_TEAM),
        in_menu=False,
    ),
    Entry("account.py", "account", roles=EVERYBODY, in_menu=False),
    Entry("help.py", "help", roles=EVERYBODY, in_menu=False),
    Entry(
        "programme.py", "programme", roles=frozenset({Role.LEAD}), start_of=frozenset({Role.LEAD})
    ),
    Entry("access.py", "access", roles=frozenset({Role.LEAD})),
    Entry("accounts.py", "accounts", roles=frozenset({Role.LEAD})),
)


def pages_of(role: str) -> list[Page]:
    """Return the pages of this role, for ``st.navigation``. None of them has the root address."""
    return [_page(entry) for entry in TABLE if role in entry.roles]


def addresses_without(role: str) -> set[str]:
    """Return the addresses of the pages that are closed to this role."""
    return {entry.address for entry in TABLE if role not in entry.roles}


def start_of(role: str) -> Path:
    """Return the script of the start page of this role."""
    return next(PAGES / entry.script for entry in TABLE if role in entry.start_of)


def is_start(page: Page, role: str) -> bool:
    """Return whether the page is the start page of this role."""
    return any(entry.address == page.url_path for entry in TABLE if role in entry.start_of)


def in_menu(pages: list[Page]) -> list[Page]:
    """Return the pages that have a link in the header."""
    shown = {entry.address for entry in TABLE if entry.in_menu}
    return [page for page in pages if page.url_path in shown]


def root() -> Page:
    """Return an empty page for the root address.

    No real page is put there, because Streamlit gives it no address of its own.
    """
    return st.Page(_nothing, title=_("Case review"), default=True, visibility="hidden")


def _nothing() -> None:
    """Draw nothing. The main script opens the start page instead."""


def _page(entry: Entry) -> Page:
    return st.Page(
        PAGES / entry.script,
        title=title_of(entry),
        url_path=entry.address,
        visibility="visible" if entry.in_menu else "hidden",
    )


def title_of(entry: Entry) -> str:
    """Return the title for the menu and the browser's tab. The title never names a patient."""
    return _titles(language())[entry.address]


@cache
def _titles(_language: str) -> dict[str, str]:
    return {
        "review-list": _("Review list"),
        "meeting": _("Meeting"),
        "inbox": _("Inbox"),
        "prepare": _("Prepare"),
        "follow-up": _("Follow-up"),
        "figures": _("My figures"),
        "case": _("Case"),
        "cover": _("Cover"),
        "emergency": _("Emergency access"),
        "account": _("Your account"),
        "help": _("Help"),
        "programme": _("Programme"),
        "access": _("Access"),
        "accounts": _("Accounts"),
    }
