"""How often a model has failed lately, for whoever watches the server. Decides nothing.

The breaker counts failures in a row, which is what it needs; a model that fails every second time
never opens it, and is seen here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 300.0
MOST = 500
"""Outcomes that are remembered of one model."""


class Outcomes:
    """Requests to one model by this process, and how they ended.

    Args:
        clock: Seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ended: deque[tuple[float, bool]] = deque(maxlen=MOST)

    def note(self, *, answered: bool) -> None:
        """One has ended, with a valid answer or without."""
        self._ended.append((self._clock(), answered))

    @property
    def count(self) -> int:
        """How many have ended in the last ``WINDOW_SECONDS``."""
        oldest = self._clock() - WINDOW_SECONDS
        while self._ended and self._ended[0][0] < oldest:
            self._ended.popleft()
        return len(self._ended)

    @property
    def failure_rate(self) -> float:
        """The part of them that failed, 0 to 1; 0 when there were none."""
        count = self.count
        return sum(not answered for _, answered in self._ended) / count if count else 0.0
