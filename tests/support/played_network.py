"""Name resolution and the network beyond this machine, played for tests of the address guard."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import httpx

PUBLIC_ADDRESS = "93.184.215.14"


class PlayedResolver:
    """Answers from a table that may change, and remembers what it was asked.

    Args:
        table: Host to addresses; other hosts do not exist.
    """

    def __init__(self, table: dict[str, Sequence[str]]) -> None:
        self.table = table
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.table:
            raise OSError("no such host")
        return self.table[host]


class PlayedNetwork(httpx.AsyncBaseTransport):
    """Carries connections to public addresses to servers on loopback, or refuses them.

    Args:
        routes: ``address:port`` to the loopback port that plays it, in plain HTTP also for 443.
    """

    def __init__(self, routes: dict[str, int]) -> None:
        self.routes = routes
        self.connected: list[str] = []
        self.requests: list[httpx.Request] = []
        # No certificates: everything behind it is plain HTTP, and loading them is slow.
        trust_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._real = httpx.AsyncHTTPTransport(verify=trust_nobody, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        port = request.url.port or {"http": 80, "https": 443}[request.url.scheme]
        target = f"{request.url.host}:{port}"
        self.connected.append(target)
        self.requests.append(request)
        if target not in self.routes:
            raise httpx.ConnectError("refused") from ConnectionRefusedError()
        return await self._real.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(scheme="http", host="127.0.0.1", port=self.routes[target]),
                headers=request.headers,
                extensions=request.extensions,
            )
        )
