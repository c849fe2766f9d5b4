"""What this process has learnt about sessions a moment ago, so that not every event asks again.

Short, so that what another process ends is ended here within seconds even if it could not tell; and
long enough after the database has gone that a short outage signs nobody out. Memory only, but for
the deleted accounts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from blossomer.log import get_logger
from blossomer.services.bus import Bus
from blossomer.services.identity.model import Claims, SignedIn
from blossomer.services.redis import PREFIX

log = get_logger(__name__)

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

    Other workers are told by ``SessionService``; one that starts later asks Redis.

    Args:
        now: The time.
        bus: Redis; None without.
    """

    def __init__(self, now: Callable[[], datetime], bus: Bus | None = None) -> None:
        self._now = now
        self._redis = bus.redis if bus else None
        self._deleted: dict[str, datetime] = {}

    async def add(self, user_id: str) -> datetime:
        """The account is gone from now on; returns the moment."""
        now = self._now()
        self.learn(user_id, now)
        if self._redis is not None:
            try:
                await self._redis.set(_name(user_id), now.isoformat(), ex=LONGEST_TOKEN_LIFE)
            except Exception as error:
                log.warning("identity.deletion_not_shared", reason=type(error).__name__)
        return now

    def learn(self, user_id: str, when: datetime) -> None:
        """The account was deleted, here or elsewhere."""
        now = self._now()
        for old in [u for u, when in self._deleted.items() if now - when > LONGEST_TOKEN_LIFE]:
            del self._deleted[old]
        self._deleted[user_id] = when

    def had(self, claims: Claims) -> bool:
        """Whether a token is known to be from before its user deleted their account."""
        deleted = self._deleted.get(claims.user_id)
        return deleted is not None and claims.issued_at <= deleted

    async def had_anywhere(self, claims: Claims) -> bool:
        """As ``had``, also when no worker that is alive has been told."""
        if self.had(claims) or self._redis is None:
            return self.had(claims)
        try:
            deleted = await self._redis.get(_name(claims.user_id))
        except Exception as error:
            log.warning("identity.deletions_unknown", reason=type(error).__name__)
            return False
        if deleted is not None:
            self.learn(claims.user_id, datetime.fromisoformat(deleted.decode()))
        return self.had(claims)


def _name(user_id: str) -> str:
    return f"{PREFIX}deleted:{user_id}"
