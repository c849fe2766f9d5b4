"""An unreachable database in words, and no endless wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from blossomer.log import get_logger
from blossomer.services.identity import causes

log = get_logger(__name__)

DATABASE_SECONDS = 3.0
"""Longest wait for the database; a page or an event waits behind it."""

_UNREACHABLE = (OperationalError, InterfaceError, PoolTimeoutError, TimeoutError, OSError)


@asynccontextmanager
async def database_in_words() -> AsyncIterator[None]:
    """Bounds what is done inside, and gives an unreachable database its words.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            yield
    except _UNREACHABLE as error:
        log.warning("identity.database_unavailable", reason=type(error).__name__)
        raise causes.database_unavailable() from error
