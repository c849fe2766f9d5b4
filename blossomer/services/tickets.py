"""Generations that have been counted and are not over yet: none stays counted that came to nothing.

A worker that is killed gives nothing back, and one that cannot reach Redis cannot. So it is noted
in Redis, beside the count, who has which; the others give back what a dead worker had, and each
goes on trying what it could not. Without Redis the count dies with its only worker.
"""

from __future__ import annotations

import asyncio
import json
import random
import time

from blossomer.log import get_logger
from blossomer.services.bus import LONGEST_PAUSE, Bus, Message
from blossomer.services.limits import GenerationLimits, Ticket
from blossomer.services.redis import PREFIX

log = get_logger(__name__)

SECONDS_BETWEEN_SEARCHES = 2.0
"""How often it is looked for what dead workers had, and tried again what was not given back."""

GONE_SECONDS = 2 * LONGEST_PAUSE
"""A worker that is not heard for so long is dead, and has not only lost its connection."""

COUNTED_SECONDS = 3600.0
"""After this nothing is counted any more."""

_HELD = f"{PREFIX}counted"


class Tickets:
    """Takes generations from the count, and gives back those that come to nothing.

    Args:
        limits: The count.
        bus: Redis and the other workers.
    """

    def __init__(self, limits: GenerationLimits, bus: Bus) -> None:
        self._limits = limits
        self._bus = bus
        self._held: set[Ticket] = set()
        self._owed: set[Ticket] = set()
        self._silent_since: dict[str, float] = {}
        self._searching: asyncio.Task[None] | None = None
        limits.on_unclear = self._owed.add
        # One that is about to stop may still finish what it has begun: what counts here is the
        # end of its connection.
        bus.listen(_holder(bus.worker), _nothing)

    async def take(self, key: str) -> Ticket:
        """Count one generation.

        Raises:
            UserError: As ``GenerationLimits.take``.
        """
        ticket = await self._limits.take(key)
        self._held.add(ticket)
        if self._bus.is_shared:
            try:
                await self._bus.redis.hset(_HELD, _written(ticket), self._bus.worker)
            except Exception as error:
                log.warning("tickets.not_noted", reason=type(error).__name__)
        return ticket

    async def keep(self, ticket: Ticket) -> None:
        """A generation is over and stays counted; one that was given back does."""
        if ticket in self._held:
            self._held.discard(ticket)
            await self._strike(ticket)

    async def give_back(self, ticket: Ticket) -> None:
        """A generation came to nothing. While that cannot be noted, it is tried again."""
        self._held.discard(ticket)
        if await self._limits.give_back(ticket):
            await self._strike(ticket)
        else:
            self._owed.add(ticket)

    def search(self) -> None:
        """Look from now on for what is to be given back, until ``close``."""
        if self._bus.is_shared and self._searching is None:
            self._searching = asyncio.create_task(self._search())

    async def close(self) -> None:
        """End with the process; what is owed by then, others find."""
        task, self._searching = self._searching, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _strike(self, ticket: Ticket) -> bool:
        """Note that nobody has it any more; whether it was here that this was noted."""
        if not self._bus.is_shared:
            return True
        try:
            return bool(await self._bus.redis.hdel(_HELD, _written(ticket)))
        except Exception as error:
            log.warning("tickets.not_struck", reason=type(error).__name__)
            return False

    async def _search(self) -> None:
        while True:
            # So that not all workers look at once.
            await asyncio.sleep(SECONDS_BETWEEN_SEARCHES * random.uniform(0.5, 1.5))  # noqa: S311
            try:
                await self._settle()
                await self._look()
            except Exception as error:
                log.warning("tickets.not_searched", reason=type(error).__name__)

    async def _settle(self) -> None:
        for ticket in tuple(self._owed):
            is_old = time.time() - ticket.taken_at > COUNTED_SECONDS
            if is_old or await self._limits.give_back(ticket):
                self._owed.discard(ticket)
                await self._strike(ticket)

    async def _look(self) -> None:
        found = {
            _read(field): bytes(holder).decode()
            for field, holder in (await self._bus.redis.hgetall(_HELD)).items()
        }
        gone = await self._gone(set(found.values()) - {self._bus.worker})
        for ticket, worker in found.items():
            is_ours = worker == self._bus.worker
            if is_ours and ticket not in self._held and ticket not in self._owed:
                await self._strike(ticket)  # which could not be done when it was over
            # Of several that find it, the one that strikes it out gives it back.
            elif worker in gone and await self._strike(ticket):
                log.info("tickets.of_a_dead_worker")
                self._owed.add(ticket)
        await self._settle()

    async def _gone(self, workers: set[str]) -> set[str]:
        """Those that have not been heard for long enough."""
        now = time.monotonic()
        silent = {worker for worker in workers if not await self._bus.is_heard(_holder(worker))}
        self._silent_since = {worker: self._silent_since.get(worker, now) for worker in silent}
        return {w for w, since in self._silent_since.items() if now - since >= GONE_SECONDS}


def _holder(worker: str) -> str:
    return f"holder:{worker}"


def _nothing(_message: Message) -> None:
    """To listen says that one is there."""


def _written(ticket: Ticket) -> str:
    return json.dumps([ticket.key, ticket.taken_at])


def _read(field: bytes) -> Ticket:
    key, taken_at = json.loads(field)
    return Ticket(key, taken_at)
