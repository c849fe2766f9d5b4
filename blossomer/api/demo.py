"""The API's open door: generate without an account, one path per entity, derived from its config.

Counted together with the playground's generations. Nothing is stored.
"""

# No postponed annotations here: FastAPI reads the type of each entity's body from the function.

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from blossomer.api.client import caller_key
from blossomer.api.errors import ErrorAnswer, error_response, internal_error
from blossomer.api.examples import BODY_EXAMPLES, RESULT_EXAMPLES
from blossomer.api.negotiation import gives_json_or_events, takes_json
from blossomer.api.once import FAILURES as ONCE_FAILURES
from blossomer.api.once import REPLAYED_HEADER, Answer, KeyHeader, begin_once, replay
from blossomer.api.rate_headers import PLAIN_HEADERS, of_generations
from blossomer.api.sse import EventStreamResponse, prefers_events, unless_disconnected
from blossomer.db.idempotency import Given
from blossomer.entities import ENTITIES, above
from blossomer.entities.config import EntityConfig
from blossomer.errors import UserError
from blossomer.services.events import Completed, Failed, GenerationEvent, GenerationRequest
from blossomer.services.idempotency import Answers, Once, anonymous_answers
from blossomer.services.inputs import checked_inputs
from blossomer.services.limits import GenerationLimits
from blossomer.services.runtime import get_runtime
from blossomer.settings import Settings, get_settings

_FAILURES: dict[int, str] = {
    400: "`invalid_json`, or an address that is none (`invalid_url`) or that is not on the public "
    "internet (`address_not_allowed`).",
    408: "`body_too_slow`: the body did not arrive within 20 seconds.",
    409: ONCE_FAILURES[409],
    413: "`body_too_large`: more than 200 KB.",
    422: "`invalid_input`, a website that does not exist or holds nothing to read, or "
    f"`too_little_text`: nothing is written from nothing. {ONCE_FAILURES[422]}",
    429: "`rate_limited`, `too_many_at_once` or `too_many_requests`: come back after `Retry-After` "
    "seconds.",
    500: "`internal_error`: a bug; `request_id` finds it in the log.",
    502: "The website answered with an error, or with something that is not a page.",
    503: "`limits_unavailable`: generations cannot be counted right now. `budget_used_up` or "
    "`model_needed`: basic analysis cannot write this.",
    504: "The website did not answer in time.",
}


def demo_router(settings: Settings | None = None) -> APIRouter:
    """One path for each entity in the registry.

    Args:
        settings: Those of the process by default.
    """
    router = APIRouter(prefix="/demo", tags=["Generate without an account"])
    answers = anonymous_answers(settings or get_settings())
    for config in ENTITIES.values():
        _add_generation(router, config, answers)
    return router


def body_model(config: EntityConfig) -> type[BaseModel]:
    """The request body of one entity: its form, and the documents above it, by entity."""
    fields: dict[str, Any] = {
        field.name: (
            str,
            Field(
                default="",
                max_length=field.max_length,
                description=" ".join(
                    part
                    for part in (_sentence(field.label), field.help or field.placeholder)
                    if part
                ),
            ),
        )
        for field in config.form.fields
    }
    for parent in above(config.entity):
        fields[parent.entity] = (
            dict[str, Any] | None,
            Field(
                default=None,
                description=f"The {parent.label.lower()} it is for, as `/demo/{parent.path}/"
                "generate-ai` answers with it, or a part of that.",
            ),
        )
    example = BODY_EXAMPLES.get(config.entity)
    return create_model(
        f"Generate{config.entity.title().replace('_', '')}",
        __config__=ConfigDict(
            extra="forbid",
            strict=True,
            json_schema_extra={"examples": [dict(example)]} if example else None,
        ),
        **fields,
    )


