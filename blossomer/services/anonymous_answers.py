"""Where answers to callers without an account are: in this process, or in Redis for all workers.

What they are kept for is in ``idempotency.py``; those of users are in the database.
"""

from __future__ import annotations

import base64
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from blossomer.db.idempotency import KEPT, SILENT_SECONDS, Claimed, Given, Known
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.idempotency import Answers
from blossomer.services.redis import PREFIX, open_redis
from blossomer.settings import Settings

log = get_logger(__name__)

MOST_IN_MEMORY = 200
"""Answers to callers without an account that one process keeps; of more the oldest is forgotten."""


@dataclass(slots=True)
class _Entry:
    fingerprint: str
    claim: UUID
    alive_at: float
    given: Given | None = None


class MemoryAnswers:
    """Answers of callers without an account, in this process.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    async def claim(self, key: str, fingerprint: str) -> Claimed | Known:
        """See ``Answers``."""
        entry, now = self._entries.get(key), self._clock()
        kept = KEPT.total_seconds() if entry and entry.given else SILENT_SECONDS
        if entry is not None and now - entry.alive_at < kept:
            return Known(entry.fingerprint, entry.given)
        claim = uuid4()
        self._entries[key] = _Entry(fingerprint, claim, now)
        self._entries.move_to_end(key)
        while len(self._entries) > MOST_IN_MEMORY:
            self._entries.popitem(last=False)
        return Claimed(claim)

    async def is_alive(self, key: str, claimed: Claimed) -> None:
        """See ``Answers``."""
        if (entry := self._own(key, claimed)) is not None:
            entry.alive_at = self._clock()

    async def give(self, key: str, claimed: Claimed, given: Given) -> None:
        """See ``Answers``."""
        if (entry := self._own(key, claimed)) is not None:
            entry.given, entry.alive_at = given, self._clock()

    async def give_up(self, key: str, claimed: Claimed) -> None:
        """See ``Answers``."""
        if self._own(key, claimed) is not None:
            del self._entries[key]

    def _own(self, key: str, claimed: Claimed) -> _Entry | None:
        entry = self._entries.get(key)
        return entry if entry is not None and entry.claim == claimed.claim else None


class RedisAnswers:
    """Answers of callers without an account, for all workers.

    A claim is an entry that ends by itself unless whoever made it renews it.

    Args:
        settings: ``REDIS_URL``.
    """

    def __init__(self, settings: Settings) -> None:
        client = open_redis(settings)
        assert client is not None
        self._redis = client

    async def claim(self, key: str, fingerprint: str) -> Claimed | Known:
        """See ``Answers``."""
        claim = uuid4()
        entry = json.dumps({"fingerprint": fingerprint, "claim": str(claim)})
        with _outage_in_words():
            for _ in range(3):
                set_now = await self._redis.set(
                    _name(key), entry, nx=True, px=int(SILENT_SECONDS * 1000)
                )
                if set_now:
                    return Claimed(claim)
                if (found := await self._redis.get(_name(key))) is not None:
                    return _read(found)
        raise _unavailable()  # it comes and goes

    async def is_alive(self, key: str, claimed: Claimed) -> None:
        """See ``Answers``."""
        with _outage_in_words():
            if await self._is_own(key, claimed):
                await self._redis.pexpire(_name(key), int(SILENT_SECONDS * 1000))

    async def give(self, key: str, claimed: Claimed, given: Given) -> None:
        """See ``Answers``."""
        with _outage_in_words():
            found = await self._redis.get(_name(key))
            if found is None or json.loads(found)["claim"] != str(claimed.claim):
                return
            entry = {
                **json.loads(found),
                "status": given.status,
                "headers": dict(given.headers),
                "body": base64.b64encode(given.body).decode(),
            }
            await self._redis.set(_name(key), json.dumps(entry), ex=int(KEPT.total_seconds()))

    async def give_up(self, key: str, claimed: Claimed) -> None:
        """See ``Answers``."""
        with _outage_in_words():
            if await self._is_own(key, claimed):
                await self._redis.delete(_name(key))

    async def _is_own(self, key: str, claimed: Claimed) -> bool:
        found = await self._redis.get(_name(key))
        return found is not None and json.loads(found)["claim"] == str(claimed.claim)


def anonymous_answers(settings: Settings) -> Answers:
    """Where the answers of callers without an account are."""
    return MemoryAnswers() if settings.redis_url is None else RedisAnswers(settings)


def _name(key: str) -> str:
    return f"{PREFIX}answer:{key}"


def _read(entry: bytes) -> Known:
    found = json.loads(entry)
    if "status" not in found:
        return Known(found["fingerprint"], None)
    given = Given(found["status"], found["headers"], base64.b64decode(found["body"]))
    return Known(found["fingerprint"], given)


@contextmanager
def _outage_in_words() -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        log.error("idempotency.unreachable", reason=type(error).__name__)
        raise _unavailable() from error


def _unavailable() -> UserError:
    return UserError(
        "idempotency_unavailable",
        "It cannot be known right now whether this was done already, so nothing was done.",
        "This is a fault on our side. Try again in a moment.",
        status=503,
        retry_after=5,
    )
