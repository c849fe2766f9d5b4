"""Firecrawl's scrape endpoint on loopback, able to fail in the ways the real one does.

Speaks ``POST /v2/scrape`` over real HTTP, as firecrawl-py 4.53 calls it.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class FakeFirecrawl:
    """Answers with ``pages`` (URL to HTML), or as ``failure`` says. Use it as a context manager.

    Attributes:
        pages: URL without a slash at the end, to the HTML after scripts have run.
        metadata: URL to metadata that replaces the usual one.
        failure: Status of every answer; 0 for ``success: false`` with status 200, None for none.
        body: Sent instead of everything else, as it is.
        hang: Never answer.
        asked: The JSON bodies of all requests, in order.
        keys: The Authorization header of each.
    """

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.metadata: dict[str, dict[str, Any]] = {}
        self.failure: int | None = None
        self.body: bytes | None = None
        self.hang = False
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def base_url(self) -> str:
        """For FIRECRAWL_API_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, url: str) -> tuple[int, dict[str, Any]]:
        """Status and body for one URL."""
        if self.failure is not None:
            return self.failure or 200, {"success": False, "error": "SECRET internal detail"}
        html = self.pages.get(url.rstrip("/"))
        if html is None:
            return 500, {"success": False, "error": "no such page", "code": "UNKNOWN_ERROR"}
        metadata = {"sourceURL": url, "url": url, "statusCode": 200, "title": "x"}
        metadata.update(self.metadata.get(url.rstrip("/"), {}))
        return 200, {"success": True, "data": {"rawHtml": html, "metadata": metadata}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                asked = json.loads(self.rfile.read(length))
                fake.asked.append(asked)
                fake.keys.append(self.headers.get("Authorization", ""))
                if fake.hang:
                    fake._released.wait()
                    return
                status, content = fake.answer(asked["url"])
                body = fake.body if fake.body is not None else json.dumps(content).encode()
                self.send_response(status if self.path == "/v2/scrape" else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        return Handler
