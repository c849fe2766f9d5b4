"""Reads that are under way, for whoever wants the same website at the same moment.

Nothing is kept: a read that is over is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from blossomer.services.website.model import Website
from blossomer.services.website.reading import Progress


@dataclass(slots=True)
class _Read:
    """One read.

    Args:
        listeners: Those who are told how far it is, one for each who waits.
        said: What they were told last.
        task: The read itself.
    """

    listeners: list[Progress | None] = field(default_factory=list)
    said: str = ""
    task: asyncio.Task[Website] | None = None

    def tell(self, line: str) -> None:
        self.said = line
        for listener in self.listeners:
            if listener is not None:
                listener(line)


class SharedReads:
    """The reads of one process, by what they read."""

    def __init__(self) -> None:
        self._reads: dict[str, _Read] = {}

    async def read(
        self,
        key: str,
        begin: Callable[[Progress], Awaitable[Website]],
        on_progress: Progress | None = None,
    ) -> Website:
        """Wait for a read that is under way, or begin it. It ends with the last who waits for it.

        Args:
            key: What is read, and how.
            begin: Reads; is given whom to tell how far it is.
            on_progress: Told the same, from now on.

        Raises:
            UserError: What ``begin`` raises, for everybody who waits.
        """
        read = self._reads.get(key)
        if read is None:
            read = self._reads[key] = _Read()
            read.task = asyncio.ensure_future(begin(read.tell))
        elif on_progress is not None and read.said:
            on_progress(read.said)
        assert read.task is not None
        read.listeners.append(on_progress)
        try:
            return await asyncio.shield(read.task)
        finally:
            read.listeners.remove(on_progress)
            if read.task.done() or not read.listeners:
                read.task.cancel()
                if self._reads.get(key) is read:
                    del self._reads[key]
