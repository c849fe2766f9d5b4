"""Which model answers: order, breakers, time, repair, failover. The request itself is LiteLLM's.

Only a validated answer counts. ``attempt.py`` makes one attempt, ``breaker.py`` decides who may be
asked, ``repair.py`` judges answers.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel

from blossomer import metrics
from blossomer.services.bus import Bus
from blossomer.services.llm import failures, litellm_transport
from blossomer.services.llm.answer_schema import answer_schema
from blossomer.services.llm.attempt import ATTEMPT_OVER, Answer, Patience, run_attempt
from blossomer.services.llm.breaker import Breaker
from blossomer.services.llm.failures import MAY_PASS, NEEDS_A_PERSON, AttemptFailed, Cause
from blossomer.services.llm.litellm_transport import Call
from blossomer.services.llm.model import (
    AttemptStarted,
    ModelEvent,
    ModelRequest,
    ModelResult,
    TextSoFar,
)
from blossomer.services.llm.outcomes import Outcomes
from blossomer.services.llm.providers import Endpoint, endpoints
from blossomer.services.llm.repair import InvalidAnswer, Messages, read_answer, repair_messages
from blossomer.services.llm.shared_breakers import Breakers
from blossomer.services.token_budget import TokenBudget
from blossomer.settings import Settings
from blossomer.tracing import Span, span

T = TypeVar("T", bound=BaseModel)
log = structlog.get_logger(__name__)

FIRST_SHARE = 2 / 3
"""Part of the time left that an attempt may use while other models stand behind it. With the
default total of 60 s this is the default 40 s of one attempt."""

SHORTEST_ATTEMPT_SECONDS = 0.05
"""With less time than this left nothing is asked any more."""

CHARACTERS_PER_TOKEN = 4
"""Rule of thumb for English of OpenAI's and Anthropic's documentation, for estimates only."""


class ModelRouter:
    """Asks the configured models, in order, until one gives a valid answer.

    One per process: the breakers remember across requests. Use it from one event loop.

    Args:
        settings: Models, keys, deadlines and breaker numbers.
        budget: Tokens that may still be used; without one there is no limit.
        clock: Seconds that only grow, by which breakers rest; given by tests.
        bus: To other workers, with whom the breakers are shared; None when there are none.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        budget: TokenBudget | None = None,
        clock: Callable[[], float] = time.monotonic,
        bus: Bus | None = None,
    ) -> None:
        self._settings = settings
        self._budget = budget or TokenBudget(0)
        self._endpoints = endpoints(settings)
        self._breakers = Breakers(settings, self.models, clock, bus)
        self._outcomes = {endpoint.model: Outcomes(clock) for endpoint in self._endpoints}

    @property
    def models(self) -> tuple[str, ...]:
        """The models in the order they are asked, in LiteLLM's notation; empty without any."""
        return tuple(endpoint.model for endpoint in self._endpoints)

    async def warm_up(self) -> None:
        """Load LiteLLM now (some seconds, in a thread) instead of at the first request."""
        if self._endpoints:
            await litellm_transport.load()

    def health(self) -> list[dict[str, object]]:
        """The state of every model, in order, for the health page and for logs."""
        return [
            {
                "provider": endpoint.provider,
                "model": endpoint.model,
                "state": breaker.state,
                "failures": breaker.failures,
                "failure_rate": round(self._outcomes[endpoint.model].failure_rate, 3),
                "recent_requests": self._outcomes[endpoint.model].count,
                "recovery_seconds": self._settings.breaker_recovery_seconds,
                "retry_in_seconds": math.ceil(breaker.retry_in),
                "last_error": breaker.last_error,
            }
            for endpoint in self._endpoints
            for breaker in (self._breakers[endpoint.model],)
        ]

    async def stream(self, request: ModelRequest[T]) -> AsyncGenerator[ModelEvent[T], None]:
        """Ask, and report while the answer is being written.

        Closing the iterator, or cancelling the task that reads it, ends the request to the
        provider at once.

        Yields:
            ``AttemptStarted``, ``TextSoFar``, and at the end exactly one ``ModelResult``.

        Raises:
            ModelError: ``models_unavailable`` when no model gave a valid answer,
                ``model_deadline`` when the time for all of them was over. ``reasons`` says why.
            UserError: ``budget_used_up``: no model may be asked today.
        """
        if not self._endpoints:
            raise failures.not_configured()
        run = _Run(request, self._settings, self._budget)
        await self._breakers.refresh()
        try:
            async with asyncio.timeout_at(run.deadline):
                await litellm_transport.load()
        except TimeoutError:
            raise failures.deadline_passed(()) from None
        for position, endpoint in enumerate(self._endpoints):
            behind = self._available(self._endpoints[position + 1 :])
            async with aclosing(self._ask(run, endpoint, behind)) as events:
                async for event in events:
                    yield event
            if run.answered:
                return
        last_chance = self._worth_waiting_for(run)
        if last_chance is not None:
            endpoint, seconds = last_chance
            log.info("model_waited_for", model=endpoint.model, seconds=round(seconds, 1))
            await asyncio.sleep(seconds)
            async with aclosing(self._ask(run, endpoint, False)) as events:
                async for event in events:
                    yield event
            if run.answered:
                return
        raise self._error(run)

    def _available(self, candidates: Sequence[Endpoint]) -> bool:
        return any(self._breakers[endpoint.model].state != "open" for endpoint in candidates)

    async def _ask(
        self, run: _Run[T], endpoint: Endpoint, behind: bool
    ) -> AsyncGenerator[ModelEvent[T], None]:
        if run.time_left() < SHORTEST_ATTEMPT_SECONDS:
            return
        breaker = self._breakers[endpoint.model]
        permit = await self._breakers.enter(endpoint.model)
        if permit is None:
            run.reasons.append((endpoint.model, "resting"))
            return
        try:
            async with aclosing(run.ask(endpoint, behind)) as events:
                async for event in events:
                    if isinstance(event, ModelResult):
                        permit.succeeded()
                        self._outcomes[endpoint.model].note(answered=True)
                    yield event
        except AttemptFailed as failure:
            self._outcomes[endpoint.model].note(answered=False)
            # A model that was given little time because others had used it up is not to blame.
            if failure.detail != ATTEMPT_OVER or run.last_share_was_fair:
                permit.failed(failure)
            run.reasons.append((endpoint.model, failure.cause))
            _log_failure(run.request.purpose, endpoint, failure, breaker)
        finally:
            permit.released()

    def _worth_waiting_for(self, run: _Run[Any]) -> tuple[Endpoint, float] | None:
        """The model to try once more, and the seconds to wait first, if that fits the time."""
        chances = []
        for endpoint in self._endpoints:
            breaker = self._breakers[endpoint.model]
            if breaker.last_error in MAY_PASS:
                # Jitter, so that many that were turned away together do not come back together.
                chances.append((breaker.retry_in + random.uniform(0.1, 0.4), endpoint))  # noqa: S311
        if not chances:
            return None
        seconds, endpoint = min(chances, key=lambda chance: chance[0])
        return (endpoint, seconds) if seconds <= run.time_left() / 2 else None

    def _error(self, run: _Run[Any]) -> failures.ModelError:
        reasons = tuple(run.reasons)
        if run.time_left() < SHORTEST_ATTEMPT_SECONDS:
            error = failures.deadline_passed(reasons)
        else:
            wait = min(self._breakers[endpoint.model].retry_in for endpoint in self._endpoints)
            error = failures.all_failed(reasons, math.ceil(wait) or None)
        log.warning(error.code, purpose=run.request.purpose, attempts=run.attempts, reasons=reasons)
        return error


