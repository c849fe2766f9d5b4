"""What all paths of documents share: who asks, for what, and how a path is documented."""

# No postponed annotations here: FastAPI reads parameters from the types made here.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.convertors import PathConvertor, register_url_convertor

from blossomer.api.contents import document_content
from blossomer.api.documents.given_models import (
    document_example,
    document_headers,
    document_model,
)
from blossomer.api.errors import ErrorAnswer
from blossomer.api.identity import required_identity
from blossomer.api.negotiation import gives_json, gives_json_or_events, takes_json
from blossomer.db.store import Stored
from blossomer.entities.config import EntityConfig
from blossomer.services.identity.model import Identity
from blossomer.services.operations import Operations
from blossomer.services.runtime import get_runtime


class _IdInPath(PathConvertor):
    """One part of a path, but for the word that stands beside the ids."""

    regex = "(?!generate-ai(?:/|$))[^/]+"


register_url_convertor("document", _IdInPath())

Who = Annotated[Identity, Depends(required_identity)]
"""The signed-in user, as a parameter of a path."""

DocumentId = Annotated[
    str,
    Path(
        max_length=64,
        description="The document's id.",
        json_schema_extra={"format": "uuid"},
    ),
]
"""The document that an address names."""

ETAG_HEADER: dict[str, Any] = {
    "ETag": {
        "description": "The document's version in quotes; for `If-Match` and `If-None-Match`.",
        "schema": {"type": "string"},
    }
}

NOT_THERE = "`not_found`: you have no such document."
INVALID = "`invalid_input`: the message names what is wrong, and its place."
CANNOT_BE_WRITTEN = {
    400: "`invalid_json`; `invalid_url` or `address_not_allowed`: the website's address.",
    422: f"{INVALID} A website that does not exist or holds nothing to read; `too_little_text`: "
    "nothing is written from nothing.",
    429: "`rate_limited` or `too_many_requests`: come back after `Retry-After` seconds.",
    502: "The website answered with an error, or with something that is not a page.",
    503: "`limits_unavailable`, `database_unavailable` or `generation_stopped`.",
    504: "The website did not answer in time.",
}
"""How a generation can fail."""

_READ = [Depends(gives_json)]
_SENT = [Depends(gives_json), Depends(takes_json)]
_WRITING = [Depends(gives_json_or_events), Depends(takes_json)]


def operations_of(identity: Identity) -> Operations:
    """What the user can do."""
    return Operations(get_runtime(), identity)


def document_answer(
    stored: Stored, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a document."""
    return JSONResponse(
        document_content(stored),
        status,
        {**document_headers(stored), "Cache-Control": "no-store", **(headers or {})},
    )


@dataclass(frozen=True, slots=True)
class Paths:
    """Adds the paths of one entity to a router.

    Args:
        router: The router.
        config: The entity.
        document: The model of its documents.
    """

    router: APIRouter
    config: EntityConfig
    document: type[BaseModel]

    @property
    def what(self) -> str:
        """The entity for a person: ``target account``."""
        return self.config.label.lower()

    @property
    def several(self) -> str:
        """The same in plural."""
        return self.config.label_plural.lower()

    def add(
        self,
        method: str,
        path: str,
        handler: Any,
        *,
        name: str,
        summary: str,
        description: str,
        good: dict[int, dict[str, Any]],
        failures: Mapping[int, str] | None = None,
        streams: bool = False,
    ) -> None:
        """Add one path below the entity's own.

        Args:
            method: Of HTTP.
            path: What follows ``/api/companies``.
            handler: What answers.
            name: Of the operation, for typed clients.
            summary: A few words.
            description: What it does.
            good: Its answers when all goes well, by status.
            failures: Words for statuses of failures, where those that every path has do not do.
            streams: Whether it answers with server-sent events to whoever prefers them.
        """
        dependencies: Sequence[Any] = _READ if method in ("GET", "DELETE") else _SENT
        first, *others = good
        self.router.add_api_route(
            f"/api/{self.config.path}{path.replace('{document_id}', '{document_id:document}')}",
            handler,
            methods=[method],
            name=name,
            operation_id=name,
            summary=summary,
            description=description,
            status_code=first,
            response_class=JSONResponse,
            dependencies=_WRITING if streams else dependencies,
            responses={
                **{status: good[status] for status in (first, *others)},
                **{
                    status: {"model": ErrorAnswer, "description": words}
                    for status, words in (failures or {}).items()
                },
            },
        )

    def document_response(self, description: str, **headers: Any) -> dict[str, Any]:
        """The documentation of an answer that is a document."""
        return {
            "model": self.document,
            "description": description,
            "headers": {**ETAG_HEADER, **headers},
            "content": {"application/json": {"example": document_example(self.config)}},
        }


def paths_of(router: APIRouter, config: EntityConfig) -> Paths:
    """The paths of an entity, to be added to a router."""
    return Paths(router, config, document_model(config))


def example_response(
    model: type[BaseModel], description: str, example: dict[str, Any]
) -> dict[str, Any]:
    """The documentation of an answer with its example."""
    return {
        "model": model,
        "description": description,
        "content": {"application/json": {"example": example}},
    }