def checked_context(config: EntityConfig, given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The documents above that a body carries, in the shape of their entities.

    A part of one will do; what its entity does not know is left out.

    Raises:
        UserError: ``invalid_input``, when one cannot be such a document.
    """
    context = {}
    for parent in above(config.entity):
        if not (document := given.get(parent.entity)):
            continue
        try:
            data = parent.data_model.model_validate({parent.name_field: parent.label, **document})
        except (ValidationError, RecursionError) as error:
            place = ""
            if isinstance(error, ValidationError):
                place = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
            raise UserError(
                "invalid_input",
                f"“{parent.entity}” is not a {parent.label.lower()}"
                f"{f', by its {place[:100]}' if place else ''}.",
                f"Send what /demo/{parent.path}/generate-ai answers with, or a part of it.",
                status=422,
            ) from None
        context[parent.entity] = data.model_dump(mode="json")
    return context


def _sentence(label: str) -> str:
    return label if label.endswith(("?", "!", ".")) else f"{label}."


def _add_generation(router: APIRouter, config: EntityConfig, answers: Answers) -> None:
    body_type = body_model(config)

    async def generate(
        request: Request,
        body: body_type,  # type: ignore[valid-type]
        idempotency_key: KeyHeader = None,
    ) -> Response:
        given = body.model_dump()  # type: ignore[attr-defined]
        context = checked_context(config, given)
        inputs = checked_inputs(
            config, {field.name: given[field.name] for field in config.form.fields}
        )
        runtime = get_runtime()
        key = caller_key(request, runtime.settings)
        wanted = GenerationRequest(config.entity, inputs, context=context)

        async def answers_here() -> Answers:
            return answers

        named = idempotency_key and f"{key} {idempotency_key}"
        once = await begin_once(request, named, answers_here)
        if isinstance(once, Given):
            return replay(request, once)
        events = runtime.generate(wanted, key=key)
        if once is not None:
            events = _carried_out(once, events)
        if prefers_events(request.headers.get("accept", "")):
            return await _as_stream(events, runtime.limits, key)
        last = await unless_disconnected(_last(events), request.receive)
        headers = await _rate_headers(runtime.limits, key)
        match last:
            case Completed(data):
                return JSONResponse(data, headers=headers)
            case Failed(error):
                return error_response(error, headers)
            case _:
                return Response(status_code=499)  # nobody is there to read it

    example = RESULT_EXAMPLES.get(config.entity)
    router.add_api_route(
        f"/{config.path}/generate-ai",
        generate,
        methods=["POST"],
        name=f"generate_{config.entity}",
        operation_id=f"generate_{config.entity}_without_account",
        dependencies=[Depends(gives_json_or_events), Depends(takes_json)],
        summary=f"Generate a {config.label.lower()}",
        description=(
            f"Reads the website and writes the {config.label.lower()}, with evidence, confidence "
            f"and provenance. Give `website_url` or `pasted_text`{_or_parents(config)}.\n\n"
            "With `Accept: text/event-stream` the same generation comes as server-sent events: "
            "`stage` {key, detail}, `partial` {data, writing}, then one `completed` (the entity) "
            "or one `failed` (the error). Closing the connection stops it.\n\n"
            "Without an account an address has a few generations an hour, shared with the pages; "
            "one that fails is given back."
        ),
        response_class=JSONResponse,
        responses={
            200: {
                "model": config.data_model,
                "description": f"The {config.label.lower()}.",
                "headers": {**PLAIN_HEADERS, **REPLAYED_HEADER},
                "content": {
                    "application/json": {"example": example} if example else {},
                    "text/event-stream": {
                        "schema": {"type": "string"},
                        "example": 'event: stage\ndata: {"key":"read","detail":"Read 3 of 5 '
                        'pages"}\n\n',
                    },
                },
            },
            **{
                status: {"model": ErrorAnswer, "description": words}
                for status, words in _FAILURES.items()
            },
        },
    )


async def _carried_out(
    once: Once, events: AsyncGenerator[GenerationEvent, None]
) -> AsyncGenerator[GenerationEvent, None]:
    """The events of a generation that goes on when the client is gone: it will ask again."""
    waiting: asyncio.Queue[GenerationEvent | None] = asyncio.Queue()

    async def work() -> Given:
        async with aclosing(events) as open_events:
            async for event in open_events:
                if isinstance(event, Completed):
                    return Answer(event.data).given()
                if isinstance(event, Failed):
                    raise event.error
                waiting.put_nowait(event)
        raise internal_error()

    finished = asyncio.ensure_future(once.carry_out(work))
    finished.add_done_callback(lambda _: waiting.put_nowait(None))
    while (event := await waiting.get()) is not None:
        yield event
    try:
        given = finished.result()
    except UserError as error:
        yield Failed(error)
        return
    yield Completed(json.loads(given.body))


def _or_parents(config: EntityConfig) -> str:
    names = [f"`{parent.entity}`" for parent in above(config.entity)]
    return f", and what it is for: {', '.join(names)}" if names else ""


async def _last(events: AsyncGenerator[GenerationEvent, None]) -> GenerationEvent | None:
    last = None
    async with aclosing(events) as open_events:
        async for event in open_events:
            last = event
    return last


async def _as_stream(
    events: AsyncGenerator[GenerationEvent, None], limits: GenerationLimits, key: str
) -> Response:
    """Answer with the stream, or with the error when it fails before it has begun."""
    first = await anext(events)
    headers = await _rate_headers(limits, key)
    if isinstance(first, Failed):
        return error_response(first.error, headers)
    return EventStreamResponse(_starting_with(first, events), headers)


async def _starting_with(
    first: GenerationEvent, rest: AsyncGenerator[GenerationEvent, None]
) -> AsyncGenerator[GenerationEvent, None]:
    async with aclosing(rest) as events:
        yield first
        async for event in events:
            yield event


async def _rate_headers(limits: GenerationLimits, key: str) -> dict[str, str]:
    try:
        remaining = await limits.remaining(key)
    except UserError:
        return {}
    return of_generations(remaining)
