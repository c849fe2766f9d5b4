"""How far the suggestions of all workers are, in Redis: a claim, and what has happened so far.

A claim says which worker carries a suggestion out, and ends by itself soon after that worker has.
What is kept in the database does not depend on it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blossomer.services.bus import Bus
from blossomer.services.redis import PREFIX

Place = tuple[str, str, str]
"""User, entity of what is suggested, id of what it is suggested for."""

CLAIM_SECONDS = 10.0
RENEW_SECONDS = 3.0
KEPT_SECONDS = 3600
"""How long it is shown how a suggestion has ended, unless it is dismissed."""

_RENEW = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one suggestion.

    Args:
        worker: Who carries it out, or has.
        is_claimed: Whether that is still so.
        content: How far it is.
    """

    worker: str
    is_claimed: bool
    content: dict[str, Any]


class SharedProgress:
    """The suggestions of all workers. Every method may raise what the client of Redis raises.

    Args:
        bus: Redis, and the name of this worker.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def claim(self, place: Place) -> bool:
        """Whether this worker is the one that may carry out a suggestion."""
        name, redis = _claim(place), self._bus.redis
        while True:
            options = {"nx": True, "px": int(CLAIM_SECONDS * 1000)}
            if await redis.set(name, self._bus.worker, **options):
                return True
            holder = await redis.get(name)
            if holder is None:
                continue
            if await self._bus.is_there(holder.decode()):
                return False
            await redis.delete(name)

    async def renew(self, place: Place) -> None:
        """Say that this worker still carries it out."""
        milliseconds = int(CLAIM_SECONDS * 1000)
        await self._bus.redis.eval(_RENEW, 1, _claim(place), self._bus.worker, milliseconds)

    async def release(self, place: Place) -> None:
        """Let another one be begun."""
        await self._bus.redis.eval(_RENEW, 1, _claim(place), self._bus.worker, 0)

    async def write(self, place: Place, content: dict[str, Any]) -> None:
        """Say how far it is."""
        text = json.dumps({"worker": self._bus.worker, "content": content})
        await self._bus.redis.set(_name(place), text, ex=KEPT_SECONDS)

    async def read(self, places: Sequence[Place]) -> list[Snapshot | None]:
        """How far each of these is; None where there is none."""
        names = [name for place in places for name in (_name(place), _claim(place))]
        values = await self._bus.redis.mget(names)
        found: list[Snapshot | None] = []
        for text, holder in zip(values[::2], values[1::2], strict=True):
            if text is None:
                found.append(None)
                continue
            kept = json.loads(text)
            claimed = holder is not None and holder.decode() == kept["worker"]
            claimed = claimed and await self._bus.is_there(kept["worker"])
            found.append(Snapshot(kept["worker"], claimed, kept["content"]))
        return found

    async def forget(self, place: Place) -> None:
        """Say no more of one that is over."""
        await self._bus.redis.delete(_name(place))


def _name(place: Place) -> str:
    return f"{PREFIX}suggesting:{json.dumps(place)}"


def _claim(place: Place) -> str:
    return f"{PREFIX}suggesting-by:{json.dumps(place)}"
