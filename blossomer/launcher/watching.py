"""Workers that hang are ended, so that others come in their place.

A worker whose event loop stands still keeps its connections, and the system goes on giving it new
ones: every second page or program would wait for ever. So each worker gives signs of life
(``services/signs_of_life.py``), and one that gives none for long is killed; the server then starts
another one, which it does not when there is only one worker.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from blossomer.launcher.console import say
from blossomer.services.signs_of_life import folder_of
from blossomer.settings import Settings

LONGEST_LOOK = 5.0
"""Seconds between two looks after which this process itself was held up, and knows nothing."""


@dataclass(slots=True)
class _Sign:
    at: int
    seen: float


class Watch:
    """Looks after the workers of one server.

    Args:
        settings: How many there are, and how long one may be silent.
        data_dir: The data folder, which no other launcher uses.
        clock: Seconds that only grow while the machine runs; given by tests.
        kill: Ends the process of a number that gave its last sign at a moment (seconds since 1970),
            and says whether there was one; given by tests.
    """

    def __init__(
        self,
        settings: Settings,
        data_dir: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        kill: Callable[[int, float], bool] | None = None,
    ) -> None:
        self._folder = folder_of(data_dir)
        self._silence = settings.worker_silence_seconds
        self._is_on = settings.workers > 1
        self._clock = clock
        self._kill = kill or _kill
        self._signs: dict[Path, _Sign] = {}
        self._looked_at = clock()
        shutil.rmtree(self._folder, ignore_errors=True)

    def look(self) -> None:
        """End each worker that has been silent for too long. To be called all the time."""
        now = self._clock()
        was_held_up, self._looked_at = now - self._looked_at > LONGEST_LOOK, now
        if not self._is_on:
            return
        for file, at in self._found():
            sign = self._signs.get(file)
            if sign is None or sign.at != at or was_held_up:
                self._signs[file] = _Sign(at, now)
            elif now - sign.seen > self._silence:
                self._end(file, at / 1e9)

    def _found(self) -> list[tuple[Path, int]]:
        found = []
        with suppress(FileNotFoundError):
            for file in self._folder.iterdir():
                with suppress(FileNotFoundError):  # its worker has just ended
                    found.append((file, file.stat().st_mtime_ns))
        self._signs = {file: sign for file, sign in self._signs.items() if file in dict(found)}
        return found

    def _end(self, file: Path, at: float) -> None:
        # A worker that was killed by somebody else leaves its file behind, too.
        file.unlink(missing_ok=True)
        if self._kill(int(file.name), at):
            say(f"A worker has not answered for {self._silence:.0f} seconds and is replaced.")


def _kill(pid: int, last_sign: float) -> bool:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        # The number of one that is gone may have been given to a process of somebody else. When a
        # process was begun is known to a second.
        if process.create_time() <= last_sign + 1:
            process.kill()
            return True
    return False
