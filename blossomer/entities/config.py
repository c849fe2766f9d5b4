"""The configuration from which pages, forms, drafts, REST and generation are derived."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, create_model

from blossomer.entities.base import MOST_TEXT, EntityData, GeneratedEntity, ItemText

MOST_ITEMS = 40
"""Most items a person may keep on one card."""


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the detail page: a list of short statements.

    Args:
        key: Field of the schema that the card shows and edits.
        label: Title on the card.
        subtitle: What the card answers; shown in the edit modal.
        icon: Lucide icon name.
        empty: What to say when the card has no items.
        min_items: Fewest items a writer should give.
        max_items: Most items a writer should give; a person may add more.
    """

    key: str
    label: str
    subtitle: str
    icon: str
    empty: str
    min_items: int
    max_items: int


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
class FormField:
    """One input of the generation form; ``name`` is the key in ``GenerationRequest.inputs``."""

    name: str
    label: str
    kind: Literal["url", "text", "textarea"]
    placeholder: str = ""
    help: str = ""
    required: bool = False
    max_length: int = 2_000
    collapsed_under: str = ""
    """When set, the field hides behind a disclosure with this label."""


@dataclass(frozen=True, slots=True)
class GenerationForm:
    """The form that starts a generation."""

    title: str
    subtitle: str
    button: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What a page says when there is nothing yet."""

    title: str
    subtitle: str
    icon: str


@dataclass(frozen=True)
class EntityConfig:
    """Everything the product knows about one entity.

    Args:
        entity: Key in singular, for example ``"company"``.
        label: Name for a person, singular.
        label_plural: Name for a person, plural.
        path: Plural path segment of REST, for example ``"companies"``.
        route: Path segment of the pages, for example ``"company"``.
        icon: Lucide icon name.
        schema: What a writer produces.
        name_field: Field of the schema that names the entity.
        prompt: Name of the template under ``prompts/`` without its ending.
        cards: Cards of the detail page, in order.
        stages: Steps of a generation, in order.
        form: The generation form.
        empty: The empty state.
        table: Name of the table that holds its rows.
        data_column: Column of that table with the document's data.
        url_field: Field of the schema that must equal the website entered, if any.
        columns: Further columns of the table, each with the field of the schema it repeats.
        parent: Key of the parent entity, if any.
    """

    entity: str
    label: str
    label_plural: str
    path: str
    route: str
    icon: str
    schema: type[GeneratedEntity]
    name_field: str
    prompt: str
    cards: tuple[Card, ...]
    stages: tuple[Stage, ...]
    form: GenerationForm
    empty: EmptyState
    table: str
    data_column: str
    url_field: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    parent: str | None = None
    children: tuple[str, ...] = field(default=())

    def card(self, key: str) -> Card:
        """Return the card of a field.

        Raises:
            KeyError: When the entity has no such card.
        """
        for card in self.cards:
            if card.key == key:
                return card
        raise KeyError(key)

    @cached_property
    def card_keys(self) -> frozenset[str]:
        """The fields that are cards."""
        return frozenset(card.key for card in self.cards)

    @cached_property
    def data_model(self) -> type[EntityData]:
        """The schema of the kept document: the writer's fields with checked evidence.

        Looser than the writer's schema where a person may do what a writer may not: empty a card
        or the description, or add more items.
        """
        kept: dict[str, Any] = {
            card.key: (list[ItemText], Field(default_factory=list, max_length=MOST_ITEMS))
            for card in self.cards
        }
        kept["description"] = (str, Field(default="", max_length=MOST_TEXT))
        bases = cast("tuple[type[EntityData], ...]", (EntityData, self.schema))
        return create_model(
            f"{self.schema.__name__}Data",
            __base__=bases,
            __module__=__name__,
            **kept,
        )

    def card_schema(self, key: str) -> type[BaseModel]:
        """The schema of a writer's answer when one card alone is written again."""
        card = self.card(key)
        kept = ("evidence", "confidence", card.key)
        fields: dict[str, Any] = {
            name: (field.annotation, field)
            for name, field in self.schema.model_fields.items()
            if name in kept
        }
        return create_model(
            f"{self.schema.__name__}_{key}", __config__=ConfigDict(extra="ignore"), **fields
        )
