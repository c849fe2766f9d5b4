"""Writes what people change to the database, in order, until it is there.

A page hands a change over and goes on; it learns from the feed what became of it. Changes are held
here, not in the page, so that leaving it or losing its connection loses nothing. A database that
does not answer is asked again with growing pauses, for as long as the process lives.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from blossomer import metrics
from blossomer.db.store import DatabaseStore, NoSuchDocument, Origin
from blossomer.entities import ENTITIES
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from blossomer.log import begin_background, get_logger
from blossomer.services.feed import Feed, NotSaved, Saved

log = get_logger(__name__)

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 4.0
"""Seconds between attempts while the database does not answer: doubled up to this."""

Key = tuple[str, str, str]
"""User, entity, document."""


@dataclass(slots=True)
class _Write:
    ticket: int
    changes: tuple[Change, ...]
    origin: Origin
    put_at: float = field(default_factory=time.perf_counter)


@dataclass(slots=True)
class _Line:
    """The writes of one document that wait, and the task that carries them out."""

    waiting: list[_Write] = field(default_factory=list)
    again: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Saver:
    """Carries changes to the database.

    Args:
        store_for: Gives the store of a user.
        feed: Where the outcome is told.
    """

    def __init__(self, store_for: Callable[[str], DatabaseStore], feed: Feed) -> None:
        self._store_for = store_for
        self._feed = feed
        self._lines: dict[Key, _Line] = {}
        self._tickets = itertools.count(1)

    def put(
        self,
        user_id: str,
        entity: str,
        document_id: str,
        changes: Sequence[Change],
        origin: Origin = "edited",
    ) -> int:
        """Take over changes of one document; they are written as soon as those before them are.

        Args:
            user_id: The verified user whose document it is.
            entity: Key of the entity.
            document_id: Its id.
            changes: See ``DatabaseStore.patch``.
            origin: Why.

        Returns:
            A ticket, by which the feed tells what became of them.
        """
        key = (user_id, entity, document_id)
        line = self._lines.setdefault(key, _Line())
        ticket = next(self._tickets)
        line.waiting.append(_Write(ticket, tuple(changes), origin))
        if line.task is None:
            line.task = asyncio.create_task(self._carry(key, line))
        return ticket

    def try_now(self, user_id: str, entity: str, document_id: str) -> bool:
        """Do not wait for the end of a pause; whether there is anything to write."""
        line = self._lines.get((user_id, entity, document_id))
        if line is not None:
            line.again.set()
        return line is not None

    def waits(self, user_id: str, entity: str, document_id: str) -> bool:
        """Whether anything of a document is still to be written."""
        return (user_id, entity, document_id) in self._lines

    def waiting(self, user_id: str, entity: str, document_id: str) -> frozenset[int]:
        """Tickets of what is still to be written of a document."""
        line = self._lines.get((user_id, entity, document_id))
        return frozenset(write.ticket for write in line.waiting) if line else frozenset()

    async def finish(self, seconds: float) -> bool:
        """Wait until everything is written, at most for a while; whether it is."""
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for line in self._lines.values():
            line.again.set()
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        return not self._lines

    async def _carry(self, key: Key, line: _Line) -> None:
        begin_background(user_id=key[0])
        pause = FIRST_PAUSE
        try:
            while line.waiting:
                if await self._write(key, line):
                    pause = FIRST_PAUSE
                    continue
                line.again.clear()
                try:
                    await asyncio.wait_for(line.again.wait(), pause)
                except TimeoutError:
                    pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self._lines.pop(key, None)

    async def _write(self, key: Key, line: _Line) -> bool:
        """Write what waits for one reason; False when the database does not answer."""
        user_id, entity, document_id = key
        batch = list(
            itertools.takewhile(lambda write: write.origin == line.waiting[0].origin, line.waiting)
        )
        tickets = frozenset(write.ticket for write in batch)
        changes = tuple(change for write in batch for change in write.changes)
        try:
            store = self._store_for(user_id)
            await store.patch(ENTITIES[entity], document_id, changes, batch[0].origin)
        except UserError as error:
            log.warning("saving.waits", code=error.code, entity=entity)
            metrics.SAVES.labels("unavailable").inc()
            waiting = frozenset(write.ticket for write in line.waiting)
            self._feed.publish(user_id, NotSaved(entity, document_id, waiting, "unavailable"))
            return False
        except NoSuchDocument:
            gone = frozenset(write.ticket for write in line.waiting)
            line.waiting.clear()
            metrics.SAVES.labels("missing").inc()
            self._feed.publish(user_id, NotSaved(entity, document_id, gone, "missing"))
            return True
        except Exception as error:
            # The same words would be refused again; the page still holds them.
            log.error("saving.refused", entity=entity, exc_info=error)
            del line.waiting[: len(batch)]
            metrics.SAVES.labels("refused").inc()
            self._feed.publish(user_id, NotSaved(entity, document_id, tickets, "refused"))
            return True
        del line.waiting[: len(batch)]
        metrics.SAVES.labels("saved").inc()
        metrics.SAVE_SECONDS.observe(time.perf_counter() - batch[0].put_at)
        self._feed.publish(user_id, Saved(entity, document_id, changes, tickets))
        return True
