"""Requests that are carried out once, however often they are sent: by a key that the client names.

A client that got no answer sends the request again with the same key, and gets the answer of the
first one. Who carries a request out is known to all workers: for users in the database
(``db/idempotency.py``), for callers without an account in Redis, or here when there is none. Only
what went well is kept; a request that was refused or failed has done nothing and can be repeated.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from blossomer.db.idempotency import KEPT, SILENT_SECONDS, Claimed, Given, Known
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.redis import PREFIX, open_redis
from blossomer.settings import Settings

log = get_logger(__name__)

HEARTBEAT_SECONDS = 3.0
"""How often whoever carries a request out says so."""

NOTING_SECONDS = 60.0
"""How long it is tried to note an answer that was given."""

NOTING_PAUSE = 0.5

MOST_IN_MEMORY = 200
"""Answers to callers without an account that one process keeps; of more the oldest is forgotten."""


class Answers(Protocol):
    """Where the answers of one caller are."""

    async def claim(self, key: str, fingerprint: str) -> Claimed | Known:
        """Begin to carry out a request, unless another one has done so, or is doing so."""

    async def is_alive(self, key: str, claimed: Claimed) -> None:
        """Say that the request is still being carried out."""

    async def give(self, key: str, claimed: Claimed, given: Given) -> None:
        """Note what was answered."""

    async def give_up(self, key: str, claimed: Claimed) -> None:
        """Forget a request of which nothing has come."""


@dataclass(slots=True)
class Once:
    """A request that is being carried out for the first time.

    Args:
        answers: Where its answer is to be noted.
        key: As the client named it.
        claimed: That it is ours.
    """

    answers: Answers
    key: str
    claimed: Claimed

    @property
    def document_id(self) -> str:
        """The id for what is made: the same one when the request is begun once more.

        So whoever takes over finds what the one before has made and could not tell of.
        """
        return str(uuid5(NAMESPACE_OID, f"{self.claimed.since} {self.key}"))

    async def carry_out(self, work: Callable[[], Awaitable[Given]]) -> Given:
        """Do the work, and note its answer. What the work raises is raised, and nothing is noted.

        When the caller is cancelled, the work goes on: the client that comes back wants its answer.
        """
        task = asyncio.create_task(self._carry_out(work))
        _working.add(task)
        task.add_done_callback(_is_done)
        return await asyncio.shield(task)

    async def give_up(self) -> None:
        """Nothing has come of it, and it can be tried again."""
        with suppress(UserError):  # whoever asks again finds that it has fallen silent
            await self.answers.give_up(self.key, self.claimed)

    async def _carry_out(self, work: Callable[[], Awaitable[Given]]) -> Given:
        try:
            async with self._said_to_be_alive():
                given = await work()
        except BaseException:
            await self.give_up()
            raise
        await self._note(given)
        return given

    @asynccontextmanager
    async def _said_to_be_alive(self) -> AsyncIterator[None]:
        async def say_so() -> None:
            while True:
                await asyncio.sleep(HEARTBEAT_SECONDS)
                with suppress(UserError):
                    await self.answers.is_alive(self.key, self.claimed)

        task = asyncio.create_task(say_so())
        try:
            yield
        finally:
            task.cancel()

    async def _note(self, given: Given) -> None:
        deadline = time.monotonic() + NOTING_SECONDS
        while True:
            try:
                await self.answers.give(self.key, self.claimed, given)
                return
            except UserError as error:
                if time.monotonic() > deadline:
                    log.error("idempotency.not_noted", code=error.code)
                    return
                await asyncio.sleep(NOTING_PAUSE)


_working: set[asyncio.Task[Given]] = set()
"""What is being carried out, which nothing else holds on to when its client is gone."""


def _is_done(task: asyncio.Task[Given]) -> None:
    _working.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        # Whoever waits for it is told; with nobody waiting this is all that is said.
        log.info("idempotency.nothing_came", reason=type(error).__name__)


async def claim_once(answers: Answers, key: str, fingerprint: str) -> Once | Given:
    """Begin to carry out a request, or get the answer that was given to it before.

    Args:
        answers: Where the answers of the caller are.
        key: As the client named it.
        fingerprint: Digest of what it asks for.

    Raises:
        UserError: ``idempotency_key_reused`` (422): the key was used for something else;
            ``still_working`` (409): the first request is still being carried out; or where the
            answers are cannot be reached (503).
    """
    found = await answers.claim(key, fingerprint)
    if isinstance(found, Claimed):
        return Once(answers, key, found)
    if found.fingerprint != fingerprint:
        raise UserError(
            "idempotency_key_reused",
            "Another request has used this Idempotency-Key.",
            "Make a new key for every request that is to be carried out, and use the same one only "
            "to repeat a request without any change.",
            status=422,
        )
    if found.given is None:
        raise UserError(
            "still_working",
            "The first request with this Idempotency-Key is still being carried out.",
            "Send it again in some seconds: you will get its answer.",
            status=409,
            retry_after=2,
        )
    return found.given


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
