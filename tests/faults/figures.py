"""The results of the runs, in figures."""

import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

FIGURES = Path("tests/figures/faults.json")


def figures(results: list[dict[str, Any]], seed: int, on: date) -> dict[str, Any]:
    """Return by kind the runs and those survived, the worst recovery and the worst loss."""
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in results:
        kinds[one["kind"]].append(one)
    return {
        "date": on.isoformat(),
        "seed": seed,
        "runs": len(results),
        "survived": sum(_survived(one) for one in results),
        "not_run": sum(one["not_here"] is not None for one in results),
        "worst_recovery_seconds": _worst(results, "recovery_seconds"),
        "worst_draft_loss_seconds": _worst(results, "draft_loss_seconds"),
        "kinds": {
            kind: {
                "runs": len(ones),
                "survived": sum(map(_survived, ones)),
                "worst_recovery_seconds": _worst(ones, "recovery_seconds"),
                "worst_draft_loss_seconds": _worst(ones, "draft_loss_seconds"),
            }
            for kind, ones in sorted(kinds.items())
        },
    }


def read(path: Path) -> list[dict[str, Any]]:
    """Return the results that have been written so far."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path: Path, figures: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")


def _survived(result: dict[str, Any]) -> bool:
    return result["not_here"] is None and not result["wrong"]


def _worst(results: list[dict[str, Any]], name: str) -> float | None:
    known = [one[name] for one in results if one[name] is not None]
    return round(max(known), 2) if known else None
