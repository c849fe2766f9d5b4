"""What programs send, as models made from an entity's configuration: for the documentation, for
typed clients, and as the first check. What they allow is what ``sent_values.py`` allows.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import MISSING, BaseModel, ConfigDict, Field, create_model

from blossomer.api.examples import body_example, result_example
from blossomer.entities import ENTITIES
from blossomer.entities.attributes import MOST_ITEMS, Attribute
from blossomer.entities.base import MOST_TEXT
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.edits import MOST_NAME
from blossomer.entities.sent_values import needed_in_item

SAYS_SOMETHING = r"[^\s\x00-\x1f\x7f]"
"""A pattern of texts that are not empty, nor only space."""

EXAMPLE_ID = "7c1f3b9e-2d44-4c0e-9a57-3f6f0f7f2a10"
DOCUMENT_ID = {"format": "uuid"}

_STRICT = ConfigDict(extra="forbid", strict=True)

_Words = Annotated[str, Field(min_length=1, max_length=MOST_TEXT, pattern=SAYS_SOMETHING)]
_Name = Annotated[
    str,
    Field(
        min_length=1, max_length=MOST_NAME, pattern=SAYS_SOMETHING, description="What it is called."
    ),
]


def patch_model(config: EntityConfig) -> type[BaseModel]:
    """The body that changes a document: any part of what the pages let a person edit."""
    kept = Annotated[Literal["saved"], Field(description="Keeps a draft for good.")]
    fields: dict[str, Any] = {
        "name": (_Name | MISSING, MISSING),
        "status": (kept | MISSING, MISSING),
        "data": (_data_model(config, config.cards, "Changes") | MISSING, MISSING),
    }
    return create_model(
        f"{pascal(config)}Patch",
        __config__=_with_example({"data": _part_of_example(config)}),
        __doc__=f"Parts of a {config.label.lower()} that are to say something else.",
        **fields,
    )


def creation_model(config: EntityConfig) -> type[BaseModel]:
    """The body that keeps a document which the sender has written."""
    data: Any = _data_model(config, config.cards, "Content")
    example: dict[str, Any] = {"name": result_example(config)[config.name_field]}
    example["data"] = _part_of_example(config)
    if config.kind_field:
        example["data"][config.kind_field] = config.kind_of(result_example(config))
    if config.parents:
        example["parents"] = _parents_example(config)
    fields: dict[str, Any] = {
        "name": (_Name, ...),
        "data": (data, ...) if config.kind_field else (data | MISSING, MISSING),
        **_parents_field(config),
        "inputs": (
            inputs_model(config, "CreationInputs") | MISSING,
            Field(default=MISSING, description="What it is to be written again from, if ever."),
        ),
    }
    return create_model(
        f"New{pascal(config)}",
        __config__=_with_example(example),
        __doc__=f"A {config.label.lower()} in your own words.",
        **fields,
    )


def generation_model(config: EntityConfig) -> type[BaseModel]:
    """The body that has a new document written: the form, and what it is below."""
    own = _own_inputs(config)
    example: dict[str, Any] = {
        name: value for name, value in body_example(config).items() if name in own
    }
    fields: dict[str, Any] = {
        "inputs": (inputs_model(config, "Inputs"), Field(description="The form's values."))
    }
    if not any(field.required for field in config.form.fields if field.name in own):
        fields["inputs"] = (
            fields["inputs"][0] | MISSING,
            Field(default=MISSING, description="The form's values."),
        )
    whole: dict[str, Any] = {"inputs": example}
    if config.parents:
        fields |= _parents_field(config)
        whole["parents"] = _parents_example(config)
    return create_model(
        f"Write{pascal(config)}",
        __config__=_with_example(whole),
        __doc__=f"What a new {config.label.lower()} is to be written from.",
        **fields,
    )


def again_model(config: EntityConfig) -> type[BaseModel]:
    """The body that has a document, or one of its cards, written again."""
    card = config.cards[0].key
    fields: dict[str, Any] = {
        "only": (
            Annotated[
                str,
                Field(
                    min_length=1,
                    max_length=100,
                    description="A card; without it the whole document is written again. One of "
                    f"{', '.join(f'`{each.key}`' for each in config.cards)}.",
                ),
            ]
            | MISSING,
            MISSING,
        ),
        "inputs": (
            inputs_model(config, "ChangedInputs") | MISSING,
            Field(
                default=MISSING,
                description="Values of the form that are to be others. Not with `only`.",
            ),
        ),
    }
    return create_model(
        f"Write{pascal(config)}Again",
        __config__=_with_example({"only": card}),
        __doc__="What is to be written again. What a person wrote stays word for word.",
        **fields,
    )


def inputs_model(config: EntityConfig, name: str) -> type[BaseModel]:
    """Values of the generation form, without what it takes over from above."""
    fields: dict[str, Any] = {}
    for key in _own_inputs(config):
        field = config.form.field(key)
        words = field.help or field.placeholder
        description = f"{field.label}. {words}" if words else field.label
        if field.kind == "choice":
            kind: Any = Literal[tuple(option.value for option in field.options)]
            kind = Annotated[kind, Field(description=description)]
        else:
            kind = Annotated[str, Field(max_length=field.max_length, description=description)]
        fields[key] = (kind | MISSING, MISSING)
    return create_model(
        f"{pascal(config)}{name}", __config__=_STRICT, __doc__="Values of the form.", **fields
    )


def pascal(config: EntityConfig) -> str:
    """The entity's name as a part of the name of a model."""
    return config.entity.title().replace("_", "")


