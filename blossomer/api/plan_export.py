"""Plans as files, and back: one path for all entities of the registry, and one for imports."""

# No postponed annotations here: FastAPI reads the dependencies from them.

import asyncio
from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from blossomer.api.documents.parts import NOT_THERE, DocumentId, operations_of
from blossomer.api.errors import ErrorAnswer
from blossomer.api.identity import required_identity
from blossomer.api.negotiation import gives_json
from blossomer.api.once import FAILURES, REPLAYED_HEADER, Answer, KeyHeader, done_once
from blossomer.db.outage import database_unavailable
from blossomer.db.store import DatabaseStore
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.services.export.formats import FORMATS
from blossomer.services.export.portable import (
    FORMAT,
    MOST_BYTES,
    MOST_DOCUMENTS,
    VERSION,
    read_plan,
)
from blossomer.services.identity.model import Identity
from blossomer.services.runtime import get_runtime

IMPORT_PATH = "/api/import"
IMPORT_BYTES = MOST_BYTES
"""Largest body there; the outer layer refuses what is larger."""

# What is opened in the browser has no script and asks nothing of other servers.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_MEDIA_TYPES = [*dict.fromkeys(f.media_type.split(";")[0] for f in FORMATS.values())]
_MEDIA_TYPES += ["application/zip"]


class NotImported(BaseModel):
    """A document that could not be kept."""

    entity: str
    name: str
    reason: str = Field(description="Why, in words.")


class ImportAnswer(BaseModel):
    """What became of a file."""

    imported: dict[str, int] = Field(description="How many documents are new, by entity.")
    already_there: int = Field(description="How many had been imported before and were left alone.")
    left_out: list[NotImported] = Field(
        description="Those of which a parent was imported before and deleted since."
    )


def plan_export_router() -> APIRouter:
    """``/api/companies/{document_id}/export`` and its like, and ``/api/import``."""
    router = APIRouter(tags=["Export and import"])
    for config in ENTITIES.values():
        _add_export(router, config)

    @router.post(
        IMPORT_PATH,
        summary="Import a plan",
        description="Takes what was exported as `json`, in one transaction. A document that was "
        "imported before is left as it is. At most "
        f"{MOST_BYTES // 1_000_000} MB and {MOST_DOCUMENTS:,} documents.",
        response_model=ImportAnswer,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["format", "version", "documents"],
                            "properties": {
                                "format": {"const": FORMAT},
                                "version": {"const": VERSION},
                                "documents": {
                                    "type": "array",
                                    "items": {"type": "object"},
                                    "maxItems": MOST_DOCUMENTS,
                                },
                            },
                        },
                        "example": {"format": FORMAT, "version": VERSION, "documents": []},
                    }
                },
            }
        },
        responses={
            200: {
                "description": "What became of it.",
                "headers": REPLAYED_HEADER,
                "content": {
                    "application/json": {
                        "example": {"imported": {"company": 1}, "already_there": 0, "left_out": []}
                    }
                },
            },
            409: {"model": ErrorAnswer, "description": FAILURES[409]},
            422: {
                "model": ErrorAnswer,
                "description": "`unreadable_plan`: the message says what is wrong, and where. "
                + FAILURES[422],
            },
        },
        operation_id="import_plan",
        dependencies=[Depends(gives_json)],
    )
    async def import_plan(
        request: Request,
        identity: Annotated[Identity, Depends(required_identity)],
        key: KeyHeader = None,
    ) -> Response:
        documents = await asyncio.to_thread(read_plan, await request.body())

        async def work(_: str) -> Answer:
            result = await _store(identity).import_all(documents)
            answer = ImportAnswer(
                imported=dict(Counter(document["entity"] for document in result.kept)),
                already_there=len(documents) - len(result.kept) - len(result.left_out),
                left_out=[
                    NotImported(entity=one.entity, name=one.name, reason=one.reason.words)
                    for one in result.left_out
                ],
            )
            return Answer(answer.model_dump())

        return await done_once(request, key, identity, work)

    return router


def _add_export(router: APIRouter, config: EntityConfig) -> None:
    async def export_document(
        identity: Annotated[Identity, Depends(required_identity)],
        document_id: DocumentId,
        format_key: Annotated[
            str,
            Query(
                alias="format",
                max_length=40,
                description="Of the file.",
                json_schema_extra={"enum": list(FORMATS)},
            ),
        ] = "markdown",
        with_below: Annotated[
            bool, Query(alias="below", description="False for the document alone.")
        ] = True,
    ) -> Response:
        file = await operations_of(identity).export(
            config, document_id, format_key, with_below=with_below
        )
        return Response(
            file.content,
            media_type=file.media_type,
            headers={
                "Content-Disposition": file.disposition,
                "Content-Security-Policy": _PAGE_POLICY,
                "Cache-Control": "no-store",
            },
        )

    what = config.label.lower()
    router.add_api_route(
        f"/api/{config.path}/{{document_id:document}}/export",
        export_document,
        methods=["GET"],
        name=f"export_{config.entity}",
        operation_id=f"export_{config.entity}",
        summary=f"A {what} as a file",
        description=f"The {what} and everything below it, as one file. `format` is one of "
        f"{', '.join(f'`{key}`' for key in FORMATS)}. CSV is for HubSpot, Apollo or Instantly; "
        "where it takes several files they come as one ZIP. `json` can be imported again and holds "
        "what is above the document too.",
        response_class=Response,
        responses={
            200: {
                "description": "The file.",
                "content": {name: {"schema": _schema_of_file(name)} for name in _MEDIA_TYPES},
            },
            404: {"model": ErrorAnswer, "description": NOT_THERE},
            422: {
                "model": ErrorAnswer,
                "description": "`invalid_input`: no such format, or nothing here fits it; "
                f"`plan_too_large`: more than {MOST_DOCUMENTS:,} documents.",
            },
        },
    )


def _schema_of_file(media_type: str) -> dict[str, str]:
    if media_type == "application/json":
        return {}
    is_text = media_type.startswith("text/")
    return {"type": "string"} if is_text else {"type": "string", "format": "binary"}


def _store(identity: Identity) -> DatabaseStore:
    workspace = get_runtime().workspace
    if workspace is None:
        raise database_unavailable()
    return workspace.store(identity.user_id)
