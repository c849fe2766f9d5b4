"""A worker that hangs is ended, and no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from blossomer.launcher.watching import Watch
from blossomer.services.signs_of_life import folder_of
from blossomer.settings import Settings


class Workers:
    """Workers by their signs of life, and what became of them."""

    def __init__(self, data_dir: Path, workers: int = 2) -> None:
        self.now = 0.0
        self.ended: list[int] = []
        settings = Settings(_env_file=None, workers=workers, redis_url="redis://x")  # type: ignore[call-arg,arg-type]
        self.watch = Watch(settings, data_dir, clock=lambda: self.now, kill=self.ended.append)
        self._folder = folder_of(data_dir)
        self._folder.mkdir()

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
    def gone(_pid: int) -> None:
        raise ProcessLookupError

    workers = Workers(tmp_path)
    workers.watch._kill = gone
    workers.pass_by(60, 1)
    workers.pass_by(60)
    assert not list(folder_of(tmp_path).iterdir())
    assert capsys.readouterr().out == ""


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
