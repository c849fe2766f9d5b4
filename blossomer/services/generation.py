"""The one generation stream, and the only way to a model.

resolve context -> read website -> assess -> render prompt -> stream -> validate -> verify evidence
-> finish. What it takes and yields is in ``events.py``: the page draws the events, REST returns the
last one or all of them. Checking the form is in ``inputs.py``, pacing in ``pacing.py``; counting is
the caller's (``runtime.py``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import BaseModel

from blossomer.entities import ENTITIES
from blossomer.entities.base import Provenance
from blossomer.entities.config import EntityConfig
from blossomer.entities.evidence import check_evidence
from blossomer.entities.regenerate import check_document, kept_items, merge_card
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.basic_analysis import basic_analysis
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Partial,
    StageEvent,
)
from blossomer.services.inputs import checked_inputs
from blossomer.services.llm.model import (
    AttemptStarted,
    ModelEvent,
    ModelRequest,
    ModelResult,
    TextSoFar,
)
from blossomer.services.llm.partial import parse_partial
from blossomer.services.pacing import events_while, paced
from blossomer.services.prompts import Prompt, render_prompt
from blossomer.services.website.condense import prompt_context
from blossomer.services.website.model import Website
from blossomer.services.website.reader import normalise_url, website_from_text
from blossomer.settings import Settings

log = get_logger(__name__)

SECONDS_BETWEEN_PARTIALS = 0.08
"""At most a dozen pictures a second: the page draws ten, and a client of the API needs no more."""

_MODELS_GAVE_UP = frozenset({"models_unavailable", "model_deadline"})

NO_MODEL_NOTE = (
    "Basic analysis: no model configured. Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, "
    "or name a local model in LLM_MODELS, and restart to have a language model write this."
)
MODELS_DOWN_NOTE = (
    "Basic analysis: every model was unavailable. What follows is taken from the site's own words; "
    "generate again in a few minutes to have a language model write it."
)


class Reader(Protocol):
    """What brings a website: ``website/reader.py``."""

    async def read(self, url: str, *, on_progress: Callable[[str], None] | None) -> Website:
        """Read it, with one line for a person whenever something has been read."""


class Router(Protocol):
    """What brings a model's answer: ``llm/router.py``."""

    @property
    def models(self) -> Sequence[str]:
        """The configured models; empty without any."""

    def stream(self, request: ModelRequest[Any]) -> AsyncGenerator[ModelEvent[Any], None]:
        """Ask, and report while the answer is being written."""


@dataclass(slots=True)
class _Job:
    """One generation while it runs: the request made sense of, and what has been found so far."""

    config: EntityConfig
    inputs: dict[str, str]
    only: str | None
    current: dict[str, Any] | None
    started: float
    answer: dict[str, Any] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def schema(self) -> type[BaseModel]:
        return self.config.card_schema(self.only) if self.only else self.config.schema

    @property
    def kept(self) -> tuple[str, ...]:
        if not self.current or not self.only:
            return ()
        return tuple(kept_items(self.current, self.config.card(self.only)))


