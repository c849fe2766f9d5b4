"""Changing documents over REST: kept, patched, deleted, had back, proposals decided on."""

# No postponed annotations here: FastAPI reads the parameters from them.

import re
from typing import Annotated, Any

from fastapi import Header, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from blossomer.api.contents import deletion_content, document_content
from blossomer.api.documents.given_models import (
    DeletionAnswer,
    document_headers,
)
from blossomer.api.documents.parts import (
    INVALID,
    NOT_THERE,
    DocumentId,
    Paths,
    Who,
    document_answer,
    example_response,
    operations_of,
)
from blossomer.api.documents.sent_models import EXAMPLE_ID, creation_model, patch_model
from blossomer.api.once import FAILURES, REPLAYED_HEADER, Answer, KeyHeader, done_once
from blossomer.services.operations import NewDocument

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')

LOCATION_HEADER: dict[str, Any] = {
    "Location": {"description": "Where it can be read.", "schema": {"type": "string"}}
}

Card_ = Annotated[str, Path(max_length=100, description="Key of the card.")]


class Decision(BaseModel):
    """What is to become of a proposal."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"accept": True}]}
    )

    accept: bool = Field(description="True puts it in the card's place, false forgets it.")


def add_changing(paths: Paths) -> None:
    """Add the paths that change something without writing texts."""
    _add_create(paths)
    _add_patch(paths)
    _add_delete(paths)
    _add_decide(paths)


def _add_create(paths: Paths) -> None:
    config = paths.config
    body_type = creation_model(config)

    async def create(
        request: Request,
        identity: Who,
        body: body_type,  # type: ignore[valid-type]
        key: KeyHeader = None,
    ) -> Response:
        given: dict[str, Any] = body.model_dump(exclude_unset=True)  # type: ignore[attr-defined]

        async def work(document_id: str) -> Answer:
            new = NewDocument(
                given["name"],
                given.get("data", {}),
                given.get("parents", {}),
                given.get("inputs", {}),
            )
            stored = await operations_of(identity).create(config, new, document_id=document_id)
            location = f"/api/{config.path}/{stored.document['id']}"
            headers = {**document_headers(stored), "Location": location}
            return Answer(document_content(stored), 201, headers)

        return await done_once(request, key, identity, work)

    below = f" `parents` says what it is below{'.' if config.parents else ''}"
    paths.add(
        "POST",
        "",
        create,
        name=f"create_{config.entity}",
        summary=f"Keep a {paths.what} of your own",
        description=f"Keeps what you send, as your own words: nothing of it is replaced when the "
        f"{paths.what} is written again.{below if config.parents else ''} To have one written, see "
        f"`/api/{config.path}/generate-ai`; one that was exported goes to `/api/import`.",
        good={
            201: paths.document_response(
                f"The {paths.what} as it is kept.", **LOCATION_HEADER, **REPLAYED_HEADER
            )
        },
        failures={
            400: "`invalid_json`; `invalid_url`: the website's address.",
            404: "`parent_missing`: what it is to be below does not exist.",
            409: FAILURES[409],
            422: f"{INVALID} {FAILURES[422]}",
        },
    )


def _add_patch(paths: Paths) -> None:
    config = paths.config
    body_type = patch_model(config)

    async def patch(
        identity: Who,
        document_id: DocumentId,
        body: body_type,  # type: ignore[valid-type]
        if_match: Annotated[
            str | None,
            Header(
                alias="If-Match",
                description="The ETag that you have read. When the document has changed since, "
                "nothing is done, and you are told so. Without it the change is made in any case.",
            ),
        ] = None,
    ) -> Response:
        given: dict[str, Any] = body.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
        stored = await operations_of(identity).patch(
            config, document_id, given, versions=versions_in(if_match)
        )
        return document_answer(stored)

    paths.add(
        "PATCH",
        "/{document_id}",
        patch,
        name=f"patch_{config.entity}",
        summary=f"Change parts of a {paths.what}",
        description="The body is shaped like the document. Objects in it are gone into; every "
        "other value, a whole list too, replaces what stands at its place. What it does not name "
        "stays as it is, so that people and programs that change different fields at the same time "
        "do not undo each other's work. What you change is marked as edited and stays word for "
        "word when it is written again.",
        good={200: paths.document_response(f"The {paths.what} after the change.")},
        failures={
            404: NOT_THERE,
            412: "`version_conflict`: it has changed since you read it.",
            422: INVALID,
        },
    )


def versions_in(header: str | None) -> frozenset[int] | None:
    """The versions that ``If-Match`` names; None for any.

    Weak ETags count too: proxies that compress an answer make them of ours. What is none of ours
    matches nothing.
    """
    if header is None or header.strip() == "*":
        return None
    tags = (_ETAG.fullmatch(tag.strip()) for tag in header.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)


def _add_delete(paths: Paths) -> None:
    config = paths.config

    async def delete(identity: Who, document_id: DocumentId) -> Response:
        deleted = await operations_of(identity).delete(config, document_id)
        return JSONResponse(deletion_content(deleted), headers={"Cache-Control": "no-store"})

    async def restore(
        request: Request, identity: Who, document_id: DocumentId, key: KeyHeader = None
    ) -> Response:
        async def work(_: str) -> Answer:
            return Answer(
                deletion_content(await operations_of(identity).restore(config, document_id))
            )

        return await done_once(request, key, identity, work)

    example = {"entity": config.entity, "id": EXAMPLE_ID, "name": "Acme", "below": {}}
    paths.add(
        "DELETE",
        "/{document_id}",
        delete,
        name=f"delete_{config.entity}",
        summary=f"Delete a {paths.what}",
        description="With everything below it; the answer says how many of what. It can be undone "
        "for 30 days.",
        good={200: example_response(DeletionAnswer, "What was deleted.", example)},
        failures={404: NOT_THERE},
    )
    paths.add(
        "POST",
        "/{document_id}/restore",
        restore,
        name=f"restore_{config.entity}",
        summary="Undo its deletion",
        description="What went with it comes back, and nothing else.",
        good={
            200: {
                **example_response(DeletionAnswer, "What came back.", example),
                "headers": REPLAYED_HEADER,
            }
        },
        failures={
            404: "`not_restorable`: there is no such deletion, or it was more than 30 days ago.",
            **FAILURES,
        },
    )


def _add_decide(paths: Paths) -> None:
    config = paths.config

    async def decide(
        request: Request,
        identity: Who,
        *,
        document_id: DocumentId,
        field: Card_,
        body: Decision,
        key: KeyHeader = None,
    ) -> Response:
        async def work(_: str) -> Answer:
            stored = await operations_of(identity).decide(
                config, document_id, field, accept=body.accept
            )
            return Answer(document_content(stored), headers=document_headers(stored))

        return await done_once(request, key, identity, work)

    async def still_right(
        request: Request, identity: Who, document_id: DocumentId, key: KeyHeader = None
    ) -> Response:
        async def work(_: str) -> Answer:
            stored = await operations_of(identity).still_right(config, document_id)
            return Answer(document_content(stored), headers=document_headers(stored))

        return await done_once(request, key, identity, work)

    good = {200: paths.document_response(f"The {paths.what} afterwards.", **REPLAYED_HEADER)}
    paths.add(
        "POST",
        "/{document_id}/fields/{field}/proposal",
        decide,
        name=f"decide_{config.entity}_proposal",
        summary="Accept or decline what is proposed for a card",
        description="A card that was written again and would touch your words is only proposed: it "
        "stands under `proposals` in the data until you decide.",
        good=good,
        failures={
            404: "`not_found`, or `nothing_proposed`: no proposal waits for the card.",
            409: FAILURES[409],
            422: f"`invalid_document`: what is proposed is damaged. {FAILURES[422]}",
        },
    )
    paths.add(
        "POST",
        "/{document_id}/still-right",
        still_right,
        name=f"confirm_{config.entity}",
        summary="Note that it still holds",
        description="After something above it has changed: `outdated` in its relations is empty "
        "afterwards.",
        good=good,
        failures={404: NOT_THERE, **FAILURES},
    )