def _own_inputs(config: EntityConfig) -> list[str]:
    return [field.name for field in config.form.fields if field.kind != "inherited"]


def _parents_field(config: EntityConfig) -> dict[str, Any]:
    """Ids of what a new document is below. Those further out follow from the nearest one."""
    if not config.parents:
        return {}
    fields: dict[str, Any] = {}
    outer = {parent.within for parent in config.parents if parent.within}
    for parent in config.parents:
        label = ENTITIES[parent.entity].label.lower()
        key = Annotated[
            str,
            Field(
                min_length=1,
                max_length=64,
                description=f"The id of a {label} of yours.",
                json_schema_extra=dict(DOCUMENT_ID),
            ),
        ]
        fields[parent.entity] = (key | MISSING, MISSING) if parent.entity in outer else (key, ...)
    model = create_model(
        f"{pascal(config)}Place", __config__=_STRICT, __doc__="What it is below.", **fields
    )
    return {"parents": (model, Field(description="What it is directly below."))}


def _parents_example(config: EntityConfig) -> dict[str, str]:
    return {config.parents[-1].entity: EXAMPLE_ID}


def _data_model(config: EntityConfig, cards: tuple[Card, ...], purpose: str) -> type[BaseModel]:
    """What may be said of the data: the description, and the cards where they stand in it."""
    tree: dict[str, Any] = {}
    for card in cards:
        node = tree
        for key in card.at[: None if card.shape == "record" else -1]:
            node = node.setdefault(key, {})
        if card.shape == "record":
            node |= {a.name: _attribute(a) for a in card.attributes}
        else:
            node[card.at[-1]] = _items(config, card)
    name = f"{pascal(config)}{purpose}"
    fields: dict[str, Any] = {
        config.name_field: (_Name | MISSING, MISSING),
        "description": (
            Annotated[str, Field(max_length=MOST_TEXT, description="What there is to say.")]
            | MISSING,
            MISSING,
        ),
    }
    if config.kind_field and purpose == "Content":
        kinds: Any = Literal[tuple(kind.value for kind in config.kinds)]
        fields[config.kind_field] = (
            Annotated[kinds, Field(description="Of which kind it is.")],
            ...,
        )
    return create_model(
        name,
        __config__=_STRICT,
        __doc__="Description and cards, each where it stands in the data of a document.",
        **{**fields, **_fields_of(name, tree)},
    )


def _fields_of(name: str, tree: dict[str, Any]) -> dict[str, Any]:
    """Fields for a tree of places; what is no dictionary is the type of a value."""
    fields: dict[str, Any] = {}
    for key, node in tree.items():
        kind = node
        if isinstance(node, dict):
            inner = f"{name}{key.title().replace('_', '')}"
            kind = create_model(inner, __config__=_STRICT, **_fields_of(inner, node))
        fields[key] = (kind | MISSING, MISSING)
    return fields


def _items(config: EntityConfig, card: Card) -> Any:
    item: Any = _Words
    if card.record is not None:
        needed = needed_in_item(card)
        fields = {
            a.name: (_attribute(a, needed=True), ...)
            if a.name in needed
            else (_attribute(a) | MISSING, MISSING)
            for a in card.attributes
        }
        if "id" in card.record.model_fields:
            key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,40}$", max_length=40)]
            fields["id"] = (key | MISSING, MISSING)
        item = create_model(
            f"{pascal(config)}Sent{card.record.__name__}",
            __config__=_STRICT,
            __doc__=card.record.__doc__,
            **fields,  # type: ignore[call-overload]
        )
    return Annotated[
        list[item], Field(max_length=MOST_ITEMS, description=f"{card.label}. {card.subtitle}")
    ]


def _attribute(attribute: Attribute, *, needed: bool = False) -> Any:
    described: dict[str, Any] = {
        "title": attribute.label,
        "description": attribute.help or attribute.label,
    }
    if attribute.kind == "number":
        return Annotated[int, Field(ge=attribute.least, le=attribute.most, **described)]
    choice: Any = Literal[attribute.options] if attribute.options else None
    if attribute.kind == "choice":
        return Annotated[choice, Field(**described)]
    if attribute.kind in ("tags", "choices"):
        inner: Any = choice if attribute.kind == "choices" else _Words
        return Annotated[list[inner], Field(max_length=MOST_ITEMS, **described)]
    if needed or attribute.required:
        return Annotated[
            str,
            Field(min_length=1, max_length=attribute.longest, pattern=SAYS_SOMETHING, **described),
        ]
    return Annotated[str, Field(max_length=attribute.longest, **described)]


def _part_of_example(config: EntityConfig) -> dict[str, Any]:
    """The description and the first card of the entity's example, as they could be sent."""
    result = result_example(config)
    card = config.cards_of(config.kind_of(result))[0]
    part: dict[str, Any] = {"description": result["description"]}
    node = part
    for key in card.at[:-1]:
        node = node.setdefault(key, {})
    node[card.at[-1]] = card.value(result)
    return part


def _with_example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [example]})
