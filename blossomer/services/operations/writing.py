"""Generations for programs: what is asked for is checked first, then carried out by ``Runs``.

So they belong to the server like those of the pages: a connection that is lost changes nothing, and
what is written is kept.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from blossomer.db.patch import storable
from blossomer.db.store import DatabaseStore
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.sent_values import refused_value
from blossomer.errors import UserError
from blossomer.services.events import Completed, Failed, GenerationRequest, Partial, StageEvent
from blossomer.services.jobs import make_job
from blossomer.services.operations import failures
from blossomer.services.operations.model import Kept, WritingEvent
from blossomer.services.remote_runs import RemoteRun
from blossomer.services.requests import request_below
from blossomer.services.runs import Run
from blossomer.services.runtime import Runtime, Workspace


class Writing:
    """A generation that has begun.

    Args:
        store: Whose it is.
        run: The generation.
    """

    def __init__(self, store: DatabaseStore, run: Run) -> None:
        self._store = store
        self.run = run

    async def events(self) -> AsyncGenerator[WritingEvent, None]:
        """What happens, the last event being ``Kept`` or ``Failed``. Nothing is raised.

        Closing the iterator does not stop the generation.
        """
        async for event in self.run.events():
            if isinstance(event, StageEvent | Partial):
                yield event
            elif isinstance(event, Completed):
                yield await self._kept()
                return
            else:
                yield event
                return
        yield Failed(failures.generation_stopped())

    async def result(self) -> Kept:
        """Wait for the end.

        Raises:
            UserError: Why nothing was written.
        """
        async with aclosing(self.events()) as events:
            async for event in events:
                if isinstance(event, Kept):
                    return event
                if isinstance(event, Failed):
                    raise event.error
        raise failures.generation_stopped()

    async def _kept(self) -> Kept | Failed:
        request = self.run.request
        config = ENTITIES[request.entity]
        try:
            stored = await self._store.stored(config, self.run.document_id)
        except UserError as error:
            return Failed(error)
        if stored is None:  # deleted in this very moment
            return Failed(failures.no_such_document(config))
        waiting = stored.document["data"].get("proposals") or {}
        before = (request.current or {}).get("proposals") or {}
        only = request.only or ""
        is_new = waiting.get(only) is not None and waiting.get(only) != before.get(only)
        return Kept(stored, only if is_new else "")


def request_for_new(
    runtime: Runtime,
    config: EntityConfig,
    inputs: Mapping[str, str],
    parents: Mapping[str, str],
    ancestors: Mapping[str, Document],
) -> GenerationRequest:
    """What to generate for a new document, checked as far as it can be without reading anything.

    Raises:
        UserError: What ``make_job`` raises.
    """
    _refuse_inherited(config, inputs)
    request = request_below(config, storable(inputs), parents, ancestors)
    make_job(request, runtime.settings.allowed_fetch_hosts)
    return request


def request_for_again(
    runtime: Runtime,
    config: EntityConfig,
    document: Document,
    ancestors: Mapping[str, Document],
    *,
    inputs: Mapping[str, str],
    only: str,
) -> GenerationRequest:
    """What to generate to have a document, or one card of it, written again; checked likewise.

    Args:
        runtime: The parts of the server.
        config: The entity.
        document: The document as it is now.
        ancestors: Everything above it.
        inputs: Values of the form that are to be others than before.
        only: Key of the card; empty for all of the document.

    Raises:
        UserError: ``unknown_card``, ``invalid_input``, and what ``make_job`` raises.
    """
    kind = config.kind_of(document["data"])
    if only and only not in {card.key for card in config.cards_of(kind)}:
        raise failures.unknown_card(config, only, kind)
    if only and inputs:
        raise refused_value(
            "inputs",
            "cannot be given for one card alone.",
            "Have the whole document written again with other inputs; what a person wrote stays.",
        )
    _refuse_inherited(config, inputs)
    request = request_below(
        config,
        {**document["inputs"], **storable(inputs)},
        document["parents"],
        ancestors,
        current=document["data"],
        only=only or None,
    )
    make_job(request, runtime.settings.allowed_fetch_hosts)
    return request


async def begin(
    workspace: Workspace,
    store: DatabaseStore,
    request: GenerationRequest,
    *,
    key: str,
    document_id: str = "",
    new_id: str = "",
) -> Writing:
    """Begin a generation that has been checked.

    Args:
        workspace: Where it is carried out.
        store: For whom.
        request: What to generate.
        key: Who it counts for.
        document_id: What is written again.
        new_id: The id that a new one is to get.

    Raises:
        UserError: ``generation_running`` (409) or ``database_unavailable`` (503).
    """
    config, runs = ENTITIES[request.entity], workspace.runs
    if runs.running(store.user_id, request.entity) is not None:
        raise failures.generation_running(config)
    run = await runs.start(store.user_id, request, key=key, document_id=document_id, new_id=new_id)
    if isinstance(run, RemoteRun) or run.request is not request:
        # Another one was a moment quicker, here or on another worker.
        raise failures.generation_running(config)
    return Writing(store, run)


def _refuse_inherited(config: EntityConfig, inputs: Mapping[str, str]) -> None:
    """What comes from above is as it is there. Other unknown names are found by ``make_job``."""
    for field in config.form.fields:
        if field.kind == "inherited" and field.name in inputs:
            raise refused_value(
                f"inputs.{field.name}",
                "is taken over from above.",
                "Leave it out; change it where it stands.",
            )
