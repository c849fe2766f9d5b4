"""Which version this is."""

from __future__ import annotations

import tomllib
from pathlib import Path


def app_version() -> str:
    """The version in ``pyproject.toml``, since the application runs from its folder."""
    file = Path(__file__).resolve().parents[2] / "pyproject.toml"
    try:
        return str(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, KeyError, ValueError):
        return "unknown"


VERSION = app_version()
