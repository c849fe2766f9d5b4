"""The connection to Redis, for what several workers and replicas share. None without ``REDIS_URL``.

What is kept there, and what happens without it, is decided by the modules that use it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from blossomer.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

PREFIX = "blossomer:"
"""Begins every key and channel of ours, so that a Redis can be shared with other programs."""


def open_redis(settings: Settings, *, retries: int = 1) -> Redis | None:
    """A client with a pool of its own, which connects when it is first used.

    Args:
        settings: ``REDIS_URL`` and ``REDIS_ANSWER_SECONDS``.
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
        # A person is waiting behind it.
        socket_timeout=settings.redis_answer_seconds,
        socket_connect_timeout=settings.redis_answer_seconds,
    )


def heed_cancellation() -> None:
    """End the present task if it was cancelled and has not noticed; for loops that use Redis.

    ``asyncio.wait_for``, which the client uses for every command, swallows a cancellation that
    comes in the moment in which it is done; until Python 3.12, in which that is mended.

    Raises:
        CancelledError: It was cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def redis_failure(error: BaseException | None) -> str | None:
    """Why Redis could not be used, if that is what an error comes from; for logs."""
    while error is not None:
        # By the name of its module: to import it takes half a second.
        if type(error).__module__.startswith("redis."):
            return type(error).__name__
        error = error.__cause__
    return None
