"""The circuit breaker of one model: leave it alone after failures, then try it once.

Knows time and outcomes only; what a failure is, ``failures.py`` says. The three states and the
single probe follow the pattern as Michael Nygard describes it in "Release It!".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from blossomer.services.llm.failures import NEEDS_A_PERSON, AttemptFailed, Cause

State = Literal["closed", "open", "half-open"]

LONG_REST = 10
"""How many times longer a model rests when only a person can mend it (a wrong key)."""

_NOT_ITS_FAULT: frozenset[Cause] = frozenset({"refused"})
"""A request that was turned down for what it contains says nothing about the next one."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that a breaker knows, for one on another worker.

    Args:
        epoch: How often it has changed its state.
        is_open: Whether the model is left alone, or probed.
        is_probing: Whether a probe is under way.
        rest: Seconds until the model may be asked again.
        failures: Failures in a row.
        last_error: Why the last request failed.
    """

    epoch: int = 0
    is_open: bool = False
    is_probing: bool = False
    rest: float = 0.0
    failures: int = 0
    last_error: Cause | None = None


class Permit:
    """The right to make one request. Exactly one outcome may be told; later ones do nothing.

    Outcomes of requests that began before the breaker last changed its state are ignored: a slow
    failure from before must not undo a probe that has succeeded since.
    """

    __slots__ = ("_breaker", "_epoch", "_told")

    def __init__(self, breaker: Breaker, epoch: int) -> None:
        self._breaker = breaker
        self._epoch = epoch
        self._told = False

    def succeeded(self) -> None:
        """The model gave a validated answer."""
        if self._first_word():
            self._breaker._succeeded()

    def failed(self, failure: AttemptFailed) -> None:
        """The model gave none."""
        if self._first_word():
            self._breaker._failed(failure)

    def released(self) -> None:
        """The request was given up by us: no judgement, but the probe's place is free again."""
        if self._first_word():
            self._breaker._released()

    def _first_word(self) -> bool:
        first = not self._told and self._epoch == self._breaker._epoch
        self._told = True
        return first


class Breaker:
    """Decides whether a model may be asked now.

    Not thread-safe; all its methods are plain functions, so that within one event loop each of
    them is atomic and of many tasks that ask at once exactly one gets the probe.

    Args:
        failures: Failures in a row that open it.
        recovery_seconds: Rest before it is tried again.
        clock: Seconds that only grow; given by tests.
    """

    def __init__(
        self,
        failures: int,
        recovery_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._recovery = recovery_seconds
        self._clock = clock
        self._epoch = 0
        self._open = False
        self._probing = False
        self._rests_until = 0.0
        self.failures = 0
        self.last_error: Cause | None = None

    @property
    def state(self) -> State:
        """``open`` also while the provider has asked to be left alone (Retry-After)."""
        if self.retry_in > 0:
            return "open"
        return "half-open" if self._open else "closed"

    @property
    def retry_in(self) -> float:
        """Seconds until the model may be asked again; 0 when it may be asked now."""
        return max(0.0, self._rests_until - self._clock())

    def enter(self) -> Permit | None:
        """Ask for the right to make one request; None when the model is to be left alone."""
        state = self.state
        if state == "open" or (state == "half-open" and self._probing):
            return None
        if state == "half-open":
            self._probing = True
        return Permit(self, self._epoch)

    @property
    def memory(self) -> Memory:
        """All that is known now."""
        return Memory(
            epoch=self._epoch,
            is_open=self._open,
            is_probing=self._probing,
            # What is the same must look the same after it was added to another clock's time.
            rest=round(self.retry_in, 3),
            failures=self.failures,
            last_error=self.last_error,
        )

    def recall(self, memory: Memory) -> None:
        """Know this from now on, and nothing else."""
        self._epoch, self._open, self._probing = memory.epoch, memory.is_open, memory.is_probing
        self._rests_until = self._clock() + memory.rest if memory.rest > 0 else 0.0
        self.failures, self.last_error = memory.failures, memory.last_error

    def _succeeded(self) -> None:
        self.failures = 0
        self.last_error = None
        if self._open:
            self._change(is_open=False)

    def _failed(self, failure: AttemptFailed) -> None:
        self.last_error = failure.cause
        if failure.cause in _NOT_ITS_FAULT:
            self._released()
            return
        if failure.retry_after is not None:
            self._rests_until = max(self._rests_until, self._clock() + failure.retry_after)
        if failure.cause == "rate_limited" and failure.retry_after is not None:
            # An appointment rather than a fault: the model is well and says when to come back.
            self._released()
            return
        self.failures += 1
        if failure.cause in NEEDS_A_PERSON:
            self._rest(self._recovery * LONG_REST)
        elif self._open or self.failures >= self._limit:
            self._rest(self._recovery)

    def _released(self) -> None:
        self._probing = False

    def _rest(self, seconds: float) -> None:
        self._rests_until = max(self._rests_until, self._clock() + seconds)
        self._change(is_open=True)

    def _change(self, *, is_open: bool) -> None:
        self._epoch += 1
        self._open = is_open
        self._probing = False
