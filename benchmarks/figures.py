"""How a measured figure is described and printed. What is measured is beside this."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        name: What was measured, and how many times if more than once.
        value: The number, in ``unit``.
        unit: For example "ms", "KB", "word-F1".
        goal: The goal in words, for example "at most 60"; empty if there is none.
        holds: Whether the goal is met; None without a goal.
    """

    name: str
    value: float
    unit: str
    goal: str = ""
    holds: bool | None = None


def machine() -> str:
    """The machine in one line; a figure means nothing without it."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}"
    )


def print_table(figures: Sequence[Figure]) -> None:
    """Print figures below each other; a missed goal stands out."""
    if not figures:
        return
    rows = table_rows(figures)
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        name, value, *rest = row
        cells = [name.ljust(widths[0]), value.rjust(widths[1])]
        cells += [cell.ljust(width) for cell, width in zip(rest, widths[2:], strict=True)]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
    sys.stdout.flush()


def table_rows(figures: Sequence[Figure]) -> list[tuple[str, str, str, str, str]]:
    """The table as text, its heading first."""
    verdicts = {True: "holds", False: "MISSED", None: ""}
    return [("figure", "value", "unit", "goal", "")] + [
        (each.name, _short(each.value), each.unit, each.goal, verdicts[each.holds])
        for each in figures
    ]


def _short(value: float) -> str:
    """Three digits that count: 0.844, 16.5, 277, 1,024."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
