"""Who calls the API, and the wide limit on how often."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from starlette.datastructures import Headers
from starlette.types import Scope

from blossomer import metrics
from blossomer.errors import UserError
from blossomer.log import bind_user, get_logger
from blossomer.services.client_address import ANONYMOUS, anonymous_key, client_address
from blossomer.services.identity.model import Identity
from blossomer.services.identity.sessions import SessionService
from blossomer.services.limits import Remaining, in_words
from blossomer.services.redis import PREFIX
from blossomer.services.runtime import get_runtime
from blossomer.settings import Settings

log = get_logger(__name__)

UNLIMITED = frozenset({"/health", "/health/", "/health/ready", "/health/ready/", "/metrics"})
"""What monitors ask, often and from one address: a refusal would look like an outage."""

KNOWN_CALLER = "blossomer.caller"
"""Where a request's scope holds a ``Caller``."""

IDENTITY_SECONDS = 1.0
"""Longest wait to learn who is counted. After it, the address is; the path may ask for longer."""


def caller_key(request: Request, settings: Settings) -> str:
    """The key under which a caller without an account is counted, as the pages count it.

    Behind the outer layer the proxy headers have already been resolved and removed; the result is
    the same either way.
    """
    address = client_address(
        request.client.host if request.client else None,
        request.headers.getlist("x-forwarded-for"),
        settings.trusted_proxy_hops,
    )
    return anonymous_key(address)


@dataclass(slots=True)
class Caller:
    """What is known of a request's caller, asked once.

    Args:
        identity: Who it is; None when it is nobody in particular.
        refusal: Why it cannot be known, or is not believed.
    """

    identity: Identity | None = None
    refusal: UserError | None = None


async def known_caller(scope: Scope, sessions: SessionService) -> Caller:
    """Who sends a request, by its access token, else by its cookie. Asked once for each request.

    Args:
        scope: The request's.
        sessions: Who is signed in.
    """
    known: Caller | None = scope.get(KNOWN_CALLER)
    if known is not None:
        return known
    headers = Headers(scope=scope)
    authorization = headers.get("authorization")
    caller = Caller()
    try:
        if authorization is not None:
            token = authorization.partition(" ")[2].strip()
            caller.identity = await sessions.identify_bearer(token)
        else:
            caller.identity = await sessions.identify(headers.get("cookie"))
    except UserError as error:
        caller.refusal = error
    if caller.identity is not None:
        bind_user(caller.identity.user_id)
    scope[KNOWN_CALLER] = caller
    return caller


@dataclass(frozen=True, slots=True)
class Counted:
    """What a request was counted against: how many there are in a minute, and what is left."""

    is_over: bool
    remaining: Remaining


class RequestLimit:
    """Counts requests of the API: by user when somebody is signed in, else by address.

    One count for all paths, in the storage that also counts generations. While that cannot be
    reached each worker counts by itself: reading must not depend on it, and generations refuse by
    themselves.

    Args:
        settings: The two numbers, and where the counters are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._of_address = f"{settings.api_requests_per_minute}/minute"
        self._of_user = f"{settings.user_requests_per_minute}/minute"
        self._limiter = Limiter(
            key_func=lambda request: request.state.limit_key,
            storage_uri=_storage_uri(settings),
            storage_options=_storage_options(settings),
            strategy="moving-window",
            in_memory_fallback_enabled=True,
            swallow_errors=True,
        )

        @self._limiter.shared_limit(self._amount, scope="api")
        def counted(request: Request) -> None:
            """Raises ``RateLimitExceeded``."""

        self._count: Callable[..., None] = counted

    async def count(self, scope: Scope) -> Counted | None:
        """Count one request.

        Returns:
            What is left; None when it is not counted.
        """
        if scope["path"] in UNLIMITED:
            return None
        key = await self._key(scope)
        if self._settings.redis_url is None:
            return self._counted(scope, key)
        # slowapi talks to Redis synchronously.
        return await asyncio.to_thread(self._counted, scope, key)

    async def _key(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        sessions = get_runtime().sessions
        if sessions is not None and ("authorization" in headers or "cookie" in headers):
            try:
                async with asyncio.timeout(IDENTITY_SECONDS):
                    caller = await known_caller(scope, sessions)
                if caller.identity is not None:
                    return f"user:{caller.identity.user_id}"
            except TimeoutError:
                log.warning("limits.caller_unknown")
        client = scope.get("client")
        return anonymous_key(client[0] if client else "")

    def _amount(self, key: str) -> str:
        return self._of_address if key.startswith(f"{ANONYMOUS}:") else self._of_user

    def _counted(self, scope: Scope, key: str) -> Counted | None:
        request = Request({**scope, "state": {"limit_key": key, "view_rate_limit": None}})
        is_over = False
        try:
            self._count(request=request)
        except RateLimitExceeded:
            is_over = True
            metrics.LIMITS_REFUSED.labels("requests").inc()
        against: tuple[RateLimitItem, Sequence[str]] | None = request.state.view_rate_limit
        if against is None:
            return None  # the storage failed, and so did the one in its place
        item, names = against
        try:
            resets_at, left = self._limiter.limiter.get_window_stats(item, *names)
        except Exception as error:
            log.warning("limits.unreachable", reason=type(error).__name__)
            return None
        seconds = 0 if left >= item.amount else max(1, math.ceil(resets_at - time.time()))
        return Counted(is_over, Remaining(item.amount, max(0, int(left)), seconds))


def too_many_requests(remaining: Remaining) -> UserError:
    """More requests than are allowed in a minute."""
    return UserError(
        "too_many_requests",
        f"Too many requests: {remaining.limit} a minute are allowed.",
        f"Go on in {in_words(remaining.resets_in_seconds)}, and more slowly.",
        status=429,
        retry_after=remaining.resets_in_seconds,
    )


def attempt_limit(settings: Settings, *, per_minute: int, of: str) -> Callable[[Request], bool]:
    """A dependency that counts attempts of one kind, and says whether there is one left.

    For what a person does in a browser, who is then to see a page with words. An unreachable
    storage lets attempts through.

    Args:
        settings: Where the counters are.
        per_minute: Attempts of one address.
        of: What is attempted; each kind has a count of its own.

    Returns:
        An ordinary function, which FastAPI runs in a thread: the storage is asked synchronously.
    """
    limiter = MovingWindowRateLimiter(_storage(settings))
    item = RateLimitItemPerMinute(per_minute)

    def count_attempt(request: Request) -> bool:
        try:
            is_left = limiter.hit(item, of, caller_key(request, settings))
        except Exception as error:
            log.error("limits.unreachable", exc_info=error)
            return True
        if not is_left:
            metrics.LIMITS_REFUSED.labels(of).inc()
        return is_left

    return count_attempt


def _storage(settings: Settings) -> Storage:
    storage = storage_from_string(_storage_uri(settings), **_storage_options(settings))
    assert isinstance(storage, Storage)
    return storage


def _storage_uri(settings: Settings) -> str:
    return settings.redis_url.get_secret_value() if settings.redis_url else "memory://"


def _storage_options(settings: Settings) -> dict[str, Any]:
    """Options of the client: as in ``services/redis.py``, but for the synchronous one."""
    if settings.redis_url is None:
        return {}
    # Half a second to import, which a server without Redis need not spend.
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return {
        "key_prefix": f"{PREFIX}limits",
        "retry": Retry(NoBackoff(), 1),
        "socket_timeout": settings.redis_answer_seconds,
        "socket_connect_timeout": settings.redis_answer_seconds,
    }
