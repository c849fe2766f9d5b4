"""Places that are held for a while, such as open connections, of which each key has a number.

Counted over all workers and replicas when there is a Redis, else in this process. A place is a
lease: its holder renews it, so that those of a worker that was killed are free again within
``LEASE_SECONDS``.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blossomer.log import get_logger
from blossomer.services.redis import PREFIX, heed_cancellation

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = get_logger(__name__)

LEASE_SECONDS = 30.0
"""After this a place is free whose holder has not been heard of."""
RENEW_SECONDS = 8.0
"""How often holders are heard of: three times may fail before a place is lost."""
PAUSE_SECONDS = 2.0
"""How long a Redis that did not answer is not asked again: someone waits behind each question."""
SWEEP_EVERY = 1_000
"""Takings after which what is over is looked for: keys come from clients and do not come back."""

_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
    return 0
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[3] * 2000))
return 1
"""
"""The clock is that of Redis: those of several machines differ."""

_RENEW = """
local clock = redis.call('TIME')
local until_then = clock[1] + clock[2] / 1000000 + ARGV[1]
for position = 2, #ARGV do
    redis.call('ZADD', KEYS[1], until_then, ARGV[position])
end
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[1] * 2000))
return #ARGV - 1
"""
"""Adds a place that is no longer there: it is held all the same, and Redis had lost it."""


class LeasesUnreachable(Exception):
    """Redis cannot be asked how many places are taken."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A place that is held.

    Args:
        key: Of what, and whose.
        token: Tells it from the others of the same key.
    """

    key: str
    token: str


@dataclass(slots=True)
class _Held:
    """The places of one key that this process holds, by token: when each ends, if by itself."""

    ends: dict[str, float] = field(default_factory=dict)

    def count(self, now: float) -> int:
        for token in [token for token, end in self.ends.items() if end <= now]:
            del self.ends[token]
        return len(self.ends)


class Leases:
    """Gives out places.

    Args:
        redis: Where all workers count together; None to count in this process alone. It is not
            closed here.
        clock: Seconds that only ever grow, for what is counted in this process.
    """

    def __init__(
        self, redis: Redis | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._held: defaultdict[str, _Held] = defaultdict(_Held)
        self._renewing: asyncio.Task[None] | None = None
        self._silent_until = float("-inf")
        self._takings = 0

    async def take(
        self, key: str, most: int, *, seconds: float | None = None, alone: bool = False
    ) -> Lease | None:
        """Take a place.

        Args:
            key: Of what, and whose.
            most: How many places there are.
            seconds: After this it is free by itself; None: when it is released.
            alone: Whether to count in this process alone while Redis cannot be reached.

        Returns:
            The place; None when all are taken.

        Raises:
            LeasesUnreachable: Redis cannot be reached, and not ``alone``.
        """
        lease = Lease(key, secrets.token_hex(8))
        now = self._clock()
        self._takings += 1
        if self._takings % SWEEP_EVERY == 0:
            self._sweep(now)
        held = self._held[key]
        # What this process holds is there, whatever Redis knows: it may have been emptied.
        if held.count(now) >= most:
            return None
        end = float("inf") if seconds is None else now + seconds
        held.ends[lease.token] = end  # before anything is awaited: others ask at the same time
        try:
            is_free = await self._take_shared(lease, most, seconds)
        except LeasesUnreachable:
            if not alone:
                self._forget(lease)
                raise
            is_free = True
        except BaseException:
            self._forget(lease)
            raise
        if not is_free:
            self._forget(lease)
            return None
        if self._redis is not None and self._renewing is None:
            self._renewing = asyncio.create_task(self._renew_always())
        return lease

    async def release(self, lease: Lease) -> None:
        """Give a place back. Doing so twice changes nothing.

        While Redis cannot be reached the place stays taken there until its time is over.
        """
        self._forget(lease)
        if self._redis is None or self._clock() < self._silent_until:
            return
        try:
            await self._redis.zrem(_name(lease.key), lease.token)
        except Exception as error:
            self._note_silence(error)

    async def taken(self, key: str) -> int:
        """How many places of a key are taken, everywhere.

        Raises:
            LeasesUnreachable: Redis cannot be reached.
        """
        if self._redis is None:
            return self._held[key].count(self._clock()) if key in self._held else 0
        try:
            seconds, micros = await self._redis.time()
            now = float(seconds) + micros / 1_000_000
            return int(await self._redis.zcount(_name(key), now, "+inf"))
        except Exception as error:
            raise LeasesUnreachable from error

    async def close(self) -> None:
        """Stop renewing."""
        task, self._renewing = self._renewing, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _take_shared(self, lease: Lease, most: int, seconds: float | None) -> bool:
        if self._redis is None:
            return True
        if self._clock() < self._silent_until:
            raise LeasesUnreachable
        lasts = LEASE_SECONDS if seconds is None else seconds
        try:
            took: Any = await self._redis.eval(  # type: ignore[misc]
                _TAKE, 1, _name(lease.key), lease.token, str(most), str(lasts)
            )
        except Exception as error:
            self._note_silence(error)
            raise LeasesUnreachable from error
        return bool(took)

    def _note_silence(self, error: Exception) -> None:
        self._silent_until = self._clock() + PAUSE_SECONDS
        log.warning("leases.unreachable", reason=type(error).__name__)

    def _sweep(self, now: float) -> None:
        for key in [key for key, held in self._held.items() if not held.count(now)]:
            del self._held[key]

    def _forget(self, lease: Lease) -> None:
        held = self._held.get(lease.key)
        if held is None:
            return
        held.ends.pop(lease.token, None)
        if not held.count(self._clock()):
            del self._held[lease.key]

    async def _renew_always(self) -> None:
        while True:
            heed_cancellation()
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew()
            except Exception as error:
                log.warning("leases.not_renewed", reason=type(error).__name__)

    async def renew(self) -> None:
        """Tell Redis once that what is held here is held."""
        if self._redis is None:
            return
        self._sweep(self._clock())
        commands = self._redis.pipeline(transaction=False)
        for key, held in self._held.items():
            tokens = [token for token, end in held.ends.items() if end == float("inf")]
            if tokens:
                commands.eval(_RENEW, 1, _name(key), str(LEASE_SECONDS), *tokens)
        await commands.execute()


def _name(key: str) -> str:
    return f"{PREFIX}held:{key}"
