"""What is open at this worker: pages' connections and requests. They are closed from one place.

When a worker is about to stop, or what pages hold cannot be reached, their connections are closed:
the browser says so and connects again by itself, to another worker if there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from blossomer.log import get_logger
from blossomer.services.bus import Bus

log = get_logger(__name__)

SERVICE_RESTART = 1012
TRY_AGAIN_LATER = 1013

REQUEST_SECONDS = 2.0
"""How long a request may go on that is under way when the worker is to stop."""

Close = Callable[[int, str], None]


class Doors:
    """The connections and requests of this worker.

    Args:
        bus: Without Redis, pages cannot be served by a worker that keeps there what they hold.
    """

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus = bus or Bus()
        self._bus.on_lost.append(self._lost)
        self._sockets: dict[object, tuple[str, Close]] = {}
        self._requests: set[asyncio.Task[object]] = set()
        self.is_leaving = False

    @property
    def sockets(self) -> int:
        """How many connections of pages are open."""
        return len(self._sockets)

    def refusal(self) -> str | None:
        """Why a page cannot be served now, for its browser; None when it can."""
        if self.is_leaving:
            return "This server is about to stop."
        if not self._bus.is_connected:
            return "This server cannot reach what it needs. Try again in a moment."
        return None

    @contextmanager
    def socket(self, close: Close, tab: str = "") -> Iterator[None]:
        """A connection of a page, as long as the block lasts.

        Args:
            close: Ends it, with a code and a reason.
            tab: By what the server knows the tab.
        """
        key = object()
        self._sockets[key] = tab, close
        try:
            yield
        finally:
            del self._sockets[key]

    @contextmanager
    def request(self) -> Iterator[None]:
        """A request that is answered by the present task, as long as the block lasts.

        It is cancelled when it takes long and the worker is to stop.
        """
        task = asyncio.current_task()
        if task is None:
            yield
            return
        self._requests.add(task)
        try:
            yield
        finally:
            self._requests.discard(task)

    def send_away(self, tab: str) -> None:
        """Have a page connect again, as what it holds may be otherwise than it shows."""
        for name, close in tuple(self._sockets.values()):
            if name == tab:
                close(TRY_AGAIN_LATER, "Try again in a moment.")

    async def leave(self) -> None:
        """Let nobody in any more, and everybody out."""
        self.is_leaving = True
        self._close_sockets(SERVICE_RESTART, "This server is about to stop.")
        if self._requests:
            _, left = await asyncio.wait(set(self._requests), timeout=REQUEST_SECONDS)
            for task in left:
                task.cancel("the server stops")

    def _close_sockets(self, code: int, reason: str) -> None:
        if self._sockets:
            log.info("doors.closing", sockets=len(self._sockets), code=code)
        for _, close in tuple(self._sockets.values()):
            close(code, reason)

    def _lost(self) -> None:
        # Also when Redis is back in a moment: what was under way has failed, and pages were not
        # told of it.
        self._close_sockets(TRY_AGAIN_LATER, "Try again in a moment.")
