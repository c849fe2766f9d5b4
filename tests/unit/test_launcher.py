"""What ``make run`` promises: one clear line for what is wrong, nothing built twice, nothing left.

The life of a whole server is in ``tests/database/test_launcher_life.py``.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from blossomer.launcher import environment, pages, server, toolchain
from blossomer.launcher.console import LauncherError
from blossomer.launcher.server import Server, check_port

PROJECT = Path(__file__).resolve().parents[2]


def launch(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher to its end with settings of its own."""
    return subprocess.run(
        [sys.executable, "-m", "blossomer.launcher", *arguments],
        cwd=PROJECT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


# What is wrong is said in one line


@pytest.mark.parametrize(
    ("settings", "status", "words"),
    [
        ({"PORT": "http"}, 2, "PORT"),
        ({"PORT": "70000"}, 2, "PORT"),
        ({"DATABASE_URL": "postgresql://a:b@db.example/x"}, 2, "DATABASE_OWNER_URL"),
        ({"PUBLIC_URL": "https://app.example.com/here"}, 2, "PUBLIC_URL"),
        ({"DATA_DIR": "/proc/blossomer"}, 1, "DATA_DIR"),
    ],
)
def test_a_bad_setting_or_folder_is_one_line_and_a_status(settings, status, words):
    result = launch(**settings)
    assert result.returncode == status
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_everything_that_production_refuses_is_listed_line_by_line():
    result = launch(ENVIRONMENT="production", SECRET_KEY="k" * 32, PORT="http", LOG_LEVEL="DEBUG")
    assert (result.returncode, result.stdout) == (2, "")
    first, *lines = result.stderr.splitlines()
    assert first == "These settings are wrong:"
    for name in ("PORT", "SECRET_KEY", "LOG_LEVEL", "PUBLIC_URL", "STACK_PROJECT_ID"):
        assert [line for line in lines if line.startswith(f"  - {name}")], name


def test_a_taken_port_is_one_line_and_nothing_is_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        result = launch(PORT=str(port), DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert f"Port {port} is taken" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "postgres").exists()


def test_for_localhost_both_loopback_addresses_must_be_free():
    try:
        holder = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with holder, pytest.raises(LauncherError, match="taken"):
        check_port("localhost", holder.getsockname()[1])


def test_a_port_that_was_used_a_moment_ago_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()  # our side closes first, so the port lingers
    check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(LauncherError, match=r"HOST is 192\.0\.2\.1"):
        check_port("192.0.2.1", 3000)


def test_a_record_of_a_dead_server_harms_nobody(tmp_path):
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        record = {"pid": bystander.pid, "started": 1.0}  # the number was given anew since
        (tmp_path / "server.json").write_text(json.dumps(record))
        assert Server(tmp_path, "localhost", 3000).take_over() is False
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}'])
def test_a_damaged_record_is_no_obstacle(tmp_path, text):
    (tmp_path / "server.json").write_text(text)
    assert Server(tmp_path, "localhost", 3000).take_over() is False


