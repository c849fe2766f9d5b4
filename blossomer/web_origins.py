"""Which origins may open a websocket: an explicit list, for Reflex and for our own guard."""

from __future__ import annotations

from blossomer.settings import Settings


def allowed_origins(settings: Settings) -> list[str]:
    """The origins of pages that this server trusts, for example ``["http://localhost:3000"]``.

    With ``PUBLIC_URL`` that address alone; otherwise the names that a person types to reach a
    server on their own machine.
    """
    if settings.public_url:
        return [settings.public_url]
    hosts = dict.fromkeys(("localhost", "127.0.0.1", "[::1]", settings.host))
    return [f"http://{host}:{settings.port}" for host in hosts if host not in ("0.0.0.0", "::")]  # noqa: S104
