"""Suggesting several documents for a parent: one short question for ideas, then all at once.

The website is read once. Each idea is written in a generation of its own, all at the same time, so
that all of them take hardly longer than the longest. Counting is the caller's (``runtime.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from blossomer.entities.config import EntityConfig
from blossomer.entities.evidence import squash
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationRequest,
    Ideas,
    NotWritten,
    StageEvent,
    SuggestionEvent,
    SuggestionRequest,
    Written,
)
from blossomer.services.generation import (
    MODELS_GAVE_UP,
    Generator,
    Router,
    attempt_in_words,
    internal_error,
)
from blossomer.services.inputs import WEBSITE_INPUTS
from blossomer.services.jobs import Job, known_context, known_entity, require_basis, website_of
from blossomer.services.llm.model import AttemptStarted, ModelRequest, ModelResult
from blossomer.services.prompts import render_ideas
from blossomer.services.token_budget import USED_UP
from blossomer.services.website.condense import prompt_context
from blossomer.services.website.model import Website
from blossomer.services.without_model import ideas_without_model
from blossomer.settings import Settings
from blossomer.tracing import span

log = get_logger(__name__)

MOST_SIBLINGS = 100
"""Names of present documents that a prompt lists; more would crowd out the material."""


class Idea(BaseModel):
    """One document worth writing."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    hypothesis: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] = ""


class ProposedIdeas(BaseModel):
    """What a model answers."""

    ideas: Annotated[list[Idea], Field(min_length=1, max_length=12)]


class Suggester:
    """Turns a parent into several documents below it.

    Args:
        settings: Limits of the prompt.
        generator: Reads the website and writes each document.
        router: Asks models for ideas; basic analysis has them when there is none.
    """

    def __init__(self, settings: Settings, generator: Generator, router: Router) -> None:
        self._settings = settings
        self._generator = generator
        self._router = router

    async def suggest(self, request: SuggestionRequest) -> AsyncGenerator[SuggestionEvent, None]:
        """Find ideas and write them, each as soon as it is found worth writing.

        Nothing is raised. Closing the iterator stops everything that is still going on.

        Yields:
            Stages, then once ``Ideas``, then for each of them one ``Written`` or ``NotWritten``,
            in the order in which they are finished. When there are no ideas, ``Failed`` at the end.
        """
        try:
            with span("suggestions", entity=request.entity):
                async with aclosing(self._run(request)) as events:
                    async for event in events:
                        yield event
        except UserError as error:
            log.info("suggestions.failed", entity=request.entity, code=error.code)
            yield Failed(error)
        except Exception as error:
            log.error("suggestions.broke", entity=request.entity, exc_info=error)
            yield Failed(internal_error())

    async def _run(self, request: SuggestionRequest) -> AsyncGenerator[SuggestionEvent, None]:
        config = known_entity(request.entity)
        job = _reading_job(config, request)
        website, ideas = None, list[Idea]()
        async with aclosing(self._generator.read(job)) as reading:
            async for news in reading:
                if isinstance(news, Website):
                    website = news
                else:
                    yield news
        assert website is not None
        with span("suggestions ideas"):
            async with aclosing(self._ideas(config, job, website, request)) as finding:
                async for found in finding:
                    if isinstance(found, StageEvent):
                        yield found
                    else:
                        ideas = found
        if not ideas:
            raise _no_ideas(config)
        yield Ideas(tuple(idea.name for idea in ideas))
        requests = [_generation(config, request, job, idea) for idea in ideas]
        async with aclosing(self._write_all(requests, website)) as written:
            async for event in written:
                yield event

    async def _ideas(
        self, config: EntityConfig, job: Job, website: Website, request: SuggestionRequest
    ) -> AsyncGenerator[StageEvent | list[Idea], None]:
        most = most_of(config, request)
        found: list[Idea] = []
        used_up: UserError | None = None
        if self._router.models:
            yield StageEvent("write", f"Looking for {config.label_plural.lower()}")
            try:
                async with aclosing(self._ask(config, job, website, request)) as answer:
                    async for event in answer:
                        if isinstance(event, StageEvent):
                            yield event
                        else:
                            found = event
            except UserError as error:
                if error.code not in MODELS_GAVE_UP:
                    raise
                log.warning("suggestions.models_gave_up", code=error.code)
                used_up = error if error.code == USED_UP else None
        if not found:
            yield StageEvent("write", "Looking for them by rules, without a model")
            try:
                proposed = await asyncio.to_thread(
                    ideas_without_model, config, website, job.context, most
                )
            except UserError as error:
                raise used_up or error from None
            found = [Idea.model_validate(idea) for idea in proposed]
        yield _distinct(found, request.siblings)[:most]

    async def _ask(
        self, config: EntityConfig, job: Job, website: Website, request: SuggestionRequest
    ) -> AsyncGenerator[StageEvent | list[Idea], None]:
        prompt = await asyncio.to_thread(
            lambda: render_ideas(
                config,
                ProposedIdeas,
                site_text=prompt_context(website, max_tokens=self._settings.llm_input_tokens),
                context=job.context,
                siblings=request.siblings[:MOST_SIBLINGS],
                most=most_of(config, request),
            )
        )
        question = ModelRequest(
            system=prompt.system,
            user=prompt.user,
            schema=ProposedIdeas,
            purpose=f"{config.entity}.ideas",
        )
        async with aclosing(self._router.stream(question)) as answer:
            async for event in answer:
                if isinstance(event, AttemptStarted):
                    yield StageEvent("write", attempt_in_words(event))
                elif isinstance(event, ModelResult):
                    yield event.value.ideas

    async def _write_all(
        self, requests: Sequence[GenerationRequest], website: Website
    ) -> AsyncGenerator[Written | NotWritten, None]:
        done: asyncio.Queue[Written | NotWritten] = asyncio.Queue()

        async def write(index: int, request: GenerationRequest) -> None:
            async with aclosing(self._generator.generate(request, website=website)) as events:
                async for event in events:
                    if isinstance(event, Completed):
                        inputs = dict(request.inputs)
                        done.put_nowait(Written(index, event.data, event.made_by, inputs))
                    elif isinstance(event, Failed):
                        done.put_nowait(NotWritten(index, event.error))

        tasks = [asyncio.create_task(write(*numbered)) for numbered in enumerate(requests)]
        try:
            for _ in tasks:
                yield await done.get()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def most_of(config: EntityConfig, request: SuggestionRequest) -> int:
    """How many documents are suggested at most.

    Raises:
        UserError: ``not_found``, when none of this entity are suggested.
    """
    if config.suggestions is None:
        raise UserError(
            "not_found",
            f"{config.label_plural} are not suggested.",
            "Describe one yourself.",
            status=404,
        )
    most = config.suggestions.most
    return most if request.most is None else max(1, min(most, request.most))


