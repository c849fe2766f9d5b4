"""A generation on a page: carrying it out once, drawing its events, cancelling it.

What is asked for is put together in ``requesting.py``.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx
import structlog

from blossomer.entities import ENTITIES
from blossomer.entities.addresses import NEW, document_address
from blossomer.entities.document import own_inputs
from blossomer.errors import UserError
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Partial,
    StageEvent,
)
from blossomer.services.interruption import interrupted
from blossomer.services.rewriting import rewritten_changes
from blossomer.services.runtime import get_runtime
from blossomer.state.requesting import RequestingMixin
from blossomer.state.validation import plain, validated
from blossomer.state.views import (
    ErrorView,
    ItemView,
    ProvenanceView,
    StageView,
    partial_card_views,
    short_url,
    web_link,
)

log = structlog.get_logger(__name__)

_cancelled: dict[str, asyncio.Event] = {}
"""Runs of this process by id; set to stop one."""


@dataclass
class Going:
    """A generation of the playground.

    Args:
        run: Its id.
        request: What is generated.
        document_id: The document that is written again; empty for a new one.
        has_begun: Whether it is being carried out.
        worker: By which process of the server.
    """

    run: str
    request: GenerationRequest
    document_id: str = ""
    has_begun: bool = False
    worker: str = ""


class GeneratingMixin(RequestingMixin, mixin=True):
    """Runs one generation at a time for a page, in the background, and shows how far it is."""

    _going: Going | None = None
    """The generation that runs for this tab in the playground, whether or not it is shown."""
    _run: str = ""
    """Which generation the page shows; empty for one of which only the database knows."""
    _told: str = ""
    """The generation whose end the page tells of; noted as seen when the person goes on."""

    async def _begin(self, request: GenerationRequest) -> Any:
        """Start a generation where the person's generations run, and show it."""
        await self._told_of_the_last()
        if self._owner:
            return await self._begin_run(request)
        if self._going is not None:
            self._fail(_busy(), request)
            return None
        document_id = self.document_id if request.current is not None else ""
        self._going = Going(secrets.token_hex(8), request, document_id)
        self._begin_showing(request, self._going.run)
        follow = type(self).run_generation
        if request.current is not None or self._wanted == NEW:
            return follow
        return [rx.redirect(f"/playground/{self._config.route}"), follow]

    async def _begin_run(self, request: GenerationRequest) -> Any:
        """Start a generation that outlives the page; ``following.py`` shows it."""
        workspace = self._workspace
        if workspace is None:
            return None
        document_id = self.document_id if request.current is not None else ""
        try:
            run = await workspace.runs.start(
                self._owner or "", request, key=self._limit_key, document_id=document_id
            )
            is_again = run.request.current is not None
            running = run.request.only, run.document_id if is_again else ""
            if running != (request.only, document_id):
                raise _busy()
        except UserError as error:
            self._fail(error, request)
            return None
        self._keep_draft()
        self._begin_showing(run.request, run.id)
        if str(self.router.url.path).startswith("/app/"):
            return None
        return rx.redirect(f"/app/{self._config.route}")

    def _begin_showing(self, request: GenerationRequest, run_id: str) -> None:
        """Draw the progress of a generation instead of what the page shows."""
        config = self._config
        self._run = run_id
        self.generating = True
        self.rewriting = request.only or ""
        self.form_problem = ""
        self.error = ErrorView()
        self._failed = None
        self.editing = ""
        self.is_choosing = False
        self.stages = [StageView(key=s.key, label=s.label) for s in config.stages]
        if request.only:
            cards = plain(self.cards)
            cards[request.only].state = "waiting"
            self.cards = cards
            return
        self.typed = own_inputs(config, request.inputs)
        self.kind = config.kind_of(request.inputs)
        website = ""
        if config.url_field and not request.inputs.get("pasted_text"):
            website = self._typed_address(request.inputs.get("website_url", ""))
        self.name = request.inputs.get(config.name_field, "")
        self.description = ItemView(status="checking")
        self.site, self.site_link = short_url(website), web_link(website)
        self.cards = partial_card_views(config, {}, "")
        self.provenance = ProvenanceView()
        self.save_state = ""

    def _draw_elsewhere(self, detail: str) -> None:
        """Draw a generation of which only that it runs is known."""
        self.stages = [
            StageView(
                key=s.key,
                label=s.label,
                state="now" if s.key == "write" else "todo",
                detail=detail if s.key == "write" else "",
            )
            for s in self._config.stages
        ]

    @rx.event
    @validated
    async def cancel(self) -> Any:
        """Stop the running generation; nothing of it is kept."""
        if self._owner:
            if (workspace := self._workspace) is not None and self._run:
                try:
                    await workspace.runs.cancel(self._owner, self._run)
                except UserError as error:
                    self.notice = error.words
                    return
        elif self._going is not None and self._going.run == self._run:
            self._going = None
            if (event := _cancelled.get(self._run)) is not None:
                event.set()
        if self.generating:
            self._run = ""
            self._end()
            self._show_current()

    @rx.event(background=True)
    @validated
    async def run_generation(self) -> Any:
        """Carry out the generation that ``_begin`` left to be begun, if there is one."""
        async with self:
            if await self._admit("run_generation") is not None or self._owner:
                return
            going = plain(self._going)
            if going is None or going.has_begun:
                return
            self._going = replace(going, has_begun=True, worker=get_runtime().bus.worker)
            key = self._limit_key
        stop = _cancelled.setdefault(going.run, asyncio.Event())
        try:
            async for event in _until(stop, get_runtime().generate(going.request, key=key)):
                async with self:
                    if self._going is None or self._going.run != going.run:
                        return  # cancelled, or somebody else is at this page by now
                    if isinstance(event, Completed | Failed):
                        self._going = None
                    following = self._draw_going(going, event)
                if following is not None:
                    yield following
        finally:
            _cancelled.pop(going.run, None)
        async with self:
            await self._count_left()

    def _draw_going(self, going: Going, event: GenerationEvent) -> Any:
        """Take in what a generation of the playground says, whatever page is open by now."""
        if isinstance(event, Completed):
            return self._complete(event, going)
        if self._shows(going.request, going.document_id):
            if not self.generating:
                self._begin_showing(going.request, going.run)
            self._draw(event, going.request)
        elif isinstance(event, Failed):
            self.notice = event.error.words
        return None

    def _shows(self, request: GenerationRequest, document_id: str) -> bool:
        """Whether the page that is open is where a generation is to be seen."""
        if request.entity != self.entity:
            return False
        if request.current is not None:
            return document_id == self.document_id
        return not self._config.parents or self._wanted == NEW

    async def _drop_lost(self) -> None:
        """Say that a generation is lost whose worker is gone, as a visitor's is with it."""
        going = plain(self._going)
        if going is None or not going.has_begun:
            return
        if not await get_runtime().bus.is_there(going.worker):
            self._going = None
            if self._shows(going.request, going.document_id):
                self._run = going.run
                self._fail(interrupted(), going.request)
            else:
                self.notice = interrupted().words

    def _show_going(self) -> None:
        """Show what goes on where it is to be seen, and nowhere else."""
        going = plain(self._going)
        is_here = going is not None and self._shows(going.request, going.document_id)
        if self.generating and not is_here:
            self._end()
            self._run = ""
        elif going is not None and is_here and not self.generating:
            self._begin_showing(going.request, going.run)

    def _draw(self, event: GenerationEvent, request: GenerationRequest) -> None:
        if isinstance(event, StageEvent):
            self._draw_stage(event)
        elif isinstance(event, Partial):
            self._draw_partial(event, request)
        elif isinstance(event, Failed):
            self._fail(event.error, request)

    def _draw_stage(self, event: StageEvent) -> None:
        keys = [stage.key for stage in self.stages]
        current = keys.index(event.key) if event.key in keys else len(keys)
        self.stages = [
            StageView(
                key=stage.key,
                label=stage.label,
                state="done" if index < current else "now" if index == current else "todo",
                detail=event.detail if index == current else stage.detail,
            )
            for index, stage in enumerate(self.stages)
        ]

    def _draw_partial(self, event: Partial, request: GenerationRequest) -> None:
        config = self._config
        views = partial_card_views(config, event.data, event.writing)
        if request.only:
            if request.only in event.data:
                self.cards = plain(self.cards) | {request.only: views[request.only]}
            return
        name, description = event.data.get(config.name_field), event.data.get("description")
        if isinstance(name, str):
            self.name = name
        if isinstance(description, str):
            self.description = ItemView(text=description, status="checking")
        self.cards = views

    def _complete(self, event: Completed, going: Going) -> Any:
        """Keep what was written in the playground, and show it if its page is open."""
        request, config = going.request, ENTITIES[going.request.entity]
        is_shown = self._shows(request, going.document_id)
        if is_shown:
            self._end()
        if request.current is not None:
            return self._complete_again(event, going)
        with self._drafts() as drafts:
            document = drafts.create(config, event.data, request.inputs, request.parents)
        if not is_shown:
            self._documents = {
                k: d for k, d in plain(self._documents).items() if k != document["id"]
            }
            self._list_draft(document)
            return None
        self.typed = {}
        self._documents = {document["id"]: document}
        self._show(document)
        self._show_family(plain(self._ancestors), {})
        if not config.parents:
            return None
        self._wanted = document["id"]
        address = document_address(self._place, config, document["id"], document["parents"])
        return rx.redirect(address, replace=True)

    def _complete_again(self, event: Completed, going: Going) -> None:
        """Keep what was written again, leaving alone what a person has changed meanwhile."""
        request, config = going.request, ENTITIES[going.request.entity]
        document = plain(self._documents.get(going.document_id))
        if document is not None:
            changes = rewritten_changes(config, request, event.data, document)
            self._show(self._change(changes, "rewritten"))
            self._show_ancestors()
            return
        # Its page was left: the browser has it as it was, or with changes that name other paths.
        before = {"data": request.current, "inputs": own_inputs(config, request.inputs)}
        changes = rewritten_changes(config, request, event.data, before)
        with self._drafts() as drafts:
            drafts.patch_closed(config.entity, going.document_id, changes)

    def _fail(self, error: UserError, request: GenerationRequest) -> None:
        self._failed, self._failed_document = request, self.document_id
        if request.current is None:
            self.typed = own_inputs(self._config, request.inputs)
        self._end()
        self.error = ErrorView(code=error.code, message=error.message, action=error.action)
        self._show_current()

    def _show(self, document: Mapping[str, Any]) -> None:
        super()._show(document)
        failed = self._failed
        if (
            failed is not None
            and failed.current is not None
            and self._failed_document != self.document_id
        ):
            # Trying again would write the wrong document.
            self.error, self._failed = ErrorView(), None

    def _end(self) -> None:
        self.generating = False
        self.rewriting = ""
        self.stages = []

    def _show_current(self) -> None:
        """Draw what was there before: the open document, else the newest draft, else nothing."""
        document = self._documents.get(self.document_id)
        if document is not None:
            self._show(plain(document))
        elif self._wanted == NEW:
            self.phase = "empty"
        else:
            self._show_nothing("empty")
            if not self._owner:
                self._read_drafts(self._wanted, self._wanted_parents)

    @rx.event
    @validated
    async def dismiss_error(self) -> Any:
        """Close the error panel."""
        self.error = ErrorView()
        await self._told_of_the_last()

    async def _told_of_the_last(self) -> None:
        """Note that the person knows how the last generation ended."""
        told, self._told = self._told, ""
        if told and (workspace := self._workspace) is not None:
            with suppress(UserError):
                await workspace.runs.seen(self._owner or "", told)


def _busy() -> UserError:
    return UserError(
        "busy",
        "Something else of yours is being written just now.",
        "Try again when that has ended.",
        status=409,
    )


async def _until(
    stop: asyncio.Event, events: AsyncIterator[GenerationEvent]
) -> AsyncIterator[GenerationEvent]:
    """The events until ``stop`` is set; the generation is then closed at once."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        while True:
            following = asyncio.ensure_future(anext(events))
            await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
                return
            try:
                yield following.result()
            except StopAsyncIteration:
                return
    finally:
        stopping.cancel()
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()
