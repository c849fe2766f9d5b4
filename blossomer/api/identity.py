"""Who calls a path of the API: by access token, or by the cookie of a browser that is signed in."""

from __future__ import annotations

from fastapi import Request

from blossomer.api.client import known_caller
from blossomer.api.csrf import require_same_origin
from blossomer.services.identity import causes
from blossomer.services.identity.model import Identity
from blossomer.services.runtime import get_runtime

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


async def caller_identity(request: Request) -> Identity | None:
    """The caller, or None when it is nobody in particular. A dependency.

    A token counts before a cookie. What changes something by a cookie must come from our own page.

    Raises:
        UserError: The token is refused (401); ``foreign_origin`` (403); or it cannot be known right
            now who it is (503).
    """
    runtime = get_runtime()
    authorization = request.headers.get("authorization")
    if authorization is not None:
        if authorization.partition(" ")[0].lower() != "bearer":
            raise causes.invalid_token()
        if runtime.sessions is None:
            raise causes.sign_in_unavailable()
    if runtime.sessions is None:
        return None
    caller = await known_caller(request.scope, runtime.sessions)
    if caller.refusal is not None:
        raise caller.refusal
    identity = caller.identity
    if authorization is not None:
        return identity
    if identity is not None and request.method not in _READING:
        require_same_origin(request, runtime.settings)
    return identity


async def required_identity(request: Request) -> Identity:
    """The caller, who must be somebody. A dependency.

    Raises:
        UserError: ``sign_in_required`` (401), and what ``caller_identity`` raises.
    """
    identity = await caller_identity(request)
    if identity is None:
        raise causes.sign_in_required()
    return identity
