"""Copies of this machine that run at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.documents import machine as machines
from tests.documents.machine import Machine

pytestmark = pytest.mark.thorough

UNIT = "[Service]\nType=oneshot\nExecStart=/bin/true\n"


def test_two_copies_start_services_of_the_same_name_at_the_same_time():
    if (reason := machines.why_not()) is not None:
        pytest.skip(reason)
    with machines.machine() as one, machines.machine() as other, ThreadPoolExecutor() as at_once:
        assert list(at_once.map(_start_often, (one, other))) == ["", ""]


def _start_often(machine: Machine) -> str:
    machine.write("/etc/systemd/system/often.service", UNIT)
    return machine.run(
        "systemctl daemon-reload; for _ in {1..100}; do systemctl restart often; done"
    )
