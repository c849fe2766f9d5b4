"""Writes what people change to the database, in order, until it is there.

A page hands a change over and goes on; it learns from the feed what became of it. Changes are held
here, not in the page, so that leaving it or losing its connection loses nothing. A database that
does not answer is asked again with growing pauses, for as long as the process lives; what this
process leaves undone when it dies, another worker finds in the journal (``saving_journal.py``).
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from blossomer import metrics
from blossomer.db.store import DatabaseStore, NoSuchDocument, Origin
from blossomer.entities import ENTITIES
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from blossomer.log import begin_background, get_logger
from blossomer.services.feed import Feed, NotSaved, Saved
from blossomer.services.redis import heed_cancellation
from blossomer.services.saving_journal import Journal, Key, Noted

log = get_logger(__name__)

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 4.0
"""Seconds between attempts while the database does not answer: doubled up to this."""

NOTE_SECONDS = 0.5
"""Longest wait for Redis to note a change. When it does not, the change is held here alone."""

WRITES_AT_ONCE = 10
"""Of a worker; the rest of its connections (``db/engine.py``) is left to reading. The others wait
in their order: for a connection of the pool whoever comes last may go first, so that on a busy
server some would wait many times as long as the others."""

TURN_SECONDS = 3.0
"""Who has waited so long for their turn is told that it takes time, and keeps their place."""

SECONDS_BETWEEN_SEARCHES = 2.0
"""How often it is looked for what a dead worker has left behind."""


@dataclass(slots=True)
class _Write:
    ticket: int
    changes: tuple[Change, ...]
    origin: Origin
    put_at: float = field(default_factory=time.perf_counter)
    noting: asyncio.Task[list[Noted]] | None = None


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
        journal: Where it is noted what is still to be written; None for a worker by itself.
    """

    def __init__(
        self,
        store_for: Callable[[str], DatabaseStore],
        feed: Feed,
        journal: Journal | None = None,
    ) -> None:
        self._store_for = store_for
        self._feed = feed
        self._journal = journal
        self._lines: dict[Key, _Line] = {}
        self._last_ticket = 0
        self._noting: set[asyncio.Task[list[Noted]]] = set()
        self._searching: asyncio.Task[None] | None = None
        self._turns = asyncio.Semaphore(WRITES_AT_ONCE)

    def put(
        self,
        user_id: str,
        entity: str,
        document_id: str,
        changes: Sequence[Change],
        origin: Origin = "edited",
        *,
        ticket: int = 0,
    ) -> int:
        """Take over changes of one document; they are written as soon as those before them are.

        Args:
            user_id: The verified user whose document it is.
            entity: Key of the entity.
            document_id: Its id.
            changes: See ``DatabaseStore.patch``.
            origin: Why.
            ticket: That of an earlier call, perhaps on another worker, of which it is not known
                whether the changes have been written; they are written once in any case.

        Returns:
            A ticket, by which the feed tells what became of them. Later ones are larger, on
            whichever worker.
        """
        key = (user_id, entity, document_id)
        write = _Write(ticket or self._new_ticket(), tuple(changes), origin)
        if self._journal is not None:
            write.noting = asyncio.create_task(self._note(key, write))
            self._noting.add(write.noting)
            write.noting.add_done_callback(self._noting.discard)
        self._add(key, [write])
        return write.ticket

    async def noted(self) -> None:
        """Return when other workers could carry out what was put so far, or at once without any.

        Before a page is told that its change is on the way.
        """
        if self._noting:
            await asyncio.wait(set(self._noting), timeout=NOTE_SECONDS)

    def try_now(self, user_id: str, entity: str, document_id: str) -> bool:
        """Do not wait for the end of a pause; whether there is anything to write."""
        line = self._lines.get((user_id, entity, document_id))
        if line is not None:
            line.again.set()
        return line is not None

    def waits(self, user_id: str, entity: str, document_id: str) -> bool:
        """Whether this worker has anything of a document still to write."""
        return (user_id, entity, document_id) in self._lines

    def waiting(self, user_id: str, entity: str, document_id: str) -> frozenset[int]:
        """Tickets of what this worker has still to write of a document."""
        line = self._lines.get((user_id, entity, document_id))
        return frozenset(write.ticket for write in line.waiting) if line else frozenset()

    async def take_up(
        self,
        user_id: str,
        entity: str,
        document_id: str,
        unconfirmed: Mapping[int, Sequence[Change]],
    ) -> frozenset[int]:
        """Make sure that changes of which a page has heard nothing are written.

        The page may have been on another worker when it made them, which may be gone.

        Args:
            user_id: The verified user whose document it is.
            entity: Key of the entity.
            document_id: Its id.
            unconfirmed: The changes by their tickets.

        Returns:
            Tickets of those that are still to be written; the others are.

        Raises:
            UserError: ``database_unavailable`` (503).
        """
        here = self.waiting(user_id, entity, document_id)
        unclear = sorted(unconfirmed.keys() - here)
        if not unclear:
            return here
        store = self._store_for(user_id)
        written = await store.carried_out(ENTITIES[entity], document_id, unclear)
        for ticket in unclear:
            if ticket not in written:
                self.put(user_id, entity, document_id, unconfirmed[ticket], ticket=ticket)
        return self.waiting(user_id, entity, document_id)

    def search(self) -> None:
        """Look from time to time for what dead workers have left behind, until ``finish``."""
        if self._journal is not None and self._searching is None:
            self._searching = asyncio.create_task(self._search(self._journal))

    async def finish(self, seconds: float) -> bool:
        """Wait until everything is written, at most for a while; whether it is, or will be."""
        if self._searching is not None:
            self._searching.cancel()
            self._searching = None
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for line in self._lines.values():
            line.again.set()
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        if self._lines and self._journal is not None:
            log.warning("saving.left_to_others", documents=len(self._lines))
            await self.noted()
            return True
        return not self._lines

    def _new_ticket(self) -> int:
        """A number that is larger than those before, and that no other worker has given."""
        # Microseconds and eleven random bits fit into the database's integers until 2112.
        ticket = time.time_ns() // 1000 << 11 | random.getrandbits(11)
        self._last_ticket = max(ticket, self._last_ticket + 1)
        return self._last_ticket

    def _add(self, key: Key, writes: Sequence[_Write]) -> None:
        line = self._lines.setdefault(key, _Line())
        known = {write.ticket for write in line.waiting}
        line.waiting += [write for write in writes if write.ticket not in known]
        line.waiting.sort(key=lambda write: write.ticket)
        if line.task is None:
            line.task = asyncio.create_task(self._carry(key, line))

    async def _note(self, key: Key, write: _Write) -> list[Noted]:
        """Note a write in the journal; returns what others have noted of the document."""
        assert self._journal is not None
        try:
            return await self._journal.note(key, write.ticket, write.changes, write.origin)
        except Exception as error:
            log.warning("saving.not_noted", reason=type(error).__name__)
            return []

    async def _carry(self, key: Key, line: _Line) -> None:
        begin_background(user_id=key[0])
        pause = FIRST_PAUSE
        try:
            while line.waiting:
                await self._take_over(line)
                await self._await_turn(key, line)
                try:
                    is_over = await self._write(key, line)
                finally:
                    self._turns.release()
                if is_over:
                    pause = FIRST_PAUSE
                    continue
                line.again.clear()
                try:
                    async with asyncio.timeout(pause):
                        await line.again.wait()
                except TimeoutError:
                    pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self._lines.pop(key, None)

    async def _await_turn(self, key: Key, line: _Line) -> None:
        loop = asyncio.get_running_loop()
        late = loop.call_later(TURN_SECONDS, self._tell_unavailable, key, line)
        try:
            await self._turns.acquire()
        finally:
            late.cancel()

    def _tell_unavailable(self, key: Key, line: _Line) -> None:
        user_id, entity, document_id = key
        waiting = frozenset(write.ticket for write in line.waiting)
        self._feed.publish(user_id, NotSaved(entity, document_id, waiting, "unavailable"))

    async def _take_over(self, line: _Line) -> None:
        """Put what others had to write before what is written now; later, it would overwrite it."""
        assert line.waiting
        for write in tuple(line.waiting):
            noting, write.noting = write.noting, None
            if noting is None or self._journal is None:
                continue
            for noted in await noting:
                known = {each.ticket for each in line.waiting}
                is_before = noted.ticket not in known and noted.ticket < write.ticket
                if is_before and await self._journal.is_up_to_us(noted):
                    line.waiting.append(_of(noted))
        line.waiting.sort(key=lambda each: each.ticket)

    async def _write(self, key: Key, line: _Line) -> bool:
        """Write what waits for one reason; False when the database does not answer."""
        user_id, entity, document_id = key
        batch = list(
            itertools.takewhile(lambda write: write.origin == line.waiting[0].origin, line.waiting)
        )
        tickets = frozenset(write.ticket for write in batch)
        writes = {write.ticket: write.changes for write in batch}
        try:
            store = self._store_for(user_id)
            done = await store.patch_once(ENTITIES[entity], document_id, writes, batch[0].origin)
        except UserError as error:
            log.warning("saving.waits", code=error.code, entity=entity)
            metrics.SAVES.labels("unavailable").inc()
            self._tell_unavailable(key, line)
            return False
        except NoSuchDocument:
            gone = frozenset(write.ticket for write in line.waiting)
            line.waiting.clear()
            metrics.SAVES.labels("missing").inc()
            self._feed.publish(user_id, NotSaved(entity, document_id, gone, "missing"))
            await self._strike(key, gone)
            return True
        except Exception as error:
            # The same words would be refused again; the page still holds them.
            log.error("saving.refused", entity=entity, exc_info=error)
            _drop(line, tickets)
            metrics.SAVES.labels("refused").inc()
            self._feed.publish(user_id, NotSaved(entity, document_id, tickets, "refused"))
            await self._strike(key, tickets)
            return True
        _drop(line, tickets)
        metrics.SAVES.labels("saved").inc()
        metrics.SAVE_SECONDS.observe(time.perf_counter() - batch[0].put_at)
        # What somebody else has written, they have told; here it is only told that it is there.
        changes = tuple(change for ticket in writes if ticket in done for change in writes[ticket])
        self._feed.publish(user_id, Saved(entity, document_id, changes, tickets))
        await self._strike(key, tickets)
        return True

    async def _strike(self, key: Key, tickets: frozenset[int]) -> None:
        if self._journal is not None:
            with suppress(Exception):  # whoever finds them writes nothing twice
                await self._journal.strike(key, tickets)

    async def _search(self, journal: Journal) -> None:
        while True:
            try:
                async for key, found in journal.left_behind():
                    log.info("saving.taken_over", entity=key[1], writes=len(found))
                    self._add(key, [_of(noted) for noted in found])
                async for key, own in journal.own():
                    # Redis did not answer when they should have been struck out.
                    await journal.strike(key, own - self.waiting(*key))
            except Exception as error:
                log.warning("saving.not_searched", reason=type(error).__name__)
            heed_cancellation()
            # So that not all workers look at once.
            await asyncio.sleep(SECONDS_BETWEEN_SEARCHES * random.uniform(0.5, 1.5))  # noqa: S311


def _of(noted: Noted) -> _Write:
    return _Write(noted.ticket, noted.changes, cast(Origin, noted.origin))


def _drop(line: _Line, tickets: frozenset[int]) -> None:
    line.waiting = [write for write in line.waiting if write.ticket not in tickets]
