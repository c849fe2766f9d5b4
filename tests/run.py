"""What ``make test`` and ``make lint`` run. The tests themselves are beside this file.

Every step runs even if an earlier one has failed, so that one run shows everything; pytest is last,
so that its closing line is the last that is printed. The status is 0 only if all steps succeeded.
Lint and types are looked at while the pages are built: each uses one core.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from blossomer.launcher.console import LauncherError, complain, say  # noqa: E402
from blossomer.launcher.pages import packages_fingerprint, ready_pages  # noqa: E402
from tests.chromium import NoChromiumError, find_chromium  # noqa: E402
from tests.redis_server import MISSING, find_redis  # noqa: E402

AT_ONCE = 3
"""Files of tests that run at the same time, each with servers of its own."""

TOOLS = Path(sys.executable).parent
SOURCES = ("blossomer", "tests", "alembic", "benchmarks", "rxconfig.py")
LINT = (
    [str(TOOLS / "ruff"), "format", "--check", "--quiet", *SOURCES],
    [str(TOOLS / "ruff"), "check", "--quiet", *SOURCES],
    [str(TOOLS / "mypy")],
    [str(TOOLS / "lint-imports"), "--no-cache"],
)


def main() -> int:
    """Run lint, and, unless only that was asked for, all tests."""
    arguments = sys.argv[1:]
    if "--lint" in arguments:
        return 1 if _lint() else 0
    pinned = packages_fingerprint()
    redis = find_redis()
    if redis is None:
        complain(MISSING)
    with ThreadPoolExecutor(1) as beside:
        linting = beside.submit(_lint)
        try:
            environment = {
                **os.environ,
                "CHROMIUM_PATH": str(find_chromium()),
                "REDIS_SERVER": redis or "",
                # A server that cannot keep compiled modules compiles LiteLLM anew at every start.
                "PYTHONDONTWRITEBYTECODE": "",
                # The built pages that the browser tests serve, by a path they need not compute.
                "PAGES_DIR": str(ready_pages()),
            }
        except (LauncherError, NoChromiumError) as error:
            complain(str(error))
            return 1
        failed = linting.result()
    if packages_fingerprint() != pinned:
        complain("Failed: the build has changed reflex.lock/; commit it, it pins what pages use.")
        failed.append("reflex.lock")
    # In the order of their names: the browser's long files begin early, and none is left alone at
    # the end, as it is when the files with the most tests come first.
    at_once = ["-n", str(AT_ONCE), "--dist", "loadfile", "--no-loadscope-reorder"]
    passed = _succeeds([sys.executable, "-m", "pytest", "-q", *at_once, *arguments], environment)
    return 0 if passed and not failed else 1


def _lint() -> list[str]:
    """What has found something."""
    failed = [Path(command[0]).name for command in LINT if not _succeeds(command)]
    for name in failed:
        complain(f"Failed: {name}")
    return failed


def _succeeds(command: list[str], environment: dict[str, str] | None = None) -> bool:
    say(f"> {Path(command[0]).name} {' '.join(command[1:])}")
    return (
        subprocess.run(
            command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, check=False
        ).returncode
        == 0
    )


if __name__ == "__main__":
    sys.exit(main())
