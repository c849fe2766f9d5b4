"""Suggestions while they are written: how far each is, and for signed-in users, keeping each one.

Like a generation (``runs.py``) a suggestion of several documents belongs to the process and not to
the page that asked for it. Each document is kept as soon as it is finished.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

from blossomer.entities.document import Document
from blossomer.errors import UserError
from blossomer.log import begin_background, get_logger
from blossomer.services.events import (
    Failed,
    GenerationRequest,
    Ideas,
    NotWritten,
    StageEvent,
    SuggestionEvent,
    SuggestionRequest,
    Written,
)
from blossomer.services.feed import Feed, Suggesting

log = get_logger(__name__)


@dataclass(slots=True)
class Suggested:
    """One document that is suggested: ``state`` is writing, done or failed; ``id`` once kept."""

    name: str
    state: str = "writing"
    problem: str = ""
    id: str = ""


@dataclass(slots=True)
class Progress:
    """How far a suggestion is.

    Args:
        stage: What is happening, for a person.
        items: The documents, once it is known which.
        error: Why there are none.
        is_over: Whether nothing more will happen.
    """

    stage: str = ""
    items: list[Suggested] = field(default_factory=list)
    error: UserError | None = None
    is_over: bool = False

    def note(self, event: SuggestionEvent) -> None:
        """Take in what the stream says."""
        if isinstance(event, StageEvent):
            self.stage = event.detail
        elif isinstance(event, Ideas):
            self.items = [Suggested(name) for name in event.names]
        elif isinstance(event, Written):
            self.items[event.index].state = "done"
        elif isinstance(event, NotWritten):
            self.items[event.index].state = "failed"
            self.items[event.index].problem = event.error.words
        elif isinstance(event, Failed):
            self.error = event.error


@dataclass(slots=True)
class SuggestionRun:
    """One suggestion of this process.

    Args:
        user_id: Whose it is.
        request: For which parent.
        progress: How far it is.
    """

    user_id: str
    request: SuggestionRequest
    progress: Progress = field(default_factory=Progress)
    _task: asyncio.Task[None] | None = None

    @property
    def parent_id(self) -> str:
        """The document that they are suggested for."""
        return next(reversed(self.request.parents.values()), "")


Suggest = Callable[..., AsyncIterator[SuggestionEvent]]
Keep = Callable[[str, GenerationRequest, dict[str, Any], dict[str, Any]], Awaitable[Document]]


class SuggestionRuns:
    """The suggestions that this process carries out for signed-in users.

    Args:
        suggest: ``Runtime.suggest``: the counted way.
        keep: ``Runs.keep_new``: keeps one document that was written.
        feed: Where progress is told.
    """

    def __init__(self, suggest: Suggest, keep: Keep, feed: Feed) -> None:
        self._suggest = suggest
        self._keep = keep
        self._feed = feed
        self._runs: dict[tuple[str, str, str], SuggestionRun] = {}

    def latest(self, user_id: str, entity: str, parent_id: str) -> SuggestionRun | None:
        """The suggestion for a document that is under way, or ended and was not dismissed."""
        return self._runs.get((user_id, entity, parent_id))

    def start(self, user_id: str, request: SuggestionRequest, *, key: str) -> SuggestionRun:
        """Begin a suggestion; a second start while one runs returns that one."""
        run = SuggestionRun(user_id, request)
        place = (user_id, request.entity, run.parent_id)
        running = self._runs.get(place)
        if running is not None and not running.progress.is_over:
            return running
        self._runs[place] = run
        run._task = asyncio.create_task(self._carry_out(run, key))
        return run

    async def cancel(self, user_id: str, entity: str, parent_id: str) -> None:
        """Stop a suggestion; what is written already stays."""
        run = self._runs.get((user_id, entity, parent_id))
        if run is not None and run._task is not None:
            run._task.cancel()
            with suppress(asyncio.CancelledError):
                await run._task

    def dismiss(self, user_id: str, entity: str, parent_id: str) -> None:
        """Forget one that is over."""
        run = self._runs.get((user_id, entity, parent_id))
        if run is not None and run.progress.is_over:
            del self._runs[user_id, entity, parent_id]

    async def stop(self) -> None:
        """End with the process."""
        tasks = [run._task for run in self._runs.values() if run._task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry_out(self, run: SuggestionRun, key: str) -> None:
        begin_background(user_id=run.user_id, suggests=run.request.entity)

        async def keep(event: Written) -> None:
            await self._keep_written(run, event)

        try:
            async with aclosing(self._suggest(run.request, key=key, keep=keep)) as events:  # type: ignore[type-var]
                async for event in events:
                    run.progress.note(event)
                    self._tell(run)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.error("suggestion.broke", entity=run.request.entity, exc_info=error)
            run.progress.error = UserError(
                "internal_error",
                "Something went wrong on our side while suggesting.",
                "What is written already is kept. Try again.",
                status=500,
            )
        finally:
            run.progress.is_over = True
            self._tell(run)

    async def _keep_written(self, run: SuggestionRun, event: Written) -> None:
        request = GenerationRequest(
            entity=run.request.entity, inputs=event.inputs, parents=run.request.parents
        )
        kept = await self._keep(run.user_id, request, event.data, event.made_by)
        run.progress.items[event.index].id = kept["id"]

    def _tell(self, run: SuggestionRun) -> None:
        self._feed.publish(run.user_id, Suggesting(run.request.entity, run.parent_id))
