"""Reading documents over REST: lists, one document, what is around it, and its history."""

# No postponed annotations here: FastAPI reads the parameters from them.

from typing import Annotated, Any, Literal

from fastapi import Header, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from blossomer.api.contents import (
    history_content,
    list_content,
    relations_content,
    versions_content,
)
from blossomer.api.documents.given_models import (
    DocumentList,
    HistoryAnswer,
    RelationsAnswer,
    VersionsAnswer,
    document_headers,
    row_example,
)
from blossomer.api.documents.parts import (
    ETAG_HEADER,
    INVALID,
    NOT_THERE,
    DocumentId,
    Paths,
    Who,
    document_answer,
    example_response,
    operations_of,
)
from blossomer.api.documents.sent_models import EXAMPLE_ID, pascal
from blossomer.entities import above
from blossomer.entities.config import EntityConfig
from blossomer.entities.listing import MOST_SEARCH, PAGE_ROWS
from blossomer.services.operations import list_query
from blossomer.services.operations.listing import LEVELS, MOST_ROWS, SORTS, STATUSES

NO_STORE = {"Cache-Control": "no-store"}
MOST_CURSOR = 2_000

Field_ = Annotated[
    str,
    Path(
        max_length=200,
        description="A card, `name` or `description`; of a card that is one record an attribute, "
        "as in `firmographics.employees`.",
    ),
]


def add_reading(paths: Paths) -> None:
    """Add the paths that change nothing."""
    _add_list(paths)
    _add_read(paths)
    _add_relations(paths)
    _add_versions(paths)


def _add_list(paths: Paths) -> None:
    config = paths.config
    query_model = _query_model(config)

    async def list_documents(
        identity: Who,
        query: Annotated[query_model, Query()],  # type: ignore[valid-type]
    ) -> Response:
        given: dict[str, Any] = query.model_dump()  # type: ignore[attr-defined]
        parents = {e.entity: given.pop(e.entity) for e in above(config.entity)}
        wanted = list_query(
            config,
            text=given["q"],
            parents={entity: key for entity, key in parents.items() if key},
            kind=given.get("kind", ""),
            status=given["status"],
            confidence=given["confidence"],
            sort=given["sort"],
            descending=given["order"] == "desc",
            limit=given["limit"],
            cursor=given["cursor"],
        )
        listing = await operations_of(identity).page(config, wanted)
        return JSONResponse(list_content(listing), headers=NO_STORE)

    example = {"items": [row_example(config)], "total": 1, "next_cursor": None}
    paths.add(
        "GET",
        "",
        list_documents,
        name=f"list_{config.path.replace('-', '_')}",
        summary=f"List {paths.several}",
        description=f"Your {paths.several}, searched, filtered and sorted, in pages. `next_cursor` "
        "of a page leads to the next one; while documents come and go in between, none is repeated "
        "or left out. (With `sort=updated` one that is changed meanwhile changes its place.)",
        good={200: example_response(DocumentList, "One page.", example)},
        failures={422: f"{INVALID} `invalid_cursor`: it belongs to another list."},
    )


def _query_model(config: EntityConfig) -> type[BaseModel]:
    def choice(values: Any, default: str, description: str) -> Any:
        kind: Any = Literal[("", *values)] if not default else Literal[tuple(values)]
        return kind, Field(default=default, description=description)

    fields: dict[str, Any] = {
        "q": (
            str,
            Field(
                default="",
                max_length=MOST_SEARCH,
                description="Words that must all occur, as beginnings of words, in the name or the "
                "texts; without regard to case and accents.",
            ),
        ),
        "status": choice(STATUSES, "", "Drafts or saved ones only."),
        "confidence": choice(LEVELS, "", "Those with this overall confidence only."),
        "sort": choice(SORTS, "created", "What they are in order of."),
        "order": choice(("asc", "desc"), "desc", "`desc`: the latest or last first."),
        "limit": (
            int,
            Field(default=PAGE_ROWS, ge=1, le=MOST_ROWS, description="Documents of a page."),
        ),
        "cursor": (
            str,
            Field(
                default="",
                max_length=MOST_CURSOR,
                description="`next_cursor` of the page before, with the same conditions.",
            ),
        ),
    }
    if config.kinds:
        kinds = [kind.value for kind in config.kinds]
        fields["kind"] = choice(kinds, "", "Those of one kind only.")
    for parent in above(config.entity):
        fields[parent.entity] = (
            str,
            Field(
                default="",
                max_length=64,
                description=f"Those below this {parent.label.lower()} only: its id.",
            ),
        )
    return create_model(f"{pascal(config)}Query", __config__=ConfigDict(extra="forbid"), **fields)


