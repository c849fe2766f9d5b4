"""Requests that are under way when their server is to stop: they end in time, with words.

Which those are, and when they must end, ``services/doors.py`` decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blossomer.errors import UserError
from blossomer.services.doors import Doors


class Leaving:
    """Wraps the application; touches requests only.

    Args:
        app: The application.
        doors: Those of the worker.
    """

    def __init__(self, app: ASGIApp, doors: Callable[[], Doors]) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection.

        Raises:
            UserError: ``server_stopping`` (503), when nothing has been answered yet.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        doors = self._doors()
        try:
            with doors.request():
                await self._app(scope, receive, noting)
        except asyncio.CancelledError:
            if not doors.is_leaving or has_begun:
                raise
            raise _stopping() from None


def _stopping() -> UserError:
    return UserError(
        "server_stopping",
        "This server is being stopped, so what you asked for was not finished.",
        "Try again: another server answers, or this one in a moment.",
        status=503,
        retry_after=2,
    )
