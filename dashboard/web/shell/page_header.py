"""The header of every page: navigation, title, day and the person's menu."""

import re
from collections.abc import Sequence
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import Page

from dashboard.clinical.access import emergency
from dashboard.components.elements.autosave_text import AUTHOR
from dashboard.components.elements.keyboard import Shortcut, keyboard
from dashboard.components.elements.stylesheet import stylesheet
from dashboard.database.security.identity import IDLE
from dashboard.locale import _, language, ngettext
from dashboard.locale.formats import full_name, long_day
from dashboard.web import browser, database_retry
from dashboard.web.auth.accounts import remember_language
from dashboard.web.auth.sessions import SignedIn, signed_in_now
from dashboard.web.auth.sign_in import sign_out
from dashboard.web.shell import presenting
from dashboard.web.shell.language import COOKIE, choose_language, chosen_language
from dashboard.web.shell.streamlit_texts import texts_of_streamlit
from dashboard.words.roles import role_name

_MENU = "person_menu"
_SIGN_OUT, _EVERYWHERE = "sign_out", "sign_out_everywhere"
_EMERGENCY, _ACCOUNT, _HELP = "emergency", "account", "help"
_PAGES_BESIDE = {
    _EMERGENCY: "../pages/emergency.py",
    _ACCOUNT: "../pages/account.py",
    _HELP: "../pages/help.py",
}
_TITLED = (_ACCOUNT, _HELP)
"""The pages that show their title. The menu has no link to them, and they draw no heading of their
own with this title.
"""
_HELP_BUTTON, _CASE = "open_help", "case"

_LANGUAGE_NAMES = {"fr": "Français", "en": "English"}


def show_header(pages: Sequence[Page], current: Page, today: date, person: SignedIn) -> None:
    """Draw the header of the page: links to the pages, the day, and the person's menu.

    The link of the current page is underlined. The title of the page is a heading for screen
    readers only, except on the pages of ``_TITLED``.
    """
    stylesheet(__file__)
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
        key="page_header",
    ):
        title = "page_title_shown" if current.url_path in _TITLED else "page_title"
        with st.container(key=title, width="content"):
            st.title(current.title, anchor=False)
        _menu(pages, current, person)
        if person.presenting:
            # While the screen is shared, a badge takes the place of the day. Both together would
            # need a second line.
            st.space("stretch")
        else:
            with st.container(key="page_day"):
                st.caption(long_day(today))
        presenting.control(person)
        st.button(
            _("Help"),
            type="tertiary",
            on_click=lambda: st.switch_page(_PAGES_BESIDE[_HELP]),
            key=_HELP_BUTTON,
        )
        if current.url_path != _CASE:
            # On the page of a case, the key "?" lists the keyboard shortcuts of that page. On other
            # pages, it opens the help.
            keyboard((Shortcut("?", _("Help"), (_HELP_BUTTON,)),), key="page_keys", listed=False)
        _tell_browser(idle=IDLE.total_seconds(), left=person.seconds_left)
        st.menu_button(
            _escaped(
                f"{full_name(person.family_name, person.given_name)} · {role_name(person.role)}"
            ),
            [*_ways_beside(person.role), _other_language(), _SIGN_OUT, _EVERYWHERE],
            format_func=_menu_label,
            on_click=_follow_menu,
            icon=":material/account_circle:",
            key=_MENU,
        )


def _label(page: Page, person: SignedIn) -> str:
    """Return the title of a page in the header.

    The title of the review list includes the number of unsigned drafts.
    """
    if page.url_path != "review-list" or not person.unsigned_drafts:
        return page.title
    drafts = ngettext("{n} unsigned draft", "{n} unsigned drafts", person.unsigned_drafts)
    return f"{page.title} :orange-badge[{drafts}]"


def _menu(pages: Sequence[Page], current: Page, person: SignedIn) -> None:
    """Draw a link to each page. The links have the same size and place on every page."""
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        width="content",
        gap="xxsmall",
        key="page_menu",
    ):
        for page in pages:
            key = "page_in_menu" if page == current else f"menu/{page.url_path}"
            with st.container(key=key, width="content"):
                st.page_link(page, label=_label(page, person), width="content")


def narrow() -> DeltaGenerator:
    """Return a narrow column in the middle of the page."""
    with st.container(horizontal_alignment="center"):
        st.space("large")
        return st.container(width=420)


def show_language_choice() -> None:
    """Draw the button that switches to the other language, for the sign-in page."""
    other = _other_language()
    with st.container(horizontal=True, horizontal_alignment="right"):
        _tell_browser()
        st.button(
            _LANGUAGE_NAMES[other],
            on_click=choose_language,
            args=(other,),
            icon=":material/language:",
            key="language_choice",
        )


def forget_others(person: SignedIn | None) -> None:
    """Clear the session state, except the language, if it belongs to another person.

    The state of a new session belongs to nobody and is not cleared: after a lost connection, it
    holds the text that the browser has sent again.
    """
    owner = person.practitioner_id if person else None
    if st.session_state.get(AUTHOR, owner) != owner:
        chosen = chosen_language()
        st.session_state.clear()
        if chosen is not None:
            choose_language(chosen)
    st.session_state[AUTHOR] = owner


def _tell_browser(idle: float | None = None, left: float | None = None) -> None:
    """Tell the browser the language of the page, for screen readers, and when the sign-in expires.

    ``idle`` and ``left`` are in seconds (see ``browser.tell``).
    """
    remember = chosen_language() is not None
    names = {"menu": _("Pages"), "skip": _("Skip the menu")}
    browser.tell(language(), COOKIE, names, remember=remember, idle=idle, left=left)
    browser.translate_streamlit(texts_of_streamlit(language()))


def _follow_menu() -> None:
    choice = st.session_state[_MENU]
    if choice in (_SIGN_OUT, _EVERYWHERE):
        sign_out(everywhere=choice == _EVERYWHERE)
    elif choice in _PAGES_BESIDE:
        st.switch_page(_PAGES_BESIDE[choice])
    else:
        database_retry.answered(lambda: _remember(choice), database_retry.toast)
        choose_language(choice)


def _remember(code: str) -> None:
    """Store the language in which mails to the signed-in person are written."""
    person = signed_in_now()
    if person is not None:
        remember_language(person.practitioner_id, code)


def _menu_label(option: str) -> str:
    return {
        _EMERGENCY: _("Emergency access"),
        _ACCOUNT: _("Your account"),
        _HELP: _("Help"),
        _SIGN_OUT: _("Sign out"),
        _EVERYWHERE: _("Sign out everywhere"),
        **_LANGUAGE_NAMES,
    }[option]


def _ways_beside(role: str) -> list[str]:
    """Return the menu entries for pages that have no link in the header."""
    return [*([_EMERGENCY] if role in emergency.ROLES else []), _ACCOUNT, _HELP]


def _other_language() -> str:
    return "en" if language() == "fr" else "fr"


def _escaped(text: str) -> str:
    """Return the text with the special characters of Markdown escaped."""
    return re.sub(r"([\\`*_\[\]()#$~:<>|])", r"\\\1", text)
