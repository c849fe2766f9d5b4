"""A document: one generated entity with what is known of it, in the shape of both stores.

``id``, ``entity``, ``parents`` (ids of what it is directly below, by entity), ``name``, ``status``
(draft or saved), ``created_at`` and ``updated_at`` (ISO 8601), ``inputs`` (what the person asked
for) and ``data`` (see ``base.py``). How it changes is in ``merge.py``; where it is kept is unknown
here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ValidationError

from blossomer.entities.config import EntityConfig

Document = dict[str, Any]

Status = Literal["draft", "saved"]


class UnreadableDocument(Exception):
    """Something is no document of the entity. The message says what is wrong with it, in a word."""


def now() -> str:
    """The present moment, sortable as text (ISO 8601, UTC, microseconds)."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def new_document(
    config: EntityConfig,
    document_id: str,
    data: dict[str, Any],
    inputs: Mapping[str, str],
    parents: Mapping[str, str] | None = None,
) -> Document:
    """A document as it is right after its generation.

    Args:
        config: The entity.
        document_id: Its new id.
        data: Its data, as ``Completed`` carries it.
        inputs: What the person asked for; needed when it is written again.
        parents: Ids of what it is directly below, by entity.
    """
    moment = now()
    return {
        "id": document_id,
        "entity": config.entity,
        "parents": _parents(config, parents),
        "name": data[config.name_field],
        "status": "draft",
        "created_at": moment,
        "updated_at": moment,
        "inputs": own_inputs(config, inputs),
        "data": data,
    }


def own_inputs(config: EntityConfig, inputs: Mapping[str, str]) -> dict[str, str]:
    """The form's values that a document keeps: not what it takes over from above each time."""
    inherited = {field.name for field in config.form.fields if field.kind == "inherited"}
    return {name: text for name, text in inputs.items() if text and name not in inherited}


def is_identifier(text: str) -> bool:
    """Whether a text can be the id of a document."""
    return 0 < len(text) <= 64 and text.replace("-", "").replace("_", "").isalnum()


def parse_document(config: EntityConfig, text: str) -> Document:
    """Read a document that came from outside as JSON, trusting nothing in it.

    Raises:
        UnreadableDocument: It is not JSON or does not fit the entity's schema.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument(type(error).__name__) from None
    return checked_document(config, raw)


def checked_document(config: EntityConfig, raw: Any) -> Document:
    """Bring a document into the shape of the entity's present schema.

    Fields of the data that the schema does not know are left out of the result, not of what is
    stored: changes are patches, and a patch names none of them.

    Raises:
        UnreadableDocument: It does not fit.
    """
    try:
        data = config.data_model.model_validate(raw["data"]).model_dump(mode="json")
        document_id = str(raw["id"])
        created_at = str(raw.get("created_at", ""))
        updated_at = str(raw.get("updated_at", created_at))
        inputs = _inputs(config, raw.get("inputs"), data)
    except (
        ValidationError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise UnreadableDocument(type(error).__name__) from None
    if not is_identifier(document_id):
        raise UnreadableDocument("id")
    return {
        "id": document_id,
        "entity": config.entity,
        "parents": _parents(config, raw.get("parents")),
        "name": data[config.name_field],
        "status": "saved" if raw.get("status") == "saved" else "draft",
        "created_at": created_at[:40],
        "updated_at": updated_at[:40],
        "inputs": inputs,
        "data": data,
    }


def _parents(config: EntityConfig, raw: Any) -> dict[str, str]:
    """The parents that the entity has, as far as they are named."""
    given = raw if isinstance(raw, Mapping) else {}
    found = {parent.entity: str(given.get(parent.entity, "")) for parent in config.parents}
    return {entity: key for entity, key in found.items() if is_identifier(key)}


def _inputs(config: EntityConfig, raw: Any, data: dict[str, Any]) -> dict[str, str]:
    """The form's values as far as they fit the form; the website comes from the data if need be."""
    given = raw if isinstance(raw, dict) else {}
    inputs = {
        field.name: given[field.name]
        for field in config.form.fields
        if isinstance(given.get(field.name), str) and len(given[field.name]) <= field.max_length
    }
    if not inputs and config.url_field and data.get(config.url_field):
        inputs = {"website_url": data[config.url_field]}
    return inputs
