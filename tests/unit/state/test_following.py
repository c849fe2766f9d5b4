"""What a page waits for, so that it looks for itself when there is nothing more to come."""

from __future__ import annotations

import asyncio
from typing import cast

from blossomer.services.events import Completed, GenerationRequest, StageEvent
from blossomer.services.runs import Run
from blossomer.services.runtime import Workspace
from blossomer.state.following import _Follower


async def test_no_more_is_awaited_of_a_generation_that_has_told_its_end():
    run = Run("its id", "a user", GenerationRequest("company", {}))
    run._note(StageEvent("read", ""))
    follower = _Follower(cast(Workspace, None), asyncio.Queue(), run)
    items = follower.items()
    try:
        assert await anext(items) == StageEvent("read", "")
        assert follower.awaited == run.id
        run._note(Completed({}))
        assert await anext(items) == Completed({})
        assert await anext(items) is run
        assert follower.drawn is run
        assert follower.awaited == ""
    finally:
        follower.close()
