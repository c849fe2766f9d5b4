"""Finds a Chromium for the browser tests, or installs one. The tests get its path in CHROMIUM_PATH.

The headless shell comes first: Chromium without the window around the page, which takes a third
less processor time. Then any Chromium of the system, then the one that Playwright has or can
download, then Debian's packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.debian import install, quietly

SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoChromiumError(Exception):
    """There is none and none can be installed. The message is one line."""


def find_chromium() -> Path:
    """The path of a Chromium that starts.

    Raises:
        NoChromiumError: With what to do.
    """
    for find in (_named, _shell, _of_the_system, _of_playwright, _downloaded, _of_debian):
        path = find()
        if path is not None and _starts(path):
            return path
    raise NoChromiumError(
        "The browser tests need Chromium: install it (on Debian: apt-get install chromium) or set "
        "CHROMIUM_PATH to one."
    )


def _starts(path: Path) -> bool:
    try:
        result = subprocess.run(
            [str(path), "--version"], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def _named() -> Path | None:
    path = os.environ.get("CHROMIUM_PATH")
    return Path(path) if path else None


def _shell() -> Path | None:
    if os.environ.get("CI") and shutil.which(SHELL) is None:
        install(SHELL)  # a machine for tests; nobody's own gets a package that it can do without
    found = shutil.which(SHELL)
    return Path(found) if found else None


def _of_the_system() -> Path | None:
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return None


def _of_playwright() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def _downloaded() -> Path | None:
    quietly([sys.executable, "-m", "playwright", "install", "chromium"])
    return _of_playwright()


def _of_debian() -> Path | None:
    for package in (SHELL, "chromium"):
        install(package)
        if found := _shell() or _of_the_system():
            return found
    return None
