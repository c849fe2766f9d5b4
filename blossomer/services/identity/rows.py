"""The rows of users and sessions: how they are found, written and deleted. No rules about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from blossomer.db.engine import open_for_one_statement, open_session
from blossomer.db.outage import outage_in_words
from blossomer.db.tables import Session, User
from blossomer.services.identity.model import Claims, Identity, Tier

DATABASE_SECONDS = 3.0
"""Longest wait for the database; a page or an event waits behind it."""

MOST_SESSIONS = 50
"""Browsers in which one user may be signed in. Somebody who signs in all day must not fill the
table."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session together with its user.

    Args:
        session_id: Its id.
        identity: The user.
        refresh_token: Sealed.
        created_at: When somebody signed in.
        seen_at: When it was last used, to the minute.
        verified_until: When the provider must be asked again.
    """

    session_id: str
    identity: Identity
    refresh_token: str
    created_at: datetime
    seen_at: datetime
    verified_until: datetime


_SESSION_OF = text("SELECT * FROM session_of(:hash)")


async def find_session(engine: AsyncEngine, secret_hash: str) -> SessionRow | None:
    """The session with that secret. Nobody needs to know whose it is.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    async with (
        outage_in_words(DATABASE_SECONDS),
        open_for_one_statement(engine) as connection,
    ):
        row = (await connection.execute(_SESSION_OF, {"hash": secret_hash})).one_or_none()
    if row is None:
        return None
    return SessionRow(
        session_id=str(row.id),
        identity=Identity(row.user_id, row.email, row.name, row.tier),
        refresh_token=row.refresh_token,
        created_at=row.created_at,
        seen_at=row.seen_at,
        verified_until=row.verified_until,
    )


async def insert_session(
    engine: AsyncEngine,
    claims: Claims,
    *,
    secret_hash: str,
    refresh_token: str,
    verified_until: datetime,
    oldest: datetime,
    unused_since: datetime,
) -> tuple[Identity, bool, list[tuple[str, str]]]:
    """Remember who has signed in, and the session, in one transaction.

    Args:
        engine: The database.
        claims: The verified token.
        secret_hash: Of the new session.
        refresh_token: Sealed.
        verified_until: When the provider must be asked again.
        oldest: Sessions of the user from before that are over, and are deleted on the way.
        unused_since: So are those that were last used before that, and the least used of too many.

    Returns:
        The user; whether they are new here; and the deleted sessions, as ``delete_sessions`` does.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    async with outage_in_words(DATABASE_SECONDS), open_session(engine, claims.user_id) as session:
        identity, is_new = await remember_user(session, claims, is_signing_in=True)
        too_many = (
            select(col(Session.id))
            .where(col(Session.user_id) == claims.user_id)
            .order_by(col(Session.seen_at).desc())
            .offset(MOST_SESSIONS - 1)
        )
        gone = await session.execute(
            delete(Session)
            .where(
                col(Session.user_id) == claims.user_id,
                (col(Session.created_at) < oldest)
                | (col(Session.seen_at) < unused_since)
                | col(Session.id).in_(too_many),
            )
            .returning(col(Session.id), col(Session.refresh_token))
            .execution_options(synchronize_session=False)
        )
        over = [(str(row.id), str(row.refresh_token)) for row in gone]
        session.add(
            Session(
                user_id=claims.user_id,
                secret_hash=secret_hash,
                refresh_token=refresh_token,
                verified_until=verified_until,
            )
        )
        await session.commit()
        return identity, is_new, over


async def remember_user(
    session: AsyncSession, claims: Claims, *, is_signing_in: bool
) -> tuple[Identity, bool]:
    """Insert or update the user's row with what the token says; the tier stays ours.

    Returns:
        The user, and whether the row is new.
    """
    values: dict[str, Any] = {"email": claims.email, "name": claims.name}
    if is_signing_in:
        values["last_login"] = func.now()
    statement: Any = (
        insert(User)
        .values(id=claims.user_id, **values)
        .on_conflict_do_update(index_elements=["id"], set_=values)
        # A row that was inserted by this statement has no transaction that replaced it.
        .returning(col(User.tier), literal_column("xmax = 0").label("is_new"))
    )
    row = (await session.execute(statement)).one()
    tier: Tier = row.tier
    return Identity(claims.user_id, claims.email, claims.name, tier), bool(row.is_new)


async def user_of_token(engine: AsyncEngine, claims: Claims) -> Identity:
    """The user of a verified token; the row is made when there is none.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    async with outage_in_words(DATABASE_SECONDS), open_session(engine, claims.user_id) as session:
        found = await session.get(User, claims.user_id)
        if found is not None and (found.email, found.name) == (claims.email, claims.name):
            tier: Tier = found.tier  # type: ignore[assignment]  # held by a check in the table
            return Identity(found.id, found.email, found.name, tier)
        identity, _ = await remember_user(session, claims, is_signing_in=False)
        await session.commit()
        return identity