def _reading_job(config: EntityConfig, request: SuggestionRequest) -> Job:
    """What is read before there is an idea: the form is filled later, once for each."""
    most_of(config, request)
    context = known_context(config, request.context)
    inputs = {n: v.strip() for n, v in request.inputs.items() if n in WEBSITE_INPUTS and v.strip()}
    address, pasted = website_of(config, inputs, context)
    if not address and not pasted:
        require_basis(config, context)
    return Job(config, "", inputs, address, pasted, None, None, context)


def _generation(
    config: EntityConfig, request: SuggestionRequest, job: Job, idea: Idea
) -> GenerationRequest:
    """The generation of one idea, which fills the form as far as the form asks for it."""
    names = {form_field.name: form_field for form_field in config.form.fields}
    wanted = {config.name_field: idea.name, "hypothesis": idea.hypothesis}
    filled = {
        name: text[: names[name].max_length]
        for name, text in wanted.items()
        if name in names and text
    }
    return GenerationRequest(
        entity=config.entity,
        inputs={**{n: v for n, v in request.inputs.items() if n in names}, **filled},
        parents=dict(request.parents),
        context=job.context,
    )


def _distinct(ideas: Sequence[Idea], siblings: Sequence[str]) -> list[Idea]:
    """Ideas whose names, by their letters and digits, are there once."""
    seen = {squash(name) for name in siblings}
    result = []
    for idea in ideas:
        if (key := squash(idea.name)) and key not in seen:
            seen.add(key)
            result.append(idea)
    return result


def _no_ideas(config: EntityConfig) -> UserError:
    label = config.label_plural.lower()
    return UserError(
        "no_suggestions",
        f"No {label} could be found that are not there already.",
        f"Describe one yourself, or configure a language model to have {label} suggested.",
        status=422,
    )
