"""How many generations a client may start: one count, whichever door it comes through.

A moving window of the ``limits`` library. What that library lacks is here: giving one entry back,
exactly, while others are being taken. Wider limits for plain API requests are in ``api/client.py``;
how many generations run at once is in ``at_once.py``.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from limits import RateLimitItem, RateLimitItemPerHour
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.storage.memory import Entry
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import MovingWindowRateLimiter

from blossomer import metrics
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.client_address import ANONYMOUS
from blossomer.services.redis import PREFIX
from blossomer.settings import Settings

log = get_logger(__name__)

SECONDS_BETWEEN_SWEEPS = 60.0
"""How often it is looked for keys that are not counted any more, where they are in memory."""

# What the library's script does, but for an entry that can be told from others, is put in once
# however often it is sent, and is not put in when it was given back before it arrived: a Redis that
# hangs carries out later what nobody has waited for.
_TAKE_SCRIPT = """
local at, limit, expiry = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if redis.call('lpos', KEYS[1], ARGV[1]) then
    return 1
end
if limit < 1 or redis.call('exists', KEYS[2]) == 1 then
    return 0
end
local oldest = redis.call('lindex', KEYS[1], limit - 1)
if oldest and tonumber(oldest) >= at - expiry then
    return 0
end
redis.call('lpush', KEYS[1], ARGV[1])
redis.call('ltrim', KEYS[1], 0, limit - 1)
redis.call('expire', KEYS[1], expiry)
return 1
"""

_RELEASE_SCRIPT = """
if redis.call('lrem', KEYS[1], 0, ARGV[1]) == 0 then
    redis.call('set', KEYS[2], '1', 'EX', ARGV[2])
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One generation that has been counted.

    Args:
        key: Who it counts for.
        taken_at: Seconds since the epoch; tells this entry from the others of the same key.
    """

    key: str
    taken_at: float


@dataclass(frozen=True, slots=True)
class Remaining:
    """What a client has left.

    Args:
        limit: Generations per hour.
        left: Generations that can start now.
        resets_in_seconds: Until one more is free; 0 when all are.
    """

    limit: int
    left: int
    resets_in_seconds: int


class _Window(Protocol):
    """What a storage must be able to do beyond the library's own moving window."""

    async def take_entry(self, key: str, limit: int, expiry: int) -> float | None: ...

    async def release_entry(self, key: str, taken_at: float, expiry: int) -> None: ...


class _Evaluates(Protocol):
    """The one command of a Redis client that is used here directly."""

    async def eval(self, script: str, numkeys: int, *keys_and_args: str) -> int: ...


class _UnclearError(Exception):
    """It is not known whether an entry was taken, or will be."""

    def __init__(self, taken_at: float) -> None:
        super().__init__(taken_at)
        self.taken_at = taken_at


class _MemoryWindow(MemoryStorage):
    """The library's memory storage, with entries that can be given back.

    Whenever an entry is taken the library looks through all keys for what has expired, and through
    each in a thread: a thousand visitors are a thousand threads' work for every generation. Here
    nothing is waited for, so that nothing comes in between either.
    """

    STORAGE_SCHEME = ["async+memory-window"]  # noqa: RUF012
    _swept_at = 0.0

    async def take_entry(self, key: str, limit: int, expiry: int) -> float | None:
        now = time.time()
        self._sweep(now)
        entries = self.events.setdefault(key, [])
        if limit < 1 or (len(entries) >= limit and entries[limit - 1].atime >= now - expiry):
            return None
        entries.insert(0, Entry(expiry))
        del entries[limit:]
        return entries[0].atime

    async def release_entry(self, key: str, taken_at: float, expiry: int) -> None:
        del expiry
        entries = self.events.get(key, [])
        for position, entry in enumerate(entries):
            if entry.atime == taken_at:
                del entries[position]
                return

    def _sweep(self, now: float) -> None:
        """Forget, once in a while, the keys of which all has expired."""
        if now < self._swept_at + SECONDS_BETWEEN_SWEEPS:
            return
        self._swept_at = now
        self.events = {
            key: entries
            for key, entries in self.events.items()
            if entries and entries[0].expiry >= now
        }


class _RedisWindow(RedisStorage):
    """The library's Redis storage, with entries that can be given back."""

    STORAGE_SCHEME = ["async+redis-window"]  # noqa: RUF012

    async def take_entry(self, key: str, limit: int, expiry: int) -> float | None:
        # Two that are taken at the same moment are two.
        taken_at = time.time() + random.uniform(0, 0.001)  # noqa: S311
        try:
            taken = await self._carry_out(_TAKE_SCRIPT, key, taken_at, limit, expiry)
        except Exception as error:
            raise _UnclearError(taken_at) from error
        return taken_at if taken else None

    async def release_entry(self, key: str, taken_at: float, expiry: int) -> None:
        await self._carry_out(_RELEASE_SCRIPT, key, taken_at, expiry)

    async def _carry_out(self, script: str, key: str, taken_at: float, *more: int) -> int:
        redis = cast(_Evaluates, cast(RedispyBridge, self.bridge).get_connection())
        entries, entry = self.bridge.prefixed_key(key), repr(taken_at)
        released = f"{entries}:released:{entry}"
        return await redis.eval(script, 2, entries, released, entry, *map(str, more))


