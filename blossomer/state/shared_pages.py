"""What pages hold, kept in Redis, so that whichever worker a tab's connection reaches can serve it.

Reflex has both parts for that. What is changed here about them: a worker that was killed holds
nothing back (neither a tab's name nor its lock), nothing depends on Redis' keyspace notifications,
which hosted ones forbid, and what is kept begins with our prefix and ends soon after a tab is gone.
"""

from __future__ import annotations

import asyncio
import base64
import pickle
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakValueDictionary

import reflex as rx
import structlog
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import StateToken
from reflex.state import StateUpdate
from reflex.utils.token_manager import RedisTokenManager, SocketRecord

from blossomer.services.bus import Bus, Message
from blossomer.services.redis import PREFIX, heed_cancellation, open_redis
from blossomer.settings import Settings

log = structlog.get_logger(__name__)

KEPT_SECONDS = 3600
"""How long a tab's state is kept after its connection is gone: a laptop that was closed over lunch
goes on where it was. One that is open longer loses nothing but what was typed and not saved."""

LOCK_SECONDS = 30
"""Longest that one event may work on a tab's state. Some wait for the database, more than once."""

SLOW_SECONDS = 5

FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.1
"""Seconds between attempts to get a lock that another worker has."""

DROP_PAUSE = 0.5
"""Seconds between attempts to drop a lock while Redis does not answer."""

TAKE_OVER_SECONDS = 0.6
"""A tab that comes back waits so long for its old connection, on another worker, to be noted as
gone. After that it is a second tab with a copy of the first one's storage."""

_DROP_IF = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""

EmitUpdate = Callable[[StateUpdate, str], Awaitable[None]]


def share_pages(app: rx.App, settings: Settings, bus: Bus) -> None:
    """Keep what pages hold in Redis from now on; without one, nothing is done.

    Args:
        app: The application, before it serves.
        settings: ``REDIS_URL``.
        bus: To the other workers.
    """
    redis = open_redis(settings)
    if redis is None or app.event_namespace is None:
        return
    # Reflex declares some of the methods twice, which mypy takes for abstract ones.
    shared_states = cast(Callable[..., SharedStates], SharedStates)
    app._state_manager = shared_states(
        redis=redis,
        token_expiration=KEPT_SECONDS,
        lock_expiration=LOCK_SECONDS * 1000,
        lock_warning_threshold=SLOW_SECONDS * 1000,
        bus=bus,
    )
    app.event_namespace._token_manager = SharedTabs(redis, bus)


async def keep_open_tabs(app: rx.App) -> None:
    """See to it that the state of tabs that are open here does not end, until cancelled."""
    namespace = app.event_namespace
    if namespace is None or not isinstance(namespace._token_manager, SharedTabs):
        return
    while True:
        heed_cancellation()
        await asyncio.sleep(KEPT_SECONDS / 4)
        try:
            await namespace._token_manager.keep(list(_state_names(rx.State)))
        except Exception as error:
            log.warning("pages.not_kept", reason=type(error).__name__)


def _state_names(state: type[Any]) -> Iterator[str]:
    yield state.get_full_name()
    for below in state.get_substates():
        yield from _state_names(below)


@dataclass
class SharedStates(StateManagerRedis):
    """Reflex's states in Redis, with locks that a killed worker does not hold.

    Args:
        bus: Knows which workers are there.
    """

    bus: Bus = field(default_factory=Bus)
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(
        default_factory=WeakValueDictionary, init=False
    )
    _dropping: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def _ensure_lock_task(self) -> None:
        """Nothing listens for locks that become free."""

    @asynccontextmanager
    async def _lock(
        self, token: StateToken[Any], event_name: str | None = None
    ) -> AsyncIterator[bytes]:
        """Hold the lock of a tab's state: first among this worker's tasks, then in Redis.

        Args:
            token: The state.
            event_name: For which event; not noted.

        Yields:
            What the lock holds, for ``set_state``.
        """
        del event_name
        key, mark = self._lock_key(token), f"{self.bus.worker}:{secrets.token_hex(8)}".encode()
        turn = self._turns.setdefault(token.lock_key, asyncio.Lock())
        async with turn:
            try:
                await self._acquire(key, mark)
                yield mark
            finally:
                # Whoever is cancelled in between may have it without knowing.
                await asyncio.shield(asyncio.create_task(self._drop(key, mark)))

    async def _drop(self, key: bytes, mark: bytes) -> None:
        try:
            await cast(Any, self.redis).eval(_DROP_IF, 1, key, mark)
        except Exception as error:
            log.warning("pages.lock_not_dropped", reason=type(error).__name__)
            task = asyncio.create_task(self._drop_when_possible(key, mark))
            self._dropping.add(task)
            task.add_done_callback(self._dropping.discard)

    async def _drop_when_possible(self, key: bytes, mark: bytes) -> None:
        """Drop a lock that nobody holds any more; for its time nobody could work on the tab.

        A Redis that hung carries out later what it was sent, in whatever order it comes to its
        connections: also the taking of a lock of which nobody has waited for the answer. So it is
        dropped once more after it could be dropped.
        """
        left = 2
        while left:
            await asyncio.sleep(DROP_PAUSE)
            with suppress(Exception):
                await cast(Any, self.redis).eval(_DROP_IF, 1, key, mark)
                left -= 1

    async def _acquire(self, key: bytes, mark: bytes) -> None:
        pause = FIRST_PAUSE
        while not await self._try_get_lock(key, mark):
            holder = cast(bytes | None, await self.redis.get(key))
            if holder is None:
                continue
            worker = holder.partition(b":")[0].decode()
            if worker != self.bus.worker and not await self.bus.is_there(worker):
                log.info("pages.lock_of_a_dead_worker")
                await cast(Any, self.redis).eval(_DROP_IF, 1, key, holder)
                continue
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


