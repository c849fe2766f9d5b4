"""What reaches a signed-in user's page by itself: generations, other tabs, the end of the session.

One loop for each open page, started when the page is loaded and ended by Reflex when the page is
left or its connection is lost. It only shows: nothing depends on whether it runs.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import reflex as rx
import structlog

from blossomer.entities import ENTITIES
from blossomer.entities.addresses import document_address
from blossomer.entities.document import own_inputs
from blossomer.errors import UserError
from blossomer.services.events import Completed, Failed, GenerationEvent, GenerationRequest
from blossomer.services.feed import Missed, News, RunStarted, SignedOut, Suggesting
from blossomer.services.interruption import interrupted
from blossomer.services.remote_runs import RemoteRun, request_of
from blossomer.services.runs import AnyRun, Run
from blossomer.services.runtime import Workspace
from blossomer.state.drafts import LIST
from blossomer.state.importing import ImportingMixin
from blossomer.state.member import NOBODY
from blossomer.state.stores import EntityKey
from blossomer.state.validation import bare, validated
from blossomer.state.views import ErrorView

log = structlog.get_logger(__name__)

TICK_SECONDS = 2.0
"""How often a page looks whether it may still show what it shows, and for what nobody tells it."""

TICKS_BETWEEN_LOOKS = 5
"""With several workers, how many times out of which what a page holds is fetched for that."""

ELSEWHERE = "Being written. This page shows it as soon as it is there."


class FollowingMixin(ImportingMixin, mixin=True):
    """Shows what happens while the page is open."""

    _visit: str = ""
    """Which of the loops is the present one; an older one ends itself."""

    @rx.event(background=True)
    @validated
    async def follow(self, entity: EntityKey) -> AsyncIterator[Any]:
        """Show news and generations of the signed-in user until the page is left.

        Runs beside the page's ``load``, which may be later.
        """
        visit = secrets.token_hex(8)
        await self._until_known()
        async with self:
            if entity not in ENTITIES or await self._admit("follow") is not None:
                return
            if self._workspace is None:
                return
            had_failed = self.phase == "unavailable"
            self._turn_to(entity)
            if had_failed:
                self.phase = "unavailable"  # until the next look around, which loads it
            self._visit = visit
            workspace, owner = self._workspace, self._owner or ""
            tab = self._tab
        with workspace.feed.reader(owner, tab) as queue:
            follower = _Follower(workspace, queue, await _found_run(workspace, owner, entity))
            try:
                async for item in follower.items():
                    found = await self._found_out(item, follower)
                    if item is None and found.is_nothing_new(owner, follower):
                        continue
                    async with self:
                        if self._owner != owner:
                            # Signed out elsewhere, and what the page held is forgotten already.
                            following = rx.redirect(self._elsewhere() or "/", replace=True)
                        elif self._visit != visit:
                            return
                        else:
                            following = self._take(item, follower, found)
                    if isinstance(item, Failed) and following is not None:
                        # Not before it is shown: another loop may have taken over meanwhile, which
                        # shows what has not been seen.
                        await self._seen(follower)
                    if following is not None:
                        yield following
                    if self._owner != owner:
                        return
            finally:
                follower.close()

    async def _until_known(self) -> None:
        """Wait out a database that cannot say who is at the page; then the page loads by itself."""
        while True:
            with suppress(UserError):
                await self._identify()
                return
            await asyncio.sleep(TICK_SECONDS)

    async def _found_out(
        self, item: News | GenerationEvent | AnyRun | None, follower: _Follower
    ) -> _Found:
        """What must be asked to show an item: before the page is locked, as it may take long."""
        workspace, found = follower.workspace, _Found()
        with suppress(UserError):
            if item is None or isinstance(item, SignedOut):
                identity = await self._identify()
                found.owner = identity.user_id if identity else NOBODY
                if self.generating and not self._run:
                    found.row = await workspace.runs.latest(self._owner or "", self.entity)
                if self._is_suggesting():
                    await workspace.suggestions.look(self._owner or "", self.document_id)
                if self.generating and self._run and self._run != follower.awaited:
                    found.run = await workspace.runs.find(self._owner or "", self.entity)
                    found.has_looked_for_run = True
            elif isinstance(item, Suggesting):
                await workspace.suggestions.look(self._owner or "", item.parent_id)
            elif isinstance(item, RunStarted | Missed):
                found.run = await workspace.runs.find(self._owner or "", self.entity)
            elif isinstance(item, Run | RemoteRun):
                found.row = await workspace.runs.latest(item.user_id, item.request.entity)
        return found

    async def _seen(self, follower: _Follower) -> None:
        if follower.drawn is not None:
            with suppress(UserError):
                await follower.workspace.runs.seen(follower.drawn.user_id, follower.drawn.id)

    def _take(
        self, item: News | GenerationEvent | AnyRun | None, follower: _Follower, found: _Found
    ) -> Any:
        """Show one item; None means that some time has passed."""
        if item is None or isinstance(item, SignedOut):
            follower.draw(found.run)
            return self._look_around(found)
        if isinstance(item, Run | RemoteRun):
            return self._run_is_over(item, found.row)
        if isinstance(item, RunStarted):
            if item.entity == self.entity:
                follower.draw(found.run)
                self._attach(follower.drawn)
            return None
        if isinstance(item, GenerationEvent):
            if follower.drawn is None:
                return None
            self._attach(follower.drawn)
            if self._run != follower.drawn.id:
                return None
            if isinstance(item, Completed):
                return self._written_down(follower.drawn)
            if isinstance(item, Failed):
                self._fail(item.error, follower.drawn.request)
                return self._event("count_left")
            self._draw(item, follower.drawn.request)
            return None
        if isinstance(item, Suggesting):
            if item.parent_id == self.document_id:
                self._draw_suggestions()
            return None
        if isinstance(item, Missed):
            follower.draw(found.run)
        return self._hear(item)

    def _look_around(self, found: _Found) -> Any:
        """Take in what may have changed without anybody telling."""
        if found.owner is not None and found.owner != self._owner:
            self._forget(found.owner)
            return rx.redirect(self._elsewhere() or "/", replace=True)
        if self._wanted == LIST:
            gone = self.list_phase == "unavailable"
            return self._event("load_list")(self.entity) if gone else None
        if found.has_looked_for_run and found.run is None and self.generating:
            return self._event("load")(self.entity)  # it ended, and that was not told
        if self._is_suggesting():
            self._draw_suggestions()
        if self.phase == "unavailable" or self._missed_an_outcome():
            return self._event("load")(self.entity)
        if found.row is not None and self.generating and not self._run:
            return self._show_newest(found.row)
        return None

    def _is_suggesting(self) -> bool:
        """Whether the page shows a suggestion that goes on, and another worker may carry it out."""
        workspace = self._workspace
        if workspace is None or not workspace.is_shared:
            return False
        return any(view.state == "going" for view in bare(self.suggestions).values())

    async def _resume(self) -> Any:
        """Show what goes on with the newest generation, or how it ended if that was not told."""
        workspace, owner = self._workspace, self._owner or ""
        if workspace is None:
            return None
        run = await _found_run(workspace, owner, self.entity)
        self._let_go(run)
        if run is not None:
            self._attach(run)
            return None
        try:
            row = await workspace.runs.latest(owner, self.entity)
        except UserError:
            return None
        if row is not None:
            return self._show_newest(row)
        if self.generating:
            self._end()
            self._show_current()
        return None

    def _let_go(self, run: AnyRun | None) -> None:
        """Stop showing a generation that is not what this page would show now.

        It may have ended while the page was not connected, or write a card of the document that
        was open before.
        """
        if not self.generating or not self._run:
            return
        is_same = run is not None and run.id == self._run
        if is_same and run is not None and not self._shows(run.request, run.document_id):
            self._end()
            self._run = ""
        elif not is_same and (self.rewriting or self.document_id):
            self._end()
            self._run = ""
            self._show_current()
        elif not is_same:
            self._run = ""  # its row says what became of it

    def _show_newest(self, row: dict[str, Any]) -> Any:
        """Show what the row of the newest generation says."""
        if row["status"] == "running":
            # Another process writes it, or one that is gone: its silence will tell.
            request = request_of(row)
            is_here = self._shows(request, str(row["entity_id"] or ""))
            if is_here and not self.generating and not self.editing and request.current is None:
                self._begin_showing(request, "")
                self._draw_elsewhere(ELSEWHERE)
            return None
        waited = self.generating and not self._run
        if waited:
            self._end()
        request = request_of(row)
        document_id = str(row["entity_id"] or "")
        is_here = self._shows(request, document_id)
        ended_badly = row["status"] in ("failed", "interrupted") and row["seen_at"] is None
        if ended_badly and is_here:
            was_interrupted = row["status"] == "interrupted"
            words = interrupted().as_words if was_interrupted else dict(row["error"])
            self.error = ErrorView(**words)
            self.typed = {} if request.only else own_inputs(self._config, request.inputs)
            self._failed, self._failed_document = request, self.document_id
            self._told = str(row["id"])
        if waited and row["status"] == "completed" and document_id:
            return self._to_its_page(document_id, request)
        if waited:
            self._show_current()
        return None

    def _attach(self, run: AnyRun | None) -> None:
        """Show a running generation, from whichever page it was started."""
        if run is None or (self.generating and self._run == run.id):
            return
        if not self._shows(run.request, run.document_id):
            return
        if self.editing:
            return  # another page started it; what is being typed here is not taken away for it
        self._begin_showing(run.request, run.id)

    def _written_down(self, run: AnyRun) -> Any:
        self.typed = {}
        if run.request.current is None:
            # Its own page reads it, shows it and ends this. What is typed into a modal of this page
            # before the other one is there would be lost with it.
            return self._to_its_page(run.document_id, run.request)
        self._end()
        self._run = ""
        self._show_current()
        self._show_ancestors()
        self.save_state = "saved"
        return None

    def _to_its_page(self, document_id: str, request: GenerationRequest) -> Any:
        address = document_address(self._place, self._config, document_id, request.parents)
        return rx.redirect(address, replace=True)

    def _run_is_over(self, run: AnyRun, row: dict[str, Any] | None) -> Any:
        """A run ended without a result: it was cancelled, or its server has stopped."""
        if self._run == run.id and self.generating:
            self._end()
            self._run = ""
            self._show_current()
            if row is not None and str(row["id"]) == run.id:
                return self._show_newest(row)
        return None


@dataclass(slots=True)
class _Found:
    """What was asked for one item.

    Args:
        owner: Who is at the page now; None when that could not be found out.
        row: The newest generation.
        run: The generation that goes on.
        has_looked_for_run: Whether the one that the page shows was looked for.
    """

    owner: str | None = None
    row: dict[str, Any] | None = None
    run: AnyRun | None = None
    has_looked_for_run: bool = False

    def is_nothing_new(self, owner: str, follower: _Follower) -> bool:
        """Whether the page need not be looked at: what it holds must be fetched for that.

        With several workers only, and not every time: most of what there may be to see is told.
        """
        has_found = self.row is not None or self.has_looked_for_run
        if not follower.workspace.is_shared or self.owner != owner or has_found:
            return False
        follower.ticks += 1
        return follower.ticks % TICKS_BETWEEN_LOOKS != 0


class _Follower:
    """Merges a page's news with the events of the generation it shows.

    Args:
        workspace: Where both come from.
        queue: The news.
        run: The generation to begin with.
    """

    def __init__(
        self, workspace: Workspace, queue: asyncio.Queue[News], run: AnyRun | None
    ) -> None:
        self.workspace = workspace
        self.ticks = 0
        self.drawn: AnyRun | None = None
        self._queue = queue
        self._events: AsyncIterator[GenerationEvent] | None = None
        self._next_event: asyncio.Task[GenerationEvent | None] | None = None
        self._next_news: asyncio.Task[News] | None = None
        self.draw(run)

    @property
    def awaited(self) -> str:
        """Id of the generation of which more is to come; empty when there is none."""
        return self.drawn.id if self.drawn is not None and self._events is not None else ""

    def draw(self, run: AnyRun | None) -> None:
        """Show this generation from now on."""
        if run is None or (self.drawn is not None and run.id == self.drawn.id):
            return
        if self._next_event is not None:
            self._next_event.cancel()
            self._next_event = None
        self.drawn, self._events = run, run.events()

    async def items(self) -> AsyncIterator[News | GenerationEvent | AnyRun | None]:
        """News and events as they come; a run when it is over, None when time has passed."""
        while True:
            if self._next_news is None:
                self._next_news = asyncio.create_task(self._queue.get())
            if self._next_event is None and self._events is not None:
                self._next_event = asyncio.create_task(anext_or_none(self._events))
            waiting = {task for task in (self._next_news, self._next_event) if task is not None}
            done, _ = await asyncio.wait(
                waiting, timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                yield None
            if self._next_event in done and self._next_event is not None:
                event, self._next_event = self._next_event.result(), None
                if event is None:
                    self._events = None
                    if self.drawn is not None:
                        yield self.drawn
                else:
                    yield event
            if self._next_news in done and self._next_news is not None:
                news, self._next_news = self._next_news.result(), None
                yield news

    def close(self) -> None:
        """Stop waiting."""
        for task in (self._next_event, self._next_news):
            if task is not None:
                task.cancel()


async def _found_run(workspace: Workspace, owner: str, entity: str) -> AnyRun | None:
    """What is being written for a user, on whichever worker, as far as that can be known."""
    try:
        return await workspace.runs.find(owner, entity)
    except UserError:
        return workspace.runs.running(owner, entity)


async def anext_or_none(events: AsyncIterator[GenerationEvent]) -> GenerationEvent | None:
    """The next event, or None at the end."""
    return await anext(events, None)
