"""Run the simulation and write ``docs/ranking.md``'s table and chart: ``make simulate``."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tools.simulation.policies import POLICIES
from tools.simulation.report import write_report
from tools.simulation.world import SCENARIOS
from tools.simulation.year import simulate

CAPACITIES = (8, 12, 16, 24)
FIRST_SEED = 1001
MOVED_CAPACITY = 12
MOVED_POLICIES = ("highest PHQ-9", "version 1", "version 2")

Run = tuple[str, str, int, int]
"""A scenario, a policy, a capacity and a seed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate all runs and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("docs"))
    options = parser.parse_args(arguments)
    runs = wanted(options.seeds)
    outcomes: dict[str, dict[str, float]] = {}
    with ProcessPoolExecutor(options.processes) as pool:
        for number, (run, found) in enumerate(pool.map(_simulated, runs, chunksize=4), 1):
            outcomes["|".join(map(str, run))] = found
            if number % 40 == 0:
                print(f"{number} of {len(runs)} years", file=sys.stderr, flush=True)
    write_report(options.folder, outcomes, options.seeds)
    return 0


def wanted(seeds: int) -> list[Run]:
    """Return the runs of the main table, then those of the other scenarios."""
    numbers = range(FIRST_SEED, FIRST_SEED + seeds)
    table = [
        ("base", policy, k, seed) for k in CAPACITIES for policy in POLICIES for seed in numbers
    ]
    moved = [
        (scenario, policy, MOVED_CAPACITY, seed)
        for scenario in SCENARIOS
        if scenario != "base"
        for policy in MOVED_POLICIES
        for seed in numbers
    ]
    return table + moved


def _simulated(run: Run) -> tuple[Run, dict[str, float]]:
    scenario, policy, capacity, seed = run
    return run, simulate(SCENARIOS[scenario], POLICIES[policy], capacity, seed)


if __name__ == "__main__":
    sys.exit(main())
