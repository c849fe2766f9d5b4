"""Having documents written over REST: new ones, again, one card, and several below one.

What is written is kept by the server, whether or not somebody waits for the answer.
"""

# No postponed annotations here: FastAPI reads the parameters from them.

from contextlib import suppress
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import MISSING, BaseModel, ConfigDict, Field

from blossomer.api.contents import document_content
from blossomer.api.documents.changing import LOCATION_HEADER
from blossomer.api.documents.given_models import (
    SuggestionAnswer,
    document_headers,
)
from blossomer.api.documents.parts import (
    CANNOT_BE_WRITTEN,
    NOT_THERE,
    DocumentId,
    Paths,
    Who,
    example_response,
    operations_of,
)
from blossomer.api.documents.sent_models import EXAMPLE_ID, again_model, generation_model
from blossomer.api.documents.streams import answer_with_suggestions, answer_with_writing
from blossomer.api.generation_headers import GENERATION_HEADERS
from blossomer.api.once import (
    FAILURES,
    REPLAYED_HEADER,
    Answer,
    KeyHeader,
)
from blossomer.db.store import Stored
from blossomer.entities import children_of
from blossomer.errors import UserError
from blossomer.services.operations import Suggesting, Writing

STREAM = {
    "text/event-stream": {
        "schema": {"type": "string"},
        "example": 'event: stage\ndata: {"key":"read","detail":"Read 3 of 5 pages"}\n\n',
    }
}
_AS_EVENTS = (
    "\n\nWith `Accept: text/event-stream` it comes as server-sent events: `stage` {key, detail}, "
    "`partial` {data, writing}, then one `completed` (the document) or one `failed` (the error). "
    "It goes on when the connection is lost, and what it writes is kept."
)
_COUNTED = (
    "\n\nIt counts as one generation of this hour; one that fails is given back. While one of this "
    "entity is being written for you, another cannot begin (409)."
)

FieldKey = Annotated[str, Path(max_length=100, description="Key of the card.")]


def add_writing(paths: Paths) -> None:
    """Add the paths that have something written."""
    _add_generate(paths)
    _add_again(paths)
    _add_suggest(paths)


def _add_generate(paths: Paths) -> None:
    config = paths.config
    body_type = generation_model(config)

    async def generate(
        request: Request,
        identity: Who,
        body: body_type,  # type: ignore[valid-type]
        key: KeyHeader = None,
    ) -> Response:
        given: dict[str, Any] = body.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
        operations = operations_of(identity)

        async def begin(document_id: str) -> Writing | Stored:
            if document_id:
                with suppress(UserError):
                    # One that was lost on its way to the client.
                    return await operations.read(config, document_id)
            return await operations.generate(
                config,
                given.get("inputs", {}),
                given.get("parents", {}),
                document_id=document_id,
            )

        def answer(stored: Stored) -> Answer:
            location = f"/api/{config.path}/{stored.document['id']}"
            headers = {**document_headers(stored), "Location": location}
            return Answer(document_content(stored), 201, headers)

        return await answer_with_writing(request, key, identity, begin, answer)

    headers = {**LOCATION_HEADER, **GENERATION_HEADERS, **REPLAYED_HEADER}
    paths.add(
        "POST",
        "/generate-ai",
        generate,
        name=f"write_{config.entity}",
        summary=f"Have a {paths.what} written",
        description=f"Reads the website and writes the {paths.what}, with evidence, confidence and "
        f"provenance, and keeps it.{_COUNTED}{_AS_EVENTS}",
        good={
            201: paths.document_response(f"The new {paths.what}.", **headers),
            200: {
                "description": "The same as events, when they are preferred.",
                "content": STREAM,
                "headers": GENERATION_HEADERS,
            },
        },
        failures={
            **CANNOT_BE_WRITTEN,
            404: "`parent_missing`: what it is to be below does not exist.",
            409: f"`generation_running`: another one is being written. {FAILURES[409]}",
            422: f"{CANNOT_BE_WRITTEN[422]} {FAILURES[422]}",
        },
        streams=True,
    )


