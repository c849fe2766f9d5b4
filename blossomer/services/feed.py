"""What happens to a user's work, told to every page of theirs, whichever worker it is open on.

Best effort: whoever may have missed news is told that, and reads the document again. What is true
is in the database; nothing here is kept.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from blossomer.entities.merge import Change
from blossomer.services.bus import Bus, Message

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


_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind)
    for kind in (Saved, NotSaved, Added, Removed, RunStarted, Suggesting, SignedOut)
}

BUFFER_SECONDS = 10.0
"""Longest time from ``joined`` to the ``reader`` that gets what was told in between."""

LINGER_SECONDS = 60.0
"""How long a worker goes on hearing of a user after their last page has closed: the next page of
theirs then need not wait until it hears."""


@dataclass(eq=False, frozen=True, slots=True)
class _Reader:
    page: str
    queue: asyncio.Queue[News]


class Feed:
    """News by user.

    Args:
        bus: The way to pages that are open on other workers; None when there are none.
    """

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus = bus or Bus()
        self._bus.on_gap.append(self._missed)
        self._readers: defaultdict[str, list[_Reader]] = defaultdict(list)
        self._buffers: defaultdict[str, dict[str, asyncio.Queue[News]]] = defaultdict(dict)
        self._ears: dict[str, _Ear] = {}

    def publish(self, user_id: str, news: News) -> None:
        """Tell every reader of a user. Never waits."""
        self._deliver(user_id, news)
        if self._bus.is_shared:
            kind = type(news).__name__
            content = _ADAPTERS[kind].dump_python(news, mode="json")
            self._bus.tell(_channel(user_id), {"kind": kind, "news": content})

    @contextmanager
    def reader(self, user_id: str, page: str = "") -> Iterator[asyncio.Queue[News]]:
        """The user's news, until the block ends.

        Args:
            user_id: The user.
            page: Who reads: they get the news since they have called ``joined``, and otherwise
                those from now on. What other workers tell is then heard after a moment only.
        """
        kept = self._buffers.get(user_id, {}).get(page)
        queue: asyncio.Queue[News] = kept or asyncio.Queue(MOST_WAITING)
        if kept is not None:
            self._forget_buffer(user_id, page, kept)
        reader = _Reader(page, queue)
        self._readers[user_id].append(reader)
        self._listen(user_id)
        try:
            yield queue
        finally:
            self._readers[user_id].remove(reader)
            if not self._readers[user_id]:
                del self._readers[user_id]
                self._ignore_later(user_id)

    async def joined(self, user_id: str, page: str) -> None:
        """Keep the user's news from now on, of all workers, for a page that is about to be read.

        It reads the database first and the news later, and must miss nothing in between. What it
        has been told is gone, and has not read yet, is forgotten: it may have come back since, and
        the database knows.
        """
        for reader in self._readers.get(user_id, ()):
            if page and reader.page == page:
                _keep_all_but_removals(reader.queue)
        queue: asyncio.Queue[News] = asyncio.Queue(MOST_WAITING)
        self._buffers[user_id][page] = queue
        loop = asyncio.get_running_loop()
        loop.call_later(BUFFER_SECONDS, self._forget_buffer, user_id, page, queue)
        if self._bus.is_shared:
            self._listen(user_id)
            if not self._readers.get(user_id):
                self._ignore_later(user_id)
            await self._bus.joined(_channel(user_id))

    def _deliver(self, user_id: str, news: News) -> None:
        buffers = self._buffers.get(user_id, {}).values()
        readers = (reader.queue for reader in self._readers.get(user_id, ()))
        for queue in (*readers, *buffers):
            if queue.full():
                _replace(queue, Missed())
            queue.put_nowait(news)

    def _missed(self) -> None:
        readers = (reader.queue for each in self._readers.values() for reader in each)
        buffers = (queue for kept in self._buffers.values() for queue in kept.values())
        for queue in (*readers, *buffers):
            _replace(queue, Missed())

    def _forget_buffer(self, user_id: str, page: str, queue: asyncio.Queue[News]) -> None:
        buffers = self._buffers.get(user_id, {})
        if buffers.get(page) is queue:
            del buffers[page]
            if not buffers:
                del self._buffers[user_id]

    def _listen(self, user_id: str) -> None:
        if not self._bus.is_shared:
            return
        ear = self._ears.get(user_id)
        if ear is None:
            ear = self._ears[user_id] = _Ear(self, user_id)
            self._bus.listen(_channel(user_id), ear.hear)
        if ear.end is not None:
            ear.end.cancel()
            ear.end = None

    def _ignore_later(self, user_id: str) -> None:
        ear = self._ears.get(user_id)
        if ear is not None and ear.end is None:
            loop = asyncio.get_running_loop()
            ear.end = loop.call_later(LINGER_SECONDS, self._ignore, user_id)

    def _ignore(self, user_id: str) -> None:
        ear = self._ears.pop(user_id)
        self._bus.ignore(_channel(user_id), ear.hear)


class _Ear:
    """Hears what other workers tell of one user."""

    def __init__(self, feed: Feed, user_id: str) -> None:
        self._feed = feed
        self._user_id = user_id
        self.end: asyncio.TimerHandle | None = None

    def hear(self, message: Message) -> None:
        news = _ADAPTERS[message["kind"]].validate_python(message["news"])
        self._feed._deliver(self._user_id, news)


def _channel(user_id: str) -> str:
    return f"feed:{user_id}"


def _replace(queue: asyncio.Queue[News], news: News) -> None:
    """Let one piece of news stand for all that waited."""
    _empty(queue)
    queue.put_nowait(news)


def _keep_all_but_removals(queue: asyncio.Queue[News]) -> None:
    for news in [queue.get_nowait() for _ in range(queue.qsize())]:
        if not isinstance(news, Removed):
            queue.put_nowait(news)


def _empty(queue: asyncio.Queue[News]) -> None:
    while not queue.empty():
        queue.get_nowait()
