"""Connections and sessions of the serving process. Queries are in ``store.py``.

Every transaction of a session tells the database whose it is, with a setting that ends with the
transaction: pooled connections, PgBouncer's and Neon's included, carry nothing over to the next.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction

CONNECT_SECONDS = 5
POOL_SIZE = 5
POOL_OVERFLOW = 10


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


def create_engine(url: str) -> AsyncEngine:
    """An engine with a pool of connections.

    Args:
        url: Address of the serving role, ``postgresql://…``; pooled addresses are fine.
    """
    return create_async_engine(
        sqlalchemy_url(url),
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        # The database may have restarted, or gone to sleep, since a connection was last used.
        pool_pre_ping=True,
        connect_args={
            # Behind PgBouncer the next transaction may be on another connection.
            "prepare_threshold": None,
            "connect_timeout": CONNECT_SECONDS,
        },
    )


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
