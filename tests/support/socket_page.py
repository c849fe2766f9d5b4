"""A page without a browser: what one says and hears over the websocket, honest or not.

Speaks what Reflex's own script speaks (Socket.IO 4 over Engine.IO 4), so that a test can send any
event with any payload, from many tabs at once, and see every value that the server gives away.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from blossomer.state.requesting import ENTITY_INPUT

ROOT = "reflex___state____state"
PAGE = f"{ROOT}.blossomer___state___entity_page____entity_page_state"

_PACKET = re.compile(r"^4(\d)/_event,(.*)$", re.DOTALL)
_SUFFIX = "_rx_state_"

WAIT_SECONDS = 40.0


class ConnectionLost(AssertionError):
    """A page waits for something, and its connection ends."""


class SocketPage:
    """One tab.

    Args:
        url: Of the server, without a slash at the end.
        path: The page that it says it shows.
        cookie: The ``Cookie`` header of its connection.
        token: By which the server knows the tab; a new one by default.
        origin: That the connection claims; the server's by default.
        forwarded_for: What a proxy says of where it comes from.

    Attributes:
        values: Every variable the server has sent, by state and name.
        heard: Every packet, as text.
        redirected: Where the server has sent the page.
        given_token: Another token than its own that the server has given it.
        connections: How often it has connected.
        is_lost: Whether its connection is gone, though it was not closed from here.
        reason: What was said when that happened.
    """

    def __init__(
        self,
        url: str,
        path: str,
        *,
        cookie: str = "",
        token: str = "",
        origin: str = "",
        forwarded_for: str = "",
    ) -> None:
        self.url, self.path, self.cookie = url, path, cookie
        self.token = token or secrets.token_hex(18)
        self.origin = origin or url
        self._headers = {"Cookie": cookie, "X-Forwarded-For": forwarded_for}
        self.values: dict[str, dict[str, Any]] = {}
        self.heard: list[str] = []
        self.redirected: list[str] = []
        self.given_token = ""
        self.connections = 1
        self.is_lost = False
        self.reason = ""
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()

    async def __aenter__(self) -> SocketPage:
        await self.open()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Connect and load the page; another time, as a browser does that has lost its server."""
        address = self.url.replace("http", "ws", 1)
        self._socket = await connect(
            f"{address}/_event/?token={self.token}&EIO=4&transport=websocket",
            origin=Origin(self.origin),
            additional_headers={name: value for name, value in self._headers.items() if value},
            max_size=None,
        )
        first = {
            "event": {
                "name": f"{ROOT}.hydrate_and_load",
                "payload": {"hashes": []},
                "router_data": self._where(),
            }
        }
        await self._socket.send(f"40/_event,{json.dumps(first)}")
        self.is_lost = False
        self._reading = asyncio.create_task(self._read(self._socket))

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        if self._socket is not None:
            await self._socket.close()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def break_off(self) -> None:
        """Lose the connection, as a laptop that changes networks does."""
        assert self._socket is not None
        self._socket.transport.abort()

    @property
    def local_port(self) -> int:
        """Of its connection, by which the process at the other end can be found."""
        assert self._socket is not None
        return int(self._socket.local_address[1])

    @property
    def is_connected(self) -> bool:
        """Whether its connection stands, as far as it knows."""
        return self._reading is not None and not self.is_lost

    async def lost(self) -> None:
        """Return when its connection is gone."""
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def open_again(self) -> None:
        """Connect again with the same storage, as a page does by itself.

        Raises:
            OSError: Nobody can be reached.
            websockets.exceptions.WebSocketException: Nobody takes the connection.
        """
        await self.close()
        # A browser puts the token that it was given in the place of its own.
        self.token = self.given_token or self.token
        self.connections += 1
        # What the page shows until it hears again is kept, as in a browser; what has ended is not.
        self.values.get(PAGE, {}).pop("phase", None)
        await self.open()

    async def go(self, path: str) -> None:
        """Go to another page of the product without a new connection."""
        self.path = path
        await self.send_raw(f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal", {})

    async def go_where_sent(self, *, what: str) -> None:
        """Wait until the server sends the page elsewhere, and go there, as a browser does."""
        await self.until(lambda page: page.redirected, what=what)
        path = self.redirected[-1]
        self.redirected.clear()
        await self.go(path)

    async def send(self, handler: str, *, state: str = PAGE, **payload: Any) -> None:
        """Send an event to a handler of a state."""
        await self.send_raw(f"{state}.{handler}", payload)

    async def send_raw(self, name: str, payload: dict[str, Any]) -> None:
        """Send an event of any name."""
        event = {"name": name, "payload": payload, "router_data": self._where()}
        assert self._socket is not None
        await self._socket.send(f"42/_event,{json.dumps(['event', event])}")

    def get(self, name: str, state: str = PAGE) -> Any:
        """The last value of a variable."""
        return self.values.get(state, {}).get(name)

    @property
    def failure(self) -> str:
        """Code of the failure that the page tells of; empty without one."""
        return str((self.get("error") or {}).get("code") or "")

    async def until(self, condition: Callable[[SocketPage], Any], *, what: str = "") -> None:
        """Wait for something that the server tells.

        Raises:
            ConnectionLost: The connection ends before it comes.
            AssertionError: It does not come.
        """
        try:
            async with asyncio.timeout(WAIT_SECONDS), self._news:
                await self._news.wait_for(lambda: condition(self) or not self.is_connected)
                if not condition(self):
                    raise ConnectionLost(f"{what or condition} did not come: connection lost")
        except TimeoutError:
            tail = "\n".join(packet[:300] for packet in self.heard[-6:])
            names = (
                "save_state",
                "phase",
                "editing",
                "generating",
                "notice",
                "error",
                "document_id",
            )
            shown = {name: self.get(name) for name in names}
            raise AssertionError(f"{what or condition} did not come: {shown}\n{tail}") from None

    async def send_packet(self, packet: str) -> None:
        """Send what no page would."""
        assert self._socket is not None
        await self._socket.send(packet)

    async def loaded(self, phase: str = "ready") -> None:
        """Wait until the page shows this."""
        await self.until(lambda page: page.get("phase") == phase, what=f"phase {phase}")

    def texts(self, key: str) -> list[str]:
        """What stands on a card."""
        card = (self.get("cards") or {}).get(key) or {"statements": []}
        return [statement["text"] for statement in card["statements"]]

    async def edit_first(self, key: str, text: str) -> None:
        """Change the first item of a card, as the modal does, and wait until the page shows it."""
        await self.send("edit", key=key)
        await self.until(lambda page: page.get("editing") == key, what=f"the modal of {key}")
        row = self.get("edit_items")[0]["id"]
        await self.send("save_edit", form={f"row-{row}": text})
        await self.until(lambda page: page.get("editing") == "", what="the modal's end")

    async def start(self, website: str, entity: str = "company", **inputs: str) -> None:
        """Send the form of an entity, as its page does."""
        form = {ENTITY_INPUT: entity, "website_url": website, **inputs}
        await self.send("start", form=form)

    def _where(self) -> dict[str, str]:
        return {"pathname": self.path.partition("?")[0], "asPath": self.path}

    async def _read(self, socket: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        patience, alive_at = WAIT_SECONDS, loop.time()
        try:
            while True:
                async with asyncio.timeout_at(alive_at + patience):
                    packet = str(await socket.recv())
                if packet.startswith("0"):
                    # As Engine.IO's own client: it gives up on a server that has fallen silent.
                    told = json.loads(packet[1:])
                    patience = (told["pingInterval"] + told["pingTimeout"]) / 1000
                    alive_at = loop.time()
                if packet == "2":
                    alive_at = loop.time()
                    await socket.send("3")
                    continue
                found = _PACKET.match(packet)
                if found is None or found[1] != "2":
                    continue
                async with self._news:
                    self.heard.append(packet)
                    self._take(json.loads(found[2]))
                    self._news.notify_all()
        except ConnectionClosed as closed:
            await self._lose(closed.rcvd.reason if closed.rcvd else "")
        except TimeoutError:
            socket.transport.abort()
            await self._lose("silence")
        else:
            await self._lose("")

    async def _lose(self, reason: str) -> None:
        async with self._news:
            self.is_lost, self.reason = True, reason
            self._news.notify_all()

    def _take(self, message: Any) -> None:
        if message[0] == "new_token":
            self.given_token = message[1]
        if message[0] != "event":
            return
        update = message[1] if isinstance(message[1], dict) else json.loads(message[1])
        for state, delta in (update.get("delta") or {}).items():
            known = self.values.setdefault(state, {})
            known.update({name.removesuffix(_SUFFIX): value for name, value in delta.items()})
        for event in update.get("events") or ():
            if event.get("name") == "_redirect":
                self.redirected.append(event["payload"]["path"])
