"""The figures of SECURITY.md, written between its markers: ``make security-figures``.

They come from the results of ``make faults`` and ``make fuzz`` in ``tests/figures``, from the
isolation test, and from the table of docs/asvs.md. Nothing here is measured by hand.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.repository import ROOT

PAGE = ROOT / "SECURITY.md"
ASVS = ROOT / "docs" / "asvs.md"
FAULTS = ROOT / "tests" / "figures" / "faults.json"
FUZZ = ROOT / "tests" / "figures" / "fuzz.json"

BEGIN, END = "<!-- figures: make security-figures -->", "<!-- end of the figures -->"

STATES = ("met", "not met", "by the proxy", "by the site")


def main() -> int:
    """Write the figures into the page."""
    PAGE.write_text(with_figures(PAGE.read_text()))
    return 0


def with_figures(page: str) -> str:
    """Return the page with the current figures between its markers."""
    before, rest = page.split(BEGIN)
    _old, after = rest.split(END)
    return "\n".join([f"{before}{BEGIN}", "", *_figures(), "", f"{END}{after}"])


def asvs_states(page: str) -> dict[str, str]:
    """Return the state of each requirement that applies, by its number."""
    return dict(re.findall(r"^\| (\d+\.\d+\.\d+) \| ([a-z ]+) \|", page, re.MULTILINE))


def asvs_not_applying(page: str) -> list[str]:
    """Return the numbers of the requirements that do not apply, according to the page."""
    return re.findall(r"\d+\.\d+\.\d+", page.partition("## What does not apply")[2])


def _figures() -> Iterator[str]:
    yield "| | |"
    yield "| --- | --- |"
    yield from _of_faults(_read(FAULTS))
    yield from _of_inputs(_read(FUZZ))
    yield from _of_isolation()
    yield from _of_asvs()


def _of_faults(faults: dict[str, Any] | None) -> Iterator[str]:
    if faults is None:
        yield "| faults injected (`make faults`) | not measured |"
        return
    yield (
        f"| faults injected, survived (`make faults`, {faults['date']}, seed {faults['seed']}) |"
        f" {faults['runs']:,}, {faults['survived']:,} |"
    )
    if faults.get("not_run"):
        yield f"| faults that the machine could not inject | {faults['not_run']:,} |"
    for kind, one in faults["kinds"].items():
        yield f"| … {kind} | {one['runs']:,}, {one['survived']:,} |"
    yield (
        "| longest time from the database's return to the server's |"
        f" {faults['worst_recovery_seconds']} s |"
    )
    yield f"| most typing lost | {faults['worst_draft_loss_seconds']} s |"


def _of_inputs(fuzz: dict[str, Any] | None) -> Iterator[str]:
    if fuzz is None:
        yield "| bad inputs tried (`make fuzz`) | not measured |"
        return
    surfaces = fuzz["surfaces"]
    inputs = sum(one["inputs"] for one in surfaces)
    failed = sum(len(one["failures"]) for one in surfaces)
    yield (
        f"| bad inputs tried at {len(surfaces)} places, failed (`make fuzz`, seed {fuzz['seed']}) |"
        f" {inputs:,}, {failed:,} |"
    )


def _of_isolation() -> Iterator[str]:
    from tests.database.security import test_policies as isolation

    roles = {isolation.role_of(person) for person in isolation.PEOPLE}
    dropped = {(case.table, case.policy) for case in isolation.REFUSED}
    dropped |= {(table, "reads") for table in isolation.TABLES}
    yield (
        "| tables with rows about a patient or a practitioner, each in the isolation test |"
        f" {len(isolation.TABLES)} |"
    )
    yield f"| tables of counts, only for leads (`test_lead_counts.py`) | {len(isolation.COUNTS)} |"
    yield f"| tables without data about patients | {len(isolation.WITHOUT_PATIENTS)} |"
    yield (
        f"| people in the isolation test, in {len(roles)} roles, with cover and emergency |"
        f" {len(isolation.PEOPLE)} |"
    )
    yield f"| writes that this test tries and a policy refuses | {len(isolation.REFUSED)} |"
    yield f"| policies that it drops one by one, to show that it would fail | {len(dropped)} |"
    yield (
        "| functions that see every row, each with a reason |"
        f" {len(isolation.WITH_MORE_RIGHTS_THAN_THE_READER)} |"
    )


def _of_asvs() -> Iterator[str]:
    page = ASVS.read_text()
    counted = Counter(asvs_states(page).values())
    said = ", ".join(f"{counted[state]} {state}" for state in STATES)
    apart = len(asvs_not_applying(page))
    yield (
        "| OWASP ASVS 5.0, levels 1 and 2 ([each](docs/asvs.md)) |"
        f" {counted.total()} of {counted.total() + apart} apply: {said} |"
    )


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text()) if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
