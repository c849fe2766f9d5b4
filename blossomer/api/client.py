"""Who calls the API, and the wide limit on how often."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from slowapi import Limiter

from blossomer.services.client_address import anonymous_key, client_address
from blossomer.settings import Settings


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


def request_limit(settings: Settings) -> Callable[..., None]:
    """A dependency that counts a request against ``API_REQUESTS_PER_MINUTE``.

    One count for all paths, in the storage that also counts generations. An unreachable storage
    lets requests through: reading must not depend on it, and generations refuse by themselves.

    Returns:
        An ordinary function, which FastAPI runs in a thread: slowapi talks to Redis synchronously.
    """
    limiter = Limiter(
        key_func=lambda request: caller_key(request, settings),
        storage_uri=settings.redis_url.get_secret_value() if settings.redis_url else "memory://",
        strategy="moving-window",
        swallow_errors=True,
    )

    @limiter.shared_limit(f"{settings.api_requests_per_minute}/minute", scope="api")
    def counted(request: Request) -> None:
        """Raises ``RateLimitExceeded``; ``errors.py`` gives it words."""

    def count_request(request: Request) -> None:
        # slowapi reads this afterwards, also when the storage failed before it was set.
        request.state.view_rate_limit = None
        counted(request=request)

    return count_request
