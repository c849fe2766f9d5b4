"""A generation on a page: starting it once, drawing its events, cancelling it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import reflex as rx
import structlog

from blossomer.entities import ENTITIES
from blossomer.entities.merge import Change
from blossomer.entities.regenerate import changes_of_card
from blossomer.errors import UserError
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Partial,
    StageEvent,
)
from blossomer.services.runtime import get_runtime
from blossomer.services.website.reader import normalise_url
from blossomer.state.editing import EditingMixin
from blossomer.state.messages import FormValues, Identifier
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

SECONDS_BETWEEN_UPDATES = 0.1
"""A page is redrawn at most ten times a second while text streams in."""

_cancelled: dict[str, asyncio.Event] = {}
"""Runs of this process by id; set to stop one."""


class GeneratingMixin(EditingMixin, mixin=True):
    """Runs one generation at a time for a page, in the background."""

    form_problem: str = ""
    typed: dict[str, str] = {}
    """What the form was sent with, put back into it when nothing came of it."""

    _pending: GenerationRequest | None = None
    _run: str = ""
    """Which generation the page shows; empty for one of which only the database knows."""
    _failed_card: str = ""
    _failed_document: str = ""
    """The document whose card it was."""
    _told: str = ""
    """The generation whose end the page tells of; noted as seen when the person goes on."""

    @rx.event
    @validated
    async def start(self, form: FormValues) -> Any:
        """Begin a generation with what a form says."""
        if self.generating:
            return None
        entity = self.entity or next(iter(ENTITIES))
        config = ENTITIES[entity]
        inputs = {f.name: form.get(f.name, "").strip() for f in config.form.fields}
        if not inputs.get("pasted_text"):
            try:
                self._typed_address(inputs.get("website_url", ""))
            except UserError as error:
                self.form_problem = error.words
                return None
        self.entity = entity
        return await self._begin(GenerationRequest(entity=entity, inputs=inputs))

    @rx.event
    @validated
    async def try_again(self) -> Any:
        """Begin the generation that failed once more, with the same inputs."""
        if self.generating or self.entity not in ENTITIES:
            return None
        if self._failed_card:
            return await self._rewrite(self._failed_card)
        if not self.typed:
            return None
        return await self._begin(GenerationRequest(entity=self.entity, inputs=plain(self.typed)))

    @rx.event
    @validated
    async def rewrite(self, key: Identifier) -> Any:
        """Write one card again; items of a person are kept word for word."""
        if self.generating or self.editing:
            return None
        return await self._rewrite(key)

    async def _rewrite(self, key: str) -> Any:
        document = self._documents.get(self.document_id)
        if document is None or key not in self._config.card_keys:
            return None
        document = plain(document)
        return await self._begin(
            GenerationRequest(
                entity=self.entity,
                inputs=document["inputs"],
                only=key,
                current=document["data"],
            )
        )

    async def _begin(self, request: GenerationRequest) -> Any:
        """Start a generation where the person's generations run, and show it."""
        await self._told_of_the_last()
        if self._owner:
            return await self._begin_run(request)
        self._pending = request
        self._begin_showing(request, secrets.token_hex(8))
        follow = type(self).run_generation
        if request.only:
            return [follow]
        return [rx.redirect(f"/playground/{self._config.route}"), follow]

    async def _begin_run(self, request: GenerationRequest) -> Any:
        """Start a generation that outlives the page; ``following.py`` shows it."""
        workspace = self._workspace
        if workspace is None:
            return None
        document_id = self.document_id if request.only else ""
        try:
            run = await workspace.runs.start(
                self._owner or "", request, key=self._limit_key, document_id=document_id
            )
            running = run.request.only, run.document_id if run.request.only else ""
            if running != (request.only, document_id):
                raise _busy()
        except UserError as error:
            self.rewriting = request.only or ""
            if not request.only:
                self.typed = dict(request.inputs)
            self._fail(error)
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
        self._failed_card = ""
        self.editing = ""
        self.stages = [StageView(key=s.key, label=s.label) for s in config.stages]
        if request.only:
            cards = plain(self.cards)
            cards[request.only].state = "waiting"
            self.cards = cards
            return
        self.typed = dict(request.inputs)
        website = ""
        if not request.inputs.get("pasted_text"):
            website = self._typed_address(request.inputs.get("website_url", ""))
        self.name = ""
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
                await workspace.runs.cancel(self._owner, self._run)
        elif (event := _cancelled.get(self._run)) is not None:
            event.set()
        if self.generating:
            self._run = ""
            self._end()
            self._show_current()

    @rx.event(background=True)
    @validated
    async def run_generation(self) -> Any:
        """Carry out the generation that ``_begin`` left pending, if there is one."""
        async with self:
            if await self._admit("run_generation") is not None or self._owner:
                return
            request, self._pending = self._pending, None
            run = self._run
            key = self._limit_key
        if request is None or not run:
            return
        runtime = get_runtime()
        stop = _cancelled.setdefault(run, asyncio.Event())
        try:
            last = 0.0
            writing = ""
            async for event in _until(stop, runtime.generate(request, key=key)):
                now = time.monotonic()
                if isinstance(event, Partial):
                    if event.writing == writing and now - last < SECONDS_BETWEEN_UPDATES:
                        continue
                    last, writing = now, event.writing
                async with self:
                    if self._run != run:
                        return
                    self._draw(event, request)
        finally:
            _cancelled.pop(run, None)
        async with self:
            await self._count_left()

    def _typed_address(self, text: str) -> str:
        """The address that a person means; the reader may still choose http where none was typed.

        Raises:
            UserError: When it is none.
        """
        return normalise_url(text, allowed_hosts=get_runtime().settings.allowed_fetch_hosts)

    def _draw(self, event: GenerationEvent, request: GenerationRequest) -> None:
        if isinstance(event, StageEvent):
            self._draw_stage(event)
        elif isinstance(event, Partial):
            self._draw_partial(event, request)
        elif isinstance(event, Completed):
            self._complete(event, request)
        elif isinstance(event, Failed):
            self._fail(event.error)

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

    def _complete(self, event: Completed, request: GenerationRequest) -> None:
        if request.only is None:
            with self._drafts() as drafts:
                document = drafts.create(self._config, event.data, request.inputs)
            self.typed = {}
        else:
            document = self._change(self._rewritten(event, request), "rewritten")
        self._end()
        self._show(document)

    def _rewritten(self, event: Completed, request: GenerationRequest) -> list[Change]:
        """What writing one card again changed, leaving alone what a person changed meanwhile."""
        present = plain(self._documents[self.document_id])["data"]
        return changes_of_card(request.only or "", request.current or {}, event.data, present)

    def _fail(self, error: UserError) -> None:
        self._failed_card, self._failed_document = self.rewriting, self.document_id
        self._end()
        self.error = ErrorView(code=error.code, message=error.message, action=error.action)
        self._show_current()

    def _show(self, document: Mapping[str, Any]) -> None:
        super()._show(document)
        if self._failed_card and self._failed_document != self.document_id:
            # Trying again would write the card of the wrong document.
            self.error, self._failed_card = ErrorView(), ""

    def _end(self) -> None:
        self.generating = False
        self.rewriting = ""
        self.stages = []

    def _show_current(self) -> None:
        """Draw what was there before: the open document, else the newest draft, else nothing."""
        document = self._documents.get(self.document_id)
        if document is not None:
            self._show(plain(document))
        else:
            self._show_nothing("empty")
            if not self._owner:
                self._read_drafts()

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
