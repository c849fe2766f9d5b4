"""How an answer on a path that generates says how many generations are left."""

from __future__ import annotations

from typing import Any

from blossomer.errors import UserError
from blossomer.services.operations import Operations

GENERATION_HEADERS: dict[str, Any] = {
    "RateLimit-Limit": {"description": "Generations an hour.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {"description": "Left now.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {
        "description": "Seconds until one more is free.",
        "schema": {"type": "integer"},
    },
}
"""For the documentation of an answer."""


async def generation_headers(operations: Operations) -> dict[str, str]:
    """The headers; none when the counters cannot be reached."""
    try:
        remaining = await operations.remaining()
    except UserError:
        return {}
    return {
        "RateLimit-Limit": str(remaining.limit),
        "RateLimit-Remaining": str(remaining.left),
        "RateLimit-Reset": str(remaining.resets_in_seconds),
    }