async def touch_session(engine: AsyncEngine, row: SessionRow) -> None:
    """Note that the session is in use.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    async with (
        outage_in_words(DATABASE_SECONDS),
        open_session(engine, row.identity.user_id) as session,
    ):
        await session.execute(
            update(Session).where(_is_session(row.session_id)).values(seen_at=func.now())
        )
        await session.commit()


async def renew_session(
    engine: AsyncEngine,
    session_id: str,
    claims: Claims,
    *,
    refresh_token: str,
    verified_until: datetime,
) -> Identity | None:
    """Note that the provider has confirmed the session, and what it says of the user now.

    Returns:
        The user, or None when session or user have been deleted in the meantime; neither is made
        anew.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    async with outage_in_words(DATABASE_SECONDS), open_session(engine, claims.user_id) as session:
        renewed: Any = await session.execute(
            update(Session)
            .where(_is_session(session_id))
            .values(refresh_token=refresh_token, verified_until=verified_until, seen_at=func.now())
            .returning(col(Session.id))
        )
        updated: Any = await session.execute(
            update(User)
            .where(col(User.id) == claims.user_id)
            .values(email=claims.email, name=claims.name)
            .returning(col(User.tier))
        )
        if renewed.one_or_none() is None or (user := updated.one_or_none()) is None:
            return None
        await session.commit()
        return Identity(claims.user_id, claims.email, claims.name, user.tier)


async def delete_session(engine: AsyncEngine, secret_hash: str) -> SessionRow | None:
    """Delete the session with that secret; returns what it was, to the first who deletes it.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    row = await find_session(engine, secret_hash)
    if row is None:
        return None
    async with (
        outage_in_words(DATABASE_SECONDS),
        open_session(engine, row.identity.user_id) as session,
    ):
        gone: Any = await session.execute(
            delete(Session).where(_is_session(row.session_id)).returning(col(Session.id))
        )
        is_first = gone.one_or_none() is not None
        await session.commit()
    return row if is_first else None


async def delete_sessions(engine: AsyncEngine, user_id: str) -> list[tuple[str, str]]:
    """Delete all sessions of a user; returns their ids and sealed refresh tokens.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    async with outage_in_words(DATABASE_SECONDS), open_session(engine, user_id) as session:
        gone = await session.execute(
            delete(Session)
            .where(col(Session.user_id) == user_id)
            .returning(col(Session.id), col(Session.refresh_token))
        )
        found = [(str(row.id), str(row.refresh_token)) for row in gone]
        await session.commit()
        return found


async def delete_user(engine: AsyncEngine, user_id: str) -> list[tuple[str, str]]:
    """Delete a user with everything that belongs to them; returns what ``delete_sessions`` does.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    async with outage_in_words(DATABASE_SECONDS), open_session(engine, user_id) as session:
        rows = await session.execute(
            select(col(Session.id), col(Session.refresh_token))
            .where(col(Session.user_id) == user_id)
            .with_for_update()
        )
        found = [(str(row.id), str(row.refresh_token)) for row in rows]
        await session.execute(delete(User).where(col(User.id) == user_id))
        await session.commit()
        return found


def _is_session(session_id: str) -> Any:
    return col(Session.id) == UUID(session_id)
