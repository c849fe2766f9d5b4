"""Which tabs hold something of whom, so that it can be dropped when a session ends.

What they hold itself is the pages' business; with Redis it is there, and so is this.
"""

from __future__ import annotations

from blossomer.log import get_logger
from blossomer.services.bus import Bus
from blossomer.services.redis import PREFIX

log = get_logger(__name__)

MOST = 100_000
"""Tabs that are remembered here; the longest unused go first."""

KEPT_SECONDS = 24 * 3600


class Tabs:
    """The tabs of all users.

    Args:
        bus: Redis, where the tabs of other workers are; None without.
    """

    def __init__(self, bus: Bus | None = None) -> None:
        self._redis = bus.redis if bus else None
        self._owners: dict[str, str] = {}

    async def note(self, tab: str, owner: str) -> None:
        """A tab now belongs to somebody, or with an empty owner to no one."""
        before = self._owners.pop(tab, "")
        if owner and tab:
            self._owners[tab] = owner
            if len(self._owners) > MOST:
                del self._owners[next(iter(self._owners))]
        if self._redis is None or not tab or before == owner:
            return
        try:
            pipeline = self._redis.pipeline(transaction=False)
            if before:
                pipeline.srem(_name(before), tab)
            if owner:
                pipeline.sadd(_name(owner), tab)
                pipeline.expire(_name(owner), KEPT_SECONDS)
            await pipeline.execute()
        except Exception as error:
            log.warning("tabs.not_noted", reason=type(error).__name__)

    async def of(self, owner: str) -> list[str]:
        """The tabs of a user, on all workers."""
        tabs = {tab for tab, user in self._owners.items() if user == owner}
        if self._redis is not None:
            try:
                tabs |= {tab.decode() for tab in await self._redis.smembers(_name(owner))}
            except Exception as error:
                log.warning("tabs.others_unknown", reason=type(error).__name__)
        return sorted(tabs)

    async def forget(self, owner: str, tabs: list[str]) -> None:
        """These tabs hold nothing of a user any more."""
        for tab in tabs:
            if self._owners.get(tab) == owner:
                del self._owners[tab]
        if self._redis is not None and tabs:
            try:
                await self._redis.srem(_name(owner), *tabs)
            except Exception as error:
                log.warning("tabs.not_noted", reason=type(error).__name__)


def _name(owner: str) -> str:
    return f"{PREFIX}tabs-of:{owner}"
