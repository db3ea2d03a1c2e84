"""The results of the runs, in figures."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

FIGURES = Path("tests/figures/cluster_faults.json")

_COUNTED = {
    "reviews_lost": ("a signed review is lost", "to be signed"),
    "reviews_doubled": ("signed twice",),
    "answers_lost": ("an answer is lost", "answered", "answers by link are lost"),
    "letters_lost": ("never arrived", "marked as sent, and not accepted"),
}
"""How the complaints of the invariants begin."""

_WORST = ("write_seconds", "typing_lost_seconds", "back_seconds")


def figures(results: list[dict[str, Any]], seed: int, on: date) -> dict[str, Any]:
    """Return the counts of all runs, and the worst seconds of each kind."""
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in results:
        kinds[one["kind"]].append(one)
    return {
        "date": on.isoformat(),
        "seed": seed,
        **_summary(results),
        **{name: _count(results, beginnings) for name, beginnings in _COUNTED.items()},
        "kinds": {kind: _summary(ones) for kind, ones in sorted(kinds.items())},
    }


def _summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "runs": len(results),
        "survived": sum(not one["wrong"] for one in results),
        "reader_errors": sum(one["reader_errors"] for one in results),
        **{f"worst_{name}": _worst(results, name) for name in _WORST},
    }


def _count(results: list[dict[str, Any]], beginnings: tuple[str, ...]) -> int:
    return sum(one.startswith(beginnings) for result in results for one in result["wrong"])


def _worst(results: list[dict[str, Any]], name: str) -> float | None:
    known = [one[name] for one in results if one[name] is not None]
    return round(max(known), 2) if known else None