def _storage(settings: Settings) -> Storage:
    if settings.redis_url is None:
        return _MemoryWindow()
    # Half a second to import, which a server without Redis need not spend.
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    return _RedisWindow(
        f"async+{settings.redis_url.get_secret_value()}",
        implementation="redispy",
        # A person is waiting: one more try, not three with pauses. The library passes options on
        # to the client, whatever their type.
        retry=cast(Any, Retry(NoBackoff(), 1)),
        socket_timeout=settings.redis_answer_seconds,
        socket_connect_timeout=settings.redis_answer_seconds,
        key_prefix=f"{PREFIX}limits",
    )


def user_key(user_id: str, tier: str) -> str:
    """The key under which a signed-in user is counted; another tier starts a count of its own."""
    return f"{tier}:{user_id}"


def is_anonymous(key: str) -> bool:
    """Whether a key is that of an address rather than that of a user."""
    return key.startswith(f"{ANONYMOUS}:")


class GenerationLimits:
    """Counts generations per hour for one key at a time.

    A generation is counted when it starts, so that a burst cannot slip through, and given back
    when it fails. One that the client breaks off stays counted: its cost has been caused.

    Args:
        settings: ``REDIS_URL`` decides where the counters are, and the settings that end with
            ``GENERATIONS_PER_HOUR`` how many there are for whom.

    Attributes:
        on_unclear: Told of what was refused because the counters did not answer, and may be, or
            become, counted all the same: it is to be given back.
    """

    def __init__(self, settings: Settings) -> None:
        self._storage = _storage(settings)
        self._window = cast(_Window, self._storage)
        self._strategy = MovingWindowRateLimiter(self._storage)
        amounts = {
            "free": settings.free_generations_per_hour,
            "paid": settings.paid_generations_per_hour,
            "enterprise": settings.enterprise_generations_per_hour,
        }
        self.on_unclear: Callable[[Ticket], None] = lambda _: None
        self._anonymous = _per_hour(settings.anonymous_generations_per_hour)
        self._by_tier = {tier: _per_hour(amount) for tier, amount in amounts.items()}

    def _item(self, key: str) -> RateLimitItem:
        return self._by_tier.get(key.partition(":")[0], self._anonymous)

    async def take(self, key: str) -> Ticket:
        """Count one generation.

        Args:
            key: From ``user_key`` or ``client_address.anonymous_key``.

        Raises:
            UserError: ``rate_limited`` (429) with the seconds until one is free, or
                ``limits_unavailable`` (503) when the counters cannot be reached: a generation
                costs money, so an unknown count refuses.
        """
        item = self._item(key)
        try:
            taken_at = await self._window.take_entry(
                item.key_for(key), item.amount, item.get_expiry()
            )
        except _UnclearError as error:
            log.error("limits.unreachable", exc_info=error.__cause__)
            self.on_unclear(Ticket(key, error.taken_at))
            raise unavailable() from error
        if taken_at is None:
            metrics.LIMITS_REFUSED.labels("generations").inc()
            raise _limited(await self.remaining(key))
        return Ticket(key, taken_at)

    async def give_back(self, ticket: Ticket) -> bool:
        """Undo one ``take``, even before it arrives. Twice, or after the hour, changes nothing.

        Returns:
            Whether the counter could be reached. If not, the person has been told all the same why
            the generation failed, and that it is not counted: ``tickets.py`` tries again.
        """
        item = self._item(ticket.key)
        try:
            await self._window.release_entry(
                item.key_for(ticket.key), ticket.taken_at, item.get_expiry()
            )
        except Exception as error:
            log.error("limits.unreachable", exc_info=error)
            return False
        return True

    async def remaining(self, key: str) -> Remaining:
        """What is left for a key.

        Raises:
            UserError: ``limits_unavailable`` (503) when the counters cannot be reached.
        """
        try:
            stats = await self._strategy.get_window_stats(self._item(key), key)
        except Exception as error:
            log.error("limits.unreachable", exc_info=error)
            raise unavailable() from error
        limit = self._item(key).amount
        left = max(0, int(stats.remaining))
        seconds = 0 if left >= limit else max(1, math.ceil(stats.reset_time - time.time()))
        return Remaining(limit=limit, left=left, resets_in_seconds=seconds)


def _per_hour(amount: int) -> RateLimitItem:
    return RateLimitItemPerHour(amount, namespace="generations")


def _limited(remaining: Remaining) -> UserError:
    wait = in_words(remaining.resets_in_seconds)
    return UserError(
        "rate_limited",
        f"You have used all {remaining.limit} generations of this hour.",
        f"The next one is free in {wait}. Nothing you have written is lost; you can keep editing "
        "until then.",
        status=429,
        retry_after=remaining.resets_in_seconds,
    )


def too_few_left(refusal: UserError, left: int, wanted: int) -> UserError:
    """The refusal of several generations at once when fewer are left.

    Args:
        refusal: Why no more could be counted.
        left: How many could.
        wanted: The fewest that are worth beginning.
    """
    wait = in_words(refusal.retry_after or 0)
    return UserError(
        "rate_limited",
        f"This needs {wanted} generations, and {left} {'is' if left == 1 else 'are'} left this "
        "hour.",
        f"The next one is free in {wait}. You can write one by itself now.",
        status=429,
        retry_after=refusal.retry_after,
    )


def unavailable() -> UserError:
    """The counters cannot be reached."""
    return UserError(
        "limits_unavailable",
        "Generations cannot be counted right now, so none is started.",
        "This is a fault on our side. Try again in a minute; nothing was counted.",
        status=503,
        retry_after=60,
    )


def in_words(seconds: int) -> str:
    """A waiting time for a person: seconds below a minute, else whole minutes, rounded up."""
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
