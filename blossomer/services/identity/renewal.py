"""Asks the provider now and then whether a session still stands, and what it says of the person.

An access token lasts for minutes; with the refresh token the next one is fetched, and verified like
the first. What the provider refuses has ended; what cannot be asked goes on for an hour.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum

from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.identity import rows
from blossomer.services.identity.cipher import Cipher
from blossomer.services.identity.model import Claims, Identity
from blossomer.services.identity.stack import StackClient
from blossomer.services.identity.verifier import TokenVerifier

log = get_logger(__name__)

GRACE = timedelta(hours=1)
"""How long a session goes on that cannot be confirmed since the provider does not answer."""
LONGEST_TRUST = timedelta(hours=1)
"""How long a session is not asked about, however long the provider's tokens last."""
SECONDS_BETWEEN_TRIES = 30.0
MOST_REMEMBERED = 20_000

_REFUSALS = frozenset({"session_ended", "account_restricted"})


class Verdict(Enum):
    """What the provider says of a session."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Renewal:
    """Renews sessions.

    Args:
        engine: The database.
        client: The provider.
        verifier: For its tokens.
        cipher: For refresh tokens.
        now: The time.
        clock: Seconds that only ever grow.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        client: StackClient,
        verifier: TokenVerifier,
        cipher: Cipher,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._client = client
        self._verifier = verifier
        self._cipher = cipher
        self._now = now
        self._clock = clock
        self._tried: OrderedDict[str, float] = OrderedDict()

    async def renew(self, row: rows.SessionRow) -> tuple[Verdict, Identity | None]:
        """Ask the provider about a session that must be confirmed. The caller asks one at a time.

        Returns:
            The verdict, and the person if they are still signed in: always when it is confirmed,
            never when it is refused, and within the hour of grace when it is unknown.

        Raises:
            UserError: ``database_unavailable`` (503) when what is new cannot be stored.
        """
        if self._clock() - self._tried.get(row.session_id, float("-inf")) < SECONDS_BETWEEN_TRIES:
            return self._unknown(row)
        refresh_token = self._cipher.open(row.refresh_token)
        if refresh_token is None:
            # Sealed with another SECRET_KEY.
            log.warning("identity.refresh_token_unreadable")
            return Verdict.REFUSED, None
        try:
            tokens = await self._client.refresh(refresh_token)
            claims = await self._verifier.verify(tokens.access)
        except UserError as error:
            if error.code in _REFUSALS:
                return Verdict.REFUSED, None
            log.warning("identity.not_renewed", code=error.code)
            self._remember(row.session_id)
            return self._unknown(row)
        if claims.user_id != row.identity.user_id:
            log.error("identity.renewed_for_another", user_id=row.identity.user_id)
            return Verdict.REFUSED, None
        self._tried.pop(row.session_id, None)
        identity = await rows.renew_session(
            self._engine,
            row.session_id,
            claims,
            refresh_token=self._cipher.seal(tokens.refresh),
            verified_until=verified_until(claims, self._now()),
        )
        return Verdict.CONFIRMED, identity

    def _unknown(self, row: rows.SessionRow) -> tuple[Verdict, Identity | None]:
        is_in_grace = self._now() <= row.verified_until + GRACE
        return Verdict.UNKNOWN, row.identity if is_in_grace else None

    def _remember(self, session_id: str) -> None:
        """A provider that does not answer is not asked with every click."""
        self._tried[session_id] = self._clock()
        self._tried.move_to_end(session_id)
        while len(self._tried) > MOST_REMEMBERED:
            self._tried.popitem(last=False)


def verified_until(claims: Claims, now: datetime) -> datetime:
    """When the provider must be asked again about a session that it has just confirmed."""
    return min(claims.expires_at, now + LONGEST_TRUST)
