"""The whole of ``make run`` after the installation: it starts, serves, stops and comes back."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from blossomer.processes import wait_until_ended
from tests.support.ports import unused_port

PROJECT = Path(__file__).resolve().parents[2]


class Launched:
    """One started launcher, and all processes that belong to its data folder."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self._data_dir = data_dir
        self._port = port
        self._process = subprocess.Popen(
            [sys.executable, "-m", "blossomer.launcher", "run"],
            cwd=PROJECT,
            env={**os.environ, "DATA_DIR": str(data_dir), "PORT": str(port), "HOST": "localhost"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ready_line(self) -> str:
        """The line that it prints when it serves."""
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if "ready at" in line:
                return line
        raise AssertionError(f"it ended before it was ready: {''.join(lines)}")

    def status_of(self, path: str) -> int:
        connection = http.client.HTTPConnection("localhost", self._port, timeout=30)
        connection.request("GET", path)
        return connection.getresponse().status

    def end(self, number: int) -> int:
        """Send a signal to the launcher alone and return its exit status."""
        self._process.send_signal(number)
        return self._process.wait(30)

    def kill_server(self) -> int:
        """Kill the server beneath the launcher; returns the launcher's exit status."""
        for process in self.server():
            process.kill()
        return self._process.wait(30)

    def server(self) -> list[psutil.Process]:
        return [each for each in self.belonging() if "granian" in " ".join(each.cmdline())]

    def belonging(self) -> list[psutil.Process]:
        """Every living process that was started for this data folder."""
        found = []
        for process in psutil.process_iter():
            try:
                is_ours = str(self._data_dir) in " ".join(process.cmdline()) or (
                    process.environ().get("DATA_DIR") == str(self._data_dir)
                )
            except psutil.Error:
                continue
            if is_ours and process.pid != os.getpid():
                found.append(process)
        return found


@pytest.fixture
def launch(data_dir) -> Iterator:
    port = unused_port()
    started: list[Launched] = []

    def start() -> Launched:
        started.append(Launched(data_dir, port))
        return started[-1]

    yield start
    for launched in started:
        left = launched.belonging()
        for process in left:
            process.kill()
        wait_until_ended(left, 10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_a_signal_stops_everything(launch, number):
    launched = launch()
    line = launched.ready_line()
    for words in ("http://localhost:", "website reader", "models", "identity", "embedded"):
        assert words in line
    assert launched.status_of("/") == 200
    assert launched.end(number) == 0
    assert launched.belonging() == []


def test_after_kill_9_of_the_launcher_the_next_start_takes_over(launch):
    first = launch()
    first.ready_line()
    postgres = {each.pid for each in first.belonging() if each.name() == "postgres"}
    old_server = {each.pid for each in first.server()}
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = launch()
    second.ready_line()
    assert second.status_of("/") == 200
    assert {each.pid for each in second.belonging() if each.name() == "postgres"} >= postgres
    assert old_server.isdisjoint(each.pid for each in second.server())
    assert second.end(signal.SIGTERM) == 0
    assert second.belonging() == []


def test_after_kill_9_of_everything_the_next_start_works(launch):
    first = launch()
    first.ready_line()
    for process in first.belonging():
        process.kill()
    wait_until_ended(first.belonging(), 10)
    second = launch()
    second.ready_line()
    assert second.status_of("/") == 200
    assert second.end(signal.SIGTERM) == 0


def test_when_the_server_dies_the_launcher_says_so_and_stops_the_rest(launch):
    launched = launch()
    launched.ready_line()
    assert launched.kill_server() == 1
    assert launched.belonging() == []
