"""Each request as a measurement and as a span: by its route's template, never by its address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from blossomer import metrics
from blossomer.api.errors import METHODS, is_api_path
from blossomer.log import current_request_id
from blossomer.tracing import span

SEEN = "blossomer.seen"
"""Where a request's scope holds a ``Seen``."""

UNROUTED = "unrouted"
"""Stands for a route where a request of the API was refused before one was looked for."""


@dataclass(slots=True)
class Seen:
    """What is learnt of a request on its way.

    Args:
        route: Template of its route, such as ``/demo/companies/generate-ai``.
        status: Of the answer; 0 when there was none.
    """

    route: str = ""
    status: int = 0


class NoteRoute:
    """Notes which route was found; it lies directly around the routes.

    Args:
        app: The application with the routes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        try:
            await self._app(scope, receive, send)
        finally:
            seen = scope.get(SEEN)
            if isinstance(seen, Seen):
                seen.route = str(getattr(scope.get("route"), "path", "") or "")


@contextmanager
def watched(scope: Scope) -> Iterator[Seen]:
    """Measure a request while the block lasts."""
    seen = Seen()
    scope[SEEN] = seen
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    started = time.perf_counter()
    with span(method, kind="server", request_id=current_request_id()) as spanned:
        try:
            yield seen
        finally:
            route = _route(scope["path"], seen)
            status = str(seen.status or "gone")
            metrics.REQUESTS.labels(method, route, status).inc()
            metrics.REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - started)
            spanned.rename(f"{method} {route}")
            spanned.set(route=route, status=seen.status)
            if seen.status >= 500:
                spanned.fail(status)


def _route(path: str, seen: Seen) -> str:
    if is_api_path(path):
        return seen.route or UNROUTED
    return "asset" if path.startswith("/assets/") else "page"
