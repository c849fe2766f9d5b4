"""How an answer on a path that generates says how many generations are left."""

from __future__ import annotations

from blossomer.api.rate_headers import PLAIN_HEADERS, of_generations
from blossomer.errors import UserError
from blossomer.services.operations import Operations

GENERATION_HEADERS = PLAIN_HEADERS
"""For the documentation of an answer."""


async def generation_headers(operations: Operations) -> dict[str, str]:
    """The headers; none when the counters cannot be reached."""
    try:
        remaining = await operations.remaining()
    except UserError:
        return {}
    return of_generations(remaining)
