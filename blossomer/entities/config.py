"""The configuration from which pages, forms, drafts, tables, REST and generation are derived.

Structured content is described in ``attributes.py``, the form in ``forms.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, create_model

from blossomer.entities.attributes import (
    MOST_ITEMS,
    Attribute,
    Limit,
    attributes_of,
    kept_field,
    kept_model,
)
from blossomer.entities.base import MOST_TEXT, EntityData, GeneratedEntity, ItemText
from blossomer.entities.exchange import Exchange
from blossomer.entities.forms import FormField, FormStep, GenerationForm, Option
from blossomer.entities.mail import Choice, MailRole

__all__ = [
    "MOST_ITEMS",
    "Card",
    "Choice",
    "EmptyState",
    "EntityConfig",
    "FormField",
    "FormStep",
    "GenerationForm",
    "Kind",
    "MailRole",
    "Option",
    "Parent",
    "Stage",
    "Suggestions",
]

Shape = Literal["texts", "records", "record", "segments"]
"""What a card holds: short statements; records of one model; one record; or the segments of a text
(``segments.py``), which are records with an editor of their own."""


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the detail page: one part of the data that is shown, edited and written again.

    Args:
        key: Its name; the field of the schema unless ``path`` says otherwise.
        label: Title on the card.
        subtitle: What the card answers; shown in the edit modal.
        icon: Lucide icon name.
        empty: What to say when the card has no items.
        min_items: Fewest items a writer should give.
        max_items: Most items a writer should give; a person may add more.
        shape: What it holds.
        record: The model of its records, or of its one record; none for ``texts``.
        path: Where it stands in the data, when that is not the field ``key``.
        kind: The kind of document that has it; empty when all have.
        limit: A length of each of its texts, to be counted.
        mail: Set when what it holds are e-mails: they are checked, previewed and copied.
        choice: Set when one text of its record is chosen of several.
    """

    key: str
    label: str
    subtitle: str
    icon: str
    empty: str
    min_items: int = 1
    max_items: int = 1
    shape: Shape = "texts"
    record: type[BaseModel] | None = None
    path: tuple[str, ...] = ()
    kind: str = ""
    limit: Limit | None = None
    mail: MailRole | None = None
    choice: Choice | None = None

    @property
    def at(self) -> tuple[str, ...]:
        """Keys from the top of the data to what the card holds."""
        return self.path or (self.key,)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes of its records."""
        return attributes_of(self.record) if self.record else ()

    def value(self, data: Mapping[str, Any]) -> Any:
        """What the card holds in a document's data: a list, or a dict for ``record``."""
        node: Any = data
        for key in self.at:
            node = node.get(key) if isinstance(node, Mapping) else None
        if self.shape == "record":
            given = node if isinstance(node, Mapping) else {}
            return {a.name: given[a.name] for a in self.attributes if a.name in given}
        return node if isinstance(node, list) else []


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a generation, in the entity's own words.

    Args:
        key: The pipeline step it names.
        label: What the person reads while it runs.
    """

    key: Literal["read", "assess", "write", "verify"]
    label: str


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What a page says when there is nothing yet."""

    title: str
    subtitle: str
    icon: str


