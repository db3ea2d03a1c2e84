"""The guard at the top of every page, fragment and callback."""

import ast
from importlib import import_module
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.vocabulary import Role
from dashboard.web.auth import authorization, sessions
from dashboard.web.auth.rights import Rights
from dashboard.web.auth.sessions import SignedIn
from dashboard.web.shell.navigation import EVERYBODY, PAGES, TABLE

PAGE = """
import streamlit as st
from dashboard.web.auth.authorization import signed_in
person = signed_in("nurse")
st.write(f"the record, for {person.username}")
"""

CALLBACK = """
import streamlit as st
from dashboard.web.auth.authorization import signed_in
def act():
    st.session_state["acted_as"] = signed_in("nurse").username
st.button("act", on_click=act)
"""

ANY_ROLE = PAGE.replace('signed_in("nurse")', "signed_in()")


@pytest.fixture
def script(people, monkeypatch):
    """Run this as a script of its own, with the cookie of this person."""

    def run(code, username=None):
        token = people.token(username) if username else None
        monkeypatch.setattr(sessions, "presented_token", lambda: token)
        return AppTest.from_string(code, default_timeout=60).run()

    return run


def shown(tab):
    assert not tab.exception
    return [text.value for text in tab.markdown]


def test_a_page_without_the_main_script_shows_nothing(script):
    """Check it in case Streamlit runs a page alone, as it does with a folder ``pages``."""
    assert shown(script(PAGE)) == []


def test_the_right_role_sees_the_page(script):
    assert shown(script(PAGE, "roux")) == ["the record, for roux"]


@pytest.mark.parametrize("username", ["moreau", "petit", "lead"])
def test_another_role_does_not(script, username):
    tab = script(PAGE, username)
    assert shown(tab) == []
    assert [error.value for error in tab.error] == ["This page is not for your role."]


def test_without_roles_anybody_who_is_signed_in(script):
    assert shown(script(ANY_ROLE, "petit")) == ["the record, for petit"]
    assert shown(script(ANY_ROLE)) == []


@pytest.mark.parametrize(("username", "acted"), [("roux", True), ("petit", False), (None, False)])
def test_a_callback_acts_for_the_right_role_alone(script, username, acted):
    tab = script(CALLBACK, username)
    tab.button[0].click().run()
    assert ("acted_as" in tab.session_state) is acted


def test_a_callback_after_the_sign_out_does_not_act(script, run_as_owner):
    tab = script(CALLBACK, "roux")
    run_as_owner("UPDATE review.sign_in SET ended_at = now()")
    tab.button[0].click().run()
    assert "acted_as" not in tab.session_state


def test_what_the_main_script_established_ends_with_its_run():
    person = SignedIn(1, "nurse", "Roux", "Claude", "roux")
    with authorization.established(Rights(person, "0")):
        assert authorization.signed_in("nurse") == person
    assert authorization._established.get() is None


@pytest.mark.parametrize("script_name", sorted(path.name for path in PAGES.glob("[!_]*.py")))
def test_a_page_begins_with_the_guard_and_its_roles_are_those_of_the_table(script_name):
    [entry] = [entry for entry in TABLE if entry.script == script_name]
    body = ast.parse((PAGES / script_name).read_text()).body
    first = next(node for node in body[1:] if not isinstance(node, ast.Import | ast.ImportFrom))
    assert isinstance(first, ast.Expr | ast.Assign), "the first statement is not the guard"
    call = first.value
    assert isinstance(call, ast.Call)
    assert ast.unparse(call.func) in ("signed_in", "viewer_for")
    imported = {
        name.name: import_module(node.module)
        for node in body
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }
    named = {role for argument in call.args for role in _roles(argument, imported)}
    assert (named or EVERYBODY) == entry.roles


def _roles(argument: ast.expr, imported: dict[str, ModuleType]) -> tuple[str, ...]:
    """Return the roles that an argument names: ``Role.NURSE``, or ``*PAIR``."""
    if isinstance(argument, ast.Starred):
        assert isinstance(argument.value, ast.Name)
        return tuple(getattr(imported[argument.value.id], argument.value.id))
    assert isinstance(argument, ast.Attribute)
    return (Role[argument.attr],)
