"""Generations of signed-in users: they belong to the server, not to the page that started them.

A reload, a lost connection or another page changes nothing for them. Their rows in ``generations``
say what became of each, also after this process is gone. What is written goes to the database in
one transaction with that. Those of other workers are seen through ``remote_runs.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from blossomer.db.generations import HEARTBEAT_SECONDS, GenerationLog
from blossomer.db.outage import OUTAGE
from blossomer.db.store import DatabaseStore
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, new_document, own_inputs
from blossomer.entities.merge import KEEP, Change
from blossomer.errors import UserError
from blossomer.log import begin_background, get_logger
from blossomer.services.bus import Bus
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Partial,
    StageEvent,
)
from blossomer.services.feed import Added, Feed, RunStarted, Saved
from blossomer.services.remote_runs import RemoteRun, Teller, end_if_abandoned, tell_to_cancel
from blossomer.services.rewriting import rewritten_changes
from blossomer.services.saving import Saver

log = get_logger(__name__)

KEEP_SECONDS = 30.0
"""After this a draft counts as kept, unless it has been discarded (the product's rule)."""

STORING_SECONDS = 300.0
"""How long a finished text is kept in memory while the database does not take it."""

Generate = Callable[..., AsyncIterator[GenerationEvent]]


@dataclass(slots=True)
class Run:
    """One generation of this process.

    Args:
        id: Of its row.
        user_id: Whose it is.
        request: What is generated.
        document_id: The document that is written again, all of it or one card; empty for a new
            one, until it is kept.
        new_id: The id that a new one gets; any without it.
    """

    id: str
    user_id: str
    request: GenerationRequest
    document_id: str = ""
    new_id: str = ""
    outcome: Completed | Failed | None = None
    is_over: bool = False
    _stage: StageEvent | None = None
    _partial: Partial | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None
    _teller: Teller | None = None

    async def events(self) -> AsyncIterator[GenerationEvent]:
        """What is known so far, then what happens; ends with ``Completed`` or ``Failed``.

        A cancelled or interrupted run just ends. Events in between may be left out when the
        reader is slower than the writer: each says all there is.
        """
        stage, partial = None, None
        while True:
            changed = self._changed  # before looking, so that nothing in between is missed
            if self._stage is not None and self._stage is not stage:
                stage = self._stage
                yield stage
            if self._partial is not None and self._partial is not partial:
                partial = self._partial
                yield partial
            if self.outcome is not None:
                yield self.outcome
                return
            if self.is_over:
                return
            await changed.wait()

    def _note(self, event: GenerationEvent) -> None:
        if isinstance(event, StageEvent):
            self._stage = event
        elif isinstance(event, Partial):
            self._partial = event
        else:
            self.outcome = event
        self._tell()
        if self._teller is not None:
            self._teller.tell(event, self.document_id)

    def _end(self) -> None:
        self.is_over = True
        self._tell()
        if self._teller is not None:
            self._teller.end()

    def _so_far(self) -> list[GenerationEvent]:
        return [event for event in (self._stage, self._partial) if event is not None]

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel("cancelled")

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


AnyRun = Run | RemoteRun
"""A generation, on whichever worker."""


class _WasCancelled(Exception):
    """Another worker was told to cancel a run, and its row says so: nothing is kept."""


class Runs:
    """The generations that this process carries out for signed-in users, and those of others.

    Args:
        generate: ``Runtime.generate``: the counted way to a generation.
        store_for: Gives the store of a user.
        feed: Where beginnings and results are told.
        saver: Makes a draft a kept document when its time has come.
        bus: To other workers; None when there are none.
    """

    def __init__(
        self,
        generate: Generate,
        store_for: Callable[[str], DatabaseStore],
        feed: Feed,
        saver: Saver,
        bus: Bus | None = None,
    ) -> None:
        self._bus = bus or Bus()
        self._generate = generate
        self._store_for = store_for
        self._feed = feed
        self._saver = saver
        self._runs: dict[tuple[str, str], Run] = {}
        self._keeping: set[asyncio.Task[None]] = set()

    def running(self, user_id: str, entity: str) -> Run | None:
        """The generation of an entity that this worker is carrying out for a user.

        One that has its outcome is not found any more, though there may be something to put away.
        """
        run = self._runs.get((user_id, entity))
        return None if run is None or run.is_over or run.outcome is not None else run

    async def find(self, user_id: str, entity: str) -> AnyRun | None:
        """The generation of an entity that is being carried out for a user, by whichever worker.

        Raises:
            UserError: ``database_unavailable`` (503).
        """
        run = self.running(user_id, entity)
        if run is not None or not self._bus.is_shared:
            return run
        generations = self._log(user_id)
        row = await generations.running(entity)
        if row is not None and await self._has_ended_it(row, generations):
            row = None
        return self.running(user_id, entity) or (
            None if row is None else RemoteRun.of(row, self._bus, generations)
        )

    async def start(
        self,
        user_id: str,
        request: GenerationRequest,
        *,
        key: str,
        document_id: str = "",
        new_id: str = "",
    ) -> AnyRun:
        """Begin a generation; a second start while one runs, on any worker, returns that one.

        Args:
            user_id: The verified user.
            request: What to generate.
            key: Who it counts for.
            document_id: The document that is written again, all of it or one card.
            new_id: The id that a new one is to get.

        Raises:
            UserError: ``database_unavailable``: nothing is begun that could not be kept.
        """
        place = (user_id, request.entity)
        if (running := self.running(*place)) is not None:
            return running
        run = Run(str(uuid4()), user_id, request, document_id, new_id)
        # Before anything is awaited: a second click must find it.
        self._runs[place] = run
        generations = self._log(user_id)
        try:
            begin = partial(
                generations.begin,
                UUID(run.id),
                entity=request.entity,
                inputs=own_inputs(ENTITIES[request.entity], request.inputs),
                parents=request.parents,
                only=request.only or "",
                document_id=document_id,
            )
            other = await begin()
            if other is not None and await self._has_ended_it(other, generations):
                other = await begin()
        except BaseException:
            del self._runs[place]
            run._end()  # a second click may show it already
            raise
        if other is not None:
            del self._runs[place]
            run._end()
            return RemoteRun.of(other, self._bus, generations)
        run._teller = Teller(self._bus, run.id, run._cancel, run._so_far)
        run._task = asyncio.create_task(self._carry_out(run, generations, key))
        self._feed.publish(user_id, RunStarted(request.entity, run.id))
        # A task that is cancelled before its first step never reaches its own end, and nobody
        # would ever be told.
        await asyncio.sleep(0)
        return run

    async def cancel(self, user_id: str, run_id: str) -> None:
        """Stop a generation of the user's, on whichever worker; nothing of it is kept.

        Raises:
            UserError: ``database_unavailable`` (503): another worker could not be told.
        """
        for run in list(self._runs.values()):
            if run.user_id == user_id and run.id == run_id and run._task is not None:
                run._cancel()
                with suppress(asyncio.CancelledError):
                    await run._task
                return
        if self._bus.is_shared and await self._log(user_id).end(UUID(run_id), "cancelled", {}):
            tell_to_cancel(self._bus, run_id)

    async def latest(self, user_id: str, entity: str) -> dict[str, Any] | None:
        """The row of the user's newest generation of an entity."""
        generations = self._log(user_id)
        row = await generations.latest(entity)
        if row is not None and await self._has_ended_it(row, generations):
            row = await generations.latest(entity)
        return None if row is None else dict(row)

    async def _has_ended_it(self, row: Mapping[str, Any], generations: GenerationLog) -> bool:
        """Whether a run was found to be abandoned, and noted as interrupted."""
        if any(run.id == str(row["id"]) for run in self._runs.values()):
            return False
        return await end_if_abandoned(row, self._bus, generations)

    async def seen(self, user_id: str, run_id: str) -> None:
        """Note that the person knows how a generation ended."""
        await self._log(user_id).seen(UUID(run_id))

    async def stop(self) -> None:
        """End with the process: what still runs is marked as interrupted."""
        tasks = [run._task for run in self._runs.values() if run._task is not None]
        for task in (*tasks, *self._keeping):
            task.cancel("interrupted")
        await asyncio.gather(*tasks, *self._keeping, return_exceptions=True)

    def _log(self, user_id: str) -> GenerationLog:
        return GenerationLog(self._store_for(user_id))

    async def _carry_out(self, run: Run, generations: GenerationLog, key: str) -> None:
        begin_background(user_id=run.user_id, run_id=run.id)
        alive = asyncio.create_task(_keep_alive(generations, run))

        async def keep(event: Completed) -> None:
            try:
                await self._keep(run, generations, event)
            except _WasCancelled:
                # Not a failure: it ends here as one ends that is cancelled here.
                raise asyncio.CancelledError("cancelled") from None

        try:
            async with aclosing(self._generate(run.request, key=key, keep=keep)) as events:  # type: ignore[type-var]
                async for event in events:
                    if isinstance(event, Failed):
                        await self._note_end(run, generations, "failed", event.error)
                    run._note(event)
        except asyncio.CancelledError as cancelled:
            status = "cancelled" if cancelled.args == ("cancelled",) else "interrupted"
            await self._note_end(run, generations, status, None)
            raise
        except UserError as error:
            await self._note_end(run, generations, "failed", error)
            run._note(Failed(error))
        except Exception as error:
            log.error("run.broke", entity=run.request.entity, exc_info=error)
            problem = UserError(
                "internal_error",
                "Something went wrong on our side while this was being kept.",
                "Try again. What you had before is unchanged.",
                status=500,
            )
            await self._note_end(run, generations, "failed", problem)
            run._note(Failed(problem))
        finally:
            alive.cancel()
            run._end()
            place = (run.user_id, run.request.entity)
            if self._runs.get(place) is run:
                del self._runs[place]

    async def _keep(self, run: Run, generations: GenerationLog, event: Completed) -> None:
        """Store a result together with the end of its generation, as soon as the database can."""
        config = ENTITIES[run.request.entity]
        async with asyncio.timeout(STORING_SECONDS):
            while True:
                try:
                    if run.request.current is not None:
                        await self._store_again(run, generations, config, event)
                    else:
                        await self._store_new(run, generations, config, event)
                    return
                except UserError as error:
                    if error.code != OUTAGE:
                        raise
                    log.warning("run.waits_for_database", entity=config.entity)
                    run._note(StageEvent("verify", "Written; waiting for the database to keep it"))
                    await asyncio.sleep(1)

    async def keep_new(
        self,
        user_id: str,
        request: GenerationRequest,
        data: dict[str, Any],
        made_by: dict[str, Any],
    ) -> Document:
        """Keep a document that was written outside of a run, and log what it has cost.

        Args:
            user_id: The verified user.
            request: What was asked for.
            data: As in ``Completed``.
            made_by: As in ``Completed``.

        Raises:
            UserError: It is below something that is gone, or the database stays away for longer
                than ``STORING_SECONDS``.
        """
        run = Run(str(uuid4()), user_id, request)
        generations, config = self._log(user_id), ENTITIES[request.entity]
        deadline = asyncio.get_running_loop().time() + STORING_SECONDS
        begun = generations.begun(
            UUID(run.id),
            entity=request.entity,
            inputs=own_inputs(config, request.inputs),
            parents=request.parents,
        )
        event = Completed(data, made_by)
        while True:
            try:
                return await self._store_new(run, generations, config, event, begun)
            except UserError as error:
                if error.code != OUTAGE or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(1)

    async def _store_new(
        self,
        run: Run,
        generations: GenerationLog,
        config: EntityConfig,
        event: Completed,
        begun: Any = None,
    ) -> Document:
        """Keep a new document; ``begun`` notes a generation that nobody had to know of before."""
        store = self._store_for(run.user_id)
        request = run.request
        new_id = run.new_id or str(uuid4())
        document = new_document(config, new_id, event.data, request.inputs, request.parents)
        async with store.transaction() as session:
            known = await session.scalar(generations.kept(UUID(run.id)))
            if known is not None:
                # An attempt before was carried out, and the connection died before it could be
                # known. Somebody else may have deleted the document since.
                document["id"] = str(known)
                kept = await store.locked_in(session, config, str(known)) or document
            else:
                if begun is not None:
                    await session.execute(begun)
                kept = await store.create_in(session, config, document, "generated")
                finished = generations.finished(
                    UUID(run.id), "completed", event.made_by, kept["id"]
                )
                await _finish(session, finished)
        run.document_id = kept["id"]
        self._feed.publish(run.user_id, Added(config.entity, kept["id"], kept["name"]))
        self._keep_later(run.user_id, config, kept)
        return kept

    async def _store_again(
        self, run: Run, generations: GenerationLog, config: EntityConfig, event: Completed
    ) -> None:
        store = self._store_for(run.user_id)
        async with store.transaction() as session:
            stored = await store.locked_in(session, config, run.document_id)
            if stored is None:
                raise UserError(
                    "document_missing",
                    f"The {config.label.lower()} was deleted while this was being written.",
                    "Nothing was changed.",
                    status=404,
                )
            if await session.scalar(generations.kept(UUID(run.id))) is not None:
                # As in _store_new: it stands there already, and was not told.
                changes = [Change(path=(part,), value=stored[part]) for part in ("data", "name")]
            else:
                changes = rewritten_changes(config, run.request, event.data, stored)
                if changes:
                    await store.patch_in(session, config, run.document_id, changes, "rewritten")
                finished = generations.finished(
                    UUID(run.id), "completed", event.made_by, run.document_id
                )
                await _finish(session, finished)
        if changes:
            self._feed.publish(run.user_id, Saved(config.entity, run.document_id, tuple(changes)))

    def _keep_later(self, user_id: str, config: EntityConfig, document: Document) -> None:
        async def keep() -> None:
            await asyncio.sleep(KEEP_SECONDS)
            with suppress(UserError):  # cannot be known: the saver waits for the database
                stored = await self._store_for(user_id).get(config, document["id"])
                if stored is None or stored["status"] == "saved":
                    return
            # One that was discarded meanwhile is no longer there, which the saver ignores.
            self._saver.put(user_id, config.entity, document["id"], [KEEP])

        task = asyncio.create_task(keep())
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _note_end(
        self, run: Run, generations: GenerationLog, status: str, error: UserError | None
    ) -> None:
        """Write down an end without a result; if that fails, silence will tell it."""
        words = {} if error is None else error.as_words
        try:
            await asyncio.shield(generations.end(UUID(run.id), status, words))
        except UserError as outage:
            log.warning("run.end_not_noted", status=status, code=outage.code)


async def _finish(session: AsyncSession, statement: Any) -> None:
    """Note in the transaction that a run is done.

    Raises:
        _WasCancelled: It is not wanted any more, and the transaction must come to nothing.
    """
    if (await session.execute(statement)).one_or_none() is None:
        raise _WasCancelled


async def _keep_alive(generations: GenerationLog, run: Run) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        with suppress(UserError):
            if not await generations.is_alive(UUID(run.id)):
                run._cancel()
