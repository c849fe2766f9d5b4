"""Looks the pinned packages up among known vulnerabilities: ``python -m tests.audit``.

Those of Python at OSV, by pip-audit, from the lock as it stands; those of JavaScript that the pages
are made of at npm's registry, from ``reflex.lock/``. Nothing is installed. One that is known, and
one that could not be asked about, ends it with a status that is not 0.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from blossomer.launcher.console import complain, say  # noqa: E402
from blossomer.launcher.pages import PACKAGES, WEB  # noqa: E402
from blossomer.launcher.toolchain import build_environment  # noqa: E402

LOCKS = ("requirements.lock", "requirements-dev.lock")
OSV = "https://api.osv.dev/v1/query"

ACCEPTED: dict[str, str] = {}
"""Vulnerabilities that do not concern us, by their identifier, and why; shown each time."""


def main() -> int:
    """Ask both; returns the exit status."""
    parser = argparse.ArgumentParser(prog="audit")
    parser.add_argument("--osv-url", default=OSV, help="another server with OSV's protocol")
    parser.add_argument("--lock", action="append", type=Path, help="another lock file of Python's")
    arguments = parser.parse_args()
    locks = arguments.lock or [PROJECT / name for name in LOCKS]
    for identifier, reason in ACCEPTED.items():
        say(f"Accepted: {identifier}: {reason}")
    results = {
        "Python's packages": _python(locks, arguments.osv_url),
        "the pages' packages": _javascript(),
    }
    for what, passed in results.items():
        if passed:
            say(f"Nothing is known against {what}.")
        else:
            complain(f"Failed: {what}; the lines above say why.")
    return 0 if all(results.values()) else 1


def _python(locks: list[Path], osv_url: str) -> bool:
    # The locks name everything with its hash: nothing has to be resolved, and pip is not needed.
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--strict"]
    command += ["--vulnerability-service", "osv", "--osv-url", osv_url]
    command += ["--progress-spinner", "off", "--desc", "off"]
    for lock in locks:
        command += ["--requirement", str(lock)]
    for identifier in ACCEPTED:
        command += ["--ignore-vuln", identifier]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode == 0


def _javascript() -> bool:
    """What is served to browsers. The tools of the build are not in the image."""
    WEB.mkdir(exist_ok=True)
    environment = build_environment(WEB)
    with tempfile.TemporaryDirectory() as folder:
        for name in PACKAGES:
            shutil.copy2(PROJECT / name, folder)
        command = ["npm", "audit", "--package-lock-only", "--omit=dev", "--audit-level=high"]
        program = shutil.which("npm", path=environment["PATH"]) or "npm"
        return (
            subprocess.run(
                [program, *command[1:]], cwd=folder, env=environment, check=False
            ).returncode
            == 0
        )


if __name__ == "__main__":
    sys.exit(main())
