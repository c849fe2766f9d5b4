"""``make bench``: runs every benchmark of this folder and prints all figures in one table.

A benchmark is a module here, unless its name starts with ``_`` or ``fit_`` (tools that make the
parameters of the product). With a function ``run() -> list[Figure]`` it takes part in the table;
without one it is run as a script and prints what it likes. Each runs in a process of its own, so
that none warms caches or fills memory for the next.

    python -m benchmarks [--write] [name ...]

``--write`` runs all and writes docs/performance.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

import benchmarks
from benchmarks._document import write_document
from benchmarks.figures import Figure, machine, print_table

NOT_BENCHMARKS = {"__main__", "figures"}


def main() -> int:
    """Run all, or those that are named; the status is 1 if one failed or missed its goal."""
    if sys.argv[1:2] == ["--one"]:
        return _run_here(sys.argv[2], Path(sys.argv[3]))
    found = sorted(
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name not in NOT_BENCHMARKS and not module.name.startswith(("_", "fit_"))
    )
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(found)}")
    parser.add_argument("--write", action="store_true", help="run all, write docs/performance.md")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(found):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    if arguments.write and arguments.names:
        parser.error("--write is for all of them")
    figures: list[Figure] = []
    texts: dict[str, str] = {}
    failed = []
    loads, taken = [os.getloadavg()[0]], dict[str, float]()
    for name in arguments.names or found:
        sys.stdout.write(f"> {name}\n")
        sys.stdout.flush()
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "figures.json"
            command = [sys.executable, "-m", "benchmarks", "--one", name, str(result)]
            before = psutil.cpu_times()
            process = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
            taken[name] = _taken_by_others(before, psutil.cpu_times())
            if process.returncode != 0:
                failed.append(name)
            if result.exists():
                figures += [Figure(**figure) for figure in json.loads(result.read_text())]
            elif process.stdout:
                texts[name] = process.stdout
        sys.stdout.write(process.stdout)
        loads.append(os.getloadavg()[0])
    load = (
        f"load average before {loads[0]:.1f}, during {min(loads[1:]):.1f} to {max(loads[1:]):.1f}; "
        f"of the processors' time other machines took {_by_name(taken)}"
    )
    sys.stdout.write(f"\n{machine()}; {load}\n\n")
    print_table(figures)
    if failed:
        sys.stderr.write(f"Failed: {', '.join(failed)}\n")
    elif arguments.write:
        write_document(f"{machine()}; {load}", figures, texts)
    return 1 if failed or any(figure.holds is False for figure in figures) else 0


def _taken_by_others(before: Any, after: Any) -> float:
    """The part of the processors' time that a virtual machine wanted and did not get."""
    whole = sum(after) - sum(before)
    stolen = getattr(after, "steal", 0.0) - getattr(before, "steal", 0.0)
    return stolen / whole if whole > 0 else 0.0


def _by_name(taken: Mapping[str, float]) -> str:
    told = [f"{share:.0%} of {name}" for name, share in taken.items() if share >= 0.005]
    return ", ".join(told) or "nothing"


def _run_here(name: str, result: Path) -> int:
    module = importlib.import_module(f"benchmarks.{name}")
    if not hasattr(module, "run"):
        return subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
    result.write_text(json.dumps([asdict(figure) for figure in module.run()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
