"""What programs are answered with, as models: for the documentation and for typed clients."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from blossomer.api.documents.sent_models import EXAMPLE_ID, pascal
from blossomer.api.examples import result_example
from blossomer.db.store import Stored
from blossomer.entities.config import EntityConfig

_MOMENT = "2026-11-25T09:30:00.000000+00:00"


class DocumentRow(BaseModel):
    """A document in a list, without its content."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    entity: str
    name: str
    description: str = Field(description="The beginning of it.")
    parents: dict[str, str] = Field(description="Ids of what it is directly below, by entity.")
    kind: str = Field(description="Of which kind it is; empty where there are none.")
    status: Literal["draft", "saved"]
    confidence: str = Field(description="Of all its fields: high, medium, low, or empty.")
    created_at: datetime
    updated_at: datetime


class DocumentList(BaseModel):
    """One page of a list."""

    items: list[DocumentRow]
    total: int = Field(description="How many there are on all pages.")
    next_cursor: str | None = Field(description="Get the next page with it; null on the last one.")


class DeletionAnswer(BaseModel):
    """What was deleted, or came back."""

    entity: str
    id: str
    name: str
    below: dict[str, int] = Field(description="How many documents below it, by entity.")


class RelativeAnswer(BaseModel):
    """A document above another."""

    entity: str
    id: str
    name: str


class BelowAnswer(BaseModel):
    """Documents of one entity below another document."""

    total: int
    items: list[DocumentRow] = Field(description="The newest of them.")


class OutdatedAnswer(BaseModel):
    """Something above a document has changed since that was written."""

    entity: str
    fields: list[str] = Field(description="What changed, in words for a person.")


class RelationsAnswer(BaseModel):
    """What is above and below a document."""

    above: list[RelativeAnswer] = Field(description="The topmost first.")
    below: dict[str, BelowAnswer] = Field(description="By entity, directly or further down.")
    outdated: list[OutdatedAnswer]


class VersionAnswer(BaseModel):
    """One write of a document."""

    version: int = Field(description="Later ones are larger. Not the version of the ETag.")
    origin: str = Field(
        description="Why: generated, edited, rewritten, restored, undone or imported."
    )
    at: datetime
    fields: list[str] = Field(description="Cards, `name` and `description` that were written.")


class VersionsAnswer(BaseModel):
    """The writes of a document, newest first."""

    items: list[VersionAnswer]
    next_before: int | None = Field(description="Get those before with it; null at the end.")


class EarlierAnswer(BaseModel):
    """What a field held from a moment on."""

    version: int
    origin: str
    at: datetime
    value: Any = Field(description="A text, or what the card held.")


class HistoryAnswer(BaseModel):
    """What a field has held, newest first."""

    items: list[EarlierAnswer]


class SuggestedAnswer(BaseModel):
    """One document that was suggested."""

    name: str
    state: Literal["writing", "done", "failed"]
    id: str | None = Field(description="Its id, once it is kept.")
    problem: str = Field(description="Why it failed, in words.")


class SuggestionAnswer(BaseModel):
    """What came of a suggestion, or how far it is."""

    stage: str = Field(description="What is happening, for a person.")
    documents: list[SuggestedAnswer]
    is_over: bool


def document_model(config: EntityConfig) -> type[BaseModel]:
    """A document as it is answered with."""
    fields: dict[str, Any] = {
        "id": (str, Field(json_schema_extra={"format": "uuid"})),
        "entity": (Literal[config.entity], ...),
        "version": (int, Field(description="Of the whole document; the ETag is the same.")),
        "name": (str, ...),
        "status": (
            Literal["draft", "saved"],
            Field(description="A draft is kept by its first edit, or after half a minute."),
        ),
        "parents": (
            dict[str, str],
            Field(description="Ids of what it is directly below, by entity."),
        ),
        "inputs": (dict[str, str], Field(description="What it was written from.")),
        "created_at": (datetime, ...),
        "updated_at": (datetime, ...),
        "data": (config.data_model, ...),
    }
    return create_model(
        f"{pascal(config)}Document",
        __doc__=f"A {config.label.lower()} with everything that is known of it.",
        **fields,
    )


def document_headers(stored: Stored) -> dict[str, str]:
    """The headers of an answer that is a document."""
    return {"ETag": f'"{stored.version}"'}


def document_example(config: EntityConfig) -> dict[str, Any]:
    """An example of a document."""
    data = result_example(config)
    return {
        "id": EXAMPLE_ID,
        "entity": config.entity,
        "version": 3,
        "name": data[config.name_field],
        "status": "saved",
        "parents": {parent.entity: EXAMPLE_ID for parent in config.parents},
        "inputs": {},
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
        "data": data,
    }


def row_example(config: EntityConfig) -> dict[str, Any]:
    """An example of a row."""
    document = document_example(config)
    names = ("id", "entity", "name", "parents", "status", "created_at", "updated_at")
    return {
        **{name: document[name] for name in names},
        "description": document["data"]["description"],
        "kind": config.kind_of(document["data"]),
        "confidence": "medium",
    }
