"""Plans as files, and back: one path for all entities of the registry, and one for imports."""

# No postponed annotations here: FastAPI reads the dependencies from them.

import asyncio
from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from blossomer.api.errors import ErrorAnswer, not_found
from blossomer.api.identity import required_identity
from blossomer.db.outage import database_unavailable
from blossomer.db.store import DatabaseStore
from blossomer.entities import ENTITIES
from blossomer.entities.document import is_identifier
from blossomer.services.export.formats import FORMATS, export
from blossomer.services.export.gather import documents_below
from blossomer.services.export.portable import MOST_BYTES, MOST_DOCUMENTS, read_plan
from blossomer.services.identity.model import Identity
from blossomer.services.runtime import get_runtime

IMPORT_PATH = "/api/import"
IMPORT_BYTES = MOST_BYTES
"""Largest body there; the outer layer refuses what is larger."""

_FAILURES: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorAnswer, "description": "Nobody is signed in."},
    503: {"model": ErrorAnswer, "description": "`database_unavailable`."},
}
# What is opened in the browser has no script and asks nothing of other servers.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


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
    """``/api/{path}/{document_id}/export`` and ``/api/import``."""
    router = APIRouter(tags=["Export and import"])
    by_path = {config.path: config for config in ENTITIES.values()}

    @router.get(
        "/api/{path}/{document_id}/export",
        summary="A document and everything below it, as a file",
        description="For example a company with its target accounts, personas and campaigns, as "
        f"one file. `format` is one of {', '.join(f'`{key}`' for key in FORMATS)}. CSV is for "
        "HubSpot, Apollo or Instantly; where it takes several files they come as one ZIP. `json` "
        "can be imported again and holds what is above the document too.",
        response_class=Response,
        responses={
            200: {
                "description": "The file.",
                "content": {one.media_type.split(";")[0]: {} for one in FORMATS.values()},
            },
            404: {"model": ErrorAnswer, "description": "You have no such document."},
            422: {
                "model": ErrorAnswer,
                "description": "`invalid_input`: no such format, or nothing here fits it; "
                f"`plan_too_large`: more than {MOST_DOCUMENTS:,} documents.",
            },
            **_FAILURES,
        },
    )
    async def export_document(
        identity: Annotated[Identity, Depends(required_identity)],
        path: Annotated[str, Path(json_schema_extra={"enum": list(by_path)})],
        document_id: Annotated[str, Path(max_length=64)],
        format_key: Annotated[
            str, Query(alias="format", max_length=40, json_schema_extra={"enum": list(FORMATS)})
        ] = "markdown",
        with_below: Annotated[
            bool, Query(alias="below", description="False for the document alone.")
        ] = True,
    ) -> Response:
        config = by_path.get(path)
        if config is None or not is_identifier(document_id):
            raise not_found()
        chosen = FORMATS.get(format_key)
        with_above = chosen is not None and chosen.needs_parents
        documents = await documents_below(
            _store(identity), config, document_id, with_above=with_above, with_below=with_below
        )
        if not documents:
            raise not_found()
        # A large plan takes a second, in which everybody else would wait.
        file = await asyncio.to_thread(export, format_key, documents)
        return Response(
            file.content,
            media_type=file.media_type,
            headers={
                "Content-Disposition": file.disposition,
                "Content-Security-Policy": _PAGE_POLICY,
                "Cache-Control": "no-store",
            },
        )

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
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
        responses={
            403: {"model": ErrorAnswer, "description": "`foreign_origin`."},
            413: {"model": ErrorAnswer, "description": "`body_too_large`."},
            422: {
                "model": ErrorAnswer,
                "description": "`unreadable_plan`: the message says what is wrong, and where.",
            },
            **_FAILURES,
        },
    )
    async def import_plan(
        request: Request, identity: Annotated[Identity, Depends(required_identity)]
    ) -> Response:
        documents = await asyncio.to_thread(read_plan, await request.body())
        result = await _store(identity).import_all(documents)
        answer = ImportAnswer(
            imported=dict(Counter(document["entity"] for document in result.kept)),
            already_there=len(documents) - len(result.kept) - len(result.left_out),
            left_out=[
                NotImported(entity=one.entity, name=one.name, reason=one.reason.words)
                for one in result.left_out
            ],
        )
        return JSONResponse(answer.model_dump())

    return router


def _store(identity: Identity) -> DatabaseStore:
    workspace = get_runtime().workspace
    if workspace is None:
        raise database_unavailable()
    return workspace.store(identity.user_id)
