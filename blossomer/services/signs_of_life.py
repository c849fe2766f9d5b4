"""A worker's signs of life: a file that it touches again and again, as long as it can do anything.

What watches them is ``launcher/watching.py``.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

SECONDS_BETWEEN_SIGNS = 0.5


def folder_of(data_dir: Path) -> Path:
    """Where the workers of one launcher have their files, each named by its process's number."""
    return data_dir / "workers"


async def give_signs_of_life(data_dir: Path) -> None:
    """Touch the file until cancelled; it is removed then, since a silence means nothing any more.

    Args:
        data_dir: The data folder.
    """
    folder = folder_of(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / str(os.getpid())
    try:
        while True:
            # Not in a thread: it is this loop that is to be seen to go on.
            file.touch()
            await asyncio.sleep(SECONDS_BETWEEN_SIGNS)
    finally:
        file.unlink(missing_ok=True)
