"""``Idempotency-Key`` on requests that make something: done once, answered as often as asked.

What that means is in ``services/idempotency.py``; here are the header and the answers. The header
is that of the IETF's draft (draft-ietf-httpapi-idempotency-key-header).
"""

# No postponed annotations here: FastAPI reads the header from them.

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import Response

from blossomer.api.sse import EventStreamResponse, Frame, prefers_events
from blossomer.db.idempotency import DatabaseAnswers, Given
from blossomer.db.outage import database_unavailable
from blossomer.services.idempotency import Answers, Once, claim_once
from blossomer.services.identity.model import Identity
from blossomer.services.runtime import get_runtime

REPLAYED = "Idempotency-Replayed"

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Any text that is new for each thing to be done, such as a UUID. A request "
        "that is sent again with the same key within 24 hours is not carried out again and gets "
        f"the same answer, with `{REPLAYED}: true`.",
        examples=["0d3f7c1e-5c1b-4c8f-9a43-7d0c4f8a2b11"],
    ),
]
"""The header, as a parameter of a path."""

REPLAYED_HEADER: dict[str, Any] = {
    REPLAYED: {
        "description": "`true` when this is the answer to an earlier request with the same key.",
        "schema": {"type": "string"},
    }
}
"""For the documentation of an answer."""

FAILURES = {
    409: "`still_working`: the first request with this `Idempotency-Key` is not done yet.",
    422: "`idempotency_key_reused`: another request has used this `Idempotency-Key`.",
}
"""What a path can answer because of the key."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers when all goes well.

    Args:
        content: Of the body, as JSON can say it.
        status: Of HTTP.
        headers: Those that belong to the answer and are given again with it.
    """

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def given(self) -> Given:
        """The same as it is kept."""
        body = json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()
        return Given(self.status, self.headers, body)


async def answers_of(identity: Identity) -> Answers:
    """Where the answers of a user are.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    workspace = get_runtime().workspace
    if workspace is None:
        raise database_unavailable()
    return DatabaseAnswers(workspace.store(identity.user_id))


async def begin_once(
    request: Request, key: str | None, answers: Callable[[], Awaitable[Answers]]
) -> Once | Given | None:
    """Begin to carry out a request, or get the answer that was given to it; None without a key.

    Raises:
        UserError: What ``claim_once`` raises.
    """
    if key is None:
        return None
    return await claim_once(await answers(), key, await _fingerprint(request))


async def done_once(
    request: Request,
    key: str | None,
    identity: Identity,
    work: Callable[[str], Awaitable[Answer]],
) -> Response:
    """Do what a request asks for, unless it was done already.

    Args:
        request: The request.
        key: Its ``Idempotency-Key``, if it has one.
        identity: Whose it is.
        work: What is to be done. It is given the id for what it makes, or nothing without a key.
    """

    async def answers() -> Answers:
        return await answers_of(identity)

    once = await begin_once(request, key, answers)
    if once is None:
        return response_of((await work("")).given())
    if isinstance(once, Given):
        return response_of(once, {REPLAYED: "true"})

    async def carry_out() -> Given:
        return (await work(once.document_id)).given()

    return response_of(await once.carry_out(carry_out))


def response_of(given: Given, headers: Mapping[str, str] | None = None) -> Response:
    """The answer as a response."""
    return Response(
        given.body,
        given.status,
        {**given.headers, "Cache-Control": "no-store", **(headers or {})},
        "application/json" if given.body else None,
    )


def replay(request: Request, given: Given) -> Response:
    """An answer that was given before: as an event to whoever prefers events."""
    if not prefers_events(request.headers.get("accept", "")):
        return response_of(given, {REPLAYED: "true"})

    async def only() -> Any:
        yield Frame("completed", json.loads(given.body))

    return EventStreamResponse(only(), {REPLAYED: "true"})


async def _fingerprint(request: Request) -> str:
    """A digest of what a request asks for."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return digest.hexdigest()
