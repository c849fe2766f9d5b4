"""Quoted material of a prompt: what a person said and chose, what is written above, the website.

Everything is plain text, rendered from the configuration by labels; nothing here is an instruction.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blossomer.entities import above
from blossomer.entities.config import Card, EntityConfig, FormField
from blossomer.entities.items import item_lines
from blossomer.entities.regenerate import expects_proposal, kept_attributes, kept_items
from blossomer.services.inputs import WEBSITE_INPUTS
from blossomer.services.wording import meaningful

_CODE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Block:
    """Quoted material between two lines that carry this request's code."""

    name: str
    introduction: str
    text: str


def documents_above(
    entity: str, context: Mapping[str, Mapping[str, Any]]
) -> list[tuple[EntityConfig, Mapping[str, Any]]]:
    """The documents above one of an entity, the topmost first, as far as they are known."""
    return [
        (config, context[config.entity]) for config in above(entity) if context.get(config.entity)
    ]


def blocks_of(
    config: EntityConfig,
    *,
    site_text: str,
    inputs: Mapping[str, str],
    only: str | None,
    current: Mapping[str, Any],
    context: Mapping[str, Mapping[str, Any]],
    kind: str,
) -> list[Block]:
    """The material for writing a document, or one card of it, in the order of its weight."""
    blocks = [*_from_the_person(config, inputs), *context_blocks(config.entity, context)]
    if only:
        others = document_text(config, current, without=only, kind=kind)
        if others:
            blocks.append(
                Block("overview", f"The other parts of the {config.label.lower()}:", others)
            )
    blocks += _kept(config, only, current, kind)
    if site_text.strip():
        blocks.append(website_block(site_text))
    return blocks


def context_blocks(entity: str, context: Mapping[str, Mapping[str, Any]]) -> list[Block]:
    """One block for each document above."""
    return [
        Block(
            config.entity,
            f"What is written about the {config.label.lower()}:",
            document_text(config, data),
        )
        for config, data in documents_above(entity, context)
    ]


def website_block(site_text: str) -> Block:
    """The text of the website, or what a person pasted instead."""
    return Block("website", "The text of the website:", site_text.strip())


def document_text(
    config: EntityConfig, data: Mapping[str, Any], *, without: str = "", kind: str = ""
) -> str:
    """A document as text: its plain fields, then its cards with their labels.

    Args:
        config: The entity.
        data: The document's data.
        without: Key of a card to leave out.
        kind: Of which kind it is, when its data does not say so.
    """
    kind_of_it = config.kind_of(data) or kind
    elsewhere = {card.at[0] for card in config.cards}
    lines = [
        f"{name}: {data[name]}"
        for name in config.own_fields
        if name not in elsewhere and isinstance(data.get(name), str) and data[name].strip()
    ]
    for card in config.cards_of(kind_of_it):
        items = [] if card.key == without else list(_bullets(card, card.value(data)))
        if items:
            lines += ["", f"{card.label} ({card.key})", *items]
    return "\n".join(lines).strip()


def code_for(blocks: Sequence[Block]) -> str:
    """A random word that stands in none of the blocks, so that none can end itself."""
    while True:
        code = secrets.token_hex(_CODE_BYTES)
        if not any(code in block.text.lower() for block in blocks):
            return code


def _from_the_person(config: EntityConfig, inputs: Mapping[str, str]) -> Iterator[Block]:
    said, chosen = [], []
    for field in config.form.fields:
        value = inputs.get(field.name, "").strip()
        if not value or field.name in WEBSITE_INPUTS:
            continue
        if field.kind == "choice":
            chosen.append(f"{field.label}\n{_choice_in_words(field, value)}")
        elif field.kind == "item":
            chosen.append(f"{field.label}\n{value}")
        elif text := meaningful(value):
            said.append(f"{field.label}\n{text}")
    label = config.label.lower()
    if said:
        yield Block(
            "person",
            f"What the person who asked for this {label} says, before every other source:",
            "\n\n".join(said),
        )
    if chosen:
        yield Block("choices", f"What the person chose for this {label}:", "\n\n".join(chosen))


def _choice_in_words(field: FormField, value: str) -> str:
    for option in field.options:
        if option.value == value:
            return f"{option.label}: {option.help}" if option.help else option.label
    return value


def _kept(
    config: EntityConfig, only: str | None, current: Mapping[str, Any], kind: str
) -> Iterator[Block]:
    if only and expects_proposal(current, config.card(only)):
        card = config.card(only)
        text = "\n".join(_bullets(card, card.value(current)))
        yield Block("present", f"The field {only} as it is now:", text)
    elif only:
        if text := "\n".join(_kept_lines(config.card(only), current)):
            yield Block("kept", f"Items of {only} that stay:", text)
    elif current:
        parts = [_kept_text(card, current) for card in config.cards_of(kind)]
        if text := "\n\n".join(filter(None, parts)):
            yield Block("kept", "What a person wrote or changed, and what stays as it is:", text)


def _kept_text(card: Card, current: Mapping[str, Any]) -> str:
    lines = list(_kept_lines(card, current))
    return "\n".join([f"{card.label} ({card.key})", *lines]) if lines else ""


def _kept_lines(card: Card, current: Mapping[str, Any]) -> Iterator[str]:
    kept = kept_attributes(current, card) if card.shape == "record" else kept_items(current, card)
    return _bullets(card, kept)


def _bullets(card: Card, value: Any) -> Iterator[str]:
    return (f"- {line}" for line in item_lines(card, value))
