"""``python -m tests.faults.cluster``: break a site by seed, and write down what came of it."""

import signal
import sys
from pathlib import Path

from dashboard.calendar import today
from tests.faults import passes
from tests.faults.cluster.figures import FIGURES, figures
from tests.faults.cluster.runs import planned, run, short
from tests.faults.figures import read, write
from tools import debian
from tools.cluster import programs

PATIENCE_OF_SHORT = 2.0
"""A short pass is run beside other work. So its waits may be twice as long as promised."""


def main() -> int:
    """Run the planned faults; return 1 if any was not survived, 2 if they cannot run here."""
    passes.use_settings()
    parser = passes.parser("python -m tests.faults.cluster", runs=100)
    parser.add_argument("--short", action="store_true", help="one run of the main kinds alone")
    parser.add_argument("--record", action="store_true", help=f"write {FIGURES}")
    wanted = parser.parse_args()
    if packages := debian.missing(programs.PACKAGES):
        print(programs.HOW_TO_GET_THEM.format(packages=" ".join(packages)), file=sys.stderr)
        return 2
    # The site is stopped whichever way this program is asked to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if wanted.short:
        return 0 if run(short(), wanted.seed, patience=PATIENCE_OF_SHORT) else 1
    results = Path("var/faults") / f"cluster-seed-{wanted.seed}-of-{wanted.runs}.jsonl"
    plan = passes.chosen(planned(wanted.runs), wanted, results)
    survived = run(plan, wanted.seed, None if wanted.only else results, wanted.minutes)
    if wanted.record and not wanted.only and len(read(results)) == wanted.runs:
        write(FIGURES, figures(read(results), wanted.seed, today()))
    return 0 if survived else 1


if __name__ == "__main__":
    sys.exit(main())
