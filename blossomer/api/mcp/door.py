"""``/mcp``: who may come in, and the life of the SDK's transport.

Every request is complete in itself (the protocol's stateless mode), so it does not matter which
worker or replica answers the next one.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from blossomer.api.csrf import require_same_origin
from blossomer.api.identity import caller_identity
from blossomer.log import get_logger
from blossomer.services.identity import causes
from blossomer.services.operations import Operations
from blossomer.services.runtime import get_runtime

log = get_logger(__name__)

MCP_PATH = "/mcp"


class McpDoor:
    """The transport, which begins with the first request and ends with the server.

    The SDK wants its parts to end in the task in which they began; that task is kept here.
    """

    def __init__(self) -> None:
        self._manager: Any = None
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Event = asyncio.Event()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, which has been let in."""
        if self._task is None or self._task.done():
            self._ready = asyncio.Event()
            self._task = asyncio.create_task(self._live())
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not self._ready.is_set():
            await self._task  # says why it could not begin
        await self._manager.handle_request(scope, receive, send)

    async def stop(self) -> None:
        """End what has begun."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _live(self) -> None:
        self._manager = await asyncio.to_thread(_manager)
        async with self._manager.run():
            self._ready.set()
            await asyncio.Event().wait()


def _manager() -> Any:
    """The SDK's transport; loading it takes two seconds in which others shall not wait."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415

    from blossomer.api.mcp.server import create_server  # noqa: PLC0415

    return StreamableHTTPSessionManager(create_server(), stateless=True)


def mcp_router(door: McpDoor) -> APIRouter:
    """The one path of the protocol. It is no part of the OpenAPI document: it describes itself."""
    router = APIRouter(include_in_schema=False)

    @router.api_route(MCP_PATH, methods=["GET", "POST", "DELETE"])
    async def mcp(request: Request) -> Response:
        # Only tokens count here: a page of somebody else's cannot make a browser send one.
        if request.headers.get("authorization") is None:
            raise causes.sign_in_required()
        identity = await caller_identity(request)
        if identity is None:
            raise causes.sign_in_required()
        if "origin" in request.headers:
            require_same_origin(request, get_runtime().settings)
        request.state.operations = Operations(get_runtime(), identity)
        return _Handed(door)

    return router


class _Handed(Response):
    """Leaves the answer to the transport."""

    def __init__(self, door: McpDoor) -> None:
        self._door = door
        self.background = None
        self.status_code = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._door.handle(scope, receive, send)
