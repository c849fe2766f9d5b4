"""The Dockerfile and its context keep what they promise, as far as reading them tells.

That every line of it works, and that a server starts from what comes of it, is ``test_image.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from blossomer.launcher.pages import INPUTS, PACKAGES
from blossomer.settings import Settings
from tests.deployment.dockerfile import (
    PROJECT,
    DockerIgnore,
    Stage,
    context_files,
    read_stages,
)
from tests.deployment.image import WORKDIR
from tests.support.ports import unused_port

STAGES = read_stages()
BUILD, FINAL = STAGES[0], STAGES[-1]

SECRET = [
    ".env", ".env.local", "app.env", ".git/config", ".blossomer/postgres.passwords",
    "blossomer/.env", "dev_cache/site.json", ".npmrc", "key.pem", "compose.yaml",
]  # fmt: skip
NOT_NEEDED = [
    "tests/conftest.py", "docs/deployment.md", "benchmarks/__main__.py", ".venv/bin/python",
    ".web/work/package.json", "node_modules/x/index.js", "blossomer/__pycache__/settings.pyc",
    "blossomer/db/__pycache__/x.cpython-311.pyc", "assets/external/x.jsx", "README.md",
    ".github/workflows/test.yml", "Dockerfile",
]  # fmt: skip


def tracked() -> set[str]:
    """What git knows or would know."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {name for name in listed.split("\0") if name and (PROJECT / name).exists()}


@pytest.mark.parametrize("path", [*SECRET, *NOT_NEEDED])
def test_what_stays_out_of_the_context(path: str) -> None:
    assert DockerIgnore().leaves_out(path)


def test_everything_of_the_product_gets_in_and_nothing_else() -> None:
    inside = set(context_files())
    parts = {
        "alembic", "assets", "blossomer", "prompts", "reflex.lock", "alembic.ini", "pyproject.toml",
        "requirements.lock", "requirements-dev.lock", "rxconfig.py",
    }  # fmt: skip
    assert inside == {name for name in tracked() if name.split("/")[0] in parts}


def test_patterns_are_read_as_the_engine_reads_them(tmp_path: Path) -> None:
    rules = tmp_path / ".dockerignore"
    rules.write_text("# all\n*\n!kept\n!/also/\nkept/*.log\n**/__pycache__\n!**/deep/*.log\n")
    ignore = DockerIgnore(rules)
    kept = ("kept/a.py", "kept/b/c", "also/x", "kept/deep/a.log", "kept/b/x.log")
    out = ("other", "kept/a.log", "kept/b/__pycache__/c.pyc", "kept2/x", "__pycache__/x")
    assert [path for path in kept if ignore.leaves_out(path)] == []
    assert [path for path in out if not ignore.leaves_out(path)] == []


def test_what_is_not_understood_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM a\nRUN one \\\n  # a remark\n  && two\nADD x y\n")
    with pytest.raises(ValueError, match="line 5: ADD"):
        read_stages(file)
    file.write_text('FROM a AS b\nRUN one \\\n  # a remark\n  && two\nCMD ["x", "y z"]')
    (stage,) = read_stages(file)
    assert (stage.base, stage.name) == ("a", "b")
    assert stage.all("RUN")[0].text.split() == ["one", "&&", "two"]
    assert stage.last("CMD").words == ["x", "y z"]


def test_the_stages_begin_with_the_same_small_image_of_a_fixed_version() -> None:
    assert len(STAGES) == 2
    assert BUILD.base == FINAL.base == "python:3.11-slim-bookworm"


def test_nothing_is_installed_in_the_last_stage() -> None:
    assert FINAL.all("RUN") == []
    assert all("from" in copy.flags for copy in FINAL.all("COPY"))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_lines_can_be_followed_without_an_engine(stage: Stage) -> None:
    assert [one.text for one in stage.all("WORKDIR")] == [WORKDIR]
    for line in stage.all("RUN"):
        # No absolute path, no package manager, nothing from elsewhere, no secret.
        assert not any(word.startswith("/") for word in line.words), line.text
        assert not {"apt-get", "apt", "curl", "wget", "npm", "node", "git"} & set(line.words)
        assert line.flags == {}
    for copy in stage.all("COPY"):
        *sources, target = copy.words
        assert not target.startswith("/")
        assert all(source.startswith(f"{WORKDIR}/") == ("from" in copy.flags) for source in sources)


def test_all_that_shapes_the_pages_is_in_the_last_stage_too() -> None:
    """Else the server would look for pages of other sources, and build them."""
    copied = {
        source.removeprefix(f"{WORKDIR}/")
        for copy in FINAL.all("COPY")
        for source in copy.words[:-1]
    }
    assert {*INPUTS, *(name.split("/")[0] for name in PACKAGES), ".web"} <= copied
    # And what migrations, prompts and the version need.
    assert {".venv", "alembic", "alembic.ini", "prompts", "pyproject.toml"} <= copied
    variables = [name for stage in STAGES for name in stage.environment]
    assert not [name for name in variables if name.startswith("REFLEX_")]


def test_it_runs_as_nobody_in_particular_and_can_be_stopped() -> None:
    user, _, group = FINAL.last("USER").text.partition(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000
    assert FINAL.last("STOPSIGNAL").text == "SIGTERM"
    # Without a shell between, which would not pass the signal on.
    for keyword in ("ENTRYPOINT", "CMD"):
        assert FINAL.last(keyword).is_exec_form
    command = [*FINAL.last("ENTRYPOINT").words, *FINAL.last("CMD").words]
    assert command == ["python", "-m", "blossomer.launcher", "run"]
    check = FINAL.last("HEALTHCHECK").text
    assert check.startswith('CMD ["python", "-m", "blossomer.launcher.health"]')


def test_its_variables_are_settings_and_none_is_a_secret() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    of_the_system = {"PATH", "HOME", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    assert set(FINAL.environment) - of_the_system <= settings
    assert FINAL.environment["ENVIRONMENT"] == "production"
    assert FINAL.environment["HOST"] == "0.0.0.0"
    assert f"EXPOSE {FINAL.environment['PORT']}" in (PROJECT / "Dockerfile").read_text()
    words = ("KEY", "SECRET", "TOKEN", "PASSWORD", "URL")
    assert not [name for name in FINAL.environment if any(word in name for word in words)]


# The health check


def ask(port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "blossomer.launcher.health"],
        cwd=PROJECT,
        env={**os.environ, "PORT": str(port)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("status", "code", "words"), [(200, 0, ""), (503, 1, "status 503")])
def test_the_health_check_says_what_the_server_says(status: int, code: int, words: str) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        done = ask(server.server_port)
    assert done.returncode == code
    assert words in done.stderr


def test_the_health_check_fails_when_nobody_answers() -> None:
    done = ask(unused_port())
    assert done.returncode == 1
    assert "does not answer" in done.stderr
