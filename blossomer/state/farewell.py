"""When a session ends, the pages that were open in it forget what they held.

A page that is open is told and leaves by itself (``following.py``). But the server keeps the state
of a tab for long after its connection is gone, and would send it to whoever opens that tab next.
"""

from __future__ import annotations

import time

import reflex as rx
import structlog

from blossomer.services.runtime import get_runtime
from blossomer.state.account import AccountState
from blossomer.state.entity_page import EntityPageState
from blossomer.state.keeping import KeepingState

log = structlog.get_logger(__name__)


STATES = (EntityPageState, KeepingState, AccountState)
"""Every state that holds something of a signed-in user."""


async def forget_tabs(app: rx.App, user_id: str) -> None:
    """Drop what the tabs of a user hold, unless they are still signed in there.

    Args:
        app: The application that has the states.
        user_id: Whose session has ended.
    """
    started = time.perf_counter()
    tabs = await get_runtime().tabs.of(user_id)
    left: list[str] = []
    for tab in tabs:
        holds = False
        for kind in STATES:
            async with app.modify_state(rx.BaseStateToken(ident=tab, cls=kind)) as root:
                state = await root.get_state(kind)
                await state._leave_if_signed_out()
                holds = holds or state._owner == user_id
        if not holds:
            left.append(tab)
    await get_runtime().tabs.forget(user_id, left)
    log.info("tabs_forgotten", tabs=len(tabs), ms=round((time.perf_counter() - started) * 1000, 1))
