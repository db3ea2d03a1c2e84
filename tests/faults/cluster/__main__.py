"""``python -m tests.faults.cluster``: break a site by seed, and write down what came of it."""

import argparse
import os
import signal
import sys
from pathlib import Path

from dashboard.calendar import today

# Before anything reads the settings: a password is enough, and letters carry links.
os.environ |= {
    "CASE_REVIEW_SECOND_FACTOR_ROLES": "",
    "CASE_REVIEW_LINK_KEY": "k" * 32,
    "CASE_REVIEW_PUBLIC_URL": "https://revue.example",
}

from tests.faults.cluster.figures import FIGURES, figures
from tests.faults.cluster.runs import planned, run, short
from tests.faults.figures import read, write
from tools import debian
from tools.cluster import programs


def main() -> int:
    """Run the planned faults; return 1 if any was not survived, 2 if they cannot run here."""
    wanted = _arguments()
    if packages := debian.missing(programs.PACKAGES):
        print(programs.HOW_TO_GET_THEM.format(packages=" ".join(packages)), file=sys.stderr)
        return 2
    # The site is stopped whichever way this program is asked to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    plan = planned(wanted.runs)
    results = Path("var/faults") / f"cluster-seed-{wanted.seed}-of-{wanted.runs}.jsonl"
    if wanted.short:
        return 0 if run(short(), wanted.seed, None, None) else 1
    if wanted.only:
        plan = [one for one in plan if one.number in wanted.only]
    elif wanted.go_on:
        done = {one["number"] for one in read(results)}
        plan = [one for one in plan if one.number not in done]
        plan = [one for one in plan if one.kind.name.startswith(wanted.kind)]
    else:
        results.unlink(missing_ok=True)
    survived = run(plan, wanted.seed, None if wanted.only else results, wanted.minutes)
    if wanted.record and not wanted.only and len(read(results)) == wanted.runs:
        write(FIGURES, figures(read(results), wanted.seed, today()))
    return 0 if survived else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.cluster")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="one run of the main kinds alone")
    parser.add_argument("--only", type=int, nargs="+", help="the runs of these numbers alone")
    parser.add_argument("--go-on", action="store_true", help="with what is not done yet")
    parser.add_argument("--kind", default="", help="how the kinds to go on with begin")
    parser.add_argument("--minutes", type=float, help="stop after about so long")
    parser.add_argument("--record", action="store_true", help=f"write {FIGURES}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
