"""The account's page: who one is here, what one has used, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from blossomer.db.generations import GenerationLog, Usage
from blossomer.entities import ENTITIES
from blossomer.errors import UserError
from blossomer.services.runtime import get_runtime
from blossomer.state.member import MemberMixin
from blossomer.state.validation import validated
from blossomer.state.views import UsageView

TIERS = {"free": "Free", "paid": "Paid", "enterprise": "Enterprise"}
OUTCOMES = {
    "completed": "Written",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "interrupted": "Interrupted",
    "running": "Being written",
}


class AccountState(MemberMixin, rx.State):
    """What the account's page shows. ``phase`` is loading, ready or unavailable."""

    phase: str = "loading"
    tier: str = ""
    left: int = 0
    limit: int = 0
    generations: str = ""
    tokens: str = ""
    cost: str = ""
    recent: list[UsageView] = []

    @rx.event
    @validated
    async def load(self) -> Any:
        """Show the signed-in person's account."""
        if (away := self._elsewhere()) is not None:
            return rx.redirect(away, replace=True)
        runtime, owner = get_runtime(), self._owner or ""
        if runtime.workspace is None:
            self.phase = "unavailable"
            return None
        log = GenerationLog(runtime.workspace.store(owner))
        try:
            self._show_usage(await log.usage(), await log.recent())
            remaining = await runtime.limits.remaining(self._limit_key)
        except UserError as error:
            self._unreachable("load", error)
            return None
        self.tier = TIERS.get(self._tier, self._tier)
        self.left, self.limit = remaining.left, remaining.limit
        self.phase = "ready"
        return None

    def _unreachable(self, handler: str, error: UserError) -> None:
        super()._unreachable(handler, error)
        self.phase = "unavailable"

    def _show_usage(self, usage: Usage, recent: list[Mapping[str, Any]]) -> None:
        self.generations = f"{usage.generations:,}"
        self.tokens = f"{usage.input_tokens + usage.output_tokens:,}"
        # A single analysis often costs less than a cent.
        self.cost = f"${usage.cost_usd:,.{4 if 0 < usage.cost_usd < 1 else 2}f}"
        self.recent = [_line(row) for row in recent]


def _line(row: Mapping[str, Any]) -> UsageView:
    entity = ENTITIES.get(row["entity"])
    label = entity.label if entity else row["entity"]
    return UsageView(
        at=f"{row['started_at']:%Y-%m-%d %H:%M}",
        what=f"{label}, one card" if row["only"] else label,
        outcome=OUTCOMES.get(row["status"], row["status"]),
        writer=row["model"] or row["writer"],
        tokens=f"{row['input_tokens'] + row['output_tokens']:,}",
    )
