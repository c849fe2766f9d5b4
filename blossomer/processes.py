"""Waiting for the end of processes that may not be our children. Starting them is elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress

import psutil


def wait_until_ended(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for processes to end and return those that have not.

    A process that has ended but was not yet collected by its parent counts as ended: in a container
    nobody may ever collect it.

    Args:
        processes: Children of ours or not.
        seconds: The longest to wait.
    """
    deadline = time.monotonic() + seconds
    running = [process for process in processes if not _has_ended(process)]
    while running and time.monotonic() < deadline:
        time.sleep(0.02)
        running = [process for process in running if not _has_ended(process)]
    return running


def _has_ended(process: psutil.Process) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)  # collect it, if it is ours
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