def _add_again(paths: Paths) -> None:
    config = paths.config
    body_type = again_model(config)

    def answer(stored: Stored) -> Answer:
        return Answer(document_content(stored), headers=document_headers(stored))

    async def generate_again(
        request: Request,
        identity: Who,
        document_id: DocumentId,
        body: body_type,  # type: ignore[valid-type]
        key: KeyHeader = None,
    ) -> Response:
        given: dict[str, Any] = body.model_dump(exclude_unset=True)  # type: ignore[attr-defined]

        async def begin(_: str) -> Writing:
            return await operations_of(identity).generate_again(
                config, document_id, only=given.get("only", ""), inputs=given.get("inputs")
            )

        return await answer_with_writing(request, key, identity, begin, answer)

    async def generate_field(
        request: Request,
        identity: Who,
        document_id: DocumentId,
        field: FieldKey,
        key: KeyHeader = None,
    ) -> Response:
        async def begin(_: str) -> Writing:
            return await operations_of(identity).generate_again(config, document_id, only=field)

        return await answer_with_writing(request, key, identity, begin, answer)

    kept = (
        "What a person wrote stays word for word; where that leaves no room, the new card waits "
        "under `proposals` until it is accepted or declined."
    )
    good = {
        200: {
            **paths.document_response(
                f"The {paths.what} afterwards.", **GENERATION_HEADERS, **REPLAYED_HEADER
            ),
        }
    }
    good[200]["content"] = {**good[200]["content"], **STREAM}
    failures = {
        **CANNOT_BE_WRITTEN,
        404: "`not_found`; `parent_missing`: what it is below was deleted; `document_missing`: it "
        "was deleted while it was being written.",
        409: f"`generation_running`: another one is being written. {FAILURES[409]}",
        422: f"{CANNOT_BE_WRITTEN[422]} `unknown_card`. {FAILURES[422]}",
    }
    paths.add(
        "POST",
        "/{document_id}/generate-ai",
        generate_again,
        name=f"write_{config.entity}_again",
        summary="Have it, or one card of it, written again",
        description=f"From what is above it now. {kept}{_COUNTED}{_AS_EVENTS}",
        good=good,
        failures=failures,
        streams=True,
    )
    paths.add(
        "POST",
        "/{document_id}/fields/{field}/generate-ai",
        generate_field,
        name=f"write_{config.entity}_field_again",
        summary="Have one card of it written again",
        description=f"The same as `only` in the request for the whole document. {kept}{_COUNTED}"
        f"{_AS_EVENTS}",
        good=good,
        failures=failures,
        streams=True,
    )


class SuggestionBody(BaseModel):
    """What is to be suggested."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"most": 3}]}
    )

    entity: (
        Annotated[
            str,
            Field(min_length=1, max_length=100, description="Of what, where several are possible."),
        ]
        | MISSING
    ) = MISSING
    most: Annotated[int, Field(ge=1, le=50, description="Most documents.")] | MISSING = MISSING


def _add_suggest(paths: Paths) -> None:
    config = paths.config
    possible = [each for each in children_of(config.entity) if each.suggestions]
    if not possible:
        return

    async def suggest(
        request: Request,
        identity: Who,
        document_id: DocumentId,
        body: SuggestionBody,
        key: KeyHeader = None,
    ) -> Response:
        given = body.model_dump(exclude_unset=True)
        operations = operations_of(identity)

        async def begin(_: str) -> Suggesting:
            return await operations.suggest(
                config, document_id, entity=given.get("entity", ""), most=given.get("most")
            )

        return await answer_with_suggestions(request, key, identity, begin)

    names = ", ".join(each.label_plural.lower() for each in possible)
    entities = ", ".join(f"`{each.entity}`" for each in possible)
    example = {
        "stage": "Written",
        "documents": [
            {"name": "Regional carriers", "state": "done", "id": EXAMPLE_ID, "problem": ""}
        ],
        "is_over": True,
    }
    good = {
        200: {
            **example_response(SuggestionAnswer, "What came of it.", example),
            "headers": {**GENERATION_HEADERS, **REPLAYED_HEADER},
        }
    }
    good[200]["content"] = {
        **good[200]["content"],
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'event: progress\ndata: {"stage":"Writing","documents":[],'
            '"is_over":false}\n\n',
        },
    }
    paths.add(
        "POST",
        "/{document_id}/suggest",
        suggest,
        name=f"suggest_below_{config.entity}",
        summary=f"Have {names} suggested",
        description=f"Finds {names} that are not there yet, and writes all of them at the same "
        f"time (`entity` is one of {entities}). Each is kept as soon as it is written, and counts "
        "as one generation. Asked for again while it goes on, it is the one that goes on.\n\n"
        "With `Accept: text/event-stream` it comes as server-sent events: `progress` each time "
        "that something has happened, then one `completed` or one `failed`.",
        good=good,
        failures={
            **CANNOT_BE_WRITTEN,
            404: NOT_THERE,
            409: FAILURES[409],
            422: f"{CANNOT_BE_WRITTEN[422]} `no_suggestions`: none that are not there already. "
            f"{FAILURES[422]}",
        },
        streams=True,
    )
