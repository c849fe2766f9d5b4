"""Suggestions on a document's page: several documents below it, each shown once it is finished."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.entities.listing import ListPage
from blossomer.errors import UserError
from blossomer.services.events import SuggestionRequest, Written
from blossomer.services.interruption import interrupted_in_between
from blossomer.services.requests import inherited_inputs
from blossomer.services.runtime import get_runtime
from blossomer.services.suggestion_runs import Progress
from blossomer.state.generating import GeneratingMixin
from blossomer.state.stores import EntityKey
from blossomer.state.validation import plain, validated

_stopped: dict[str, asyncio.Event] = {}
"""Suggestions of this process for visitors, by id; set to stop one."""


@dataclass
class SuggestedView:
    """One document that is suggested: ``state`` is writing, done or failed."""

    name: str = ""
    state: str = ""
    problem: str = ""


@dataclass
class SuggestionView:
    """What goes on with a suggestion: ``state`` is going or over; empty when there is none."""

    state: str = ""
    stage: str = ""
    suggested: list[SuggestedView] = field(default_factory=list)
    has_failed: bool = False
    """Whether some of them could not be written."""
    message: str = ""
    action: str = ""


class SuggestingMixin(GeneratingMixin, mixin=True):
    """The variables of suggestions, by the entity that is suggested."""

    suggestions: dict[str, SuggestionView] = {entity: SuggestionView() for entity in ENTITIES}

    _suggesting: dict[str, list[str]] = {}
    """In the playground, by entity: id of the suggestion, of the document it is for, and by which
    process of the server it is carried out, once it is."""
    _requests: dict[str, SuggestionRequest] = {}
    """Suggestions of the playground that are to be begun, by id."""

    @rx.event
    @validated
    async def suggest(self, entity: EntityKey) -> Any:
        """Have several documents of an entity written below the open one."""
        document = plain(self._documents.get(self.document_id))
        config = ENTITIES.get(entity)
        if document is None or config is None or config.suggestions is None or self.generating:
            return None
        if not config.parents or config.parents[-1].entity != document["entity"]:
            return None
        ancestors = {**plain(self._ancestors), document["entity"]: document}
        siblings = [row.name for row in self.children_rows.get(entity, [])]
        request = SuggestionRequest(
            entity=entity,
            inputs=inherited_inputs(config, ancestors),
            parents={document["entity"]: document["id"]},
            context={key: above["data"] for key, above in ancestors.items()},
            siblings=tuple(siblings),
        )
        self._keep_draft()
        if (workspace := self._workspace) is not None:
            await workspace.suggestions.begin(self._owner or "", request, key=self._limit_key)
            self._draw_suggestions()
            return None
        if entity in self._suggesting:
            return None
        run = secrets.token_hex(8)
        self._suggesting = {**plain(self._suggesting), entity: [run, document["id"]]}
        self._requests = {**plain(self._requests), run: request}
        self._draw_progress(entity, Progress())
        return self._event("run_suggestions")(entity)

    @rx.event(background=True)
    @validated
    async def run_suggestions(self, entity: EntityKey) -> Any:
        """Carry out the suggestion that ``suggest`` left to be begun."""
        async with self:
            if await self._admit("run_suggestions") is not None or self._owner:
                return
            run, parent_id, *_ = plain(self._suggesting.get(entity)) or ["", ""]
            requests = plain(self._requests)
            request = requests.pop(run, None)
            self._requests = requests
            if request is not None:
                worker = get_runtime().bus.worker
                self._suggesting = {**plain(self._suggesting), entity: [run, parent_id, worker]}
            key = self._limit_key
        if request is None:
            return
        progress = Progress()
        stop = _stopped.setdefault(run, asyncio.Event())
        stopping = asyncio.ensure_future(stop.wait())
        try:
            async with aclosing(get_runtime().suggest(request, key=key)) as events:
                while True:
                    following = asyncio.ensure_future(anext(events))
                    await asyncio.wait({following, stopping}, return_when="FIRST_COMPLETED")
                    if not following.done():
                        following.cancel()
                        await asyncio.gather(following, return_exceptions=True)
                        break
                    try:
                        event = following.result()
                    except StopAsyncIteration:
                        break
                    progress.note(event)
                    async with self:
                        if self._owner or self._suggesting.get(entity, [""])[0] != run:
                            return
                        if isinstance(event, Written):
                            self._keep_suggested(request, event)
                        if self.document_id == parent_id:
                            self._draw_progress(entity, progress)
        finally:
            stopping.cancel()
            _stopped.pop(run, None)
            progress.is_over = True
            async with self:
                if self._suggesting.get(entity, [""])[0] == run:
                    left = plain(self._suggesting)
                    del left[entity]
                    self._suggesting = left
                    if self.document_id == parent_id:
                        self._draw_progress(entity, progress)
        async with self:
            await self._count_left()

    def _keep_suggested(self, request: SuggestionRequest, event: Written) -> None:
        """Keep one document in the browser, and show it below the open one."""
        config = ENTITIES[request.entity]
        before = plain(self._documents)
        with self._drafts() as drafts:
            document = drafts.create(config, event.data, event.inputs, request.parents)
        self._documents = before  # it is not the open one
        self._list_draft(document)

    @rx.event
    @validated
    async def stop_suggesting(self, entity: EntityKey) -> Any:
        """Stop a suggestion; what is written already stays."""
        if (workspace := self._workspace) is not None:
            await workspace.suggestions.cancel(self._owner or "", entity, self.document_id)
            self._draw_suggestions()
        elif entity in self._suggesting:
            run = self._suggesting[entity][0]
            if (event := _stopped.get(run)) is not None:
                event.set()

    @rx.event
    @validated
    async def dismiss_suggestions(self, entity: EntityKey) -> Any:
        """Close what is said of a suggestion that is over."""
        if (workspace := self._workspace) is not None:
            await workspace.suggestions.dismiss(self._owner or "", entity, self.document_id)
        self.suggestions = {**plain(self.suggestions), entity: SuggestionView()}

    async def _drop_lost(self) -> None:
        """Say also that suggestions are lost whose worker is gone."""
        await super()._drop_lost()
        for entity, (_, parent_id, *workers) in plain(self._suggesting).items():
            if workers and not await get_runtime().bus.is_there(workers[0]):
                self._suggesting = {e: r for e, r in plain(self._suggesting).items() if e != entity}
                self.notice = interrupted_in_between().words
                if parent_id == self.document_id:
                    self._draw_progress(
                        entity, Progress(error=interrupted_in_between(), is_over=True)
                    )

    def _show_family(
        self, ancestors: Mapping[str, Document], pages: Mapping[str, ListPage]
    ) -> None:
        super()._show_family(ancestors, pages)
        self._draw_suggestions()

    def _draw_suggestions(self) -> None:
        """Draw what goes on with suggestions for the open document."""
        workspace = self._workspace
        if workspace is None:
            kept = {
                entity for entity, run in self._suggesting.items() if run[1] == self.document_id
            }
            self.suggestions = {
                entity: view if entity in kept else SuggestionView()
                for entity, view in plain(self.suggestions).items()
            }
            return
        self.suggestions = {entity: SuggestionView() for entity in ENTITIES}
        for entity in ENTITIES:
            run = workspace.suggestions.latest(self._owner or "", entity, self.document_id)
            if run is not None:
                self._draw_progress(entity, run.progress)

    def _draw_progress(self, entity: str, progress: Progress) -> None:
        error: UserError | None = progress.error
        view = SuggestionView(
            state="over" if progress.is_over else "going",
            stage=progress.stage,
            suggested=[SuggestedView(i.name, i.state, i.problem) for i in progress.items],
            has_failed=any(item.state == "failed" for item in progress.items),
            message=error.message if error else "",
            action=error.action if error else "",
        )
        self.suggestions = {**plain(self.suggestions), entity: view}
