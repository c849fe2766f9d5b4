"""Connections and sessions of the serving process. Queries are in ``store.py``.

Every transaction of a session tells the database whose it is, with a setting that ends with the
transaction: pooled connections, PgBouncer's and Neon's included, carry nothing over to the next.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import OperationalError
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait_async
from sqlalchemy import Connection, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from blossomer import metrics

CONNECT_SECONDS = 3
ANSWER_SECONDS = 4.0
"""Longest wait for the answer to one statement, if the settings do not say another; the product has
none that takes long."""
PAUSE_SECONDS = 1.0
"""Age of a connection's last use from which on it is asked first. A restart takes longer."""

POOL_SIZE = 15
"""Connections that are kept. More are not opened for a moment: that takes longer than waiting."""


class ImpatientConnection(psycopg.AsyncConnection[Any]):
    """Gives up on a server that hangs, and is closed then.

    psycopg would ask such a server to cancel and wait for its answer, for ten seconds more; a
    person waits behind each of them. Nothing is lost with a connection that has lost its server.

    Attributes:
        answer_seconds: Longest wait for the server.
    """

    answer_seconds = ANSWER_SECONDS

    async def wait(
        self,
        gen: Any,
        interval: float = 0.1,
        timeout: float | None = None,  # noqa: ASYNC109 - the name is psycopg's
    ) -> Any:
        """Carry out one exchange with the server; see ``psycopg.AsyncConnection.wait``."""
        try:
            async with asyncio.timeout(min(timeout or self.answer_seconds, self.answer_seconds)):
                return await wait_async(gen, self.pgconn.socket, interval=interval)
        except TimeoutError:
            self.pgconn.finish()
            raise OperationalError("the database did not answer in time") from None
        except BaseException:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


class UserSession(Session):
    """A session in which every transaction belongs to one user, ``info["user_id"]``."""


_SET_USER = text("SELECT set_config('app.user_id', :user_id, true)")


@event.listens_for(UserSession, "after_begin")
def _set_user(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Tell the database whose transaction this is; runs again after each commit.

    A savepoint inherits it, and setting it there would undo it with the savepoint.
    """
    if not transaction.nested:
        connection.execute(_SET_USER, {"user_id": session.info["user_id"]})


def sqlalchemy_url(url: str) -> str:
    """The same address in SQLAlchemy's notation, with psycopg 3 as the driver."""
    _, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator else url


def create_engine(url: str, answer_seconds: float = ANSWER_SECONDS) -> AsyncEngine:
    """An engine with a pool of connections.

    Args:
        url: Address of the serving role, ``postgresql://…``; pooled addresses are fine.
        answer_seconds: Longest wait for a connection and for the answer to one statement.
    """

    async def connect() -> ImpatientConnection:
        try:
            # The driver's own limit for connecting is no shorter than two seconds.
            async with asyncio.timeout(min(answer_seconds, CONNECT_SECONDS)):
                connection = await ImpatientConnection.connect(
                    url,
                    # Behind PgBouncer the next transaction may be on another connection.
                    prepare_threshold=None,
                    connect_timeout=CONNECT_SECONDS,
                )
        except TimeoutError:
            raise OperationalError("the database did not answer in time") from None
        connection.answer_seconds = answer_seconds
        return connection

    engine = create_async_engine(
        sqlalchemy_url(url),
        async_creator=connect,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        # Those that were used last are the least likely to have been lost.
        pool_use_lifo=True,
        # An error would quote what was to be written.
        hide_parameters=True,
    )
    _count_connections(engine)
    _ask_after_a_pause(engine)
    return engine


def _ask_after_a_pause(engine: AsyncEngine) -> None:
    """Look whether a connection still serves, when it was not used for a moment.

    The database may have restarted, or gone to sleep. To ask before every use, as the pool can by
    itself, would be a fifth of all questions on a busy server.
    """
    pool, dialect = engine.sync_engine.pool, engine.dialect

    def given_back(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    def taken(
        connection: DBAPIConnection, record: ConnectionPoolEntry, _fairy: PoolProxiedConnection
    ) -> None:
        used_at = record.info.get("used_at")
        if used_at is None or time.monotonic() - used_at < PAUSE_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except Exception as error:
            raise InvalidatePoolError from error

    event.listen(pool, "checkin", given_back)
    event.listen(pool, "checkout", taken)


def _count_connections(engine: AsyncEngine) -> None:
    """Tell the metrics how many connections are in use."""
    pool = engine.sync_engine.pool
    event.listen(pool, "checkout", lambda *_: metrics.CONNECTIONS.inc())
    event.listen(pool, "checkin", lambda *_: metrics.CONNECTIONS.dec())
    metrics.CONNECTIONS_MOST.set(POOL_SIZE)


def pool_state(engine: AsyncEngine) -> dict[str, int]:
    """How many connections the pool of this process may have, has open, and has given out."""
    pool = engine.pool
    opened, used = getattr(pool, "checkedin", int)(), getattr(pool, "checkedout", int)()
    return {"most": POOL_SIZE, "open": opened + used, "in_use": used}


@asynccontextmanager
async def open_session(engine: AsyncEngine, user_id: str) -> AsyncIterator[AsyncSession]:
    """A session that sees and writes the rows of one user only.

    Args:
        engine: From ``create_engine``.
        user_id: The verified id of the user.

    Raises:
        ValueError: The user id is empty, which would look like "nobody" to the database.
    """
    if not user_id:
        raise ValueError("a session needs the id of its user")
    async with AsyncSession(
        engine, sync_session_class=UserSession, expire_on_commit=False, info={"user_id": user_id}
    ) as session:
        yield session


@asynccontextmanager
async def open_for_one_statement(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection on which each statement is a transaction of its own, and belongs to nobody.

    For statements that tell the database by themselves whose they are, as ``patch.WRITE`` does.
    They need one answer, and not one more for each of the transaction's beginning, owner and end.

    Args:
        engine: From ``create_engine``.
    """
    async with _without_transactions(engine).connect() as connection:
        yield connection


@functools.lru_cache(maxsize=8)
def _without_transactions(engine: AsyncEngine) -> AsyncEngine:
    """The same engine and pool; made once, as that costs more than what it is used for."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")
