"""Documents of every entity for tests that need one and do not care who wrote it."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import uuid4

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from blossomer.db.store import DatabaseStore
from blossomer.entities import above, entity_config
from blossomer.entities.base import GeneratedEntity
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, new_document

CONFIG = entity_config("company")
INPUTS = {"website_url": "https://acme.example", "user_inputted_context": "We sell to bakers."}


def company_data(name: str = "Acme") -> dict[str, Any]:
    """The data of a company, two items on each card."""
    fields = {card.key: [f"{card.label}: one", f"{card.label}: two"] for card in CONFIG.cards}
    return CONFIG.data_model.model_validate(
        {
            "company_name": name,
            "company_url": "https://acme.example/",
            "description": f"{name} makes things.",
            **fields,
        }
    ).model_dump(mode="json")


def company_document(name: str = "Acme") -> Document:
    """A company as it is right after its generation."""
    return new_document(CONFIG, str(uuid4()), company_data(name), INPUTS)


def entity_data(config: EntityConfig, name: str = "Somebody", kind: str = "") -> dict[str, Any]:
    """The data of any entity: two items on each card, made up from its schema.

    Args:
        config: The entity.
        name: Its name.
        kind: Of which kind it is; the first kind without one.
    """
    schema = config.writer_schema(kind or (config.kinds[0].value if config.kinds else ""))
    data = {
        field: _sample(info.annotation, field)
        for field, info in schema.model_fields.items()
        if field not in GeneratedEntity.model_fields
    }
    data[config.name_field] = name
    data["description"] = f"{name} is described here."
    if config.kinds:
        data[config.kind_field] = kind or config.kinds[0].value
    return config.data_model.model_validate(data).model_dump(mode="json")


def entity_document(
    config: EntityConfig,
    name: str = "Somebody",
    parents: dict[str, str] | None = None,
    kind: str = "",
    **data: Any,
) -> Document:
    """A document of any entity as it is right after its generation.

    Args:
        config: The entity.
        name: Its name.
        parents: Ids of what it is directly below, by entity.
        kind: Of which kind it is.
        data: Fields of the data that matter to the test.
    """
    if config.entity == CONFIG.entity:
        return new_document(config, str(uuid4()), {**company_data(name), **data}, INPUTS)
    whole = {**entity_data(config, name, kind), **data}
    return new_document(config, str(uuid4()), whole, {}, parents)


async def keep_family(store: DatabaseStore, entity: str) -> dict[str, Document]:
    """Keep one document of an entity and one of each above it; by entity, the topmost first."""
    kept: dict[str, Document] = {}
    for config in (*above(entity), entity_config(entity)):
        parents = {parent.entity: kept[parent.entity]["id"] for parent in config.parents}
        document = entity_document(config, f"The {config.label.lower()}", parents)
        kept[config.entity] = await store.create(config, document)
    return kept


def _sample(annotation: Any, name: str) -> Any:
    """A value of a type, with words that say where it stands."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _sample(arguments[0], name)
    if origin in (Union, types.UnionType):
        return _sample(next(part for part in arguments if part is not type(None)), name)
    if origin is Literal:
        return arguments[0]
    if origin is list:
        items = [_sample(arguments[0], f"{name} {which}") for which in ("one", "two")]
        return items[:1] if items[0] == items[-1] else items
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {
            field: _sample(info.annotation, field)
            for field, info in annotation.model_fields.items()
            if info.default is PydanticUndefined or get_origin(info.annotation) is not None
        }
    return 5 if annotation is int else name.replace("_", " ").capitalize()
