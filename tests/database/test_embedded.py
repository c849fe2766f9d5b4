"""The embedded PostgreSQL: nobody has to set it up, and no crash keeps it from starting again."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from blossomer.db import cluster
from blossomer.db.cluster import EmbeddedDatabaseError
from blossomer.db.embedded import start_embedded
from blossomer.processes import wait_until_ended

PROJECT = Path(__file__).resolve().parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changes the account: needs root")


def test_it_takes_connections_with_the_password_only_and_no_network(data_dir):
    server = start_embedded(data_dir)
    try:
        with server.connect() as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=str(server.socket), user="postgres", password="guess")
        assert stat.S_IMODE((data_dir / "postgres.passwords").stat().st_mode) == 0o600
    finally:
        server.stop()
    assert not psutil.pid_exists(server.pid)


def test_a_second_start_adopts_the_running_server(data_dir):
    first = start_embedded(data_dir)
    try:
        second = start_embedded(data_dir)
        assert (second.pid, second.adopted) == (first.pid, True)
        second.connect().close()
    finally:
        first.stop()


def test_after_kill_9_the_next_start_has_all_that_was_committed(data_dir):
    server = start_embedded(data_dir)
    with server.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(server.pid, signal.SIGKILL)
    wait_until_ended([psutil.Process(server.pid)], 10)
    again = start_embedded(data_dir)
    try:
        assert not again.adopted
        with again.connect() as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    finally:
        again.stop()


def test_a_process_that_was_given_the_old_number_is_neither_adopted_nor_harmed(data_dir):
    server = start_embedded(data_dir)
    server.stop()
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        pid_file = server.home / "data" / "postmaster.pid"
        pid_file.write_text(f"{bystander.pid}\n{server.home / 'data'}\n1\n5432\n{server.socket}\n")
        again = start_embedded(data_dir)
        again.stop()
        assert again.pid != bystander.pid
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_creation_that_was_killed_is_done_anew(data_dir):
    start_embedded(data_dir).stop()
    home = data_dir / "postgres"
    (home / "data").rename(home / "data.partial")
    server = start_embedded(data_dir)
    server.connect().close()
    server.stop()


def test_a_long_path_still_has_a_socket(data_dir):
    deep = data_dir / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    server = start_embedded(deep)
    try:
        server.connect().close()
    finally:
        server.stop()
    assert not server.socket.exists()


def test_a_cluster_of_another_version_is_left_alone_with_one_line(data_dir):
    server = start_embedded(data_dir)
    server.stop()
    (server.home / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedDatabaseError, match=r"PostgreSQL 12.*POSTGRES_BIN") as caught:
        start_embedded(data_dir)
    assert "\n" not in str(caught.value)


def test_a_wrong_postgres_bin_is_named(data_dir, tmp_path):
    with pytest.raises(EmbeddedDatabaseError, match=f"POSTGRES_BIN is {tmp_path}"):
        start_embedded(data_dir, tmp_path)


@needs_root
def test_root_runs_it_as_another_account_and_keeps_the_folder_around_it(data_dir):
    before = stat.S_IMODE(data_dir.stat().st_mode), data_dir.stat().st_uid
    server = start_embedded(data_dir)
    try:
        assert psutil.Process(server.pid).uids().effective != 0
        assert (stat.S_IMODE(data_dir.stat().st_mode), data_dir.stat().st_uid) == before
        assert server.home == data_dir / "postgres"
    finally:
        server.stop()


@needs_root
def test_root_in_a_closed_folder_opens_no_rights(data_dir, monkeypatch):
    monkeypatch.setattr(cluster, "SYSTEM_HOME", data_dir / "system")
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    inside = closed / "data"
    inside.mkdir()
    modes = {path: path.stat().st_mode for path in (data_dir, closed, inside)}
    server = start_embedded(inside)
    try:
        assert server.home.is_relative_to(data_dir / "system")
        server.connect().close()
    finally:
        server.stop()
    assert {path: path.stat().st_mode for path in modes} == modes
    # Where it lies is kept, even when the folder is opened later.
    closed.chmod(0o755)
    again = start_embedded(inside)
    again.stop()
    assert again.home == server.home


@needs_root
def test_programs_that_the_account_cannot_reach_are_copied(data_dir):
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    programs = cluster.find_binaries(None)
    package = programs.parent.parent
    for folder in (programs.parent, package.with_name(f"{package.name}.libs")):
        target = closed / folder.relative_to(package.parent)
        target.parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", str(folder), str(target)], check=True)
    server = start_embedded(data_dir, closed / programs.relative_to(package.parent))
    try:
        server.connect().close()
        assert not psutil.Process(server.pid).exe().startswith(str(closed))
    finally:
        server.stop()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@needs_root
def test_an_ordinary_account_runs_it_as_itself(data_dir):
    os.chown(data_dir, 65534, 65534)
    program = (
        "import sys, pathlib, psutil\n"
        "from blossomer.db.embedded import start_embedded\n"
        "server = start_embedded(pathlib.Path(sys.argv[1]))\n"
        "server.connect().close()\n"
        "print(psutil.Process(server.pid).uids().effective)\n"
        "server.stop()\n"
    )
    try:
        result = subprocess.run(
            [sys.executable, "-c", program, str(data_dir)],
            cwd="/",
            env={"PATH": os.defpath, "PYTHONPATH": str(PROJECT), "HOME": "/nonexistent"},
            user=65534,
            group=65534,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
    except PermissionError:
        pytest.skip("this clone lies where no ordinary account can reach it")
    if "No module named 'blossomer'" in result.stderr:
        pytest.skip("this clone lies where no ordinary account can reach it")
    assert (result.stdout.strip(), result.stderr) == ("65534", "")


def test_what_a_killed_server_left_is_no_obstacle_even_with_a_number_in_use(data_dir):
    server = start_embedded(data_dir)
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        lock = (server.socket / ".s.PGSQL.5432.lock").read_text()
        server.stop()
        left = lock.replace(str(server.pid), str(bystander.pid), 1)
        (server.socket / ".s.PGSQL.5432.lock").write_text(left)
        start_embedded(data_dir).stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