# Pages are built when what shapes them changes, and never served half


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project of the same shape."""
    for name in pages.INPUTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / name).is_file():
            (tmp_path / name).write_text("")
    for folder in ("assets", "blossomer/pages", "blossomer/api", "blossomer/entities"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(pages, "PROJECT", tmp_path)
    monkeypatch.setattr(pages, "WEB", tmp_path / ".web")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "matters"),
    [
        ("blossomer/pages/landing.py", True),
        ("blossomer/entities/company.py", True),
        ("blossomer/pages/bridge.jsx", True),
        ("assets/tokens.css", True),
        ("rxconfig.py", True),
        ("requirements.lock", True),
        ("blossomer/api/demo.py", False),
        ("blossomer/pages/landing.pyc", False),
        ("README.md", False),
    ],
)
def test_only_what_shapes_the_pages_counts(project, file, matters):
    before = pages.fingerprint()
    (project / file).write_text("changed")
    assert (pages.fingerprint() != before) is matters


def test_other_javascript_packages_make_other_pages(project):
    before = pages.packages_fingerprint()
    (project / "reflex.lock").mkdir(exist_ok=True)
    (project / "reflex.lock" / "package-lock.json").write_text("newer")
    assert pages.packages_fingerprint() != before


def test_a_build_that_fails_is_told_and_leaves_nothing_to_serve(project, capsys):
    (project / "rxconfig.py").write_text("raise RuntimeError('the reason')")
    with pytest.raises(LauncherError, match="could not be built"):
        pages.ready_pages()
    assert "the reason" in capsys.readouterr().err
    assert list((project / ".web").glob("pages-*")) == []


def test_built_pages_call_the_server_they_came_from(tmp_path):
    chunk = tmp_path / "assets" / "reflex-env-abc.js"
    chunk.parent.mkdir()
    chunk.write_text("var e={PING:`http://localhost:8000/ping`,EVENT:`ws://localhost:8000/_event`}")
    for ending in ("gz", "br"):
        chunk.with_name(f"{chunk.name}.{ending}").write_bytes(b"old")
    pages._follow_the_page(tmp_path)
    text = chunk.read_text()
    assert "localhost" not in text
    assert 'location.origin.replace(/^http/,"ws")+"/_event"' in text
    assert 'location.origin+"/ping"' in text
    assert gzip.decompress(chunk.with_name(chunk.name + ".gz").read_bytes()).decode() == text
    assert not chunk.with_name(chunk.name + ".br").exists()


def test_the_build_uses_our_own_node_first(tmp_path, monkeypatch):
    old = tmp_path / "old"
    old.mkdir()
    (old / "node").write_text("#!/bin/sh\necho v1.0.0\n")
    (old / "node").chmod(0o755)
    monkeypatch.setenv("PATH", f"{old}{os.pathsep}{os.defpath}")
    result = toolchain.build_environment(tmp_path / "web")
    for program, oldest in (("node", 22), ("npm", 10), ("npx", 10)):
        version = subprocess.run(
            [program, "--version"], env=result, capture_output=True, text=True, check=True
        ).stdout
        assert int(version.strip().lstrip("v").split(".")[0]) >= oldest


# The environment


@pytest.fixture
def locks(tmp_path, monkeypatch):
    """Lock files, a stamp and a Python of a project that is nowhere near this one."""
    (tmp_path / "run.lock").write_text("a")
    (tmp_path / "test.lock").write_text("a and b")
    monkeypatch.setattr(
        environment, "LOCKS", {"run": tmp_path / "run.lock", "test": tmp_path / "test.lock"}
    )
    monkeypatch.setattr(environment, "STAMP", tmp_path / "installed")
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    return tmp_path


def test_nothing_is_installed_again_until_a_lock_changes(locks):
    assert environment._missing("run") == "run"
    environment.STAMP.write_text(environment._fingerprint("run"))
    assert environment._missing("run") is None
    assert environment._missing("test") == "test"
    (locks / "run.lock").write_text("a, newer")
    assert environment._missing("run") == "run"


def test_who_has_the_tools_of_the_tests_keeps_them(locks):
    environment.STAMP.write_text(environment._fingerprint("test"))
    assert environment._missing("run") is None
    (locks / "test.lock").write_text("a and b, newer")
    assert environment._missing("run") == "test"


def test_uv_takes_the_packages_from_where_pip_is_told_to(tmp_path, monkeypatch):
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://packages.example/simple\n"
        "extra-index-url = https://more.example/simple\ncert = /etc/own.pem\n"
    )
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    result = environment._like_pip({})
    assert result["UV_DEFAULT_INDEX"] == "https://packages.example/simple"
    assert result["UV_INDEX"] == "https://more.example/simple"
    assert result["SSL_CERT_FILE"] == "/etc/own.pem"
    own = environment._like_pip({"UV_DEFAULT_INDEX": "https://uv.example/simple"})
    assert own["UV_DEFAULT_INDEX"] == "https://uv.example/simple"


def pins(name: str) -> set[str]:
    # Without the systems they are for: a tool of the tests may want a package on more of them.
    text = (PROJECT / name).read_text()
    return {line.split()[0] for line in text.splitlines() if re.match(r"[a-z0-9]", line)}


def test_the_locks_pin_with_hashes_and_name_no_registry():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT / name).read_text()
        assert "://" not in text
        assert "index" not in text
        blocks = re.split(r"\n(?=[a-z0-9])", text.split("make lock\n", 1)[1])
        assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert '"resolved"' not in (PROJECT / "reflex.lock" / "package-lock.json").read_text()


def test_the_tests_run_with_what_the_product_runs_with():
    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_there_is_a_place_for_more_visitors_than_the_usual_limit_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    try:
        allowed = server._raised_open_files()
        assert allowed == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert allowed == min(before[1], server.OPEN_FILES)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
