"""Finds a Redis server for the tests of shared counters, or installs Debian's package.

The tests start one of their own, with a port of its own; they get its path in REDIS_SERVER.
"""

from __future__ import annotations

import os
import shutil

from tests.debian import install

MISSING = (
    "The tests of counters in Redis are skipped: no redis-server is there, and none could be "
    "installed (on Debian: apt-get install redis-server)."
)


def find_redis() -> str | None:
    """The path of a Redis server, or None if there is none and none can be installed."""
    if (path := _present()) is None:
        install("redis-server")
        path = _present()
    return path


def _present() -> str | None:
    named = os.environ.get("REDIS_SERVER")
    return named or shutil.which("redis-server") or shutil.which("valkey-server")
