"""Suggestions while they are written: how far each is, and for signed-in users, keeping each one.

Like a generation (``runs.py``) a suggestion of several documents belongs to the process and not to
the page that asked for it. Each document is kept as soon as it is finished. How far those of other
workers are is known through ``shared_progress.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.errors import UserError
from blossomer.log import begin_background, get_logger
from blossomer.services.bus import Bus, Message
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
from blossomer.services.interruption import interrupted_in_between
from blossomer.services.redis import heed_cancellation
from blossomer.services.shared_progress import RENEW_SECONDS, Place, SharedProgress, Snapshot

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

    def as_content(self) -> dict[str, Any]:
        """The same as JSON, for other workers."""
        words = self.error and self.error.as_told
        items = [asdict(item) for item in self.items]
        return {"stage": self.stage, "items": items, "error": words, "is_over": self.is_over}

    @classmethod
    def of_content(cls, content: dict[str, Any]) -> Progress:
        """What another worker has said."""
        error = UserError.of_words(content["error"]) if content["error"] else None
        items = [Suggested(**item) for item in content["items"]]
        return cls(content["stage"], items, error, content["is_over"])


@dataclass(slots=True)
class SuggestionRun:
    """One suggestion.

    Args:
        user_id: Whose it is.
        request: For which parent; of another worker's, only what it is for.
        progress: How far it is.
        is_ours: Whether this worker carries it out.
    """

    user_id: str
    request: SuggestionRequest
    progress: Progress = field(default_factory=Progress)
    is_ours: bool = True
    _task: asyncio.Task[None] | None = None

    @property
    def parent_id(self) -> str:
        """The document that they are suggested for."""
        return next(reversed(self.request.parents.values()), "")


CONTROL = "suggestions"
"""Where a worker is told to stop one that it carries out."""

Suggest = Callable[..., AsyncIterator[SuggestionEvent]]
Keep = Callable[[str, GenerationRequest, dict[str, Any], dict[str, Any]], Awaitable[Document]]


class SuggestionRuns:
    """The suggestions that this process carries out for signed-in users, and those of others.

    Args:
        suggest: ``Runtime.suggest``: the counted way.
        keep: ``Runs.keep_new``: keeps one document that was written.
        feed: Where progress is told.
        bus: To other workers; None when there are none.
    """

    def __init__(self, suggest: Suggest, keep: Keep, feed: Feed, bus: Bus | None = None) -> None:
        self._suggest = suggest
        self._keep = keep
        self._feed = feed
        self._bus = bus or Bus()
        self._shared = SharedProgress(self._bus) if self._bus.is_shared else None
        self._runs: dict[Place, SuggestionRun] = {}
        self._bus.listen(CONTROL, self._hear)

    def latest(self, user_id: str, entity: str, parent_id: str) -> SuggestionRun | None:
        """The suggestion for a document that is under way, or ended and was not dismissed.

        One of another worker as it was when ``look`` was last called.
        """
        return self._runs.get((user_id, entity, parent_id))

    async def look(self, user_id: str, parent_id: str) -> None:
        """Find out how far suggestions for a document are that other workers carry out."""
        if self._shared is None:
            return
        places = [(user_id, entity, parent_id) for entity in ENTITIES]
        try:
            snapshots = await self._shared.read(places)
        except Exception as error:
            log.warning("suggestion.others_unknown", reason=type(error).__name__)
            return
        for place, snapshot in zip(places, snapshots, strict=True):
            self._take_in(place, snapshot)

    async def begin(self, user_id: str, request: SuggestionRequest, *, key: str) -> SuggestionRun:
        """Begin a suggestion; a second one while one runs, on any worker, returns that one."""
        place = (user_id, request.entity, SuggestionRun(user_id, request).parent_id)
        running = self._runs.get(place)
        is_here = running is not None and running.is_ours and not running.progress.is_over
        if self._shared is not None and not is_here:
            try:
                if not await self._shared.claim(place):
                    await self.look(user_id, place[2])
                    if (other := self._runs.get(place)) is not None:
                        return other
                    return SuggestionRun(user_id, request, is_ours=False)
            except Exception as error:
                log.warning("suggestion.not_claimed", reason=type(error).__name__)
        return self.start(user_id, request, key=key)

    def start(self, user_id: str, request: SuggestionRequest, *, key: str) -> SuggestionRun:
        """Begin a suggestion here; a second start while one runs here returns that one."""
        run = SuggestionRun(user_id, request)
        place = (user_id, request.entity, run.parent_id)
        running = self._runs.get(place)
        if running is not None and running.is_ours and not running.progress.is_over:
            return running
        self._runs[place] = run
        run._task = asyncio.create_task(self._carry_out(run, place, key))
        return run

    async def cancel(self, user_id: str, entity: str, parent_id: str) -> None:
        """Stop a suggestion, on whichever worker; what is written already stays."""
        run = self._runs.get((user_id, entity, parent_id))
        if run is not None and run._task is not None:
            run._task.cancel()
            with suppress(asyncio.CancelledError):
                await run._task
        elif run is not None:
            self._bus.tell(CONTROL, {"cancel": [user_id, entity, parent_id]})

    async def dismiss(self, user_id: str, entity: str, parent_id: str) -> None:
        """Forget one that is over."""
        place = (user_id, entity, parent_id)
        run = self._runs.get(place)
        if run is None or not run.progress.is_over:
            return
        del self._runs[place]
        if self._shared is not None:
            with suppress(Exception):  # it is forgotten after an hour
                await self._shared.forget(place)

    async def stop(self) -> None:
        """End with the process."""
        tasks = [run._task for run in self._runs.values() if run._task is not None]
        for task in tasks:
            task.cancel("interrupted")
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take_in(self, place: Place, snapshot: Snapshot | None) -> None:
        known = self._runs.get(place)
        if known is not None and known.is_ours and not known.progress.is_over:
            return
        if snapshot is None:
            self._runs.pop(place, None)  # dismissed elsewhere, or long ago
        elif snapshot.worker != self._bus.worker:
            progress = Progress.of_content(snapshot.content)
            if not progress.is_over and not snapshot.is_claimed:
                progress.is_over, progress.error = True, interrupted_in_between()
            user_id, entity, parent_id = place
            request = SuggestionRequest(entity, parents={"": parent_id})
            self._runs[place] = SuggestionRun(user_id, request, progress, is_ours=False)

    def _hear(self, message: Message) -> None:
        run = self._runs.get(tuple(message["cancel"]))
        if run is not None and run._task is not None:
            run._task.cancel()

    async def _carry_out(self, run: SuggestionRun, place: Place, key: str) -> None:
        begin_background(user_id=run.user_id, suggests=run.request.entity)
        claim = asyncio.create_task(self._hold(place))

        async def keep(event: Written) -> None:
            await self._keep_written(run, event)

        try:
            async with aclosing(self._suggest(run.request, key=key, keep=keep)) as events:  # type: ignore[type-var]
                async for event in events:
                    run.progress.note(event)
                    await self._tell(run, place)
        except asyncio.CancelledError as cancelled:
            if cancelled.args == ("interrupted",):
                run.progress.error = interrupted_in_between()
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
            claim.cancel()
            run.progress.is_over = True
            await self._tell(run, place)
            if self._shared is not None:
                with suppress(Exception):  # it ends by itself
                    await self._shared.release(place)

    async def _hold(self, place: Place) -> None:
        while self._shared is not None:
            heed_cancellation()
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(Exception):  # another time
                await self._shared.renew(place)

    async def _keep_written(self, run: SuggestionRun, event: Written) -> None:
        request = GenerationRequest(
            entity=run.request.entity, inputs=event.inputs, parents=run.request.parents
        )
        kept = await self._keep(run.user_id, request, event.data, event.made_by)
        run.progress.items[event.index].id = kept["id"]

    async def _tell(self, run: SuggestionRun, place: Place) -> None:
        if self._shared is not None:
            try:
                await self._shared.write(place, run.progress.as_content())
            except Exception as error:
                log.warning("suggestion.not_shared", reason=type(error).__name__)
        self._feed.publish(run.user_id, Suggesting(run.request.entity, run.parent_id))
