"""From an entity, what is known above it, a website's text and a person's words to a prompt.

The words themselves are in ``prompts/*.j2`` and what they share in ``prompts/parts/``. Nothing is
asked of a model here; the schema comes from ``llm/answer_schema.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from blossomer.entities.config import EntityConfig
from blossomer.entities.regenerate import expects_proposal, kept_items
from blossomer.services.blocks import (
    Block,
    blocks_of,
    code_for,
    context_blocks,
    documents_above,
    website_block,
)
from blossomer.services.llm.answer_schema import answer_schema
from blossomer.services.templates import USER_PART, Prompt, render
from blossomer.services.wording import meaningful

__all__ = [
    "USER_PART",
    "Prompt",
    "answer_model",
    "meaningful",
    "render_ideas",
    "render_mending",
    "render_prompt",
]


@lru_cache(maxsize=256)
def answer_model(config: EntityConfig, kind: str = "", only: str | None = None) -> type[BaseModel]:
    """What a writer's answer must validate as; always the same class for the same question."""
    return config.card_schema(only) if only else config.writer_schema(kind)


def render_prompt(
    config: EntityConfig,
    *,
    site_text: str,
    inputs: Mapping[str, str],
    only: str | None = None,
    current: Mapping[str, Any] | None = None,
    context: Mapping[str, Mapping[str, Any]] | None = None,
    kind: str = "",
) -> Prompt:
    """Write the prompt for an entity, or for one card of it.

    Args:
        config: The entity.
        site_text: Text of the website's pages, each with its address before it; or what a person
            pasted instead; empty when there is neither.
        inputs: Values of the generation form. Shrugs and gibberish in them are left out.
        only: Key of the card to write again; None for the whole entity.
        current: The document's data when it or one card of it is written again: what is in it of a
            person is shown, and the other cards beside the one card.
        context: Data of the documents above, by entity.
        kind: Of which kind the document is.

    Raises:
        KeyError: When ``only`` names no card of the entity.
        jinja2.UndefinedError: When a template uses a name that does not exist (a bug).
    """
    schema = answer_schema(answer_model(config, kind, only))
    current, context = current or {}, context or {}
    blocks = blocks_of(
        config,
        site_text=site_text,
        inputs=inputs,
        only=only,
        current=current,
        context=context,
        kind=kind,
    )
    cards = {card.key: card for card in config.cards_of(kind)}
    card = config.card(only) if only else None
    is_proposal = card is not None and expects_proposal(current, card)

    def asked(key: str) -> bool:
        if only:
            return key == only
        return key in cards or key not in config.card_keys

    return render(
        config.prompt,
        config.schema,
        {
            **_material(blocks, schema),
            **_above(config, context),
            "label": config.label.lower(),
            "cards": cards,
            "asked": asked,
            "plain_fields": [config.name_field, "description"],
            "plain_rules": {
                config.name_field: "A short name.",
                "description": "One or two sentences.",
            },
            "only": only or "",
            "kept": any(block.name in ("kept", "present") for block in blocks),
            "is_proposal": is_proposal,
            "room": max(0, card.max_items - len(kept_items(current, card))) if card else 0,
            "kind": kind,
            "kind_label": config.kind(kind).label if kind else "",
            "chosen": {
                field.name: inputs.get(field.name, "")
                for field in config.form.fields
                if field.kind == "choice"
            },
            "told": {
                field.name: bool(meaningful(inputs.get(field.name, "")))
                for field in config.form.fields
            },
            "website_url": _one_word(inputs.get("website_url", "")),
            "rated": list(schema["properties"].get("confidence", {}).get("properties", {})),
        },
    )


def render_ideas(
    config: EntityConfig,
    schema: type[BaseModel],
    *,
    site_text: str,
    context: Mapping[str, Mapping[str, Any]],
    siblings: Sequence[str],
    most: int,
) -> Prompt:
    """Write the prompt that asks which documents of an entity are worth writing for a parent.

    Args:
        config: The entity of what is suggested.
        schema: What the answer must validate as.
        site_text: As for ``render_prompt``.
        context: Data of the documents above, by entity.
        siblings: Names of those that are there already.
        most: How many are wanted.
    """
    blocks = context_blocks(config.entity, context)
    if siblings:
        names = "\n".join(f"- {name}" for name in siblings)
        blocks.append(Block("present", f"{config.label_plural} that are there already:", names))
    if site_text.strip():
        blocks.append(website_block(site_text))
    above = _above(config, context)
    return render(
        "suggest",
        schema,
        {
            **_material(blocks, answer_schema(schema)),
            **above,
            "label_plural": config.label_plural.lower(),
            "parent": above["above"][-1]["label"] if above["above"] else "",
            "rules": f"parts/{config.prompt}_rules.j2",
            "name_example": next(
                (f.placeholder for f in config.form.fields if f.name == config.name_field), ""
            ),
            "siblings": bool(siblings),
            "most": most,
        },
    )


def render_mending(
    schema: type[BaseModel], *, blocks: Sequence[Block], tokens: Sequence[str]
) -> Prompt:
    """Write the prompt that asks for one fault of a passage to be mended.

    Args:
        schema: What the answer must validate as.
        blocks: The material; the passage, with what is wrong with it, comes last.
        tokens: Tokens that stand in the passage.
    """
    context = {**_material(blocks, answer_schema(schema)), "tokens": list(tokens)}
    return render("mend", Mending, context)


class Mending(BaseModel):
    """The form of an answer to ``mend.j2``, by which its version is told."""

    text: str


def _material(blocks: Sequence[Block], schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "blocks": blocks,
        "code": code_for(blocks),
        "schema": json.dumps(schema, ensure_ascii=False),
        "has_website": any(block.name == "website" for block in blocks),
    }


def _above(config: EntityConfig, context: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "above": [
            {"entity": known.entity, "label": known.label.lower()}
            for known, _ in documents_above(config.entity, context)
        ]
    }


def _one_word(text: str) -> str:
    return next(iter(text.split()), "")
