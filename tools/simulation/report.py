"""The table and the chart of ``docs/ranking.md``, from the outcomes of every run."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import NormalDist, fmean, stdev

import altair as alt
import pandas as pd
import vl_convert

OUTCOMES = {
    "worse_days": "worse → reviewed, mean days",
    "worse_within_14": "worse → reviewed ≤ 14 d, %",
    "unimproved_reviewed": "unimproved at week 8 reviewed in weeks 8–12, %",
    "severe_days": "PHQ-9 ≥ 20 or item 9 ≥ 2 waits, mean days",
    "alarm_days": "item 9 ≥ 2 or safety flag waits, mean days",
    "questions_within_7": "questions answered ≤ 7 d, %",
    "remission_places": "places spent on stable remission, %",
    "longest_p95": "longest time without review, p95 days",
    "first_median": "first review, median days",
    "first_p90": "first review, p90 days",
    "improved_at_24": "improved at week 24, %",
}
"""The heading of each outcome."""

CHARTED = ("worse_within_14", "unimproved_reviewed", "severe_days", "alarm_days")
BEGIN, END = "<!-- simulated: begin -->", "<!-- simulated: end -->"
Outcomes = Mapping[str, Mapping[str, float]]


def write_report(folder: Path, outcomes: Outcomes, seeds: int) -> None:
    """Replace the tables of ``ranking.md`` between its markers, and draw its chart."""
    summary = summarised(outcomes)
    tables = [
        f"Means over {seeds} seeds that no design saw, ± half of the 95 % interval.\n",
        *(_table(summary, "base", capacity) for capacity in _capacities(outcomes)),
        "### One assumption moved, 12 reviews a week\n",
        *(
            _table(summary, scenario, 12, f"**{scenario}**")
            for scenario in dict.fromkeys(key[0] for key in summary)
            if scenario != "base"
        ),
    ]
    page = folder / "ranking.md"
    text = page.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n\n{chr(10).join(tables)}\n{END}{after}")
    (folder / "images" / "ranking.svg").write_text(_chart(summary))


Key = tuple[str, str, int]
"""A scenario, a policy, a capacity."""


def summarised(outcomes: Outcomes) -> dict[Key, dict[str, tuple[float, float]]]:
    """Return for each key the mean of every outcome, and half of its 95 % interval."""
    values: dict[Key, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run, found in outcomes.items():
        scenario, policy, capacity, _seed = run.split("|")
        for name, value in found.items():
            values[scenario, policy, int(capacity)][name].append(value)
    return {
        key: {name: _mean_and_half(of_name) for name, of_name in of_key.items()}
        for key, of_key in values.items()
    }


def _mean_and_half(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:
        return fmean(values), 0.0
    z = NormalDist().inv_cdf(0.975)
    return fmean(values), z * stdev(values) / math.sqrt(len(values))


def _capacities(outcomes: Outcomes) -> list[int]:
    return sorted({int(run.split("|")[2]) for run in outcomes if run.startswith("base|")})


def _table(
    summary: Mapping[Key, Mapping[str, tuple[float, float]]],
    scenario: str,
    capacity: int,
    title: str | None = None,
) -> str:
    rows = {key[1]: of for key, of in summary.items() if (key[0], key[2]) == (scenario, capacity)}
    head = ["order", *OUTCOMES.values()]
    lines = [
        f"{title or f'**{capacity} reviews a week**'}\n",
        f"| {' | '.join(head)} |",
        f"| {' | '.join(['---'] * len(head))} |",
    ]
    for policy, of in rows.items():
        cells = [_cell(*of[name]) for name in OUTCOMES]
        name = f"**{policy}**" if policy == "version 2" else policy
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(mean: float, half: float) -> str:
    return f"{mean:.1f} ± {half:.1f}" if mean < 100 else f"{mean:.0f} ± {half:.0f}"


def _chart(summary: Mapping[Key, Mapping[str, tuple[float, float]]]) -> str:
    rows = pd.DataFrame(
        [
            {
                "order": policy,
                "reviews a week": capacity,
                "outcome": OUTCOMES[name],
                "mean": of[name][0],
                "low": of[name][0] - of[name][1],
                "high": of[name][0] + of[name][1],
            }
            for (scenario, policy, capacity), of in summary.items()
            if scenario == "base"
            for name in CHARTED
        ]
    )
    base = alt.Chart(rows).encode(
        x=alt.X(
            "reviews a week:Q",
            scale=alt.Scale(domain=[6, 26]),
            axis=alt.Axis(values=[8, 12, 16, 24]),
        ),
        color=alt.Color("order:N", sort=None),
        strokeDash=alt.StrokeDash("order:N", sort=None),
    )
    lines = base.mark_line(point=True).encode(y=alt.Y("mean:Q", title=None))
    bars = base.mark_rule().encode(y="low:Q", y2="high:Q")
    chart = (
        (lines + bars)
        .properties(width=300, height=190)
        .facet(
            facet=alt.Facet("outcome:N", title=None, sort=[OUTCOMES[name] for name in CHARTED]),
            columns=2,
        )
        .resolve_scale(y="independent")
    )
    return vl_convert.vegalite_to_svg(chart.to_dict())
