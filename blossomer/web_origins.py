"""Which origins are our own: whose pages may open a websocket, post a form, be redirected to."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from blossomer.settings import WEB_PORTS, Settings

_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_LOCAL_ENDINGS = (".localhost", ".local", ".internal")


def allowed_origins(settings: Settings) -> list[str]:
    """The origins of pages that this server trusts, for example ``["http://localhost:3000"]``.

    With ``PUBLIC_URL`` that address, otherwise the names that a person types to reach a server on
    their own machine; and those of ``EXTRA_ORIGINS``. The usual one comes first.
    """
    if settings.public_url:
        own = [settings.public_url]
    else:
        hosts = dict.fromkeys(("localhost", "127.0.0.1", "[::1]", settings.host))
        own = [f"http://{host}:{settings.port}" for host in hosts if host not in ("0.0.0.0", "::")]  # noqa: S104
    return list(dict.fromkeys((*own, *settings.further_origins)))


def origin_with_host(settings: Settings, host: str) -> str | None:
    """The origin of ours that a ``Host`` header names, or None when it names another server.

    Args:
        settings: Those of the server.
        host: The header, which a client can choose.
    """
    if not _HOST.fullmatch(host):
        return None
    name = host.lower()
    for origin in allowed_origins(settings):
        scheme, _, authority = origin.partition("://")
        # Some clients name the scheme's own port, which an origin leaves out.
        if name in (authority, f"{authority}:{WEB_PORTS[scheme]}"):
            return origin
    return None


def is_own_origin(settings: Settings, origin: str, host: str) -> bool:
    """Whether a page of that origin is one of this server's.

    On one's own machine the address under which the server was reached counts too, when it is one
    that no foreign name server can point here: an IP address, or a name without a dot.

    Args:
        settings: Those of the server.
        origin: The ``Origin`` header, or the origin of an address.
        host: The ``Host`` header of the same request.
    """
    if origin in allowed_origins(settings):
        return True
    return (
        settings.environment == "development"
        and not settings.public_url
        and bool(host)
        and origin in (f"http://{host}", f"https://{host}")
        and _is_local_name(host)
    )


def own_origin(settings: Settings, scheme: str, host: str) -> str:
    """The origin under which this server was reached, or its usual one if that is not one of ours.

    Args:
        settings: Those of the server.
        scheme: ``http`` or ``https``.
        host: The ``Host`` header, which a client can choose.
    """
    reached = f"{scheme}://{host}"
    return reached if is_own_origin(settings, reached, host) else allowed_origins(settings)[0]


def _is_local_name(host: str) -> bool:
    """Whether a ``Host`` header names a machine that only this one's user can have meant."""
    if not _HOST.fullmatch(host):
        return False
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_LOCAL_ENDINGS)
    return True
