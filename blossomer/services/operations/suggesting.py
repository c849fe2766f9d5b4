"""Suggestions for programs: several documents below one, each kept as soon as it is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from blossomer.db.store import DatabaseStore
from blossomer.entities import children_of
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.listing import ListQuery
from blossomer.services.events import SuggestionRequest
from blossomer.services.feed import News
from blossomer.services.feed import Suggesting as SuggestingNews
from blossomer.services.operations import failures
from blossomer.services.operations.model import SuggestedDocument, SuggestionNews
from blossomer.services.requests import inherited_inputs
from blossomer.services.runtime import Workspace
from blossomer.services.suggestion_runs import Progress, SuggestionRun
from blossomer.services.suggestions import MOST_SIBLINGS

LOOK_SECONDS = 5.0
"""How often the progress is looked at in case that no news of it came."""


class Suggesting:
    """A suggestion that is under way; one that was asked for while it runs is the one that runs.

    Args:
        workspace: Where it is carried out.
        run: The suggestion.
    """

    def __init__(self, workspace: Workspace, run: SuggestionRun) -> None:
        self._workspace = workspace
        self._run = run

    async def events(self) -> AsyncGenerator[SuggestionNews, None]:
        """How far it is, each time that something has happened; the last one ``is_over``.

        Closing the iterator does not stop it. Nothing is raised.
        """
        run = self._run
        with self._workspace.feed.reader(run.user_id) as news:
            last: SuggestionNews | None = None
            while True:
                is_over = run.progress.is_over  # before looking: what follows is all there is
                now = _news(run.progress)
                if now != last:
                    last = now
                    yield now
                if is_over:
                    return
                await _something(news, run)

    async def result(self) -> SuggestionNews:
        """Wait for the end.

        Raises:
            UserError: There is nothing to suggest, or it cannot be begun.
        """
        last: SuggestionNews | None = None
        async with aclosing(self.events()) as events:
            async for event in events:
                last = event
        if last is None or not last.is_over:
            raise failures.generation_stopped()
        if last.error is not None:
            raise last.error
        return last


async def suggestion_for(
    store: DatabaseStore,
    config: EntityConfig,
    document: Document,
    *,
    entity: str = "",
    most: int | None = None,
) -> SuggestionRequest:
    """What is to be suggested for a document.

    Args:
        store: Whose it is.
        config: The document's entity.
        document: The document.
        entity: Which entity; may be empty where there is only one.
        most: Most documents.

    Raises:
        UserError: ``invalid_input`` (422): nothing of that kind is suggested here.
    """
    possible = {each.entity: each for each in children_of(config.entity) if each.suggestions}
    chosen = possible.get(entity or next(iter(possible), ""))
    if chosen is None or (not entity and len(possible) > 1):
        raise failures.nothing_to_suggest(config, list(possible))
    above = {**await store.ancestors(config, document), config.entity: document}
    query = ListQuery(parents={config.entity: document["id"]}, limit=MOST_SIBLINGS)
    siblings = await store.search(chosen, query)
    return SuggestionRequest(
        entity=chosen.entity,
        inputs=inherited_inputs(chosen, above),
        parents=_parents(chosen, document),
        context={key: each["data"] for key, each in above.items()},
        siblings=tuple(row.name for row in siblings.rows),
        most=most,
    )


def _parents(chosen: EntityConfig, document: Document) -> dict[str, str]:
    """The ids of all that it is directly below, the nearest last."""
    known = {**document["parents"], document["entity"]: document["id"]}
    return {p.entity: known[p.entity] for p in chosen.parents if p.entity in known}


def _news(progress: Progress) -> SuggestionNews:
    return SuggestionNews(
        stage=progress.stage,
        documents=tuple(
            SuggestedDocument(item.name, item.state, item.id, item.problem)
            for item in progress.items
        ),
        error=progress.error,
        is_over=progress.is_over,
    )


async def _something(news: asyncio.Queue[News], run: SuggestionRun) -> None:
    """Wait until something may have happened to a suggestion."""
    about = SuggestingNews(run.request.entity, run.parent_id)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            while await news.get() != about:
                pass
    except TimeoutError:
        pass
