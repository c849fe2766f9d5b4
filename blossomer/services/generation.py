"""The one generation stream, and the only way to a model.

resolve context -> read website -> assess -> render prompt -> stream -> validate -> verify evidence
-> finish. What it takes and yields is in ``events.py``: the page draws the events, REST returns the
last one or all of them. Making sense of the request is in ``jobs.py``, what is enforced at the end
in ``finishing.py``, pacing in ``pacing.py``; counting is the caller's (``runtime.py``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, Protocol

from pydantic import BaseModel

from blossomer import metrics
from blossomer.entities import ENTITIES
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Partial,
    StageEvent,
)
from blossomer.services.finishing import finish
from blossomer.services.jobs import Job, make_job, website_without_pages
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
from blossomer.services.token_budget import USED_UP
from blossomer.services.website.condense import prompt_context
from blossomer.services.website.model import Website
from blossomer.services.website.reader import website_from_text
from blossomer.services.without_model import write_without_model
from blossomer.settings import Settings
from blossomer.tracing import span

log = get_logger(__name__)

SECONDS_BETWEEN_PARTIALS = 0.1
"""Ten pictures a second, for pages and clients of the API alike.

It is the only pace there is: whoever left out some of them once more would miss the last one before
the model pauses.
"""

MODELS_GAVE_UP = frozenset({"models_unavailable", "model_deadline", USED_UP})
"""Failures after which basic analysis is the last resort."""

NO_MODEL_NOTE = (
    "Basic analysis: no model configured. Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, "
    "or name a local model in LLM_MODELS, and restart to have a language model write this."
)
MODELS_DOWN_NOTE = (
    "Basic analysis: every model was unavailable. What follows is taken from the site's own words; "
    "generate again in a few minutes to have a language model write it."
)
USED_UP_NOTE = (
    "Basic analysis: this server has used up what its language models may write today. What "
    "follows is taken from the site's own words; generate again after midnight UTC to have a "
    "language model write it."
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

    async def generate(
        self, request: GenerationRequest, *, website: Website | None = None
    ) -> AsyncGenerator[GenerationEvent, None]:
        """Generate one entity, or write it or one card of it again.

        The last event is one ``Completed`` or one ``Failed``; nothing is raised. Closing the
        iterator, or cancelling the task that reads it, stops the reading and the model at once.

        Args:
            request: What to generate.
            website: The website, when it has been read already.
        """
        with span("generation", entity=request.entity) as spanned, _Counted(request) as counted:
            try:
                async with aclosing(self._run(request, website)) as events:
                    async for event in events:
                        if isinstance(event, Completed):
                            counted.wrote(event)
                        yield event
                return
            except UserError as error:
                log.info("generation.failed", entity=request.entity, code=error.code)
                failed = Failed(error)
            except Exception as error:
                log.error("generation.broke", entity=request.entity, exc_info=error)
                failed = Failed(internal_error())
            spanned.fail(failed.error.code)
            counted.failed(failed.error.code)
            yield failed

    async def _run(
        self, request: GenerationRequest, website: Website | None
    ) -> AsyncGenerator[GenerationEvent, None]:
        job = make_job(request, self._settings.allowed_fetch_hosts)
        if website is None:
            with span("generation read"):
                async with aclosing(self.read(job)) as reading:
                    async for news in reading:
                        if isinstance(news, Website):
                            website = news
                        else:
                            yield news
        assert website is not None
        job.provenance.website = website.coverage
        if website.url:
            job.inputs["website_url"] = website.url

        with span("generation write") as spanned:
            async with aclosing(self._write(job, website)) as writing:
                async for event in writing:
                    yield event
            spanned.set(writer=job.provenance.writer, model=job.provenance.model)

        yield StageEvent("verify", "Checking every quote against the pages")
        with span("generation verify"):
            data = await asyncio.to_thread(finish, job, website)
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

    async def read(self, job: Job) -> AsyncGenerator[StageEvent | Website, None]:
        """Read what a generation is to be written from; the website comes last.

        Raises:
            UserError: It cannot be read, or holds too little text.
        """
        website = None
        if job.pasted_text:
            yield StageEvent("read", "Reading the description you pasted")
            website = website_from_text(
                job.pasted_text, job.website_url, allowed_hosts=self._settings.allowed_fetch_hosts
            )
        elif job.website_url:
            yield StageEvent("read", "Opening the website")
            async with aclosing(
                events_while(lambda tell: self._reader.read(job.website_url, on_progress=tell))
            ) as news:
                async for item in news:
                    if isinstance(item, str):
                        yield StageEvent("read", item)
                    else:
                        website = item
        else:
            yield StageEvent("read", "No website was given")
            website = website_without_pages()
        assert website is not None
        yield StageEvent("assess", _coverage_in_words(website))
        if website.coverage.quality == "insufficient":
            raise _too_little_text(website)
        yield website

    async def _write(self, job: Job, website: Website) -> AsyncGenerator[GenerationEvent, None]:
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
            if error.code not in MODELS_GAVE_UP:
                raise
            log.warning("generation.models_gave_up", code=error.code)
            job.provenance.prompt_version = ""
            async with aclosing(self._write_instead(job, website, error)) as basic:
                async for stage in basic:
                    yield stage

    async def _write_instead(
        self, job: Job, website: Website, gave_up: UserError
    ) -> AsyncGenerator[StageEvent, None]:
        """Basic analysis in place of models that gave no answer.

        Raises:
            UserError: It cannot write this either; why no model did is then the better reason.
        """
        is_used_up = gave_up.code == USED_UP
        yield StageEvent(
            "write",
            "The day's use of models is used up: using the site's own words"
            if is_used_up
            else "No model answered: using the site's own words",
        )
        try:
            await self._write_basic(job, website, USED_UP_NOTE if is_used_up else MODELS_DOWN_NOTE)
        except UserError:
            if is_used_up:
                raise gave_up from None
            raise

    def _prompt(self, job: Job, website: Website) -> Prompt:
        return render_prompt(
            job.config,
            site_text=prompt_context(website, max_tokens=self._settings.llm_input_tokens),
            inputs=job.inputs,
            only=job.only,
            current=job.current,
            context=job.context,
            kind=job.kind,
        )

    async def _ask(self, job: Job, prompt: Prompt) -> AsyncGenerator[GenerationEvent, None]:
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
                    yield StageEvent("write", attempt_in_words(event))
                elif isinstance(event, ModelResult):
                    job.answer = event.value.model_dump(mode="json")
                    job.provenance.writer = "model"
                    job.provenance.provider = event.provider
                    job.provenance.model = event.model
                    job.provenance.input_tokens = event.input_tokens
                    job.provenance.output_tokens = event.output_tokens
                    job.provenance.cost_usd = event.cost_usd

    async def _write_basic(self, job: Job, website: Website, note: str) -> None:
        answer = await asyncio.to_thread(write_without_model, job, website)
        job.answer = job.schema.model_validate(answer).model_dump(mode="json")
        job.provenance.note = note


class _Counted:
    """Tells the metrics of one generation, however it ends."""

    def __init__(self, request: GenerationRequest) -> None:
        self._entity = request.entity if request.entity in ENTITIES else "unknown"
        self._started = time.perf_counter()
        self._outcome, self._model = "cancelled", ""

    def __enter__(self) -> _Counted:
        metrics.GENERATIONS_OPEN.inc()
        return self

    def wrote(self, event: Completed) -> None:
        """It has a result."""
        made_by = event.made_by
        self._outcome = "completed"
        self._model = str(made_by.get("model") or made_by.get("writer") or "")

    def failed(self, code: str) -> None:
        """It has none."""
        self._outcome = "failed"
        metrics.GENERATION_FAILURES.labels(self._entity, code).inc()

    def __exit__(self, *_: object) -> None:
        metrics.GENERATIONS_OPEN.dec()
        metrics.GENERATIONS.labels(self._entity, self._model, self._outcome).inc()
        metrics.GENERATION_SECONDS.labels(self._entity, self._outcome).observe(
            time.perf_counter() - self._started
        )


def _coverage_in_words(website: Website) -> str:
    coverage = website.coverage
    if not website.pages:
        return "Only what is written above is known"
    pages = len(coverage.pages) or len(website.pages)
    words = f"{coverage.words:,} words"
    if coverage.reader == "pasted text":
        return f"{words} to go on"
    text = f"{pages} page{'' if pages == 1 else 's'}, {words}"
    return f"{text}; the site says little" if coverage.quality == "thin" else text


def attempt_in_words(attempt: AttemptStarted) -> str:
    """Which model is doing what, for a person."""
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


def internal_error() -> UserError:
    """A bug, in words without internals."""
    return UserError(
        "internal_error",
        "Something went wrong on our side while this was being written.",
        "Try again. Nothing of yours is lost: what you entered and what you edited is unchanged.",
        status=500,
    )
