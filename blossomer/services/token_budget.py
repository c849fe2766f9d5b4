"""How many tokens models may still use today: what keeps a bad day from becoming a bad bill.

Counted from what providers report, over all users: in Redis for all servers together, else in a
file in DATA_DIR, so that a restart begins no new day. A day is one of UTC.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.redis import PREFIX

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = get_logger(__name__)

USED_UP = "budget_used_up"
"""Code of the refusal."""

FILE_NAME = "tokens_today.json"
KEPT_SECONDS = 2 * 24 * 3600
"""How long Redis keeps the count of a day."""


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What is left of today.

    Args:
        limit: Tokens a day; 0 when there is no limit.
        used: Tokens used today.
        resets_in_seconds: Until the next day begins.
    """

    limit: int
    used: int
    resets_in_seconds: int

    @property
    def left(self) -> int:
        """Tokens that are left."""
        return max(0, self.limit - self.used)


class TokenBudget:
    """Counts tokens against a number a day. With a limit of 0 it does nothing.

    What is being written when the last token is used is still finished.

    Args:
        limit: Tokens a day.
        redis: Where all servers count together; it is not closed here.
        folder: Where the count is kept without Redis; None to keep it in memory.
        now: The time.
    """

    def __init__(
        self,
        limit: int,
        *,
        redis: Redis | None = None,
        folder: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._limit = limit
        self._redis = redis
        self._file = folder / FILE_NAME if folder and redis is None else None
        self._now = now
        self._day = ""
        self._known = 0
        """Of today, as far as this process knows."""
        self._waiting = 0
        """Of today, used here and not yet told where it is kept."""
        self._telling: asyncio.Task[None] | None = None

    async def require_left(self) -> None:
        """Let a model be asked, or not.

        Raises:
            UserError: ``budget_used_up`` (503), with the seconds until midnight UTC.
        """
        if self._limit <= 0:
            return
        state = await self.state()
        if not state.left:
            raise used_up(state.resets_in_seconds)

    def spend(self, tokens: int) -> None:
        """Count what was used. It counts here at once, and elsewhere as soon as it is told."""
        if self._limit <= 0 or tokens <= 0:
            return
        self._turn_the_page()
        self._waiting += tokens
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def state(self) -> BudgetState:
        """What is left; while the count cannot be reached, as far as this process knows."""
        self._turn_the_page()
        if self._limit > 0 and self._telling is None:
            day, used = self._day, await self._exchanged(self._day, 0)
            # One that was told meanwhile may be in it already, and would be counted twice.
            if used is not None and self._telling is None:
                self._note(day, used)
        now = self._now()
        midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
        seconds = math.ceil((midnight - now).total_seconds())
        return BudgetState(self._limit, self._known + self._waiting, seconds)

    async def flush(self) -> None:
        """Tell what waits to be told, once."""
        while self._telling is not None:
            await asyncio.shield(self._telling)

    async def _tell(self) -> None:
        try:
            while self._waiting:
                day, tokens = self._day, self._waiting
                used = await self._exchanged(day, tokens)
                if used is None:
                    return  # told with the next ones
                if day == self._day:
                    self._waiting -= tokens
                self._note(day, used)
        finally:
            self._telling = None

    async def _exchanged(self, day: str, tokens: int) -> int | None:
        """Add to the count of a day; returns it, or None when it cannot be reached."""
        try:
            if self._redis is not None:
                name = f"{PREFIX}tokens:{day}"
                if not tokens:
                    return int(await self._redis.get(name) or 0)
                commands = self._redis.pipeline(transaction=True)
                commands.incrby(name, tokens)
                commands.expire(name, KEPT_SECONDS)
                return int((await commands.execute())[0])
            if self._file is not None:
                return await asyncio.to_thread(_add_in_file, self._file, day, tokens)
        except Exception as error:
            log.warning("budget.unreachable", reason=type(error).__name__)
            return None
        return self._known + tokens

    def _note(self, day: str, used: int) -> None:
        if day == self._day:
            # It only grows: an answer that was overtaken by another says nothing.
            self._known = max(self._known, used)

    def _turn_the_page(self) -> None:
        today = self._now().date().isoformat()
        if today != self._day:
            self._day, self._known, self._waiting = today, 0, 0


def _add_in_file(file: Path, day: str, tokens: int) -> int:
    """Add to a day's count in a file that several processes may share; returns the count."""
    with file.open("a+", encoding="utf-8") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        opened.seek(0)
        try:
            kept = json.loads(opened.read() or "{}")
            used = int(kept["tokens"]) if kept.get("day") == day else 0
        except (ValueError, KeyError, TypeError, AttributeError):
            used = 0  # half written when the power went
        if tokens:
            used += tokens
            opened.seek(0)
            opened.truncate()
            opened.write(json.dumps({"day": day, "tokens": used}))
        return used


def used_up(seconds: int) -> UserError:
    """The server's tokens of today are used up."""
    hours = math.ceil(seconds / 3600)
    wait = f"{hours} hour{'' if hours == 1 else 's'}"
    return UserError(
        "budget_used_up",
        "This server has used up what its language models may write today.",
        f"They write again in {wait}, at midnight UTC. What you entered is kept.",
        status=503,
        retry_after=seconds,
    )
