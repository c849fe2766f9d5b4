"""Changes that a worker has taken over and not yet written, noted in Redis for the others.

When a worker dies, or is stopped while the database does not answer, another one finds here what it
had still to write. Writing is exact all the same: ``DatabaseStore.patch_once`` carries out no
ticket twice, so whoever is not sure may write.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from blossomer.entities.merge import Change
from blossomer.log import get_logger
from blossomer.services.bus import Bus
from blossomer.services.redis import PREFIX

log = get_logger(__name__)

Key = tuple[str, str, str]
"""User, entity, document."""

KEPT_SECONDS = 7 * 24 * 3600
"""How long the database may be away before what waits for it is forgotten."""

STUCK_SECONDS = 1.0
"""A write of a worker that is alive is left to it for so long."""

FORGOTTEN_SECONDS = 30.0
"""A note of our own that is as old is looked at: whether it is still to be carried out."""

_INDEX = f"{PREFIX}waiting"

_STRIKE = """
redis.call('hdel', KEYS[1], unpack(ARGV, 2))
if redis.call('hlen', KEYS[1]) == 0 then redis.call('srem', KEYS[2], ARGV[1]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Noted:
    """One write that waits.

    Args:
        ticket: Its ticket; earlier ones are smaller.
        changes: What is to be written.
        origin: Why.
        worker: Who has taken it over.
        at: When, in seconds since the epoch.
    """

    ticket: int
    changes: tuple[Change, ...]
    origin: str
    worker: str
    at: float


class Journal:
    """What all workers have still to write.

    Every method may raise what the client of Redis raises.

    Args:
        bus: Redis, and the name of this worker.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def note(
        self, key: Key, ticket: int, changes: Sequence[Change], origin: str
    ) -> list[Noted]:
        """Note a write that this worker takes over.

        Returns:
            What others have noted for the same document.
        """
        content = {
            "changes": [change.model_dump(mode="json") for change in changes],
            "origin": origin,
            "worker": self._bus.worker,
            "at": time.time(),
        }
        name = _name(key)
        pipeline = self._bus.redis.pipeline()
        pipeline.hset(PREFIX + name, str(ticket), json.dumps(content))
        pipeline.expire(PREFIX + name, KEPT_SECONDS)
        pipeline.sadd(_INDEX, name)
        pipeline.hgetall(PREFIX + name)
        return self._of_others(_read((await pipeline.execute())[-1]))

    async def strike(self, key: Key, tickets: Iterable[int]) -> None:
        """Note that writes need not be carried out any more."""
        name = _name(key)
        fields = [str(ticket) for ticket in tickets]
        if fields:
            await self._bus.redis.eval(_STRIKE, 2, PREFIX + name, _INDEX, name, *fields)

    async def waiting(self, key: Key) -> frozenset[int]:
        """Tickets of a document that wait with any worker."""
        return frozenset(int(field) for field in await self._bus.redis.hkeys(PREFIX + _name(key)))

    async def left_behind(self) -> AsyncIterator[tuple[Key, list[Noted]]]:
        """Writes of workers that are gone, by document."""
        gone: dict[str, bool] = {}
        for member in await self._bus.redis.smembers(_INDEX):
            key = _key(bytes(member).decode())
            noted = self._of_others(_read(await self._bus.redis.hgetall(PREFIX + _name(key))))
            for each in noted:
                if each.worker not in gone:
                    gone[each.worker] = not await self._bus.is_there(each.worker)
            if found := [each for each in noted if gone[each.worker]]:
                yield key, found

    async def own(self) -> AsyncIterator[tuple[Key, frozenset[int]]]:
        """Tickets that this worker has noted some time ago, by document."""
        for member in await self._bus.redis.smembers(_INDEX):
            key = _key(bytes(member).decode())
            noted = _read(await self._bus.redis.hgetall(PREFIX + _name(key)))
            yield (
                key,
                frozenset(
                    each.ticket
                    for each in noted
                    if each.worker == self._bus.worker and time.time() - each.at > FORGOTTEN_SECONDS
                ),
            )

    async def is_up_to_us(self, noted: Noted) -> bool:
        """Whether a write that another worker has taken over is to be carried out here."""
        is_stuck = time.time() - noted.at > STUCK_SECONDS
        return is_stuck or not await self._bus.is_there(noted.worker)

    def _of_others(self, noted: list[Noted]) -> list[Noted]:
        return [each for each in noted if each.worker != self._bus.worker]


def _name(key: Key) -> str:
    return f"waiting:{json.dumps(key)}"


def _key(name: str) -> Key:
    user_id, entity, document_id = json.loads(name.removeprefix("waiting:"))
    return user_id, entity, document_id


def _read(fields: dict[bytes, bytes] | Any) -> list[Noted]:
    """Notes in the order of their tickets."""
    noted = []
    for ticket, text in fields.items():
        content = json.loads(text)
        changes = tuple(Change(**change) for change in content["changes"])
        noted.append(
            Noted(int(ticket), changes, content["origin"], content["worker"], content["at"])
        )
    return sorted(noted, key=lambda each: each.ticket)
