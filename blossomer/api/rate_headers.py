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


_STRUCTURED: dict[str, Any] = {
    POLICY: {
        "description": "Each limit: `q` in `w` seconds.",
        "schema": {"type": "string"},
        "example": '"generations";q=10;w=3600, "requests";q=600;w=60',
    },
    STATE: {
        "description": "Of each limit: `r` are left, and one more is free in `t` seconds.",
        "schema": {"type": "string"},
        "example": '"generations";r=8;t=3240, "requests";r=597;t=58',
    },
}
_RETRY = {
    "Retry-After": {
        "description": "Seconds after which it makes sense to try again.",
        "schema": {"type": "integer"},
    }
}


def describe(document: dict[str, Any], not_counted: frozenset[str]) -> None:
    """Add the headers to an OpenAPI document: to answers that succeed, or that say to wait.

    Args:
        document: It is changed.
        not_counted: Paths whose answers do not have them.
    """
    headers = document["components"].setdefault("headers", {})
    headers.update({**PLAIN_HEADERS, **_STRUCTURED, **_RETRY})
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                names = list(_RETRY) if status in ("429", "503") else []
                if path not in not_counted and (status[0] == "2" or status == "429"):
                    names += [POLICY, STATE, *PLAIN_HEADERS]
                for name in names:
                    reference = {"$ref": f"#/components/headers/{name}"}
                    answer.setdefault("headers", {}).setdefault(name, reference)


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
