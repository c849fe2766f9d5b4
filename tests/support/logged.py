"""What a server in production writes to its log, line by line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from blossomer.log import configure_logging
from blossomer.settings import Settings
from tests.support.production import PRODUCTION


class Logged:
    """The log so far."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        """All of it."""
        return self._stream.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        """Each line, which is one JSON object."""
        return [json.loads(line) for line in self.text.splitlines()]

    def forget(self) -> None:
        """Begin anew."""
        self._stream.seek(0)
        self._stream.truncate()


@contextmanager
def logging_as_in_production(
    monkeypatch: pytest.MonkeyPatch, level: str = "INFO"
) -> Iterator[Logged]:
    """Log as a server in production does, and keep what is written."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root, ours = logging.getLogger(), logging.getLogger("blossomer")
    before = root.handlers[:], root.level, ours.level
    settings = Settings(_env_file=None, **PRODUCTION)  # type: ignore[call-arg]
    # Production does not start with the most talkative level; here it shows what that would do.
    configure_logging(settings.model_copy(update={"log_level": level}))
    try:
        yield Logged(stream)
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])
