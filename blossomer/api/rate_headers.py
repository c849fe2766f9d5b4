"""How an answer says what is left: headers by which a program can keep within its limits.

``RateLimit-Policy`` and ``RateLimit`` are those of the IETF's draft (draft-ietf-httpapi-ratelimit-
headers-10): structured fields in which several limits have a place, here ``requests`` and on the
paths that generate also ``generations``. ``RateLimit-Limit``, ``-Remaining`` and ``-Reset`` are the
ones of its earlier versions, which many clients know. They are about one limit: the generations
where there are any, else the requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.services.limits import Remaining

HOUR = 3600
MINUTE = 60

POLICY, STATE = "RateLimit-Policy", "RateLimit"

PLAIN_HEADERS: dict[str, Any] = {
    "RateLimit-Limit": {
        "description": "How many there are: generations an hour, or requests a minute.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Remaining": {"description": "Left now.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {
        "description": "Seconds until one more is free.",
        "schema": {"type": "integer"},
    },
}
"""For the documentation of an answer."""


def of_requests(remaining: Remaining) -> dict[str, str]:
    """The headers of an answer to any request."""
    return _headers("requests", remaining, MINUTE)


def of_generations(remaining: Remaining) -> dict[str, str]:
    """The headers of an answer on a path that generates."""
    return _headers("generations", remaining, HOUR)


def joined(general: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Both counts in the fields that take several; the answer's own in the others.

    Args:
        general: From ``of_requests``.
        own: What the answer says itself, in lower or upper case.
    """
    given = {name.lower(): value for name, value in own.items()}
    result = {}
    for name, value in general.items():
        before = given.get(name.lower())
        if before is None:
            result[name] = value
        elif name in (POLICY, STATE):
            result[name] = f"{before}, {value}"
    return result


def _headers(name: str, remaining: Remaining, window: int) -> dict[str, str]:
    return {
        POLICY: f'"{name}";q={remaining.limit};w={window}',
        STATE: f'"{name}";r={remaining.left};t={remaining.resets_in_seconds}',
        "RateLimit-Limit": str(remaining.limit),
        "RateLimit-Remaining": str(remaining.left),
        "RateLimit-Reset": str(remaining.resets_in_seconds),
    }
