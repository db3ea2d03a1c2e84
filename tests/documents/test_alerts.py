"""The alerts and the dashboard of ``deploy/``: figures that exist, a runbook for each alert."""

import json
import re
import subprocess

import pytest

from tests.support.repository import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
ALERTS = (PROMETHEUS / "alerts.yml").read_text()
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text())
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
LOGS = (ROOT / "docs" / "logs.md").read_text()
NAMES = re.findall(r"alert: (\w+)", ALERTS)
EXPRESSIONS = [
    ALERTS,
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]),
]
OF_PATRONI = {
    "patroni_primary",
    "patroni_replica",
    "patroni_sync_standby",
    "patroni_xlog_location",
    "patroni_xlog_replayed_location",
}
"""Names of Patroni 3.0 and later (``patroni/api.py``)."""


def test_every_alert_has_a_section_of_the_runbook():
    assert len(NAMES) == len(set(NAMES)) > 10
    assert re.findall(r"^## (\w+)$", RUNBOOK, re.M) == NAMES
    assert re.findall(r"runbook: docs/runbook\.md#(\w+)", ALERTS) == [one.lower() for one in NAMES]


def test_every_alert_says_how_urgent_it_is_and_so_does_its_section():
    severities = re.findall(r"severity: (\w+)", ALERTS)
    sections = re.findall(r"^## \w+\n\n(\w+)\.", RUNBOOK, re.M)
    assert [one.lower() for one in sections] == severities


def test_alerts_and_panels_use_figures_that_exist():
    used = {
        name
        for expression in EXPRESSIONS
        for name in re.findall(r"\b(?:case_review|patroni|process)_[a-z_]+", expression)
    }
    documented = set(re.findall(r"(?:case_review|process)_[a-z_]+", LOGS))
    documented |= {f"case_review_log_chain_{end}" for end in ("findings", "rows")}
    documented.add("case_review_log_chain_verified_timestamp_seconds")
    unknown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in used} - documented - OF_PATRONI
    assert unknown == set()


def test_the_dashboard_has_a_query_in_each_panel():
    assert all(panel["targets"] for panel in DASHBOARD["panels"])
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.thorough
@pytest.mark.programs
def test_prometheus_accepts_the_configuration_and_its_rules():
    promtool("check", "config", str(PROMETHEUS / "prometheus.yml"))


@pytest.mark.thorough
@pytest.mark.programs
def test_each_alert_fires_above_its_limit_and_none_below():
    promtool("test", "rules", str(ROOT / "tests" / "documents" / "alerts.test.yml"))


def promtool(*arguments: str) -> None:
    ran = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
