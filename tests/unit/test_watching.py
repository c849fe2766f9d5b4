"""A worker that hangs is ended, and no other."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from blossomer.launcher.watching import Watch, _kill
from blossomer.services.signs_of_life import folder_of
from blossomer.settings import Settings


class Workers:
    """Workers by their signs of life, and what became of them."""

    def __init__(self, data_dir: Path, workers: int = 2) -> None:
        self.now = 0.0
        self.ended: list[int] = []
        settings = Settings(_env_file=None, workers=workers, redis_url="redis://x")  # type: ignore[call-arg,arg-type]
        self.watch = Watch(settings, data_dir, clock=lambda: self.now, kill=self.kill)
        self._folder = folder_of(data_dir)
        self._folder.mkdir()

    def kill(self, pid: int, _last_sign: float) -> bool:
        """End one of them."""
        self.ended.append(pid)
        return True

    def sign(self, pid: int) -> None:
        """One gives a sign of life."""
        (self._folder / str(pid)).touch()
        os.utime(self._folder / str(pid), (self.now, self.now))

    def pass_by(self, seconds: float, *alive: int) -> None:
        """Let time pass in which some give signs of life."""
        for _ in range(round(seconds * 2)):
            self.now += 0.5
            for pid in alive:
                self.sign(pid)
            self.watch.look()


def test_one_that_is_silent_is_ended_once_and_no_other(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    workers.pass_by(60, 1, 2)
    assert workers.ended == []
    workers.pass_by(24, 2)
    assert workers.ended == []
    workers.pass_by(60, 2)
    assert workers.ended == [1]


def test_nobody_is_ended_because_the_launcher_or_the_machine_stood_still(tmp_path: Path) -> None:
    workers = Workers(tmp_path)
    workers.pass_by(1, 1, 2)
    workers.now += 3600
    workers.pass_by(20, 1)
    assert workers.ended == []
    workers.pass_by(10, 1)
    assert workers.ended == [2]


def test_one_that_was_killed_by_somebody_else_is_no_trouble(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workers = Workers(tmp_path)
    workers.watch._kill = _kill
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    workers.pass_by(60, ended.pid)
    workers.pass_by(60)
    assert not list(folder_of(tmp_path).iterdir())
    assert capsys.readouterr().out == ""


def test_a_process_that_has_got_the_number_of_a_worker_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        started = psutil.Process(process.pid).create_time()
        assert not _kill(process.pid, started - 5)
        assert process.poll() is None
        assert _kill(process.pid, started)
        assert process.wait() == -signal.SIGKILL


def test_a_single_worker_is_left_alone_since_none_would_come_in_its_place(tmp_path: Path) -> None:
    workers = Workers(tmp_path, workers=1)
    workers.pass_by(1, 1)
    workers.pass_by(600)
    assert workers.ended == []


def test_what_an_earlier_start_has_left_is_forgotten(tmp_path: Path) -> None:
    folder_of(tmp_path).mkdir()
    (folder_of(tmp_path) / "1").touch()
    workers = Workers(tmp_path)
    workers.pass_by(60)
    assert workers.ended == []
