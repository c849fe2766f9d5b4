"""The audit of dependencies says what is known, against a played OSV and a played npm registry."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.dockerfile import PROJECT

HASH = "a" * 64
SMALL = f"jinja2==3.1.6 \\\n    --hash=sha256:{HASH}\nlxml==6.0.0 \\\n    --hash=sha256:{HASH}\n"


class Databases:
    """Both databases on one server.

    Attributes:
        python: Names of Python packages of which something is known.
        javascript: The same of npm's.
        asked: Names of Python packages that somebody has asked about.
        sent: Names of npm's packages that somebody has asked about.
    """

    def __init__(self) -> None:
        self.python: set[str] = set()
        self.javascript: set[str] = set()
        self.asked: set[str] = set()
        self.sent: set[str] = set()
        databases = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                answer = databases.answer(self.path, json.loads(body))
                content = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, asked: Any) -> Any:
        if path == "/v1/query":
            name = asked["package"]["name"]
            self.asked.add(name)
            if name not in self.python:
                return {}
            ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}]
            affected = [{"package": asked["package"], "ranges": ranges}]
            return {"vulns": [{"id": "PYSEC-0000-1", "summary": "Played.", "affected": affected}]}
        self.sent |= set(asked)
        advisory = {
            "id": 1,
            "url": "https://example.com/GHSA-xxxx",
            "title": "Played.",
            "severity": "high",
            "vulnerable_versions": "<999.0.0",
            "cwe": [],
            "cvss": {"score": 8, "vectorString": None},
        }
        return {name: [advisory] for name in self.javascript if name in asked}


@pytest.fixture
def databases() -> Iterator[Databases]:
    played = Databases()
    yield played
    played.stop()


def audit(url: str, *locks: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.audit", "--osv-url", f"{url}/v1/query"]
    for lock in locks:
        command += ["--lock", str(lock)]
    return subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "npm_config_registry": url, "npm_config_fetch_retries": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_every_pinned_package_is_asked_about(databases: Databases) -> None:
    done = audit(databases.url)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("Nothing is known against") == 2
    pinned = {
        found[1].lower()
        for lock in ("requirements.lock", "requirements-dev.lock")
        for found in re.finditer(r"^([\w.-]+)==\S+ \\$", (PROJECT / lock).read_text(), re.M)
    }
    assert pinned
    assert {name.lower() for name in databases.asked} >= pinned
    # What the browser gets, and not what only builds it.
    packages = json.loads((PROJECT / "reflex.lock" / "package.json").read_text())
    assert set(packages["dependencies"]) <= databases.sent


def test_what_is_known_ends_it(databases: Databases, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(SMALL)
    databases.python = {"jinja2"}
    databases.javascript = {"react"}
    done = audit(databases.url, lock)
    assert done.returncode == 1
    assert "PYSEC-0000-1" in done.stdout
    assert "GHSA-xxxx" in done.stdout
    assert "Failed: Python's packages" in done.stdout
    assert "Failed: the pages' packages" in done.stdout


def test_what_cannot_be_asked_ends_it_too(databases: Databases, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(SMALL)
    databases.stop()
    done = audit(databases.url, lock)
    assert done.returncode == 1
    assert "Nothing is known" not in done.stdout