def _add_read(paths: Paths) -> None:
    config = paths.config

    async def read(
        identity: Who,
        document_id: DocumentId,
        if_none_match: Annotated[
            str | None,
            Header(alias="If-None-Match", description="An ETag; 304 when it is still the same."),
        ] = None,
    ) -> Response:
        stored = await operations_of(identity).read(config, document_id)
        headers = document_headers(stored)
        if if_none_match is not None and _names(if_none_match, headers["ETag"]):
            return Response(status_code=304, headers={**headers, **NO_STORE})
        return document_answer(stored)

    paths.add(
        "GET",
        "/{document_id}",
        read,
        name=f"get_{config.entity}",
        summary=f"Read a {paths.what}",
        description="The whole document, with evidence, confidence and provenance. The `ETag` is "
        "its version.",
        good={
            200: paths.document_response(f"The {paths.what}."),
            304: {"description": "It is still the same.", "headers": ETAG_HEADER},
        },
        failures={404: NOT_THERE},
    )


def _names(header: str, etag: str) -> bool:
    """Whether a header names an ETag, weak ones included (RFC 9110, section 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags


def _add_relations(paths: Paths) -> None:
    config = paths.config

    async def relations(identity: Who, document_id: DocumentId) -> Response:
        found = await operations_of(identity).relations(config, document_id)
        return JSONResponse(relations_content(found), headers=NO_STORE)

    example = {
        "above": [
            {"entity": e.entity, "id": EXAMPLE_ID, "name": "Acme"} for e in above(config.entity)
        ],
        "below": {},
        "outdated": [],
    }
    paths.add(
        "GET",
        "/{document_id}/relations",
        relations,
        name=f"get_{config.entity}_relations",
        summary="What is above and below it",
        description="All documents above it, and for each entity below it how many there are, and "
        "the newest of them. `outdated` says what has changed above since it was written.",
        good={200: example_response(RelationsAnswer, "Its relations.", example)},
        failures={404: NOT_THERE},
    )


def _add_versions(paths: Paths) -> None:
    config = paths.config

    async def versions(
        identity: Who,
        document_id: DocumentId,
        before: Annotated[
            int | None,
            Query(ge=1, le=2**63 - 1, description="`next_before` of the answer before."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most of them.")] = PAGE_ROWS,
    ) -> Response:
        found = await operations_of(identity).versions(
            config, document_id, before=before, limit=limit
        )
        return JSONResponse(versions_content(found), headers=NO_STORE)

    async def history(identity: Who, document_id: DocumentId, field: Field_) -> Response:
        found = await operations_of(identity).history(config, document_id, field)
        return JSONResponse(history_content(found), headers=NO_STORE)

    write = {"version": 7, "origin": "edited", "at": "2026-11-25T09:30:00+00:00"}
    paths.add(
        "GET",
        "/{document_id}/versions",
        versions,
        name=f"get_{config.entity}_versions",
        summary="Its history",
        description="Every write, newest first, with the cards that it wrote. What a card held is "
        f"at `/api/{config.path}/{{document_id}}/fields/{{field}}/versions`; to have something "
        "back, send it as a change.",
        good={
            200: example_response(
                VersionsAnswer,
                "Its writes.",
                {"items": [{**write, "fields": [config.cards[0].key]}], "next_before": None},
            )
        },
        failures={404: NOT_THERE},
    )
    paths.add(
        "GET",
        "/{document_id}/fields/{field}/versions",
        history,
        name=f"get_{config.entity}_field_versions",
        summary="What a field has held",
        description="Newest first, each value once in a row.",
        good={
            200: example_response(
                HistoryAnswer, "Its values.", {"items": [{**write, "value": ["As it was."]}]}
            )
        },
        failures={404: NOT_THERE, 422: "`unknown_card`: there is no such field."},
    )
