"""Which tools there are, and which operation each one is. Derived from the registry of entities.

Writing a document and suggesting several have a tool for each entity, since their arguments are its
form. Everything else takes the entity as an argument: a client reads the whole list before each
conversation, and forty tools would crowd out what it is about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import Any

from pydantic import BaseModel

from blossomer.api.contents import (
    deletion_content,
    document_content,
    history_content,
    list_content,
    relations_content,
    suggestion_content,
    versions_content,
)
from blossomer.api.mcp import arguments as take
from blossomer.entities import ENTITIES, children_of
from blossomer.entities.config import EntityConfig
from blossomer.services.events import Failed, StageEvent
from blossomer.services.export.formats import ExportedFile
from blossomer.services.operations import (
    Kept,
    Operations,
    Suggesting,
    SuggestionNews,
    Writing,
    list_query,
)
from blossomer.services.operations.failures import generation_stopped
from blossomer.services.operations.model import NewDocument

Answer = dict[str, Any] | ExportedFile
Tell = Callable[[str], Awaitable[None]]
"""Takes words on what is happening, for whoever waits."""
Run = Callable[[Operations, Any, Tell], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool.

    Args:
        name: Its name.
        title: For a person.
        description: For a model: what it does and when to use it.
        takes: Its arguments.
        run: Carries it out.
        reads_only: Whether it changes nothing.
        destroys: Whether something is not there any more afterwards.
        repeats: Whether doing it twice is like doing it once.
        is_open: Whether it reads websites or asks models.
    """

    name: str
    title: str
    description: str
    takes: type[BaseModel]
    run: Run
    reads_only: bool = False
    destroys: bool = False
    repeats: bool = False
    is_open: bool = False


@cache
def all_tools() -> Mapping[str, ToolSpec]:
    """Every tool by its name."""
    found = [*_GENERAL]
    for config in ENTITIES.values():
        found.append(_generation(config))
        found += [
            _suggestion(config, child)
            for child in children_of(config.entity)
            if child.suggestions is not None
        ]
    return {tool.name: tool for tool in found}


def _generation(config: EntityConfig) -> ToolSpec:
    label = config.label.lower()
    return ToolSpec(
        name=f"generate_{config.entity}",
        title=f"Write a {label}",
        description=(
            f"Reads the company's website and has a {label} written and kept. Takes half a minute "
            "to two minutes and counts as one generation of the hour. Answers with the document; "
            "each statement has a quote under `evidence` where the site proves it."
        ),
        takes=take.generation_arguments(config),
        run=partial(_generate, config),
        is_open=True,
    )


def _suggestion(parent: EntityConfig, child: EntityConfig) -> ToolSpec:
    assert child.suggestions is not None
    few, many = child.suggestions.fewest, child.suggestions.most
    return ToolSpec(
        name=f"suggest_{child.path.replace('-', '_')}",
        title=child.suggestions.button,
        description=(
            f"Has {few} to {many} {child.label_plural.lower()} thought of, written and kept for a "
            f"{parent.label.lower()} in one go. Each counts as one generation of the hour."
        ),
        takes=take.suggestion_arguments(parent, child),
        run=partial(_suggest, parent, child),
        is_open=True,
    )


async def _generate(
    config: EntityConfig, operations: Operations, given: BaseModel, tell: Tell
) -> Answer:
    values = given.model_dump()
    parents = {
        parent.entity: key
        for parent in config.parents
        if (key := values.pop(take.parent_argument(parent.entity)))
    }
    inputs = {name: text for name, text in values.items() if text}
    return await _written(await operations.generate(config, inputs, parents), tell)


async def _suggest(
    parent: EntityConfig, child: EntityConfig, operations: Operations, given: Any, tell: Tell
) -> Answer:
    key = getattr(given, take.parent_argument(parent.entity))
    suggesting = await operations.suggest(parent, key, entity=child.entity, most=given.most)
    return await _suggested(suggesting, tell)


async def _rewrite(operations: Operations, given: take.RewriteDocument, tell: Tell) -> Answer:
    config = ENTITIES[given.entity]
    writing = await operations.generate_again(
        config, given.id, only=given.card, inputs=given.inputs
    )
    return await _written(writing, tell)


async def _written(writing: Writing, tell: Tell) -> Answer:
    """Tell how far it is, and answer with what was kept."""
    async with aclosing(writing.events()) as events:
        async for event in events:
            match event:
                case StageEvent(detail=words):
                    await tell(words)
                case Failed(error):
                    raise error
                case Kept():
                    return {**document_content(event.stored), "waits_as_proposal": event.waits}
    raise generation_stopped()


async def _suggested(suggesting: Suggesting, tell: Tell) -> Answer:
    said = ""
    last: SuggestionNews | None = None
    async with aclosing(suggesting.events()) as events:
        async for last in events:
            done = sum(one.state == "done" for one in last.documents)
            words = f"{done} of {len(last.documents)} are written" if done else last.stage
            if words and words != said:
                said = words
                await tell(words)
    if last is None or not last.is_over:
        raise generation_stopped()
    if last.error is not None:
        raise last.error
    return suggestion_content(last)


async def _list(operations: Operations, given: take.ListDocuments, _tell: Tell) -> Answer:
    config = ENTITIES[given.entity]
    query = list_query(
        config,
        text=given.search,
        parents=given.below,
        **given.model_dump(exclude={"entity", "search", "below"}),
    )
    return list_content(await operations.page(config, query))


