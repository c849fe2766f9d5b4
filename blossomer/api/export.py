"""A user's own data, as a file."""

# No postponed annotations here: FastAPI reads the dependencies from them.

import json
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from blossomer.api.errors import ErrorAnswer
from blossomer.api.identity import required_identity
from blossomer.db.export import everything_of
from blossomer.db.outage import database_unavailable
from blossomer.services.identity.model import Identity
from blossomer.services.runtime import get_runtime


def export_router() -> APIRouter:
    """``/auth/export``."""
    router = APIRouter(tags=["Identity"])

    @router.get(
        "/auth/export",
        summary="Everything that is kept of you",
        description="All rows of the signed-in user by table, versions and generations included, "
        "as one JSON file.",
        response_class=Response,
        responses={
            200: {"content": {"application/json": {}}, "description": "The file."},
            401: {"model": ErrorAnswer, "description": "Nobody is signed in."},
            503: {"model": ErrorAnswer, "description": "`database_unavailable`."},
        },
    )
    async def export(identity: Annotated[Identity, Depends(required_identity)]) -> Response:
        workspace = get_runtime().workspace
        if workspace is None:
            raise database_unavailable()
        data = await everything_of(workspace.store(identity.user_id))
        return Response(
            json.dumps(data, ensure_ascii=False, indent=1),
            media_type="application/json",
            headers={
                "Content-Disposition": 'attachment; filename="blossomer-export.json"',
                "Cache-Control": "no-store",
            },
        )

    return router