class Generator:
    """Turns a request into a stream of events.

    Args:
        settings: Limits of the prompt.
        reader: Reads websites.
        router: Asks models; basic analysis is used when it has none.
    """

    def __init__(self, settings: Settings, reader: Reader, router: Router) -> None:
        self._settings = settings
        self._reader = reader
        self._router = router

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Generate one entity, or one card of it.

        The last event is one ``Completed`` or one ``Failed``; nothing is raised. Closing the
        iterator, or cancelling the task that reads it, stops the reading and the model at once.
        """
        try:
            async with aclosing(self._run(request)) as events:
                async for event in events:
                    yield event
        except UserError as error:
            log.info("generation.failed", entity=request.entity, code=error.code)
            yield Failed(error)
        except Exception as error:
            log.error("generation.broke", entity=request.entity, exc_info=error)
            yield Failed(_internal_error())

    async def _run(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent, None]:
        job = _resolve(request, self._settings.allowed_fetch_hosts)
        async with aclosing(self._read(job)) as reading:
            async for news in reading:
                if isinstance(news, Website):
                    website = news
                else:
                    yield news

        yield StageEvent("assess", _coverage_in_words(website))
        if website.coverage.quality == "insufficient":
            raise _too_little_text(website)
        job.provenance.website = website.coverage
        if website.url:
            job.inputs["website_url"] = website.url

        async with aclosing(self._write(job, website)) as writing:
            async for event in writing:
                yield event

        yield StageEvent("verify", "Checking every quote against the pages")
        data = await asyncio.to_thread(_finish, job, website)
        log.info(
            "generation.completed",
            entity=job.config.entity,
            card=job.only or "",
            writer=job.provenance.writer,
            model=job.provenance.model,
            seconds=job.provenance.duration_seconds,
            input_tokens=job.provenance.input_tokens,
            output_tokens=job.provenance.output_tokens,
        )
        yield Completed(data, job.provenance.model_dump(mode="json"))

    async def _read(self, job: _Job) -> AsyncGenerator[StageEvent | Website, None]:
        url, pasted = job.inputs.get("website_url", ""), job.inputs.get("pasted_text", "")
        if pasted:
            yield StageEvent("read", "Reading the description you pasted")
            yield website_from_text(pasted, url, allowed_hosts=self._settings.allowed_fetch_hosts)
            return
        yield StageEvent("read", "Opening the website")
        async with aclosing(
            events_while(lambda tell: self._reader.read(url, on_progress=tell))
        ) as news:
            async for item in news:
                yield StageEvent("read", item) if isinstance(item, str) else item

    async def _write(self, job: _Job, website: Website) -> AsyncGenerator[GenerationEvent, None]:
        if not self._router.models:
            yield StageEvent("write", "No model is configured: using the site's own words")
            await self._write_basic(job, website, NO_MODEL_NOTE)
            return
        yield StageEvent("write", "Preparing what the model will read")
        prompt = await asyncio.to_thread(self._prompt, job, website)
        job.provenance.prompt_version = prompt.version
        try:
            async with aclosing(self._ask(job, prompt)) as answer:
                async for event in answer:
                    yield event
        except UserError as error:
            if error.code not in _MODELS_GAVE_UP:
                raise
            log.warning("generation.models_gave_up", code=error.code)
            job.provenance.prompt_version = ""
            yield StageEvent("write", "No model answered: using the site's own words")
            await self._write_basic(job, website, MODELS_DOWN_NOTE)

    def _prompt(self, job: _Job, website: Website) -> Prompt:
        return render_prompt(
            job.config,
            site_text=prompt_context(website, max_tokens=self._settings.llm_input_tokens),
            inputs=job.inputs,
            only=job.only,
            current=job.current,
            kept=job.kept,
        )

    async def _ask(self, job: _Job, prompt: Prompt) -> AsyncGenerator[GenerationEvent, None]:
        question: ModelRequest[BaseModel] = ModelRequest(
            system=prompt.system,
            user=prompt.user,
            schema=job.schema,
            purpose=f"{job.config.entity}.{job.only}" if job.only else job.config.entity,
        )
        stream = paced(self._router.stream(question), TextSoFar, SECONDS_BETWEEN_PARTIALS)
        async with aclosing(stream) as answer:
            async for event in answer:
                if isinstance(event, TextSoFar):
                    data, writing = parse_partial(event.text)
                    if data:
                        yield Partial(data, writing)
                elif isinstance(event, AttemptStarted):
                    yield StageEvent("write", _attempt_in_words(event))
                elif isinstance(event, ModelResult):
                    job.answer = event.value.model_dump(mode="json")
                    job.provenance.writer = "model"
                    job.provenance.provider = event.provider
                    job.provenance.model = event.model
                    job.provenance.input_tokens = event.input_tokens
                    job.provenance.output_tokens = event.output_tokens
                    job.provenance.cost_usd = event.cost_usd

    async def _write_basic(self, job: _Job, website: Website, note: str) -> None:
        answer = await asyncio.to_thread(
            basic_analysis, job.config, website, job.inputs, only=job.only
        )
        job.answer = job.schema.model_validate(answer).model_dump(mode="json")
        job.provenance.note = note


def _resolve(request: GenerationRequest, allowed_hosts: frozenset[str]) -> _Job:
    """Make sense of a request, or say what is wrong with it."""
    config = ENTITIES.get(request.entity)
    if config is None or (request.only is not None and request.only not in config.card_keys):
        raise UserError(
            "not_found",
            "There is nothing of that kind to generate.",
            "Reload the page and try again.",
            status=404,
        )
    inputs = dict(request.inputs)
    if request.only is not None:
        if request.current is None:
            raise UserError(
                "invalid_document",
                "One card can only be written again together with the rest of its document.",
                "Reload the page and try again.",
                status=422,
            )
        check_document(request.current, config, request.only)
        stored = request.current.get(config.url_field) if config.url_field else None
        if isinstance(stored, str) and stored and not inputs.get("website_url"):
            inputs["website_url"] = stored
    inputs = checked_inputs(config, inputs)
    if inputs.get("website_url"):
        # Only checked: the reader wants it as typed, to know whether http may be tried.
        normalise_url(inputs["website_url"], allowed_hosts=allowed_hosts)
    return _Job(config, inputs, request.only, request.current, time.monotonic())


def _finish(job: _Job, website: Website) -> dict[str, Any]:
    """Enforce in code what a prompt can only ask for, check every quote, and sign it."""
    config = job.config
    answer = job.answer
    for card in config.cards:
        if isinstance(answer.get(card.key), list):
            answer[card.key] = answer[card.key][: card.max_items]
    pages = {page.url: page.visible_text for page in website.pages}
    answer = check_evidence(answer, config, pages)
    if job.only and job.current is not None:
        job.provenance.duration_seconds = round(time.monotonic() - job.started, 3)
        return merge_card(job.current, answer, config, job.only)

    if config.url_field:
        answer[config.url_field] = website.url
    if given := job.inputs.get(config.name_field):
        # A name that the person gave is theirs, whatever the writer made of it.
        answer[config.name_field] = given
    job.provenance.generated_at = datetime.now(UTC)
    job.provenance.duration_seconds = round(time.monotonic() - job.started, 3)
    answer["provenance"] = job.provenance.model_dump(mode="json")
    return config.data_model.model_validate(answer).model_dump(mode="json")


def _coverage_in_words(website: Website) -> str:
    coverage = website.coverage
    pages = len(coverage.pages) or len(website.pages)
    words = f"{coverage.words:,} words"
    if coverage.reader == "pasted text":
        return f"{words} to go on"
    text = f"{pages} page{'' if pages == 1 else 's'}, {words}"
    return f"{text}; the site says little" if coverage.quality == "thin" else text


def _attempt_in_words(attempt: AttemptStarted) -> str:
    name = attempt.model.rpartition("/")[2] or attempt.provider
    return f"{name} is correcting its answer" if attempt.repair else f"{name} is writing"


def _too_little_text(website: Website) -> UserError:
    if website.coverage.reader == "pasted text":
        return UserError(
            "too_little_text",
            "The description is too short to base an analysis on.",
            "Write a few sentences about what the company does, for whom, and how it charges.",
            status=422,
        )
    return UserError(
        "too_little_text",
        "The website holds too little text to base an analysis on.",
        "Paste a description of the company instead, or enter the address of a page that says "
        "more. Nothing was made up.",
        status=422,
    )


def _internal_error() -> UserError:
    return UserError(
        "internal_error",
        "Something went wrong on our side while this was being written.",
        "Try again. Nothing of yours is lost: what you entered and what you edited is unchanged.",
        status=500,
    )
