"""How many generations one user, or one address, may have going on at the same time.

The number of an hour bounds what somebody costs; this one, how much of the server they take
meanwhile. A suggestion of several documents is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from blossomer import metrics
from blossomer.errors import UserError
from blossomer.services.leases import Lease, Leases, LeasesUnreachable
from blossomer.services.limits import is_anonymous, unavailable
from blossomer.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

RETRY_SECONDS = 10
"""When it makes sense to try again: a generation takes some seconds."""

Place = Lease


class AtOnce:
    """Lets generations begin while there are places.

    Args:
        settings: The two numbers of places.
        redis: Where all workers count together; None to count in this process.
    """

    def __init__(self, settings: Settings, redis: Redis | None) -> None:
        self._leases = Leases(redis)
        self._of_address = settings.generations_at_once_per_address
        self._of_user = settings.generations_at_once_per_user

    async def enter(self, key: str) -> Place:
        """Begin a generation.

        Args:
            key: As for ``GenerationLimits.take``. A user has one number of places in all tiers.

        Raises:
            UserError: ``too_many_at_once`` (429), or ``limits_unavailable`` (503).
        """
        most = self._of_address if is_anonymous(key) else self._of_user
        try:
            place = await self._leases.take(f"generations:{key.partition(':')[2]}", most)
        except LeasesUnreachable as error:
            raise unavailable() from error
        if place is None:
            metrics.LIMITS_REFUSED.labels("at_once").inc()
            raise _too_many(most)
        return place

    async def leave(self, place: Place) -> None:
        """The generation is over, however it ended."""
        await self._leases.release(place)

    async def close(self) -> None:
        """End with the process."""
        await self._leases.close()


def _too_many(most: int) -> UserError:
    are = "one is" if most == 1 else f"{most} are"
    return UserError(
        "too_many_at_once",
        f"Too many analyses are being written for you at this moment: {are} allowed at once.",
        "Wait until one of them is finished, then start this one again. Nothing was counted.",
        status=429,
        retry_after=RETRY_SECONDS,
    )
