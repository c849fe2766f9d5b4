"""How fast something may come: so many at once, and so many a second from then on.

In this process alone. What is protected is its own time, which all who are connected to it share;
a count over several workers would cost a question to Redis with every key that is pressed.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

SECONDS_SAVED_UP = 10.0
"""What was not used for so long may come at once."""

MOST_KEYS = 20_000


class Allowance:
    """A bucket of tokens for one key (RFC 2697 calls the same a committed burst size and rate).

    Args:
        at_once: Most that may come at once.
        per_second: How much comes back in a second.
        clock: Seconds that only ever grow.
    """

    __slots__ = ("_at_once", "_clock", "_left", "_per_second", "_refilled")

    def __init__(
        self, at_once: float, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once = self._left = at_once
        self._per_second = per_second
        self._clock = clock
        self._refilled = clock()

    def take(self, amount: float = 1.0) -> bool:
        """Whether so much may come now. Only what may is taken off."""
        now = self._clock()
        self._left += (now - self._refilled) * self._per_second
        self._left = min(self._left, self._at_once)
        self._refilled = now
        if self._left < amount:
            return False
        self._left -= amount
        return True


class Allowances:
    """An allowance for each key.

    Args:
        per_second: Of each key, on average; ``SECONDS_SAVED_UP`` times as many at once.
        most_keys: Keys that are remembered. The longest unused are forgotten, and begin anew.
        clock: Seconds that only ever grow.
    """

    def __init__(
        self,
        per_second: float,
        *,
        most_keys: int = MOST_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._most_keys = most_keys
        self._clock = clock
        self._of: OrderedDict[str, Allowance] = OrderedDict()

    def take(self, key: str, amount: float = 1.0) -> bool:
        """Whether so much may come now from a key."""
        allowance = self._of.get(key)
        if allowance is None:
            at_once = self._per_second * SECONDS_SAVED_UP
            allowance = self._of[key] = Allowance(at_once, self._per_second, self._clock)
            if len(self._of) > self._most_keys:
                self._of.popitem(last=False)
        self._of.move_to_end(key)
        return allowance.take(amount)
