"""Connections on every server: the messages and files they get, and how they end."""

import platform
import sys
import urllib.request
from dataclasses import replace

import pytest
import streamlit

from dashboard.web.server.asgi import MAIN_SCRIPT
from tests.attacks.attacker import Attacker, wait_until
from tests.attacks.test_rights_that_have_ended import attackers
from tests.browser.conftest import free_port
from tests.browser.websocket import SECONDS

pytestmark = pytest.mark.thorough

__all__ = ["attackers"]


def arrive(place, attackers, cookie, page, query="", url=None):
    """Return a connection that has walked this page."""
    attacker = Attacker(url or place.ward.url, cookie, page, query)
    attackers.append(attacker)
    attacker.visit()
    return attacker


@pytest.fixture
def second_server(place, tmp_path):
    """Yield the address of another server of the same registry."""
    other = replace(place.ward, folder=tmp_path, port=free_port(), process=None)
    other.start()
    yield other.url
    other.stop()


def test_signing_out_on_one_server_closes_the_connections_of_every_server(
    place, attackers, second_server
):
    _token, cookie = place.cookie("psychiatrist")
    here = arrive(place, attackers, cookie, "review-list")
    there = arrive(place, attackers, cookie, "review-list", url=second_server)
    request = urllib.request.Request(  # noqa: S310
        f"{place.ward.url}/auth/session",
        method="DELETE",
        headers={"Cookie": cookie, "Origin": place.ward.url},
    )
    urllib.request.urlopen(request).close()  # noqa: S310
    for one in (here, there):
        wait_until(one.is_closed, SECONDS)


def test_a_session_whose_sign_in_is_over_is_taken_up_by_nobody(place, attackers):
    _token, cookie = place.cookie("psychiatrist")
    attacker = arrive(place, attackers, cookie, "review-list")
    place.ward.run("UPDATE review.sign_in SET ended_at = now() WHERE ended_at IS NULL")
    wait_until(attacker.is_closed, SECONDS)
    attacker.come_back()
    assert attacker.closed


@pytest.mark.parametrize("page", ["prepare", "follow-up", "case"])
@pytest.mark.parametrize("other", ["gp", "nurse", None])
def test_a_file_is_made_for_no_other_sign_in_and_handed_to_none(place, attackers, page, other):
    _token, cookie = place.cookie("nurse")
    query = f"episode={place.cases[0].episode}" if page == "case" else ""
    owner = arrive(place, attackers, cookie, page, query)
    for file in owner.known.files:
        owner.ask_for_file(file)
    thief = arrive(place, attackers, place.cookie(other)[1] if other else "", "account")
    thief.known.files, thief.known.addresses = owner.known.files, set(owner.known.addresses)
    thief.replay_files()
    assert owner.files
    assert owner.known.addresses == thief.known.addresses
    assert thief.files == []


def test_a_stranger_is_told_nothing_of_the_server(place, attackers):
    stranger = arrive(place, attackers, "", "")
    told = b"\n".join(stranger.heard)
    for secret in (
        str(MAIN_SCRIPT.parent),
        streamlit.__version__,
        ".".join(map(str, sys.version_info)),
        platform.system(),
    ):
        assert secret.encode() not in told
    assert told
