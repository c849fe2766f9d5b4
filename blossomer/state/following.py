"""What reaches a signed-in user's page by itself: generations, other tabs, the end of the session.

One loop for each open page, started when the page is loaded and ended by Reflex when the page is
left or its connection is lost. It only shows: nothing depends on whether it runs.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import reflex as rx
import structlog

from blossomer.entities import ENTITIES
from blossomer.entities.addresses import document_address
from blossomer.entities.document import own_inputs
from blossomer.errors import UserError
from blossomer.services.events import Completed, Failed, GenerationEvent, GenerationRequest, Partial
from blossomer.services.feed import News, RunStarted, SignedOut, Suggesting
from blossomer.services.runs import Run
from blossomer.services.runtime import Workspace
from blossomer.state.drafts import LIST
from blossomer.state.generating import SECONDS_BETWEEN_UPDATES
from blossomer.state.importing import ImportingMixin
from blossomer.state.member import NOBODY
from blossomer.state.stores import EntityKey
from blossomer.state.validation import validated
from blossomer.state.views import ErrorView

log = structlog.get_logger(__name__)

TICK_SECONDS = 2.0
"""How often a page looks whether it may still show what it shows, and for what nobody tells it."""

ELSEWHERE = "Being written. This page shows it as soon as it is there."
INTERRUPTED = ErrorView(
    code="interrupted",
    message="The writing was interrupted: the server stopped while it was under way.",
    action="Nothing you had is changed. Try again.",
)


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
        with workspace.feed.reader(owner) as queue:
            follower = _Follower(workspace, queue, workspace.runs.running(owner, entity))
            try:
                async for item in follower.items():
                    found = await self._found_out(item, follower)
                    async with self:
                        if self._owner != owner:
                            # Signed out elsewhere, and what the page held is forgotten already.
                            following = rx.redirect(self._elsewhere() or "/", replace=True)
                        elif self._visit != visit:
                            return
                        else:
                            following = self._take(item, follower, found)
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
        self, item: News | GenerationEvent | Run | None, follower: _Follower
    ) -> _Found:
        """What must be asked to show an item: before the page is locked, as it may take long."""
        workspace, run = follower.workspace, follower.drawn
        found = _Found()
        with suppress(UserError):
            if item is None or isinstance(item, SignedOut):
                identity = await self._identify()
                found.owner = identity.user_id if identity else NOBODY
                if self.generating and not self._run:
                    found.row = await workspace.runs.latest(self._owner or "", self.entity)
            elif isinstance(item, Completed) and run is not None and run.request.current is None:
                found.document = await workspace.store(run.user_id).get(
                    self._config, run.document_id
                )
            elif isinstance(item, Failed) and run is not None and self._run == run.id:
                await workspace.runs.seen(run.user_id, run.id)
        return found

    def _take(
        self, item: News | GenerationEvent | Run | None, follower: _Follower, found: _Found
    ) -> Any:
        """Show one item; None means that some time has passed."""
        if item is None or isinstance(item, SignedOut):
            return self._look_around(found)
        if isinstance(item, Run):
            return self._run_is_over(item)
        if isinstance(item, RunStarted):
            if item.entity == self.entity:
                follower.draw(follower.workspace.runs.running(self._owner or "", item.entity))
                self._attach(follower.drawn)
            return None
        if isinstance(item, GenerationEvent):
            if follower.drawn is None:
                return None
            self._attach(follower.drawn)
            if self._run != follower.drawn.id:
                return None
            if isinstance(item, Completed):
                return self._written_down(follower.drawn, found.document)
            if isinstance(item, Failed):
                self._fail(item.error, follower.drawn.request)
                return self._event("count_left")
            self._draw(item, follower.drawn.request)
            return None
        if isinstance(item, Suggesting):
            if item.parent_id == self.document_id:
                self._draw_suggestions()
            return None
        return self._hear(item)

    def _look_around(self, found: _Found) -> Any:
        """Take in what may have changed without anybody telling."""
        if found.owner is not None and found.owner != self._owner:
            self._forget(found.owner)
            return rx.redirect(self._elsewhere() or "/", replace=True)
        if self._wanted == LIST:
            gone = self.list_phase == "unavailable"
            return self._event("load_list")(self.entity) if gone else None
        if self.phase == "unavailable" or self._missed_an_outcome():
            return self._event("load")(self.entity)
        if found.row is not None and self.generating and not self._run:
            return self._show_newest(found.row)
        return None

    async def _resume(self) -> Any:
        """Show what goes on with the newest generation, or how it ended if that was not told."""
        workspace, owner = self._workspace, self._owner or ""
        if workspace is None:
            return None
        run = workspace.runs.running(owner, self.entity)
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

    def _let_go(self, run: Run | None) -> None:
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
            request = _request_of(row)
            is_here = self._shows(request, str(row["entity_id"] or ""))
            if is_here and not self.generating and not self.editing and request.current is None:
                self._begin_showing(request, "")
                self._draw_elsewhere(ELSEWHERE)
            return None
        waited = self.generating and not self._run
        if waited:
            self._end()
        request = _request_of(row)
        document_id = str(row["entity_id"] or "")
        is_here = self._shows(request, document_id)
        ended_badly = row["status"] in ("failed", "interrupted") and row["seen_at"] is None
        if ended_badly and is_here:
            interrupted = row["status"] == "interrupted"
            self.error = INTERRUPTED if interrupted else ErrorView(**row["error"])
            self.typed = {} if request.only else own_inputs(self._config, request.inputs)
            self._failed, self._failed_document = request, self.document_id
            self._told = str(row["id"])
        if waited and row["status"] == "completed" and document_id:
            address = document_address(self._place, self._config, document_id, request.parents)
            return rx.redirect(address, replace=True)
        if waited:
            self._show_current()
        return None

    def _attach(self, run: Run | None) -> None:
        """Show a running generation, from whichever page it was started."""
        if run is None or (self.generating and self._run == run.id):
            return
        if not self._shows(run.request, run.document_id):
            return
        if self.editing:
            return  # another page started it; what is being typed here is not taken away for it
        self._begin_showing(run.request, run.id)

    def _written_down(self, run: Run | None, document: dict[str, Any] | None) -> Any:
        if run is None or self._run != run.id:
            return None
        self._end()
        self._run = ""
        self.typed = {}
        if run.request.current is not None:
            self._show_current()
            self._show_ancestors()
            self.save_state = "saved"
            return None
        if document is None:  # discarded already, by another page
            self._show_current()
            return None
        self._open(document)
        self._show(document)
        address = document_address(self._place, self._config, document["id"], document["parents"])
        return rx.redirect(address, replace=True)

    def _run_is_over(self, run: Run) -> Any:
        """A run ended without a result: it was cancelled, or the server stops."""
        if self._run == run.id and self.generating:
            self._end()
            self._run = ""
            self._show_current()


@dataclass(slots=True)
class _Found:
    """What was asked for one item.

    Args:
        owner: Who is at the page now; None when that could not be found out.
        row: The newest generation.
        document: What a generation has written.
    """

    owner: str | None = None
    row: dict[str, Any] | None = None
    document: dict[str, Any] | None = None


class _Follower:
    """Merges a page's news with the events of the generation it shows.

    Args:
        workspace: Where both come from.
        queue: The news.
        run: The generation to begin with.
    """

    def __init__(self, workspace: Workspace, queue: asyncio.Queue[News], run: Run | None) -> None:
        self.workspace = workspace
        self.drawn: Run | None = None
        self._queue = queue
        self._events: AsyncIterator[GenerationEvent] | None = None
        self._next_event: asyncio.Task[GenerationEvent | None] | None = None
        self._next_news: asyncio.Task[News] | None = None
        self._last_partial = 0.0
        self.draw(run)

    def draw(self, run: Run | None) -> None:
        """Show this generation from now on."""
        if run is None or run is self.drawn:
            return
        if self._next_event is not None:
            self._next_event.cancel()
            self._next_event = None
        self.drawn, self._events = run, run.events()

    async def items(self) -> AsyncIterator[News | GenerationEvent | Run | None]:
        """News and events as they come; a ``Run`` when it is over, None when time has passed."""
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
                    await self._pace(event)
                    yield event
            if self._next_news in done and self._next_news is not None:
                news, self._next_news = self._next_news.result(), None
                yield news

    async def _pace(self, event: GenerationEvent) -> None:
        """A page is redrawn only so often while text streams in."""
        if isinstance(event, Partial):
            pause = self._last_partial + SECONDS_BETWEEN_UPDATES - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            self._last_partial = time.monotonic()

    def close(self) -> None:
        """Stop waiting."""
        for task in (self._next_event, self._next_news):
            if task is not None:
                task.cancel()


def _request_of(row: Mapping[str, Any]) -> GenerationRequest:
    """What a row of the log asked for, as far as it stands there: texts above do not."""
    is_again = row["entity_id"] is not None and row["status"] != "completed"
    return GenerationRequest(
        entity=row["entity"],
        inputs=dict(row["inputs"]),
        only=row["only"] or None,
        current={} if is_again else None,
        parents={entity: str(key) for entity, key in dict(row["parents"]).items()},
    )


async def anext_or_none(events: AsyncIterator[GenerationEvent]) -> GenerationEvent | None:
    """The next event, or None at the end."""
    return await anext(events, None)
