"""In production: answers under the names that the settings know, and over HTTPS alone.

A foreign name in ``Host`` would end up in addresses that the server gives out, and lets the owner
of that name point it here (DNS rebinding). What is asked for without HTTPS can be read on the way.
Which names and which scheme a request has is decided before this, in ``middleware.py``.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from blossomer.api.errors import error_response, is_api_path
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.settings import Settings
from blossomer.web_origins import origin_with_host

log = get_logger(__name__)

MONITORED = frozenset({"/health", "/health/ready", "/metrics"})
"""Paths that monitors and the machinery around ask by address and without HTTPS, from within. They
give out no addresses and depend on no name."""

POLICY_VIOLATION = 1008
_LOADS = frozenset({"GET", "HEAD"})


class HostGuard:
    """Wraps the application; does nothing outside production.

    Args:
        app: The application.
        settings: For the names.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._is_on = settings.environment == "production"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        kind = scope["type"]
        if not self._is_on or kind not in ("http", "websocket") or scope["path"] in MONITORED:
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        origin = origin_with_host(self._settings, host)
        if origin is None:
            log.warning("host.refused", host=host[:200], path=scope["path"][:200])
            await _refuse(scope, receive, send, unknown_host())
        elif origin.startswith("https://") and scope.get("scheme") in ("http", "ws"):
            await _to_https(origin, scope, receive, send)
        else:
            await self._app(scope, receive, send)


def unknown_host() -> UserError:
    """The request was meant for another server, by its ``Host`` header."""
    # RFC 9110, section 15.5.20: no answer can be given for that name.
    return UserError(
        "unknown_host",
        "This server does not answer under that name.",
        "Use the address that you were given. Your own server: name it in PUBLIC_URL or "
        "EXTRA_ORIGINS, and let the proxy in front pass the Host header on.",
        status=421,
    )


def https_required() -> UserError:
    """Something was sent without HTTPS. It is not redirected: it has been read on the way."""
    return UserError(
        "https_required",
        "This server answers over HTTPS only.",
        "Send it to the https:// address. What was sent just now could be read on the way.",
        status=403,
    )


async def _to_https(origin: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Send loads of pages to HTTPS, and refuse everything else."""
    if scope["type"] == "http" and scope["method"] in _LOADS and not is_api_path(scope["path"]):
        path = quote(scope["path"], safe="/:@!$&'()*+,;=~-._")
        query = scope["query_string"].decode("latin-1")
        place = origin + path + (f"?{query}" if query else "")
        await RedirectResponse(place, status_code=308)(scope, receive, send)
    else:
        await _refuse(scope, receive, send, https_required())


async def _refuse(scope: Scope, receive: Receive, send: Send, reason: UserError) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason.message})
    elif is_api_path(scope["path"]):
        await error_response(reason)(scope, receive, send)
    else:
        words = f"{reason.message} {reason.action}\n"
        await PlainTextResponse(words, status_code=reason.status)(scope, receive, send)
