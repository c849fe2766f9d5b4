"""A company website on loopback, for tests and demonstrations: plain files, nothing generated.

``python -m tests.support.fixture_site --port 18090 --site hostile`` serves one until Ctrl-C. The
folder ``site`` is the site of Quayline, an invented company; its subfolders are other sites:
``hostile``, ``thin``, ``spa``, ``german``.
"""

from __future__ import annotations

import argparse
import mimetypes
import sys
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

SITES = Path(__file__).parent / "site"

_NOT_FOUND = b"<!doctype html><html lang=en><title>Not found</title><h1>Page not found</h1></html>"


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up, or are killed, in the middle of a request."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class FixtureSite:
    """Serve a folder on a free port of 127.0.0.1 while the context lasts.

    ``/pricing`` is ``pricing.html`` and ``/`` is ``index.html``; ``{base_url}`` in robots.txt and
    sitemap.xml becomes the address of the site.

    Args:
        site: A folder, or the name of one under ``tests/support/site``; empty for Quayline.
        port: Port to listen on; 0 for a free one.

    Attributes:
        base_url: For example ``http://127.0.0.1:41234``, without a slash at the end.
        host_port: For example ``127.0.0.1:41234``, as ``FETCH_ALLOW_HOSTS`` wants it.
        requests: Paths asked for so far, in order.
    """

    def __init__(self, site: str | Path = "", *, port: int = 0) -> None:
        self.folder = (SITES / site).resolve()
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)
        self.requests: list[str] = []
        self._server = _Server(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.host_port = f"127.0.0.1:{self._server.server_port}"
        self.base_url = f"http://{self.host_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Serve until interrupted."""
        self._thread.join()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Status, content type and body for a request path."""
        self.requests.append(path)
        file = self._file(unquote(urlsplit(path).path).strip("/"))
        if file is None:
            return HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", _NOT_FOUND
        body = file.read_bytes()
        if file.name in {"robots.txt", "sitemap.xml"}:
            body = body.replace(b"{base_url}", self.base_url.encode())
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        is_text = kind.startswith("text/") or kind.endswith("xml")
        return HTTPStatus.OK, f"{kind}; charset=utf-8" if is_text else kind, body

    def _file(self, path: str) -> Path | None:
        for name in (path, f"{path}.html", f"{path}/index.html".lstrip("/")):
            file = (self.folder / name).resolve() if "\0" not in name else self.folder
            if file.is_relative_to(self.folder) and file.is_file():
                return file
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, kind, body = site.answer(self.path)
                with suppress(ConnectionError):  # whoever asked may be gone
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler


def main() -> None:
    """Serve one site until Ctrl-C."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=18090)
    parser.add_argument("--site", default="", help="hostile, thin, spa, german; empty: Quayline")
    arguments = parser.parse_args()
    with FixtureSite(arguments.site, port=arguments.port) as site:
        print(f"Serving {site.folder.name} on {site.base_url}", flush=True)  # noqa: T201
        try:
            site.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
