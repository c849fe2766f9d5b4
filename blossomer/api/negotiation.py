"""What a request may be sent as, and what an answer may be wanted as. Nothing is guessed.

The dependencies are coroutines though they wait for nothing: others are called in a thread, which
costs every request more than they do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request

from blossomer.api.sse import EVENTS, accepted_types
from blossomer.errors import UserError

JSON = "application/json"


async def takes_json(request: Request) -> None:
    """Refuse a body that is not sent as JSON. A dependency.

    Raises:
        UserError: ``unsupported_media_type`` (415).
    """
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == JSON or (kind.startswith("application/") and kind.endswith("+json")):
        return
    raise UserError(
        "unsupported_media_type",
        "The body is not sent as JSON.",
        "Send a JSON object with Content-Type: application/json; see /docs.",
        status=415,
    )


def gives(*kinds: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency that refuses a request that does not accept what is answered.

    Args:
        kinds: The media types that the path can answer with.
    """

    async def is_accepted(request: Request) -> None:
        """See ``gives``.

        Raises:
            UserError: ``not_acceptable`` (406).
        """
        header = request.headers.get("accept", "").strip()
        if not header:
            return
        weights = accepted_types(header)
        if any(_weight(kind, weights) > 0 for kind in kinds):
            return
        raise UserError(
            "not_acceptable",
            "This address does not answer with what the request accepts.",
            f"Send Accept: {' or '.join(kinds)}.",
            status=406,
        )

    return is_accepted


def _weight(kind: str, weights: dict[str, float]) -> float:
    """How much a media type is wanted; the most exact entry counts (RFC 9110, section 12.5.1)."""
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if name in weights:
            return weights[name]
    return 0.0


gives_json = gives(JSON)
"""For paths that answer with JSON."""

gives_json_or_events = gives(JSON, EVENTS)
"""For paths that answer with JSON, or with server-sent events to whoever prefers them."""
