"""The websocket's door: who may open it, and what may come through.

Reflex takes any event, of any size, at any rate, from any client. This lets through what the pages
send. Whether an event may do what it asks is for its handler, which checks it again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blossomer import metrics
from blossomer.log import current_request_id, get_logger, no_ids
from blossomer.services.allowances import Allowance, Allowances
from blossomer.services.client_address import UNKNOWN, anonymous_key
from blossomer.services.doors import Doors
from blossomer.services.identity.cookies import Cookies
from blossomer.services.leases import Lease, Leases
from blossomer.services.redis import PREFIX, open_redis
from blossomer.settings import Settings
from blossomer.web_origins import is_own_origin

log = get_logger(__name__)

SOCKET_PATH = "/_event"
MAX_MESSAGE_BYTES = 512_000
MESSAGES_PER_SECOND = 20.0
MESSAGES_AT_ONCE = 80
"""A page that opens sends a dozen; a person who types and clicks, a few a second."""
BYTES_PER_SECOND = 200_000.0
BYTES_AT_ONCE = 2_000_000
"""A draft has about 30 KB. Reading one costs time that all other visitors wait for."""

POLICY_VIOLATION = 1008
UNSUPPORTED_DATA = 1003
MESSAGE_TOO_BIG = 1009
TRY_AGAIN_LATER = 1013

_KEPT_HEADERS = frozenset(
    {
        b"host", b"origin", b"cookie", b"user-agent", b"accept-language", b"connection",
        b"upgrade", b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-protocol",
        b"sec-websocket-extensions",
    }
)  # fmt: skip
"""What the application needs. Reflex sends all others back to the browser, those that a proxy
added among them."""

_HEARTBEATS = frozenset({"1", "3"})
"""Engine.IO: the client leaves, and the answer to the server's ping."""
_PACKET = re.compile(r"4([012])/_event,", re.ASCII)
"""Engine.IO's ``4`` is a message; in it Socket.IO's ``0`` connects, ``1`` leaves, ``2`` is an
event. The pages know one namespace and want no acknowledgements."""
_CONNECT_EVENT = "event"
"""Where the packet that connects carries the page's first event."""

KnownEvent = Callable[[str], bool]


