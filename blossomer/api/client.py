"""Who calls the API, and the wide limit on how often."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from slowapi import Limiter

from blossomer.log import get_logger
from blossomer.services.client_address import anonymous_key, client_address
from blossomer.settings import Settings

log = get_logger(__name__)


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
        storage_uri=_storage_uri(settings),
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


def attempt_limit(settings: Settings, *, per_minute: int, of: str) -> Callable[[Request], bool]:
    """A dependency that counts attempts of one kind, and says whether there is one left.

    For what a person does in a browser, who is then to see a page with words. An unreachable
    storage lets attempts through, as ``request_limit`` does.

    Args:
        settings: Where the counters are.
        per_minute: Attempts of one address.
        of: What is attempted; each kind has a count of its own.

    Returns:
        An ordinary function, for the same reason as that of ``request_limit``.
    """
    limiter = MovingWindowRateLimiter(storage_from_string(_storage_uri(settings)))
    item = RateLimitItemPerMinute(per_minute)

    def count_attempt(request: Request) -> bool:
        try:
            return limiter.hit(item, of, caller_key(request, settings))
        except Exception as error:
            log.error("limits.unreachable", exc_info=error)
            return True

    return count_attempt


def _storage_uri(settings: Settings) -> str:
    return settings.redis_url.get_secret_value() if settings.redis_url else "memory://"
