"""Percentiles as figures. Nothing else."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.figures import Figure


def percentiles(
    name: str, values: Sequence[float], unit: str, goal: float | None = None
) -> list[Figure]:
    """Median and 95th percentile; the goal is for the latter.

    Args:
        name: What was measured; how many times is added.
        values: The measurements, at least two.
        unit: Of the values and the goal.
        goal: What the 95th percentile must stay below; None without a goal.
    """
    p95 = statistics.quantiles(values, n=20, method="inclusive")[-1]
    name = f"{name}, {len(values)} times"
    words = "" if goal is None else f"under {goal:g}"
    holds = None if goal is None else p95 < goal
    return [
        Figure(f"{name}: p50", statistics.median(values), unit),
        Figure(f"{name}: p95", p95, unit, words, holds),
    ]
