"""What happens to a user's work, told to every page of theirs that is open in this process.

In memory and best effort: whoever misses news reads the document again. What is true is in the
database; nothing here is kept.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from blossomer.entities.merge import Change

MOST_WAITING = 200
"""News that wait for a page. One that is further behind is told to read everything again."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Changes of a document are in the database.

    Args:
        entity: Key of the entity.
        document_id: Its id.
        changes: What was written.
        tickets: Which calls of ``Saver.put`` they came from.
    """

    entity: str
    document_id: str
    changes: tuple[Change, ...]
    tickets: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class NotSaved:
    """Changes of a document could not be written.

    Args:
        entity: Key of the entity.
        document_id: Its id.
        tickets: Which calls of ``Saver.put`` they came from.
        reason: ``unavailable`` (tried again by itself), ``missing`` (the document is gone), or
            ``refused`` (given up).
    """

    entity: str
    document_id: str
    tickets: frozenset[int]
    reason: str


@dataclass(frozen=True, slots=True)
class Added:
    """There is a new document."""

    entity: str
    document_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A document is gone."""

    entity: str
    document_id: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A generation has begun."""

    entity: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Suggesting:
    """Something happened to what is suggested for a document.

    Args:
        entity: Key of the entity of what is suggested.
        parent_id: The document it is suggested for.
    """

    entity: str
    parent_id: str


@dataclass(frozen=True, slots=True)
class SignedOut:
    """A session has ended; ``session_id`` is empty when all of the user's have."""

    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """There was more news than could wait: read everything again."""


News = Saved | NotSaved | Added | Removed | RunStarted | Suggesting | SignedOut | Missed


class Feed:
    """News by user."""

    def __init__(self) -> None:
        self._readers: defaultdict[str, set[asyncio.Queue[News]]] = defaultdict(set)

    def publish(self, user_id: str, news: News) -> None:
        """Tell every reader of a user. Never waits."""
        for queue in self._readers.get(user_id, ()):
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Missed())
            queue.put_nowait(news)

    @contextmanager
    def reader(self, user_id: str) -> Iterator[asyncio.Queue[News]]:
        """The user's news from now on, until the block ends."""
        queue: asyncio.Queue[News] = asyncio.Queue(MOST_WAITING)
        self._readers[user_id].add(queue)
        try:
            yield queue
        finally:
            self._readers[user_id].discard(queue)
            if not self._readers[user_id]:
                del self._readers[user_id]
