"""The connection to Redis, for what several workers and replicas share. None without ``REDIS_URL``.

What is kept there, and what happens without it, is decided by the modules that use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from blossomer.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

PREFIX = "blossomer:"
"""Begins every key and channel of ours, so that a Redis can be shared with other programs."""

ANSWER_SECONDS = 2.0
"""Longest wait for a connection and for an answer: a person is waiting behind it."""


def open_redis(settings: Settings, *, retries: int = 1) -> Redis | None:
    """A client with a pool of its own, which connects when it is first used.

    Args:
        settings: ``REDIS_URL``.
        retries: Further tries on a fresh connection: Redis may have restarted since the last one
            was used.

    Returns:
        The client, whose answers are bytes; to be closed by the caller. None when no Redis is set.
    """
    if settings.redis_url is None:
        return None
    # Half a second to import, which a server without Redis need not spend.
    from redis.asyncio import Redis  # noqa: PLC0415
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    return Redis.from_url(
        settings.redis_url.get_secret_value(),
        retry=Retry(NoBackoff(), retries),
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
    )
