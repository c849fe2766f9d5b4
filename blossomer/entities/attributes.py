"""Structured content: the attributes of a record, read from its Pydantic model.

A record is one entry of a structured card, for example a buying signal. Its model says what there
is; how each value is edited, shown and limited follows from the model's types, so that nothing is
said twice. Also here: the same model as a person's document keeps it, which is less strict.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from blossomer.entities.base import MOST_TEXT

MOST_ITEMS = 40
"""Most items a person may keep on one card, and most values of one attribute."""

LONG_TEXT = 200
"""From this many characters on a text is edited in an area of several lines."""


@dataclass(frozen=True, slots=True)
class Rare:
    """A choice that loses its meaning when many items have it. A writer's further ones are lowered.

    Put it into the annotation: ``Annotated[Priority, Rare("High", most=2, otherwise="Medium")]``.

    Args:
        value: The choice.
        most: Most items of a card that a writer may give it to; a person may do so more often.
        otherwise: What the others get.
    """

    value: str
    most: int
    otherwise: str


AttributeKind = Literal["text", "long_text", "number", "tags", "choice", "choices"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A length that a channel sets, counted as one types. Text beyond it is marked, never refused.

    Put it into the annotation of a text: ``Annotated[str, Limit(characters=300)]``.

    Args:
        characters: Most characters; 0 for no such limit.
        words: Most words; 0 for no such limit.
        source: Who sets it, for a person.
    """

    characters: int = 0
    words: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One value of a record, and how a person edits it.

    Args:
        name: Field of the record's model.
        label: What it is called.
        kind: A line or an area of text, a whole number, any number of short texts, or one or
            several of ``options``.
        options: What can be chosen.
        help: What belongs there; the model is told the same.
        required: Whether a record without it means nothing.
        least: Smallest number.
        most: Largest number.
        longest: Most characters that a person may write.
        writer_longest: Most characters that a writer may write.
        limit: A length to be counted.
        rare: A choice that few items may have.
    """

    name: str
    label: str
    kind: AttributeKind
    options: tuple[str, ...] = ()
    help: str = ""
    required: bool = False
    least: int = 0
    most: int = 1_000
    longest: int = MOST_TEXT
    writer_longest: int = MOST_TEXT
    limit: Limit | None = None
    rare: Rare | None = None


@lru_cache(maxsize=128)
def attributes_of(model: type[BaseModel]) -> tuple[Attribute, ...]:
    """The attributes of a record in the order of its model, without fields named ``id``."""
    return tuple(
        _attribute(name, field) for name, field in model.model_fields.items() if name != "id"
    )


def _attribute(name: str, field: FieldInfo) -> Attribute:
    annotation = _bare(field.annotation)
    inner = _bare(get_args(annotation)[0]) if get_origin(annotation) is list else annotation
    options = tuple(map(str, get_args(inner))) if get_origin(inner) is Literal else ()
    is_list = get_origin(annotation) is list
    if options:
        kind: AttributeKind = "choices" if is_list else "choice"
    elif is_list:
        kind = "tags"
    elif annotation is int:
        kind = "number"
    else:
        kind = "long_text" if (_bound(field, "max_length") or MOST_TEXT) > LONG_TEXT else "text"
    return Attribute(
        name=name,
        label=field.title or name.replace("_", " ").capitalize(),
        kind=kind,
        options=options,
        help=field.description or "",
        required=annotation is str and bool(_bound(field, "min_length")),
        least=_bound(field, "ge") or 0,
        most=_bound(field, "le") or 1_000,
        longest=_longest(field),
        writer_longest=_bound(field, "max_length") or MOST_TEXT,
        limit=next((part for part in field.metadata if isinstance(part, Limit)), None),
        rare=next((part for part in field.metadata if isinstance(part, Rare)), None),
    )


def _longest(field: FieldInfo) -> int:
    """Most characters of a text as it is kept: a person may always write ``MOST_TEXT``."""
    if get_origin(_bare(field.annotation)) is list:
        return MOST_TEXT  # of each
    return max(_bound(field, "max_length") or MOST_TEXT, MOST_TEXT)


def _bound(field: FieldInfo, name: str) -> int | None:
    for part in field.metadata:
        if (value := getattr(part, name, None)) is not None:
            return int(value)
    return None


def _bare(annotation: Any) -> Any:
    """An annotation without ``Annotated`` and without ``| None``."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else annotation
    return annotation


@lru_cache(maxsize=128)
def kept_model(model: type[BaseModel]) -> type[BaseModel]:
    """The model of a record as it is kept: a person may leave empty, or lengthen, what a writer
    may not. Types and choices stay; only a required text of the writer's that names the record
    must still be there when it is one of a list, which the editor sees to.
    """
    fields = {name: kept_field(field) for name, field in model.model_fields.items()}
    return create_model(
        f"{model.__name__}Kept",
        __config__=ConfigDict(extra="ignore"),
        __module__=__name__,
        **fields,
    )


def kept_field(field: FieldInfo) -> Any:
    """A field of a kept model, as ``create_model`` takes it: its type and its default."""
    annotation = _kept(field.annotation, most_text=_longest(field))
    if field.default is not PydanticUndefined:
        return annotation, Field(default=field.default)
    if field.default_factory is not None:
        return annotation, Field(default_factory=field.default_factory)
    bare = _bare(field.annotation)
    if get_origin(bare) is list:
        return annotation, Field(default_factory=list)
    if get_origin(bare) is Literal:
        return annotation, Field(default=get_args(bare)[-1])
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return annotation, Field(default_factory=kept_model(bare))
    return annotation, Field(default=0 if bare is int else "")


def _kept(annotation: Any, *, most_text: int = MOST_TEXT) -> Any:
    is_optional = type(None) in get_args(annotation)
    bare = _bare(annotation)
    if get_origin(bare) is list:
        kept: Any = Annotated[
            list[_kept(get_args(bare)[0])],  # type: ignore[misc]
            Field(max_length=MOST_ITEMS),
        ]
    elif isinstance(bare, type) and issubclass(bare, BaseModel):
        kept = kept_model(bare)
    elif bare is str:
        kept = Annotated[str, StringConstraints(max_length=most_text)]
    else:
        kept = bare
    return kept | None if is_optional else kept


NOT_STATED = "Not stated"
"""Stands where a writer must say something and nobody has said anything."""


def least_value(field: FieldInfo) -> Any:
    """The least that a writer can answer for a field: what is not known, in the field's own type.

    Lists are empty, or have as many items as they must; a choice is the last one, which is the most
    general; a text is empty, or ``NOT_STATED`` where it must not be.
    """
    if field.default is not PydanticUndefined:
        return field.default
    if field.default_factory is not None:
        return field.get_default(call_default_factory=True, validated_data={})
    least = _bound(field, "min_length") or 0
    bare = _bare(field.annotation)
    if type(None) in get_args(field.annotation):
        return None
    if get_origin(bare) is list:
        return [_least_of(get_args(bare)[0]) for _ in range(least)]
    if bare is int:
        return _bound(field, "ge") or 0
    if bare is str:
        return NOT_STATED if least else ""
    return _least_of(bare)


def _least_of(annotation: Any) -> Any:
    bare = _bare(annotation)
    if get_origin(bare) is Literal:
        return get_args(bare)[-1]
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return {name: least_value(field) for name, field in bare.model_fields.items()}
    return 0 if bare is int else NOT_STATED


def limits_of(attributes: Iterable[Attribute]) -> dict[str, Limit]:
    """The lengths to be counted, by the name of their attribute."""
    return {a.name: a.limit for a in attributes if a.limit is not None}
