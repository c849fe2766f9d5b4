"""What the workers tell each other, and which of them are there: one connection to Redis for each.

A *worker* is one process that serves, on whichever machine. Messages are small, go to whoever
listens at that moment, and may be lost: when a connection to Redis was lost in between, everybody
who listens is told so (``on_gap``) and looks again. What must not be lost is in the database.
Without Redis there is one worker, nobody else to tell, and nothing here does anything.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from blossomer.log import get_logger
from blossomer.services.redis import PREFIX, heed_cancellation, open_redis
from blossomer.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

log = get_logger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
"""Seconds between attempts to reach a Redis that does not answer: doubled up to this."""

SILENT_PINGS = 3
"""A connection on which so many pings were not answered is given up."""

BLIP_SECONDS = 3 * FIRST_PAUSE
"""Whoever is not heard is listened for once more: a lost connection is soon found again."""

MOST_WAITING = 10_000
"""Messages that wait to be sent. Beyond that they are dropped, and everybody is told."""

SENT_AT_ONCE = 100
JOIN_SECONDS = 2.0

EVERYBODY = "everybody"

Message = dict[str, Any]
Hear = Callable[[Message], None]

_LET_GO = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""


class Bus:
    """The line of this worker to the others.

    Args:
        settings: ``REDIS_URL`` decides whether there are others; None for a worker by itself.

    Attributes:
        worker: Name of this worker; unguessable, new with every process.
        redis: For commands; None without Redis.
        on_gap: Called when messages may have been missed.
        on_lost: Called when Redis cannot be reached any more.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.worker = secrets.token_hex(8)
        # Not as its class: by the annotations of that, no answer could be waited for.
        self.redis: Any = open_redis(settings) if settings else None
        self.on_gap: list[Callable[[], None]] = []
        self.on_lost: list[Callable[[], None]] = []
        self._ping_seconds = settings.redis_answer_seconds if settings else 0.0
        # A silent reconnection in the client would hide that messages were missed.
        self._ear: Redis | None = open_redis(settings, retries=0) if settings else None
        self._hearers: defaultdict[str, list[Hear]] = defaultdict(list)
        self._confirmed: dict[str, asyncio.Event] = {}
        self._pubsub: PubSub | None = None
        self._changes: asyncio.Queue[tuple[bool, str]] = asyncio.Queue()
        self._outbox: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self._was_connected = False
        self._connected = asyncio.Event()
        self._has_left = False
        self._all_back_at = float("-inf")

    @property
    def is_shared(self) -> bool:
        """Whether there may be other workers."""
        return self.redis is not None

    @property
    def is_connected(self) -> bool:
        """Whether the others can be heard right now; always so without others."""
        return self.redis is None or self._connected.is_set()

    async def start(self) -> None:
        """Begin to listen. A Redis that does not answer is waited for in the background."""
        if self.redis is None:
            return
        self.listen(_presence(self.worker), _nothing)
        self.listen(EVERYBODY, self._heard_of_gap)
        work = (self._hear_on_and_on(), self._arrange(), self._speak())
        self._tasks = [asyncio.create_task(each) for each in work]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._connected.wait(), JOIN_SECONDS)

    async def leave(self) -> None:
        """From now on the others take this worker for gone, though it may still finish its work."""
        self._has_left = True
        if self._connected.is_set() and _presence(self.worker) in self._hearers:
            del self._hearers[_presence(self.worker)]
            self._changes.put_nowait((False, _presence(self.worker)))
            with suppress(TimeoutError):
                async with asyncio.timeout(JOIN_SECONDS):
                    while self._confirmed.get(_presence(self.worker)) is not None:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Send what waits, and end."""
        if self.redis is None or self._ear is None:
            return
        deadline = asyncio.get_running_loop().time() + 1.0
        clock = asyncio.get_running_loop().time
        while self.is_connected and not self._outbox.empty() and clock() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            # Again, if need be: see ``heed_cancellation``.
            _, left = await asyncio.wait(left, timeout=0.2)
        self._tasks = []
        for client in (self._ear, self.redis):
            await client.aclose()

    def tell(self, channel: str, message: Message) -> None:
        """Tell every other worker that listens. Never waits; order is kept."""
        if self.redis is None or not self._tasks:
            return
        if self._outbox.full():
            _empty(self._outbox)
            self._outbox.put_nowait((EVERYBODY, self._encoded({"missed": True})))
        self._outbox.put_nowait((channel, self._encoded(message)))

    def listen(self, channel: str, hear: Hear) -> None:
        """Hear what other workers tell on a channel, from soon on; see ``joined``."""
        if self.redis is None:
            return
        if channel not in self._hearers:
            self._confirmed[channel] = asyncio.Event()
            self._changes.put_nowait((True, channel))
        self._hearers[channel].append(hear)

    def ignore(self, channel: str, hear: Hear) -> None:
        """Undo ``listen``."""
        hearers = self._hearers.get(channel)
        if hearers is None or hear not in hearers:
            return
        hearers.remove(hear)
        if not hearers:
            del self._hearers[channel]
            self._changes.put_nowait((False, channel))

    async def joined(self, channel: str) -> None:
        """Return when what is told on a channel is heard; or soon, when Redis does not answer.

        Whoever reads the database after this misses nothing: what was written before is read, and
        what is written later is told. When Redis is back, ``on_gap`` is called.
        """
        confirmed = self._confirmed.get(channel)
        if confirmed is None or confirmed.is_set() or not self.is_connected:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(confirmed.wait(), JOIN_SECONDS)

    async def is_there(self, worker: str) -> bool:
        """Whether a worker is there and not about to leave.

        Redis knows it by the connection on which it listens. That of a process that was killed is
        closed by its system at once; that of a machine that has lost its power, after some minutes.
        A worker of which nothing can be known counts as there: also for a moment after Redis itself
        has come back, in which not everybody has found it again.
        """
        if worker == self.worker:
            return not self._has_left
        return await self.is_heard(_presence(worker))

    async def is_heard(self, channel: str) -> bool:
        """Whether any worker listens on a channel; if that cannot be known, yes."""
        if self.redis is None:
            return False
        for pause in (BLIP_SECONDS, 0.0):
            if asyncio.get_running_loop().time() < self._all_back_at:
                return True
            try:
                ((_, listening),) = await self.redis.pubsub_numsub(PREFIX + channel)
            except Exception as error:
                log.warning("bus.presence_unknown", reason=type(error).__name__)
                return True
            if int(listening) > 0:
                return True
            await asyncio.sleep(pause)
        return False

    async def first(self, name: str, seconds: float) -> bool | None:
        """Whether nobody has called this with the same name within so many seconds.

        Returns:
            None when that cannot be known: without Redis, or when it does not answer.
        """
        if self.redis is None:
            return None
        try:
            taken = await self.redis.set(
                f"{PREFIX}first:{name}", self.worker, nx=True, px=int(seconds * 1000)
            )
        except Exception as error:
            log.warning("bus.unreachable", reason=type(error).__name__)
            return None
        return bool(taken)

    @asynccontextmanager
    async def alone(self, name: str, seconds: float) -> AsyncIterator[None]:
        """Do something while no other worker does the same.

        Waits for another one, but no longer than that may take; without Redis, or when it does not
        answer, it is done at once.

        Args:
            name: Of what is done.
            seconds: Longest that it may take.
        """
        key, mark = f"{PREFIX}alone:{name}", secrets.token_hex(8)
        held = False
        try:
            async with asyncio.timeout(seconds):
                while self.redis is not None and not held:
                    held = bool(await self.redis.set(key, mark, nx=True, px=int(seconds * 1000)))
                    if not held:
                        await asyncio.sleep(0.05)
        except Exception as error:
            log.warning("bus.not_alone", reason=type(error).__name__)
        try:
            yield
        finally:
            if held and self.redis is not None:
                with suppress(Exception):  # it ends by itself
                    await self.redis.eval(_LET_GO, 1, key, mark)

    def _encoded(self, message: Message) -> bytes:
        return json.dumps({**message, "from": self.worker}, separators=(",", ":")).encode()

    async def _hear_on_and_on(self) -> None:
        pause = FIRST_PAUSE
        assert self._ear is not None
        while True:
            heed_cancellation()
            try:
                async with self._ear.pubsub() as pubsub:
                    first = set(self._hearers)
                    await pubsub.subscribe(*(PREFIX + channel for channel in first))
                    self._pubsub = pubsub
                    for channel in set(self._hearers) - first:
                        self._changes.put_nowait((True, channel))
                    await self._hear(pubsub)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                pause = FIRST_PAUSE if self._connected.is_set() else min(pause * 2, LONGEST_PAUSE)
                self._lost(error)
            finally:
                self._pubsub = None
            await asyncio.sleep(pause)

    async def _hear(self, pubsub: PubSub) -> None:
        """Hand out what comes, until the connection is lost."""
        clock = asyncio.get_running_loop().time
        heard_at = asked_at = clock()
        while True:
            heed_cancellation()
            began = clock()
            packet = await pubsub.get_message(timeout=self._ping_seconds)
            now = clock()
            if packet is not None:
                heard_at = now
                self._take(packet)
            elif now - began > 2 * self._ping_seconds:
                heard_at = now  # this process was held up, and knows of nothing that came
            elif now - heard_at > SILENT_PINGS * self._ping_seconds:
                raise ConnectionError("Redis has fallen silent")
            if now - asked_at > self._ping_seconds:
                asked_at = now
                await pubsub.ping()

    def _take(self, packet: dict[str, Any]) -> None:
        kind = packet["type"]
        if kind not in ("message", "subscribe", "unsubscribe"):
            return
        channel = packet["channel"].decode().removeprefix(PREFIX)
        if kind == "subscribe":
            if (confirmed := self._confirmed.get(channel)) is not None:
                confirmed.set()
            if channel == EVERYBODY and not self._connected.is_set():
                self._found()
        elif kind == "unsubscribe":
            if channel not in self._hearers:
                self._confirmed.pop(channel, None)
        else:
            message = json.loads(packet["data"])
            if message.pop("from", "") == self.worker:
                return
            for hear in tuple(self._hearers.get(channel, ())):
                try:
                    hear(message)
                except Exception as error:
                    log.error("bus.not_understood", channel=channel, exc_info=error)

    def _found(self) -> None:
        self._connected.set()
        if self._was_connected:
            log.info("bus.connected_again")
            self._all_back_at = asyncio.get_running_loop().time() + 2 * LONGEST_PAUSE
            self._tell_of_gap()
        self._was_connected = True

    def _lost(self, error: Exception) -> None:
        if not self._connected.is_set():
            return
        log.warning("bus.lost", reason=type(error).__name__)
        self._connected.clear()
        for confirmed in self._confirmed.values():
            confirmed.clear()
        for call in self.on_lost:
            call()

    def _heard_of_gap(self, message: Message) -> None:
        if message.get("missed"):
            self._tell_of_gap()

    def _tell_of_gap(self) -> None:
        for call in self.on_gap:
            call()

    async def _arrange(self) -> None:
        """Subscribe to and unsubscribe from channels as they are wanted."""
        while True:
            heed_cancellation()
            wanted, channel = await self._changes.get()
            pubsub = self._pubsub
            if pubsub is None or wanted != (channel in self._hearers):
                continue  # a new connection subscribes to all that is wanted then
            with suppress(Exception):  # whoever hears on this connection notices, too
                if wanted:
                    await pubsub.subscribe(PREFIX + channel)
                else:
                    await pubsub.unsubscribe(PREFIX + channel)

    async def _speak(self) -> None:
        pause = FIRST_PAUSE
        assert self.redis is not None
        while True:
            heed_cancellation()
            batch = [await self._outbox.get()]
            while not self._outbox.empty() and len(batch) < SENT_AT_ONCE:
                batch.append(self._outbox.get_nowait())
            try:
                pipeline = self.redis.pipeline(transaction=False)
                for channel, message in batch:
                    pipeline.publish(PREFIX + channel, message)
                await pipeline.execute()
                pause = FIRST_PAUSE
            except Exception as error:
                log.warning("bus.mute", reason=type(error).__name__, dropped=len(batch))
                _empty(self._outbox)
                self._outbox.put_nowait((EVERYBODY, self._encoded({"missed": True})))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)


def _presence(worker: str) -> str:
    return f"worker:{worker}"


def _nothing(_message: Message) -> None:
    """Presence is to listen."""


def _empty(queue: asyncio.Queue[Any]) -> None:
    while not queue.empty():
        queue.get_nowait()
