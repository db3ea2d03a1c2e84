"""``python -m tests.faults``: break things by seed, and write down what came of it."""

import sys
from pathlib import Path

from dashboard.calendar import today
from tests.faults import passes
from tests.faults.figures import FIGURES, figures, read, write
from tests.faults.runs import planned, run


def main() -> int:
    """Run the planned faults; return 1 if any was not survived."""
    passes.use_settings()
    wanted = passes.parser("python -m tests.faults", runs=200).parse_args()
    results = Path("var/faults") / f"seed-{wanted.seed}-of-{wanted.runs}.jsonl"
    plan = passes.chosen(planned(wanted.runs, wanted.seed), wanted, results)
    survived = run(plan, wanted.seed, None if wanted.only else results, wanted.minutes)
    if not wanted.only and len(read(results)) == wanted.runs:
        write(FIGURES, figures(read(results), wanted.seed, today()))
    return 0 if survived else 1


if __name__ == "__main__":
    sys.exit(main())