class SharedTabs(RedisTokenManager):
    """Which worker has which tab's connection.

    Args:
        redis: For the records.
        bus: To the other workers.
    """

    _token_socket_record_prefix = f"{PREFIX}tab-socket:"

    def __init__(self, redis: Any, bus: Bus) -> None:
        self._bus = bus
        super().__init__(redis)
        self.token_expiration = KEPT_SECONDS
        self._updates: asyncio.Queue[tuple[StateUpdate, str]] = asyncio.Queue()
        self._handing_out: asyncio.Task[None] | None = None

    def _reset_instance_id(self) -> None:
        self.instance_id = self._bus.worker

    async def link_token_to_sid(self, token: str, sid: str) -> str | None:
        """Note that a tab's connection is here.

        Returns:
            Another token for the tab when its own is in use by a tab that is still connected.
        """
        deadline = asyncio.get_running_loop().time() + TAKE_OVER_SECONDS
        while (holder := await self._holder(token)) is not None and holder.sid != sid:
            if asyncio.get_running_loop().time() > deadline:
                token = new_token = f"{PREFIX}tab:{secrets.token_hex(18)}"
                await self._link(token, sid)
                return new_token
            await asyncio.sleep(0.03)
        await self._link(token, sid)
        return None

    async def _holder(self, token: str) -> SocketRecord | None:
        """The live connection that has a tab, if any."""
        local = self.token_to_socket.get(token)
        if local is not None and local.instance_id == self.instance_id:
            return local
        try:
            kept = await self.redis.get(self._get_redis_key(token))
        except Exception as error:
            log.warning("pages.holder_unknown", reason=type(error).__name__)
            return None
        record = cast(SocketRecord, pickle.loads(kept)) if kept else None  # noqa: S301 - ours
        if record is None or record.instance_id == self.instance_id:
            return None
        return record if await self._bus.is_there(record.instance_id) else None

    async def _link(self, token: str, sid: str) -> None:
        record = SocketRecord(instance_id=self.instance_id, sid=sid)
        self.token_to_socket[token] = record
        self.sid_to_token[sid] = token
        await self._store_socket_record(token, record)

    async def disconnect_token(self, token: str, sid: str) -> None:
        """Note that a tab's connection is gone; one that it has by now elsewhere stays."""
        record = self.token_to_socket.get(token)
        self.sid_to_token.pop(sid, None)
        if record is None or record.sid != sid or record.instance_id != self.instance_id:
            return
        self.token_to_socket.pop(token, None)
        try:
            key, mark = self._get_redis_key(token), pickle.dumps(record)
            await cast(Any, self.redis).eval(_DROP_IF, 1, key, mark)
        except Exception as error:
            log.warning("pages.not_unlinked", reason=type(error).__name__)

    async def is_token_connected(self, token: str) -> bool:
        """Whether a tab has a connection, on any worker."""
        return await self._holder(token) is not None

    async def keep(self, states: list[str]) -> None:
        """Begin anew to count the time after which the state of tabs that are open here ends.

        Args:
            states: Full names of all states.
        """
        for token, record in list(self.token_to_socket.items()):
            if record.instance_id == self.instance_id:
                pipeline = self.redis.pipeline(transaction=False)
                for name in states:
                    pipeline.expire(f"{token}_{name}", KEPT_SECONDS)
                pipeline.expire(self._get_redis_key(token), KEPT_SECONDS)
                await pipeline.execute()

    def ensure_lost_and_found_task(self, emit_update: Any) -> None:
        """Hand out to tabs here what other workers have changed about their state."""
        if self._handing_out is None or self._handing_out.done():
            self._bus.listen(_tabs_of(self.instance_id), self._hear)
            self._handing_out = asyncio.create_task(self._hand_out(emit_update))

    async def emit_lost_and_found(self, token: str, update: StateUpdate) -> bool:
        """Send a change to the worker that has the tab's connection; whether there is one."""
        holder = await self._holder(token)
        if holder is None or holder.instance_id == self.instance_id:
            return False
        content = base64.b64encode(pickle.dumps(update)).decode()
        self._bus.tell(_tabs_of(holder.instance_id), {"token": token, "update": content})
        return True

    def _hear(self, message: Message) -> None:
        update = pickle.loads(base64.b64decode(message["update"]))  # noqa: S301 - ours
        self._updates.put_nowait((update, message["token"]))

    async def _hand_out(self, emit_update: EmitUpdate) -> None:
        while True:
            heed_cancellation()
            update, token = await self._updates.get()
            try:
                await emit_update(update, token)
            except Exception as error:
                log.warning("pages.not_handed_out", reason=type(error).__name__)

    def _ensure_socket_record_task(self) -> None:
        """Nothing listens for records that change: they are read when they are needed."""

    async def close(self) -> None:
        """End."""
        if self._handing_out is not None:
            self._handing_out.cancel()
            await asyncio.gather(self._handing_out, return_exceptions=True)
            self._handing_out = None
        await super().close()


def _tabs_of(worker: str) -> str:
    return f"tabs:{worker}"