class SocketGuard:
    """Wraps the application; touches nothing but the websocket.

    Args:
        app: The application.
        settings: For the origins and the limits.
        known_event: Whether there is an event handler of that name; None lets every name through.
        doors: Knows whether pages can be served now, and closes their connections.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        known_event: KnownEvent | None = None,
        doors: Callable[[], Doors] = Doors,
    ) -> None:
        self._app = app
        self._settings = settings
        self._known_event = known_event
        self._doors = doors
        self._most = settings.sockets_per_address
        self._places = Leases(open_redis(settings))
        self._of_addresses = Allowances(settings.address_events_per_second)
        self._cookies = Cookies(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self.allows(headers.get("origin", ""), headers.get("host", "")):
            log.warning("socket.refused", reason="origin", origin=headers.get("origin", "")[:200])
            await _refuse(receive, send, "This page may not connect to this server.")
            return
        doors = self._doors()
        if (reason := doors.refusal()) is not None:
            await _refuse(receive, send, reason, TRY_AGAIN_LATER)
            return
        key = anonymous_key((scope.get("client") or (UNKNOWN,))[0])
        place = await self._enter(key)
        if place is None:
            log.warning("socket.refused", reason="too many of one address")
            metrics.LIMITS_REFUSED.labels("sockets").inc()
            await _refuse(receive, send, "Too many pages are open at this address.")
            return
        scope = {**scope, "headers": [h for h in scope["headers"] if h[0] in _KEPT_HEADERS]}
        scope = self._bound_to_session(scope, headers)

        def is_in_time() -> bool:
            return self._of_addresses.take(key)

        connection = _Connection(receive, send, self._known_event, is_in_time)
        metrics.WEBSOCKETS.inc()
        try:
            # Tasks that the first connection starts serve all others too: without its ids.
            with no_ids(), doors.socket(connection.close):
                await self._app(scope, connection.receive, connection.send)
        finally:
            metrics.WEBSOCKETS.dec()
            await self._places.release(place)

    async def _enter(self, key: str) -> Lease | None:
        """A place for one more websocket of an address, if it has one, in all workers together.

        Those that were opened within a minute are counted as well as those that are open: each may
        leave a page's state behind, which is kept for an hour. While Redis cannot be reached this
        worker counts by itself: to turn everybody away would be worse than to count too few.
        """
        place = await self._places.take(f"sockets:{key}", self._most, alone=True)
        if place is None:
            return None
        opened = await self._places.take(f"opened:{key}", self._most, seconds=60, alone=True)
        if opened is None:
            await self._places.release(place)
            return None
        return place

    def _bound_to_session(self, scope: Scope, headers: Headers) -> Scope:
        """Make the session a part of the token under which the server keeps a tab's state.

        Reflex sends that state to whoever presents the token, before any handler can ask who it
        is. The token is in an address and in the browser's storage; the session's secret is in
        neither. Tokens of visitors are changed too: the server gives a second tab a token of its
        own making, which must lead nobody there who only presents it.
        """
        session = self._cookies.session_hash("; ".join(headers.getlist("cookie"))) or ""
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        bound = [
            (name, _bound(value, session) if name == "token" else value) for name, value in pairs
        ]
        return {**scope, "query_string": urlencode(bound).encode("latin-1")}

    def allows(self, origin: str, host: str) -> bool:
        """Whether a page of that origin may open the websocket.

        Browsers always send the header, so its absence is refused as well.
        """
        return is_own_origin(self._settings, origin, host)


def _bound(token: str, session: str) -> str:
    return f"{PREFIX}tab:{hashlib.sha256(f'{token} {session}'.encode()).hexdigest()[:36]}"


async def _refuse(receive: Receive, send: Send, reason: str, code: int = POLICY_VIOLATION) -> None:
    await receive()
    await send({"type": "websocket.close", "code": code, "reason": reason})


class _Connection:
    """One open websocket: weighs and counts what comes in.

    Args:
        receive: Of the connection.
        send: Of the connection.
        known_event: See ``SocketGuard``.
        is_in_time: Whether one more message may come from the address, over all its connections.
    """

    def __init__(
        self,
        receive: Receive,
        send: Send,
        known_event: KnownEvent | None,
        is_in_time: Callable[[], bool],
    ) -> None:
        self._receive = receive
        self._send = send
        self._known_event = known_event
        self._is_in_time = is_in_time
        self._messages = Allowance(MESSAGES_AT_ONCE, MESSAGES_PER_SECOND)
        self._bytes = Allowance(BYTES_AT_ONCE, BYTES_PER_SECOND)
        self._log = log.bind(request_id=current_request_id())
        self._is_connected = False
        self._closed = False
        self._left: Message = {}
        self._waiting: asyncio.Task[Message] | None = None

    async def send(self, message: Message) -> None:
        if not self._closed:
            await self._send(message)

    async def close(self, code: int, reason: str) -> None:
        """End it from here; what was sent until now still arrives."""
        self._left = {"type": "websocket.disconnect", "code": code, "reason": reason}
        if self._waiting is not None:
            # As long as somebody waits for a message, granian does not close: a page would hear of
            # it with its next sign of life.
            self._waiting.cancel()
            await asyncio.wait({self._waiting})
        await self.send({"type": "websocket.close", "code": code, "reason": reason})
        self._closed = True

    async def receive(self) -> Message:
        while True:
            message = await self._next()
            if message["type"] != "websocket.receive":
                return message
            code, reason = self._objection(message)
            if code:
                self._log.warning("socket.closed", reason=reason)
                metrics.LIMITS_REFUSED.labels("socket_messages").inc()
                await self.send({"type": "websocket.close", "code": code, "reason": reason})
                self._closed = True
                return {"type": "websocket.disconnect", "code": code, "reason": reason}
            if self._is_expected(message["text"]):
                return message
            self._log.info("socket.dropped", reason="unknown event")
            metrics.EVENTS_REFUSED.labels("unknown").inc()

    async def _next(self) -> Message:
        """The next message, or that this side has closed."""
        if not self._left:
            self._waiting = asyncio.create_task(self._received())
            try:
                return await self._waiting
            except asyncio.CancelledError:
                if not self._left:
                    raise
            finally:
                self._waiting = None
        return self._left

    async def _received(self) -> Message:
        return await self._receive()

    def _objection(self, message: Message) -> tuple[int, str]:
        text = message.get("text")
        if text is None:
            return UNSUPPORTED_DATA, "Only text messages are understood."
        size = len(text) if len(text) > MAX_MESSAGE_BYTES else len(text.encode())
        if size > MAX_MESSAGE_BYTES:
            return MESSAGE_TOO_BIG, "The message is too large."
        if not self._messages.take(1) or not self._bytes.take(size):
            return POLICY_VIOLATION, "Too many messages. Reload the page in a moment."
        if not self._is_in_time():
            return POLICY_VIOLATION, "Too many messages from this address. Wait a moment."
        return 0, ""

    def _is_expected(self, text: str) -> bool:
        """Whether a Socket.IO packet is one that the pages send.

        What they do not send would at best be a traceback in the log.
        """
        if text in _HEARTBEATS:
            return True
        packet = _PACKET.match(text)
        if packet is None:
            return False
        try:
            content = json.loads(text[packet.end() :] or "null")
        except (ValueError, RecursionError):
            return False
        if packet[1] == "0":
            return self._is_expected_connect(content)
        if packet[1] == "1":
            return content is None
        match content:
            case ["event", event]:
                return self._is_known(event)
            case ["ping"]:
                return True
            case ["client_error", {}]:
                return True
        return False

    def _is_expected_connect(self, content: Any) -> bool:
        """Whether it is the one packet that connects; each further one would open a new page."""
        if self._is_connected or not isinstance(content, dict | None):
            return False
        first = content.get(_CONNECT_EVENT) if content else None
        self._is_connected = first is None or self._is_known(first)
        return self._is_connected

    def _is_known(self, event: Any) -> bool:
        if not isinstance(event, dict) or not isinstance(event.get("name"), str):
            return False
        if not all(isinstance(event.get(part, {}), dict) for part in ("payload", "router_data")):
            return False
        return self._known_event is None or self._known_event(event["name"])
