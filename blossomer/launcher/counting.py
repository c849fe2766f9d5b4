"""Where several workers count together for /metrics: a folder that begins empty with each start."""

from __future__ import annotations

import shutil
from pathlib import Path

from blossomer.settings import Settings

FOLDER = "metrics"


def counting_together(settings: Settings, data_dir: Path) -> dict[str, str]:
    """The environment that a server with several workers needs for that; empty for one worker.

    Args:
        settings: How many workers there are.
        data_dir: The data folder, which no other launcher uses.
    """
    folder = data_dir / FOLDER
    # What an earlier start has counted is no part of this one's figures.
    shutil.rmtree(folder, ignore_errors=True)
    if getattr(settings, "workers", 1) <= 1:
        return {}
    folder.mkdir()
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