@dataclass(frozen=True, slots=True)
class Parent:
    """Something that a document is below.

    Args:
        entity: Key of the parent's entity.
        column: Column of the table with the parent's id.
        within: Another parent's entity that this one must belong to itself.
    """

    entity: str
    column: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of several kinds of an entity's documents, each with content of its own.

    Args:
        value: What the schema's ``kind_field`` says.
        label: What a person reads.
        icon: Lucide icon name.
        content: Field of the schema that this kind has and the others have not.
    """

    value: str
    label: str
    icon: str
    content: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """How many documents are suggested in one go for a parent, and in which words.

    Args:
        fewest: Fewer are not worth the question.
        most: Never more.
        button: Words on the button; the parent's name follows elsewhere.
    """

    fewest: int
    most: int
    button: str


@dataclass(frozen=True)
class EntityConfig:
    """Everything the product knows about one entity.

    Arguments with a default are derived from the others where they can be: see ``__post_init__``.

    Args:
        entity: Key in singular, for example ``"company"``.
        label: Name for a person, singular.
        label_plural: Name for a person, plural.
        icon: Lucide icon name.
        schema: What a writer produces.
        cards: Cards of the detail page, in order.
        form: The generation form.
        empty: The empty state.
        name_field: Field of the schema that names the entity.
        path: Plural path segment of REST, for example ``"companies"``; the plural label's words.
        route: Path segment of the pages, for example ``"accounts"``; the same as ``path``.
        prompt: Name of the template under ``prompts/`` without its ending; the same as ``entity``.
        stages: Steps of a generation, in order; reading, weighing, writing, checking.
        table: Name of the table that holds its rows; the plural label's words.
        data_column: Column of that table with the document's data; ``entity`` with ``_data``.
        url_field: Field of the schema that must equal the website entered, if any.
        columns: Further columns of the table, each with the field of the schema it repeats.
        parents: What its documents are below, the nearest last. Without any, it is at the top.
        is_nested: Whether its pages have their nearest parent's address before their own.
        kind_field: Field of the schema, and of the form, that says of which kind a document is.
        kinds: The kinds.
        suggestions: Set when several can be suggested for a parent at once.
        exchange: What other tools take of it.
    """

    entity: str
    label: str
    label_plural: str
    icon: str
    schema: type[GeneratedEntity]
    cards: tuple[Card, ...]
    form: GenerationForm
    empty: EmptyState
    name_field: str = "name"
    path: str = ""
    route: str = ""
    prompt: str = ""
    stages: tuple[Stage, ...] = ()
    table: str = ""
    data_column: str = ""
    url_field: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    parents: tuple[Parent, ...] = ()
    is_nested: bool = False
    kind_field: str = ""
    kinds: tuple[Kind, ...] = ()
    suggestions: Suggestions | None = None
    exchange: Exchange | None = None

    def __post_init__(self) -> None:
        """Fill in what was left out."""
        words = re.findall(r"[a-z0-9]+", self.label_plural.lower())
        path = self.path or "-".join(words)
        derived = {
            "path": path,
            "route": self.route or path,
            "prompt": self.prompt or self.entity,
            "stages": self.stages or _usual_stages(self.label),
            "table": self.table or "_".join(words),
            "data_column": self.data_column or f"{self.entity}_data",
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)  # the way that a frozen dataclass leaves

    def card(self, key: str) -> Card:
        """Return a card.

        Raises:
            KeyError: When the entity has no such card.
        """
        return self._cards_by_key[key]

    def cards_of(self, kind: str) -> tuple[Card, ...]:
        """The cards of documents of one kind; all cards where there are no kinds."""
        return tuple(card for card in self.cards if card.kind in ("", kind) or not self.kinds)

    def kind_of(self, data: Mapping[str, Any]) -> str:
        """Of which kind a document is, by its data or by a form's values."""
        return str(data.get(self.kind_field) or "") if self.kind_field else ""

    def kind(self, value: str) -> Kind:
        """Return a kind.

        Raises:
            KeyError: When there is none with this value.
        """
        for kind in self.kinds:
            if kind.value == value:
                return kind
        raise KeyError(value)

    @cached_property
    def card_keys(self) -> frozenset[str]:
        """The keys of the cards."""
        return frozenset(card.key for card in self.cards)

    @cached_property
    def _cards_by_key(self) -> dict[str, Card]:
        return {card.key: card for card in self.cards}

    @cached_property
    def own_fields(self) -> tuple[str, ...]:
        """The fields of the schema that say something about the entity itself."""
        return tuple(n for n in self.schema.model_fields if n not in GeneratedEntity.model_fields)

    @cached_property
    def data_model(self) -> type[EntityData]:
        """The schema of the kept document: the writer's fields with checked evidence.

        Looser than the writer's schema where a person may do what a writer may not: leave empty,
        lengthen, add more.
        """
        kept: dict[str, Any] = {
            name: kept_field(self.schema.model_fields[name])
            for name in self.own_fields
            if name not in (self.name_field, self.kind_field)
        }
        for card in self.cards:
            if not card.path:
                kept[card.key] = _kept_card(card)
        kept["description"] = (str, Field(default="", max_length=MOST_TEXT))
        bases = cast("tuple[type[EntityData], ...]", (EntityData, self.schema))
        return create_model(
            f"{self.schema.__name__}Data",
            __base__=bases,
            __module__=__name__,
            **kept,
        )

    def writer_schema(self, kind: str = "") -> type[BaseModel]:
        """The schema of a writer's answer: without what code sets, and of one kind only.

        Raises:
            KeyError: When the entity has kinds and this is none of them.
        """
        if not self.kinds:
            return self.schema
        own = self.kind(kind).content
        left_out = {k.content for k in self.kinds if k.content != own} | {self.kind_field}
        fields: dict[str, Any] = {}
        for name, field in self.schema.model_fields.items():
            if name in left_out:
                continue
            if name == own:  # the others do without; this kind is nothing without it
                fields[name] = (_not_none(field.annotation), ...)
            else:
                fields[name] = (field.annotation, field)
        return create_model(
            f"{self.schema.__name__}_{kind}", __config__=ConfigDict(extra="ignore"), **fields
        )

    def card_schema(self, key: str) -> type[BaseModel]:
        """The schema of a writer's answer when one card alone is written again.

        What is written stands in a field named like the card.
        """
        card = self.card(key)
        fields: dict[str, Any] = {
            name: (field.annotation, field)
            for name, field in self.schema.model_fields.items()
            if name in ("evidence", "confidence")
        }
        if card.shape == "record" and card.record is not None:
            fields = {card.key: (card.record, ...), **fields}
        elif card.record is not None:
            fields = {card.key: (list[card.record], Field(min_length=1, max_length=12)), **fields}  # type: ignore[name-defined]
        else:
            fields = {
                card.key: (list[ItemText], Field(min_length=1, max_length=12)),
                **fields,
            }
        return create_model(
            f"{self.schema.__name__}_{key}", __config__=ConfigDict(extra="ignore"), **fields
        )


def _usual_stages(label: str) -> tuple[Stage, ...]:
    return (
        Stage("read", "Reading the website"),
        Stage("assess", "Weighing what is known"),
        Stage("write", f"Writing the {label.lower()}"),
        Stage("verify", "Checking every quote"),
    )


def _kept_card(card: Card) -> Any:
    if card.record is None:
        return list[ItemText], Field(default_factory=list, max_length=MOST_ITEMS)
    model = kept_model(card.record)
    if card.shape == "record":
        return model, Field(default_factory=model)
    return list[model], Field(default_factory=list, max_length=MOST_ITEMS)  # type: ignore[valid-type]


def _not_none(annotation: Any) -> Any:
    parts = [part for part in getattr(annotation, "__args__", ()) if part is not type(None)]
    return parts[0] if len(parts) == 1 else annotation
