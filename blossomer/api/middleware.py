"""The outermost layer around pages and API: request ids, addresses, sizes, headers, the log line.

Sees every request and decides nothing about its meaning. The websocket's own rules are in
``socket_guard.py``, the headers in ``security_headers.py``.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blossomer.api import rate_headers
from blossomer.api.client import UNLIMITED, Counted, RequestLimit, too_many_requests
from blossomer.api.errors import (
    METHODS,
    NO_PATH_TAKES,
    error_response,
    internal_error,
    is_api_path,
    too_large,
    too_slow,
)
from blossomer.api.host_guard import HostGuard
from blossomer.api.leaving import Leaving
from blossomer.api.plan_export import IMPORT_BYTES, IMPORT_PATH
from blossomer.api.security_headers import SecurityHeaders
from blossomer.api.socket_guard import KnownEvent, SocketGuard
from blossomer.api.watching import SEEN, watched
from blossomer.errors import UserError
from blossomer.log import bind_request, get_logger
from blossomer.services.client_address import client_address, client_scheme
from blossomer.services.doors import Doors
from blossomer.settings import Settings, get_settings

log = get_logger(__name__)

MAX_BODY_BYTES = 200_000
"""A pasted description of 50,000 characters in any script, and the rest of the form."""

LARGER_BODIES = {IMPORT_PATH: IMPORT_BYTES}
"""Paths that take more."""

BODY_SECONDS = 20.0
"""Longest wait for a whole body. A client that sends a byte now and then would hold its place, of
which there is a number, for as long as it likes."""

NOT_MODIFIED = 304

BUILT_PAGES = Path(".web/build/client")

_REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
_PROXY_HEADERS = frozenset(
    {
        b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port",
        b"x-forwarded-scheme", b"x-forwarded-ssl", b"x-real-ip", b"forwarded", b"x-client-ip",
        b"asgi-scope-client",
    }
)  # fmt: skip


def wrap(
    app: ASGIApp,
    *,
    settings: Settings | None = None,
    known_event: KnownEvent | None = None,
    pages: Path = BUILT_PAGES,
    doors: Callable[[], Doors] = Doors,
) -> ASGIApp:
    """Put the outer layer around the whole application.

    Args:
        app: The application: pages and API.
        settings: Those of the process by default.
        known_event: Whether there is an event handler of that name; see ``SocketGuard``.
        pages: Folder of the built pages.
        doors: Those of the worker; see ``SocketGuard`` and ``Leaving``.
    """
    settings = settings or get_settings()
    guarded = HostGuard(SocketGuard(app, settings, known_event, doors), settings)
    return Outside(Leaving(guarded, doors), settings, pages)


class Outside:
    """See ``wrap``."""

    def __init__(self, app: ASGIApp, settings: Settings, pages: Path) -> None:
        self._app = app
        self._hops = settings.trusted_proxy_hops
        self._headers = SecurityHeaders(settings, pages)
        self._limit = RequestLimit(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else uuid4().hex
        unbind = bind_request(request_id)
        try:
            scope = self._as_the_client_sent_it(scope, headers)
            if scope["type"] == "http":
                with watched(scope):
                    await self._http(scope, receive, send, request_id)
            else:
                await self._websocket(scope, receive, send)
        finally:
            unbind()

    def _as_the_client_sent_it(self, scope: Scope, headers: Headers) -> Scope:
        """Make the socket's peer the client, so that everyone inside counts the same address.

        The scheme, too, is that between the client and the proxies. The headers it was taken from
        go no further: nothing inside can believe them by mistake.
        """
        peer = scope.get("client")
        address = client_address(
            peer[0] if peer else None, headers.getlist("x-forwarded-for"), self._hops
        )
        return {
            **scope,
            "client": (address, peer[1] if peer else 0),
            "scheme": client_scheme(
                scope.get("scheme", "http"), headers.getlist("x-forwarded-proto"), self._hops
            ),
            "headers": [h for h in scope["headers"] if h[0] not in _PROXY_HEADERS],
        }

    async def _http(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        path: str = scope["path"]
        started = time.perf_counter()
        status = 0
        counted: Counted | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=list(message.get("headers", [])))
                content_type = headers.get("content-type", "")
                # "Not modified" says nothing of the type, and what it says replaces what the
                # browser has kept of the answer: a page would lose its policy with a reload.
                if status != NOT_MODIFIED:
                    for name, value in self._headers.for_answer(path, content_type).items():
                        headers.setdefault(name, value)
                headers["X-Request-ID"] = request_id
                if counted is not None:
                    general = rate_headers.of_requests(counted.remaining)
                    headers.update(rate_headers.joined(general, headers))
                message = {**message, "headers": headers.raw}
            await send(message)

        try:
            if is_api_path(path):
                # Before the body, which nobody need read of a request that is one too many.
                counted = await self._limit.count(scope)
                if counted is not None and counted.is_over:
                    raise too_many_requests(counted.remaining)
            bounded = await _bounded(scope, receive)
            inner = scope
            if is_api_path(path) and scope["method"] not in METHODS:
                inner = {**scope, "method": NO_PATH_TAKES}
            await self._app(inner, bounded, send_with_headers)
        except UserError as refusal:
            # What is left of the body is not waited for.
            answer: Response = error_response(refusal, {"Connection": "close"})
            await answer(scope, receive, send_with_headers)
        except Exception as error:
            log.error("request.broke", method=scope["method"], path=path, exc_info=error)
            if not status:
                answer = (
                    error_response(internal_error())
                    if is_api_path(path)
                    else PlainTextResponse("Internal Server Error", status_code=500)
                )
                await answer(scope, receive, send_with_headers)
        finally:
            scope[SEEN].status = status
            # What the pages are made of, and what monitoring asks every few seconds.
            routine = path.startswith("/assets/") or path in UNLIMITED
            level = log.debug if routine and status < 400 else log.info
            level(
                "request",
                method=scope["method"],
                path=path[:300],
                status=status or "gone",
                ms=round((time.perf_counter() - started) * 1000, 1),
            )

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            log.error("socket.broke", path=scope["path"][:300], exc_info=error)
        finally:
            seconds = round(time.perf_counter() - started, 1)
            log.info("socket", path=scope["path"][:300], seconds=seconds)


async def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Read the body, and return a ``receive`` that gives it again.

    Raises:
        UserError: It is larger than the path takes, or slower than ``BODY_SECONDS``.
    """
    most = LARGER_BODIES.get(scope["path"], MAX_BODY_BYTES)
    headers = Headers(scope=scope)
    length = headers.get("content-length")
    if length is not None and not (length.isdigit() and int(length) <= most):
        raise too_large(most)
    if not (int(length or 0) or "transfer-encoding" in headers) and (
        length is not None or scope["method"] in ("GET", "HEAD", "OPTIONS")
    ):
        return receive
    try:
        async with asyncio.timeout(BODY_SECONDS):
            pending: Message | None = await _whole_body(receive, most)
    except TimeoutError:
        raise too_slow() from None

    async def replay() -> Message:
        nonlocal pending
        if pending is not None:
            message, pending = pending, None
            return message
        return await receive()

    return replay


async def _whole_body(receive: Receive, most: int) -> Message:
    """The body in one message, or the one that says that the client went away."""
    body, more = bytearray(), True  # grows in place, however small the pieces are
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            raise too_large(most)
    return {"type": "http.request", "body": bytes(body), "more_body": False}
