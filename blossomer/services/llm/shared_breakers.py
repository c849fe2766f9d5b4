"""The breakers of all models: one state for all workers, in Redis, decided by ``breaker.py``.

A model that has failed for one worker is left alone by all, and of all workers one probes it. While
Redis does not answer, each worker goes on with what it knew last. Without Redis there is one
worker, and what it knows is all there is.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

from blossomer.log import get_logger
from blossomer.services.bus import Bus, Message
from blossomer.services.llm.breaker import Breaker, Memory, Permit
from blossomer.services.llm.failures import AttemptFailed
from blossomer.services.redis import PREFIX
from blossomer.settings import Settings

log = get_logger(__name__)

R = TypeVar("R")

ANSWER_SECONDS = 0.5
"""Longest wait for Redis: what is known here is nearly as good."""

SECONDS_WITHOUT_REDIS = 5.0
"""After one that did not answer, it is not asked for so long."""

KEPT_SECONDS = 24 * 3600
MOST_CONFLICTS = 20
CHANNEL = "breakers"

_READ = """
local time = redis.call('time')
local result = {time[1] .. '.' .. string.format('%06d', time[2])}
for position, key in ipairs(KEYS) do result[position + 1] = redis.call('get', key) or '' end
return result
"""

_REPLACE = """
if (redis.call('get', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class Told(Protocol):
    """What a permit is told; see ``Permit``."""

    def succeeded(self) -> None:
        """The model gave a validated answer."""

    def failed(self, failure: AttemptFailed) -> None:
        """The model gave none."""

    def released(self) -> None:
        """The request was given up by us."""


class Breakers:
    """The breakers of all models.

    Args:
        settings: The numbers of a breaker, and how long a probe may take.
        models: The models.
        clock: Seconds that only grow; given by tests.
        bus: Redis and the other workers; None when there are none.
    """

    def __init__(
        self,
        settings: Settings,
        models: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
        bus: Bus | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._bus = bus or Bus()
        self._local = {model: self._new(clock) for model in models}
        self._away_until = float("-inf")
        self._telling: set[asyncio.Task[None]] = set()
        self._bus.listen(CHANNEL, self._hear)

    def __getitem__(self, model: str) -> Breaker:
        """What is known here of a model."""
        return self._local[model]

    async def refresh(self) -> None:
        """Learn what other workers know of all models."""
        models = tuple(self._local)
        if models and self._may_ask():
            try:
                now, *texts = await self._read(models)
            except Exception as error:
                self._is_away(error)
                return
            for model, text in zip(models, texts, strict=True):
                self._local[model].recall(_memory(text, float(now)))

    async def enter(self, model: str) -> Told | None:
        """Ask for the right to make one request; None when the model is to be left alone."""
        if not self._may_ask():
            return self._local[model].enter()
        try:
            permit = await self._change(model, Breaker.enter)
        except Exception as error:
            self._is_away(error)
            return self._local[model].enter()
        return None if permit is None else _SharedPermit(self, model, permit._epoch)

    def tell(self, model: str, epoch: int, outcome: Callable[[Permit], None]) -> None:
        """Take in the outcome of a request, here at once and everywhere soon."""
        local = self._local[model]
        before = local.memory
        outcome(Permit(local, epoch))
        task = asyncio.create_task(self._share(model, epoch, outcome, before))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def told(self) -> None:
        """Return when everything that was told is known everywhere."""
        if self._telling:
            await asyncio.gather(*self._telling)

    async def _share(
        self, model: str, epoch: int, outcome: Callable[[Permit], None], before: Memory
    ) -> None:
        if not self._may_ask():
            return
        if before == self._local[model].memory and not before.is_probing:
            return  # a success among successes says nothing new
        try:
            await self._change(model, lambda breaker: outcome(Permit(breaker, epoch)))
        except Exception as error:
            self._is_away(error)

    async def _change(self, model: str, operation: Callable[[Breaker], R]) -> R:
        """Carry an operation out on the shared state, as if nobody else did so meanwhile."""
        for _ in range(MOST_CONFLICTS):
            now_text, text = await self._read((model,))
            now = float(now_text)
            breaker = self._new(lambda now=now: now)  # type: ignore[misc]
            before = _memory(text, now)
            breaker.recall(before)
            result = operation(breaker)
            if breaker.memory == before:
                self._local[model].recall(before)
                return result
            changed = self._text(breaker.memory, before, text, now)
            async with asyncio.timeout(ANSWER_SECONDS):
                replaced = await self._bus.redis.eval(
                    _REPLACE, 1, _name(model), text, changed, KEPT_SECONDS
                )
            if replaced:
                self._local[model].recall(breaker.memory)
                self._bus.tell(CHANNEL, {"model": model, "text": changed, "now": now})
                return result
        raise TimeoutError("too many changes at once")

    def _text(self, memory: Memory, before: Memory, text: str, now: float) -> str:
        """A memory for Redis, with moments instead of seconds from now."""
        probe_until = 0.0
        if memory.is_probing:
            # A worker that is killed does not say how its probe went.
            started = before.is_probing and text
            kept = float(json.loads(text)["probe_until"]) if started else 0.0
            probe_until = kept or now + self._settings.llm_total_deadline_seconds
        rests_until = now + memory.rest if memory.rest > 0 else 0.0
        content = {**asdict(memory), "probe_until": probe_until, "rests_until": rests_until}
        return json.dumps(content)

    async def _read(self, models: Sequence[str]) -> list[str]:
        """The time by Redis' clock, and what it knows of each model."""
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await self._bus.redis.eval(_READ, len(models), *map(_name, models))
        return [each.decode() for each in answer]

    def _hear(self, message: Message) -> None:
        if message["model"] in self._local:
            memory = _memory(message["text"], float(message["now"]))
            self._local[message["model"]].recall(memory)

    def _may_ask(self) -> bool:
        return self._bus.is_shared and time.monotonic() >= self._away_until

    def _is_away(self, error: Exception) -> None:
        log.warning("breakers.not_shared", reason=type(error).__name__)
        self._away_until = time.monotonic() + SECONDS_WITHOUT_REDIS

    def _new(self, clock: Callable[[], float]) -> Breaker:
        settings = self._settings
        return Breaker(settings.breaker_failures, settings.breaker_recovery_seconds, clock)


class _SharedPermit:
    """As ``Permit``, for a request that all workers know of."""

    def __init__(self, breakers: Breakers, model: str, epoch: int) -> None:
        self._breakers = breakers
        self._model = model
        self._epoch = epoch
        self._told = False

    def succeeded(self) -> None:
        """The model gave a validated answer."""
        self._tell(Permit.succeeded)

    def failed(self, failure: AttemptFailed) -> None:
        """The model gave none."""
        self._tell(lambda permit: permit.failed(failure))

    def released(self) -> None:
        """The request was given up by us."""
        self._tell(Permit.released)

    def _tell(self, outcome: Callable[[Permit], None]) -> None:
        if not self._told:
            self._told = True
            self._breakers.tell(self._model, self._epoch, outcome)


def _name(model: str) -> str:
    return f"{PREFIX}breaker:{model}"


def _memory(text: str, now: float) -> Memory:
    if not text:
        return Memory()
    content: dict[str, Any] = json.loads(text)
    return Memory(
        epoch=content["epoch"],
        is_open=content["is_open"],
        is_probing=content["is_probing"] and now < content["probe_until"],
        rest=round(max(0.0, content["rests_until"] - now), 3),
        failures=content["failures"],
        last_error=content["last_error"],
    )
