"""The shapes that cross the line between page and server: forms, and the drafts' bridge.

All of it comes from a client, so every field is bounded.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""An id of a document, a card, an item or a request."""

DocumentText = Annotated[str, StringConstraints(max_length=400_000)]
"""One draft as JSON. Real ones have about 30,000 characters."""


def _texts_only(value: Any) -> Any:
    """Drop what is no text: a form also reports inputs that are on the page but not filled."""
    if not isinstance(value, dict):
        return value
    return {key: text for key, text in value.items() if isinstance(text, str)}


MOST_INPUTS = 1_000
"""A card of forty records has some three hundred inputs, and one for each box that is ticked."""

FormValues = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=100)],
        Annotated[str, StringConstraints(max_length=60_000)],
    ],
    Field(max_length=MOST_INPUTS),
    BeforeValidator(_texts_only),
]
"""What a form submits: names of inputs and their texts."""


class Message(BaseModel):
    """Base of what the bridge sends: nothing converted, nothing unknown."""

    model_config = ConfigDict(strict=True, extra="forbid")


class DraftEntry(Message):
    """One draft in the browser, without its content."""

    id: Annotated[str, StringConstraints(max_length=64)]
    entity: Annotated[str, StringConstraints(max_length=40)]
    name: Annotated[str, StringConstraints(max_length=200)]
    status: Annotated[str, StringConstraints(max_length=20)]
    created_at: Annotated[str, StringConstraints(max_length=40)]
    updated_at: Annotated[str, StringConstraints(max_length=40)]
    parents: Annotated[dict[str, Any], Field(max_length=20)]
    columns: Annotated[dict[str, Any], Field(max_length=10)]
    matches: bool


class DraftsRead(Message):
    """The answer to a request to read drafts; the documents that were asked for come first, then
    those above them.
    """

    request: Identifier
    available: bool
    unreadable: Annotated[int, Field(ge=0, le=100_000)]
    entries: Annotated[list[DraftEntry], Field(max_length=1_000)]
    documents: Annotated[list[DocumentText], Field(max_length=50)]


class FailedWrite(Message):
    """A write that did not happen, and why."""

    id: Identifier
    key: Annotated[str, StringConstraints(max_length=300)]
    reason: Literal["full", "missing", "unreadable", "unavailable"]


class DraftsWritten(Message):
    """The outcome of a batch of writes."""

    done: Annotated[list[Identifier], Field(max_length=1_000)]
    failed: Annotated[list[FailedWrite], Field(max_length=1_000)]
    nearly_full: bool


MOST_FILE_CHARACTERS = 400_000
"""Most characters of a file that a page takes: what fits into a message of the websocket."""


class TextFileRead(Message):
    """A file that a person has chosen; ``fits`` says whether its text is here."""

    name: Annotated[str, StringConstraints(max_length=200)]
    text: Annotated[str, StringConstraints(max_length=MOST_FILE_CHARACTERS)]
    fits: bool


class DraftChanged(Message):
    """Another tab wrote or removed a draft."""

    key: Annotated[str, StringConstraints(max_length=300)]
    document: DocumentText


Action = Literal["write", "change", "remove", "restore", "forget"]
"""What the bridge does with a draft: write it whole, change some of it, delete it (it can be had
back for an hour), bring it back, or clear it for good."""


def operation(
    operation_id: str,
    key: str,
    action: Action,
    *,
    document: dict[str, Any] | None = None,
    changes: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """One operation for the bridge, on one draft."""
    return {
        "id": operation_id,
        "key": key,
        "action": action,
        "document": document,
        "changes": changes or [],
    }
