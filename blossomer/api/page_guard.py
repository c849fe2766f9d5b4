"""Sends people to the page they may see, before any HTML is served: no wrong page ever flashes.

For whole loads of pages; a page that opens another one without a load asks ``guards.py`` itself.
Nothing is protected by this: what a page shows comes with events, each of which is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blossomer.api.errors import is_api_path
from blossomer.errors import UserError
from blossomer.log import bind_user
from blossomer.services.guards import is_guarded, redirect_for
from blossomer.services.identity.sessions import SessionService

_LOADS = frozenset({"GET", "HEAD"})


class PageGuard:
    """Wraps the application; touches nothing but loads of pages.

    Args:
        app: The application.
        sessions: Who is signed in; gives None while that cannot be known.
    """

    def __init__(self, app: ASGIApp, sessions: Callable[[], SessionService | None]) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] not in _LOADS or is_api_path(path):
            await self._app(scope, receive, send)
            return
        guarded = is_guarded(path)
        headers = Headers(scope=scope)
        signed_in = await self._is_signed_in(headers.get("cookie")) if guarded else None
        if signed_in is not None:
            query = scope["query_string"].decode("latin-1")
            place = redirect_for(path, query, signed_in=signed_in)
            if place is not None:
                private = {"Cache-Control": "no-store", "Vary": "Cookie"}
                answer = RedirectResponse(place, status_code=303, headers=private)
                await answer(scope, receive, send)
                return

        async def send_page(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(raw=list(message.get("headers", [])))
                location = answered.get("location")
                if location is not None:
                    answered["Location"] = _without_origin(location, headers.get("host", ""))
                if guarded:
                    answered.add_vary_header("Cookie")
                if signed_in:
                    # The browser's back button must not show it after signing out.
                    answered["Cache-Control"] = "no-store"
                message = {**message, "headers": answered.raw}
            await send(message)

        await self._app(scope, receive, send_page)

    async def _is_signed_in(self, cookie: str | None) -> bool | None:
        """Whether somebody is; None when it cannot be known, and the page may load."""
        sessions = self._sessions()
        if sessions is None:
            return None
        try:
            identity = await sessions.identify(cookie)
        except UserError:
            return None
        bind_user(identity.user_id if identity else "")
        return identity is not None


def _without_origin(location: str, host: str) -> str:
    """An address of this server as a path alone.

    A page's address gets a slash at its end by a redirect that names the scheme and the host as the
    server sees them. Behind a proxy that is not what the browser has.
    """
    try:
        parts = urlsplit(location)
    except ValueError:  # the host is no host
        return location
    if not host or parts.netloc != host:
        return location
    return urlunsplit(("", "", f"/{parts.path.lstrip('/')}", parts.query, ""))
