"""Connections and sessions of the serving process. Queries are in ``store.py``.

Every transaction of a session tells the database whose it is, with a setting that ends with the
transaction: pooled connections, PgBouncer's and Neon's included, carry nothing over to the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait_async
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction

from blossomer import metrics

CONNECT_SECONDS = 3
ANSWER_SECONDS = 4.0
"""Longest wait for the answer to one statement, if the settings do not say another; the product has
none that takes long."""
POOL_SIZE = 15
"""Connections that are kept. More are not opened for a moment: that takes longer than waiting."""


class ImpatientConnection(AsyncConnection[Any]):
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


@event.listens_for(UserSession, "after_begin")
def _set_user(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Tell the database whose transaction this is; runs again after each commit.

    A savepoint inherits it, and setting it there would undo it with the savepoint.
    """
    if not transaction.nested:
        connection.execute(
            text("SELECT set_config('app.user_id', :user_id, true)"),
            {"user_id": session.info["user_id"]},
        )


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
        # The database may have restarted, or gone to sleep, since a connection was last used.
        pool_pre_ping=True,
        # An error would quote what was to be written.
        hide_parameters=True,
    )
    _count_connections(engine)
    return engine


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
