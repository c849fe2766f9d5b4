"""Is it one of our own pages that asks? For every request that changes something by a cookie.

A browser sends our cookies with what a foreign page makes it send; ``SameSite`` keeps most of that
away, and this keeps away the rest (other ports of the same machine, sibling subdomains).
"""

from __future__ import annotations

from fastapi import Request

from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.settings import Settings
from blossomer.web_origins import is_own_origin

log = get_logger(__name__)


def require_same_origin(request: Request, settings: Settings) -> None:
    """Refuse a request that does not come from a page of this server.

    ``Origin`` decides where it is sent, which browsers do with every POST; without it
    ``Sec-Fetch-Site`` does. A request with neither is refused: what is not a browser can
    authenticate with an access token, which no browser sends by itself.

    Raises:
        UserError: ``foreign_origin`` (403).
    """
    origin = request.headers.get("origin")
    if origin is not None:
        if is_own_origin(settings, origin, request.headers.get("host", "")):
            return
    elif request.headers.get("sec-fetch-site") == "same-origin":
        return
    log.warning("csrf.refused", origin=(origin or "")[:200], path=request.url.path[:200])
    raise UserError(
        "foreign_origin",
        "That request did not come from a page of this site.",
        "Load the page again and repeat what you did.",
        status=403,
    )
