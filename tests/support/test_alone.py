"""A unit test that reaches for another program fails."""

import socket
import subprocess
import sys

import psycopg
import pytest
from sqlalchemy import create_engine

from tests.support.alone import NotAlone, alone


def connect_by_sqlalchemy():
    create_engine("postgresql+psycopg://nobody@127.0.0.1:9/none").connect()


def connect_a_socket():
    with socket.socket() as opened:
        opened.connect(("127.0.0.1", 9))


@pytest.mark.parametrize(
    "reach",
    [
        lambda: psycopg.connect("postgresql://nobody@127.0.0.1:9/none"),
        connect_by_sqlalchemy,
        connect_a_socket,
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    ],
    ids=["psycopg", "sqlalchemy", "socket", "process"],
)
def test_another_program_is_refused(reach):
    with alone(), pytest.raises(NotAlone, match="A unit test needs"):
        reach()


@pytest.mark.programs
def test_other_tests_start_processes():
    assert subprocess.run([sys.executable, "-c", ""], check=True).returncode == 0


def test_this_is_a_unit_test(request):
    assert request.node.get_closest_marker("unit")


def test_a_test_with_a_database_is_no_unit_test(request, database):
    assert not request.node.get_closest_marker("unit")
