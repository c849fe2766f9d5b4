"""Sessions of browsers: begun, looked up with every event, renewed by themselves, ended.

The browser holds a random secret in a cookie; everything else is here and in the table
``sessions``. How a session is confirmed with the provider is in ``renewal.py``.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.bus import Bus, Message
from blossomer.services.identity import causes, rows
from blossomer.services.identity.cipher import Cipher
from blossomer.services.identity.cookies import Cookies, new_secret, secret_hash
from blossomer.services.identity.farewell import Farewell
from blossomer.services.identity.known import DeletedUsers, KnownSessions
from blossomer.services.identity.model import Identity, SignedIn, Tokens
from blossomer.services.identity.renewal import Renewal, Verdict, verified_until
from blossomer.services.identity.stack import StackClient
from blossomer.services.identity.verifier import TokenVerifier
from blossomer.settings import Settings

log = get_logger(__name__)

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)
SECONDS_OF_TRYING_TO_END = 600.0
SECONDS_OF_RENEWING = 15.0
"""How long one worker may ask the provider about a session while the others wait."""

CHANNEL = "sessions"
"""Where workers tell each other whose sessions must be looked up again."""

EndListener = Callable[[str, str], Awaitable[None] | None]
"""Called with the id of a session that has ended, and the id of its user."""


class SessionService:
    """The sessions of one server.

    Args:
        engine: The database, as the serving role.
        client: The identity provider.
        verifier: For its tokens.
        cipher: For refresh tokens.
        settings: For the names of cookies.
        now: The time.
        clock: Seconds that only ever grow.
        bus: To other workers; None when there are none.

    Attributes:
        cookies: Names and attributes of the cookies.
        on_end: Whom to tell when a session ends, so that open pages can be told.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        client: StackClient,
        verifier: TokenVerifier,
        cipher: Cipher,
        settings: Settings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        bus: Bus | None = None,
    ) -> None:
        self.cookies = Cookies(settings)
        self.on_end: list[EndListener] = []
        self._engine = engine
        self._verifier = verifier
        self._cipher = cipher
        self._now = now
        self._farewell = Farewell(client, cipher)
        self._renewal = Renewal(engine, client, verifier, cipher, now=now, clock=clock)
        self._known = KnownSessions(clock)
        self._bearers = KnownSessions(clock)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._ending: set[str] = set()
        self._bus = bus or Bus()
        self._deleted = DeletedUsers(now, self._bus)
        self._bus.listen(CHANNEL, self._hear)

    async def begin(self, tokens: Tokens) -> tuple[str, Identity, bool]:
        """Sign somebody in: a new session with a new secret, always.

        Args:
            tokens: From the provider; verified here.

        Returns:
            The secret for the cookie, the person, and whether they are new here.

        Raises:
            UserError: The token is refused (401), or ``identity_unavailable`` or
                ``database_unavailable`` (503).
        """
        secret = new_secret()
        refresh_token = self._cipher.seal(tokens.refresh)
        now = self._now()
        try:
            claims = await self._verifier.verify(tokens.access)
            identity, is_new, over = await rows.insert_session(
                self._engine,
                claims,
                secret_hash=secret_hash(secret),
                refresh_token=refresh_token,
                verified_until=verified_until(claims, now),
                oldest=now - ABSOLUTE,
                unused_since=now - IDLE,
            )
        except UserError:
            # Nobody would ever use or end what the provider has begun.
            self._farewell.to_session(refresh_token)
            raise
        log.info("identity.signed_in", user_id=identity.user_id, is_new=is_new)
        if over:
            await self._all_ended(identity.user_id, over)
        return secret, identity, is_new

    async def identify(self, cookie_header: str | None) -> Identity | None:
        """Who sends these cookies, or None when nobody is signed in with them.

        Args:
            cookie_header: The whole ``Cookie`` header, of any content.

        Raises:
            UserError: ``database_unavailable`` (503): it cannot be known right now.
        """
        signed_in = await self.look_up(cookie_header)
        return signed_in.identity if signed_in else None

    async def look_up(self, cookie_header: str | None) -> SignedIn | None:
        """As ``identify``, with the session's id, which ``on_end`` names.

        Raises:
            UserError: ``database_unavailable`` (503).
        """
        key = self.cookies.session_hash(cookie_header)
        if key is None or key in self._ending:
            return None
        known = self._known.fresh(key)
        if known is not None:
            return known
        # Ten tabs that wake up together ask once.
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            return self._known.fresh(key) or await self._checked(key)

    async def identify_bearer(self, token: str) -> Identity:
        """Who sends an access token. The row of a user who is new is made.

        Raises:
            UserError: The token is refused (401), or ``identity_unavailable`` or
                ``database_unavailable`` (503).
        """
        claims = await self._verifier.verify(token)
        if self._deleted.had(claims):
            raise causes.invalid_token()
        known = self._bearers.fresh(claims.user_id)
        if known is not None:
            return known.identity
        if await self._deleted.had_anywhere(claims):
            raise causes.invalid_token()
        endings = self._bearers.endings
        try:
            identity = await rows.user_of_token(self._engine, claims)
        except UserError:
            known = self._bearers.without_database(claims.user_id)
            if known is None:
                raise
            return known.identity
        self._bearers.learn(claims.user_id, SignedIn("", identity), endings)
        return identity

    async def end(self, cookie_header: str | None) -> None:
        """Sign out: from now on the cookie is worth nothing, wherever it is.

        With the database gone it is worth nothing in this process, and the row is deleted as soon
        as the database is back.
        """
        key = self.cookies.session_hash(cookie_header)
        if key is None:
            return
        self._known.forget(key)
        self._bus.tell(CHANNEL, {"key": key})
        try:
            row = await rows.delete_session(self._engine, key)
        except UserError:
            self._ending.add(key)
            self._farewell.do(self._end_when_possible(key))
            return
        await self._ended(key, row)

    async def end_all(self, user_id: str) -> None:
        """Sign a user out everywhere.

        Raises:
            UserError: ``database_unavailable`` (503); then nothing has ended.
        """
        gone = await rows.delete_sessions(self._engine, user_id)
        await self._all_ended(user_id, gone)

    async def delete_account(self, identity: Identity) -> None:
        """Delete a user with everything that belongs to them, and end all their sessions.

        The account at the provider is deleted too, if it lets people do that; when not, signing in
        again makes a new and empty account here.

        Raises:
            UserError: ``database_unavailable`` (503); then nothing has been deleted.
        """
        user_id = identity.user_id
        gone = await rows.delete_user(self._engine, user_id)
        deleted = await self._deleted.add(user_id)
        self._forget(user_id, deleted)
        log.info("identity.account_deleted", user_id=user_id)
        self._farewell.to_account([refresh_token for _, refresh_token in gone])
        for session_id, _ in gone:
            await self._tell(session_id, user_id)

    async def close(self) -> None:
        """End what is under way in the background, after a moment to finish."""
        self._bus.ignore(CHANNEL, self._hear)
        await self._farewell.close()

    async def _checked(self, key: str) -> SignedIn | None:
        """Look a session up in the database, and renew or end it when it is time."""
        endings = self._known.endings
        try:
            row = await rows.find_session(self._engine, key)
            signed_in = await self._judged(key, row) if row else None
        except UserError:
            signed_in = self._known.without_database(key)
            if signed_in is None:
                raise
            return signed_in
        self._known.learn(key, signed_in, endings)
        return signed_in

    async def _judged(self, key: str, row: rows.SessionRow) -> SignedIn | None:
        """Whether a session is good.

        Raises:
            UserError: ``database_unavailable`` (503).
        """
        now = self._now()
        if now - row.created_at > ABSOLUTE or now - row.seen_at > IDLE:
            await self._over(key, "too old")
            return None
        identity: Identity | None = row.identity
        if now >= row.verified_until:
            # A provider may give each refresh token out for one use only.
            async with self._bus.alone(f"renew:{row.session_id}", SECONDS_OF_RENEWING):
                if self._bus.is_shared:
                    renewed = await rows.find_session(self._engine, key)
                    if renewed is None:
                        return None
                    if now < renewed.verified_until:
                        return SignedIn(renewed.session_id, renewed.identity)
                    row = renewed
                verdict, identity = await self._renewal.renew(row)
            if verdict is Verdict.REFUSED:
                await self._over(key, "refused by the provider")
                return None
        elif now - row.seen_at > SEEN_EVERY:
            await rows.touch_session(self._engine, row)
        return SignedIn(row.session_id, identity) if identity else None

    async def _over(self, key: str, reason: str) -> None:
        log.info("identity.session_over", reason=reason)
        await self._ended(key, await rows.delete_session(self._engine, key))

    async def _ended(self, key: str, row: rows.SessionRow | None) -> None:
        self._known.forget(key)
        if row is not None:
            self._forget(row.identity.user_id)
            self._farewell.to_session(row.refresh_token)
            await self._tell(row.session_id, row.identity.user_id)

    async def _all_ended(self, user_id: str, gone: list[tuple[str, str]]) -> None:
        self._forget(user_id)
        for session_id, refresh_token in gone:
            self._farewell.to_session(refresh_token)
            await self._tell(session_id, user_id)

    def _forget(self, user_id: str, deleted: datetime | None = None) -> None:
        """Look a user's sessions up again, here and on every other worker."""
        when = deleted.isoformat() if deleted else ""
        self._bus.tell(CHANNEL, {"user": user_id, "deleted": when})
        self._known.forget_user(user_id)
        if deleted is not None:
            self._bearers.forget_user(user_id)

    def _hear(self, message: Message) -> None:
        if "key" in message:
            self._known.forget(message["key"])
            return
        user_id, deleted = message["user"], message["deleted"]
        self._known.forget_user(user_id)
        if deleted:
            self._deleted.learn(user_id, datetime.fromisoformat(deleted))
            self._bearers.forget_user(user_id)

    async def _end_when_possible(self, key: str) -> None:
        """Delete a session that was signed out while the database was gone."""
        deadline = asyncio.get_running_loop().time() + SECONDS_OF_TRYING_TO_END
        pause = 1.0
        try:
            while asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 15.0)
                try:
                    row = await rows.delete_session(self._engine, key)
                except UserError:
                    continue
                await self._ended(key, row)
                return
            log.error("identity.sign_out_lost")
        finally:
            self._ending.discard(key)

    async def _tell(self, session_id: str, user_id: str) -> None:
        for listener in self.on_end:
            try:
                told = listener(session_id, user_id)
                if inspect.isawaitable(told):
                    await told
            except Exception as error:
                log.error("identity.listener_failed", exc_info=error)
