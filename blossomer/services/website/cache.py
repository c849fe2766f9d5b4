"""Websites that were read before, as files, so that a developer does not read them at every try.

Development only. A cache is a convenience: nothing that goes wrong with it may fail a read.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError

from blossomer.services.website.model import Website

FORMAT = 1
"""Raised when what a read gives changes shape or meaning: older files then count as missing."""

_log = structlog.get_logger(__name__)


class _Entry(BaseModel):
    format: int
    key: str
    website: Website


_ENTRY = TypeAdapter(_Entry)


class WebsiteCache:
    """One JSON file per website and way of reading it.

    Args:
        folder: Made when the first website is kept.
        max_age: Older files count as missing.
    """

    def __init__(self, folder: Path, max_age: timedelta) -> None:
        self._folder = folder
        self._max_age = max_age

    def load(self, key: str) -> Website | None:
        """Return a website that was kept and is young enough, marked as coming from the cache."""
        try:
            entry = _ENTRY.validate_json(self._path(key).read_bytes())
        except (OSError, ValidationError, ValueError):
            return None
        website = entry.website
        fetched_at = website.coverage.fetched_at
        if entry.format != FORMAT or entry.key != key or not website.pages:
            return None
        if fetched_at is None or fetched_at.tzinfo is None:
            return None
        age = datetime.now(UTC) - fetched_at
        # A file from the future has a wrong clock behind it and could stay for ever.
        if not timedelta(0) <= age <= self._max_age:
            return None
        coverage = website.coverage.model_copy(update={"from_cache": True})
        return replace(website, coverage=coverage)

    def store(self, key: str, website: Website) -> None:
        """Keep a website. Readers of the file see the old content or the new, never a part."""
        path = self._path(key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            content = _ENTRY.dump_json(_Entry(format=FORMAT, key=key, website=website))
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except (OSError, ValueError) as error:
            _log.warning("website_cache_not_written", reason=type(error).__name__)

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
