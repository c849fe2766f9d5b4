"""A database that does not answer: how it is recognised, and its words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from blossomer import metrics
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.tracing import span

log = get_logger(__name__)

OUTAGE = "database_unavailable"
"""Code of the ``UserError`` for a database that cannot be reached."""


def database_unavailable() -> UserError:
    """The database cannot be reached."""
    return UserError(
        "database_unavailable",
        "The database cannot be reached right now.",
        "This is a fault on our side and mostly short. Nothing is lost; try again in a moment.",
        status=503,
        retry_after=5,
    )


@asynccontextmanager
async def outage_in_words(seconds: float) -> AsyncIterator[None]:
    """Bound what is done inside, and give an unreachable database its words.

    Args:
        seconds: Longest wait; whoever waits behind it is a person.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    started, outcome = time.perf_counter(), "failed"
    try:
        with span("database transaction", kind="client", inner=True):
            async with asyncio.timeout(seconds):
                yield
        outcome = "done"
    except (SQLAlchemyError, TimeoutError, OSError) as error:
        if not _is_outage(error):
            raise
        outcome = "unavailable"
        log.warning("database.unavailable", reason=type(error).__name__)
        raise database_unavailable() from error
    finally:
        metrics.TRANSACTIONS.labels(outcome).observe(time.perf_counter() - started)


def _is_outage(error: Exception) -> bool:
    """Whether the database could not be reached, as opposed to having refused something."""
    unreachable = (OperationalError, InterfaceError, PoolTimeoutError, TimeoutError, OSError)
    return isinstance(error, unreachable) or bool(getattr(error, "connection_invalidated", False))