class _Run(Generic[T]):
    """One request on its way through the models: time, tokens and reasons so far."""

    def __init__(self, request: ModelRequest[T], settings: Settings, budget: TokenBudget) -> None:
        self.request = request
        self.settings = settings
        self.budget = budget
        self.started = time.monotonic()
        self.deadline = asyncio.get_running_loop().time() + settings.llm_total_deadline_seconds
        self.reasons: list[tuple[str, Cause]] = []
        self.attempts = 0
        self.answered = False
        self.last_share_was_fair = True
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost_usd: float | None = 0.0

    def time_left(self) -> float:
        """Seconds until the deadline of the whole request."""
        return self.deadline - asyncio.get_running_loop().time()

    async def ask(self, endpoint: Endpoint, behind: bool) -> AsyncGenerator[ModelEvent[T], None]:
        """Ask one model, and once more to mend an invalid answer.

        Raises:
            AttemptFailed: When it gave no valid answer.
            UserError: ``budget_used_up``: it may not be asked.
        """
        messages: Messages = (("system", self.request.system), ("user", self.request.user))
        for repair in (False, True):
            await self.budget.require_left()
            yield AttemptStarted(endpoint.provider, endpoint.model, repair)
            self.attempts += 1
            answer: Answer | None = None
            async with aclosing(self._attempt(endpoint, messages, behind)) as events:
                async for event in events:
                    if isinstance(event, Answer):
                        answer = event
                    else:
                        yield event
            assert answer is not None
            try:
                value = read_answer(answer.text, self.request.schema)
            except InvalidAnswer as invalid:
                failure = _judge(answer, invalid)
                metrics.ATTEMPTS.labels(endpoint.model, failure.cause).inc()
                if failure.cause != "invalid_answer" or answer.out_of_room or repair:
                    raise failure from None
                if self.time_left() < SHORTEST_ATTEMPT_SECONDS:
                    raise failure from None
                log.info(
                    "model_answer_invalid", model=endpoint.model, problems=len(invalid.problems)
                )
                messages = repair_messages(messages, answer.text, invalid.problems)
                continue
            self.answered = True
            metrics.ATTEMPTS.labels(endpoint.model, "answered").inc()
            yield self._result(endpoint, value)
            return

    async def _attempt(
        self, endpoint: Endpoint, messages: Messages, behind: bool
    ) -> AsyncGenerator[TextSoFar | Answer, None]:
        """Send one request, and count what it used, also when it is given up in the middle."""
        began, text, answer = time.perf_counter(), "", None
        model, purpose = endpoint.model, self.request.purpose
        with span("model attempt", kind="client", model=model, purpose=purpose) as spanned:
            try:
                call = self._call(endpoint, messages)
                async with aclosing(run_attempt(call, self._patience(behind))) as events:
                    async for event in events:
                        if isinstance(event, Answer):
                            answer = event
                        else:
                            text = event.text
                            yield event
            finally:
                metrics.ATTEMPT_SECONDS.labels(endpoint.model).observe(time.perf_counter() - began)
                if answer is None:
                    # What was written until then has to be paid.
                    metrics.ATTEMPTS.labels(endpoint.model, "given up").inc()
                await self._count(
                    endpoint, messages, answer or Answer(text, None, False, None), spanned
                )
        assert answer is not None
        yield answer

    def _call(self, endpoint: Endpoint, messages: Messages) -> Call:
        return Call(
            endpoint=endpoint,
            messages=messages,
            answer_schema=answer_schema(self.request.schema),
            max_tokens=self.settings.llm_output_tokens,
            timeout=self.settings.llm_attempt_deadline_seconds,
        )

    def _patience(self, behind: bool) -> Patience:
        settings = self.settings
        left = self.time_left()
        share = min(settings.llm_attempt_deadline_seconds, left * FIRST_SHARE if behind else left)
        fair = min(
            settings.llm_attempt_deadline_seconds,
            settings.llm_total_deadline_seconds * FIRST_SHARE,
        )
        self.last_share_was_fair = share >= fair * 0.95
        return Patience(
            first_token=settings.llm_first_token_seconds,
            silence=settings.llm_silence_seconds,
            ends_at=asyncio.get_running_loop().time() + share,
        )

    async def _count(
        self, endpoint: Endpoint, messages: Messages, answer: Answer, spanned: Span
    ) -> None:
        if answer.failure is not None:
            spanned.fail(answer.failure.cause)
        if answer.usage is not None:
            used_input, used_output = answer.usage
        elif answer.text:
            asked = sum(len(content) for _, content in messages)
            used_input = asked // CHARACTERS_PER_TOKEN
            used_output = math.ceil(len(answer.text) / CHARACTERS_PER_TOKEN)
        else:
            return  # turned away or silent: nothing was written, nothing is billed
        self.input_tokens += used_input
        self.output_tokens += used_output
        litellm = await litellm_transport.load()
        cost = litellm_transport.price(litellm, endpoint.model, used_input, used_output)
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost
        self.budget.spend(used_input + used_output)
        spanned.set(input_tokens=used_input, output_tokens=used_output)
        metrics.TOKENS.labels(endpoint.model, "input").inc(used_input)
        metrics.TOKENS.labels(endpoint.model, "output").inc(used_output)
        metrics.COST.labels(endpoint.model).inc(cost or 0.0)

    def _result(self, endpoint: Endpoint, value: T) -> ModelResult[T]:
        log.info(
            "model_answered",
            purpose=self.request.purpose,
            model=endpoint.model,
            attempts=self.attempts,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            seconds=round(time.monotonic() - self.started, 2),
        )
        return ModelResult(
            value=value,
            provider=endpoint.provider,
            model=endpoint.model,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cost_usd=self.cost_usd,
            attempts=self.attempts,
        )


def _judge(answer: Answer, invalid: InvalidAnswer) -> AttemptFailed:
    if answer.failure is not None:
        return answer.failure
    if invalid.cut and not answer.out_of_room:
        return AttemptFailed("cut_stream")
    return AttemptFailed("invalid_answer", detail="out of room" if answer.out_of_room else "")


def _log_failure(
    purpose: str, endpoint: Endpoint, failure: AttemptFailed, breaker: Breaker
) -> None:
    facts = {
        "purpose": purpose,
        "model": endpoint.model,
        "cause": failure.cause,
        "status": failure.status,
        "detail": failure.detail,
        "breaker": breaker.state,
    }
    if failure.cause in NEEDS_A_PERSON:
        log.error("model_needs_a_person", **facts)
    else:
        log.warning("model_failed", **facts)
