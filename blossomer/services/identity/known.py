"""What this process has learnt about sessions a moment ago, so that not every event asks again.

Short, so that what another process ends is ended here within seconds; and long enough after the
database has gone that a short outage signs nobody out. Memory only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from blossomer.services.identity.model import Claims, SignedIn

FRESH_SECONDS = 5.0
GOOD_WITHOUT_DATABASE_SECONDS = 60.0
SECONDS_BETWEEN_QUESTIONS = 10.0
"""To a database that does not answer."""
MOST = 20_000
LONGEST_TOKEN_LIFE = timedelta(hours=24)


@dataclass(slots=True)
class _Entry:
    signed_in: SignedIn
    fresh_until: float
    confirmed_at: float


class KnownSessions:
    """Remembers sessions that were good, by the hash of their secret.

    Those that were not are looked up again: anybody can invent them, and they must not push out
    those that are.

    Args:
        clock: Seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self.endings = 0
        """How often something was ended. Whoever looks up must not keep what was read before."""

    def fresh(self, key: str) -> SignedIn | None:
        """The session, if it is still good without asking."""
        entry = self._entries.get(key)
        return entry.signed_in if entry and self._clock() < entry.fresh_until else None

    def without_database(self, key: str) -> SignedIn | None:
        """A session that was good less than a minute ago, while nothing newer can be known."""
        entry = self._entries.get(key)
        now = self._clock()
        if entry is None or now - entry.confirmed_at > GOOD_WITHOUT_DATABASE_SECONDS:
            return None
        entry.fresh_until = now + SECONDS_BETWEEN_QUESTIONS
        return entry.signed_in

    def learn(self, key: str, signed_in: SignedIn | None, endings: int) -> None:
        """Keep the outcome of a lookup, unless something was ended since it began.

        Args:
            key: Hash of the secret.
            signed_in: The outcome; None forgets the session.
            endings: What ``endings`` was when the lookup began.
        """
        if endings != self.endings:
            return
        if signed_in is None:
            self._entries.pop(key, None)
            return
        now = self._clock()
        self._entries[key] = _Entry(signed_in, now + FRESH_SECONDS, now)
        self._entries.move_to_end(key)
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)

    def forget(self, key: str) -> None:
        """The session with that secret has ended."""
        self.endings += 1
        self._entries.pop(key, None)

    def forget_user(self, user_id: str) -> None:
        """All sessions of a user have ended, or what is known of them has changed."""
        self.endings += 1
        for key, entry in list(self._entries.items()):
            if entry.signed_in.identity.user_id == user_id:
                del self._entries[key]


class DeletedUsers:
    """Users who have deleted their account a moment ago: a token from before must not revive it.

    Args:
        now: The time.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._deleted: dict[str, datetime] = {}

    def add(self, user_id: str) -> None:
        """The account is gone from now on."""
        now = self._now()
        for old in [u for u, when in self._deleted.items() if now - when > LONGEST_TOKEN_LIFE]:
            del self._deleted[old]
        self._deleted[user_id] = now

    def had(self, claims: Claims) -> bool:
        """Whether a token is from before its user deleted their account."""
        deleted = self._deleted.get(claims.user_id)
        return deleted is not None and claims.issued_at <= deleted