async def _read(operations: Operations, given: take.Document, _tell: Tell) -> Answer:
    return document_content(await operations.read(ENTITIES[given.entity], given.id))


async def _create(operations: Operations, given: take.CreateDocument, _tell: Tell) -> Answer:
    new = NewDocument(**given.model_dump(exclude={"entity"}))
    return document_content(await operations.create(ENTITIES[given.entity], new))


async def _update(operations: Operations, given: take.UpdateDocument, _tell: Tell) -> Answer:
    patch = given.model_dump(include={"name", "data", "status"}, exclude_none=True)
    versions = None if given.version is None else {given.version}
    config = ENTITIES[given.entity]
    return document_content(await operations.patch(config, given.id, patch, versions=versions))


async def _decide(operations: Operations, given: take.DecideProposal, _tell: Tell) -> Answer:
    config = ENTITIES[given.entity]
    stored = await operations.decide(config, given.id, given.card, accept=given.accept)
    return document_content(stored)


async def _still_right(operations: Operations, given: take.Document, _tell: Tell) -> Answer:
    return document_content(await operations.still_right(ENTITIES[given.entity], given.id))


async def _delete(operations: Operations, given: take.Document, _tell: Tell) -> Answer:
    return deletion_content(await operations.delete(ENTITIES[given.entity], given.id))


async def _restore(operations: Operations, given: take.Document, _tell: Tell) -> Answer:
    return deletion_content(await operations.restore(ENTITIES[given.entity], given.id))


async def _relations(operations: Operations, given: take.Document, _tell: Tell) -> Answer:
    return relations_content(await operations.relations(ENTITIES[given.entity], given.id))


async def _versions(operations: Operations, given: take.Versions, _tell: Tell) -> Answer:
    config = ENTITIES[given.entity]
    found = await operations.versions(config, given.id, before=given.before, limit=given.limit)
    return versions_content(found)


async def _history(operations: Operations, given: take.History, _tell: Tell) -> Answer:
    config = ENTITIES[given.entity]
    return history_content(await operations.history(config, given.id, given.field))


async def _export(operations: Operations, given: take.Export, _tell: Tell) -> Answer:
    config = ENTITIES[given.entity]
    return await operations.export(config, given.id, given.format, with_below=given.with_below)


async def _remaining(operations: Operations, _given: take.Nothing, _tell: Tell) -> Answer:
    return asdict(await operations.remaining())


_GENERAL = (
    ToolSpec(
        "list_documents",
        "List documents",
        "Finds documents of one entity: by words in their text, by what they are below, and by "
        "other conditions. Gives names, ids and the beginning of descriptions, a page at a time.",
        take.ListDocuments,
        _list,
        reads_only=True,
    ),
    ToolSpec(
        "read_document",
        "Read a document",
        "Everything a document holds: its cards under `data`, with evidence, confidence, "
        "assumptions and what is missing; and its version.",
        take.Document,
        _read,
        reads_only=True,
    ),
    ToolSpec(
        "create_document",
        "Keep a document of your own",
        "Keeps a document with the given words, without writing or reading anything. To have it "
        "written from the company's website use the generate tool of its entity.",
        take.CreateDocument,
        _create,
    ),
    ToolSpec(
        "update_document",
        "Change a document",
        "Changes the fields that are named and no others; what is changed counts as written by a "
        "person, and stays when the document is written again.",
        take.UpdateDocument,
        _update,
        repeats=True,
    ),
    ToolSpec(
        "rewrite_document",
        "Write a document again",
        "Has a document, or one card of it, written again. What a person wrote stays; where there "
        "is no room beside it, the new version waits under `proposals`. Counts as one generation.",
        take.RewriteDocument,
        _rewrite,
        is_open=True,
    ),
    ToolSpec(
        "decide_proposal",
        "Accept or decline a proposal",
        "Puts a proposed version of a card in its place, or forgets it.",
        take.DecideProposal,
        _decide,
    ),
    ToolSpec(
        "mark_still_right",
        "Note that a document holds",
        "For a document that is outdated, since something above it has changed: notes that it "
        "holds all the same.",
        take.Document,
        _still_right,
        repeats=True,
    ),
    ToolSpec(
        "delete_document",
        "Delete a document",
        "Deletes a document and everything below it. Ask the person first, and tell them what "
        "hangs below (document_relations). It can be undone for 30 days.",
        take.Document,
        _delete,
        destroys=True,
    ),
    ToolSpec(
        "restore_document",
        "Undo a deletion",
        "Brings back a deleted document with everything that was deleted with it.",
        take.Document,
        _restore,
    ),
    ToolSpec(
        "document_relations",
        "What is above and below a document",
        "The documents above and below a document, and which of those above have changed since it "
        "was written.",
        take.Document,
        _relations,
        reads_only=True,
    ),
    ToolSpec(
        "document_versions",
        "Versions of a document",
        "When a document was written or changed, and which of its fields.",
        take.Versions,
        _versions,
        reads_only=True,
    ),
    ToolSpec(
        "field_history",
        "What a field held before",
        "The earlier contents of one field of a document, newest first.",
        take.History,
        _history,
        reads_only=True,
    ),
    ToolSpec(
        "export_document",
        "Export a plan",
        "A document and everything below it as a file, for example as Markdown, or as CSV for "
        "HubSpot, Apollo or Instantly.",
        take.Export,
        _export,
        reads_only=True,
    ),
    ToolSpec(
        "remaining_generations",
        "Generations that are left",
        "How many generations the user has left this hour.",
        take.Nothing,
        _remaining,
        reads_only=True,
    ),
)
