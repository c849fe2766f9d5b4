"""From an entity, a website's text and a person's words to what a model is told.

The words themselves are in ``prompts/*.j2`` and what they share in ``prompts/parts/``. Nothing is
asked of a model here; the schema comes from ``llm/answer_schema.py``.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel

from blossomer.entities.config import EntityConfig
from blossomer.services.llm.answer_schema import answer_schema
from blossomer.services.wording import meaningful

__all__ = ["Prompt", "meaningful", "render_prompt"]

FOLDER = Path(__file__).resolve().parents[2] / "prompts"
USER_PART = "==== user ===="
"""The line in a template between the system's part and the user's. Templates are divided before
they are rendered, so no data can forge it."""

_CODE_BYTES = 8
_WEBSITE_INPUTS = frozenset({"website_url", "pasted_text"})
"""Inputs that name or replace the website. What they say arrives as ``site_text``."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told.

    Args:
        system: Role and standards.
        user: Task, the person's words, the website's text, the form of the answer.
        version: Changes when a template, a shared part or the schema changes; the same for every
            website and on every machine.
    """

    system: str
    user: str
    version: str


@dataclass(frozen=True, slots=True)
class _Block:
    """Quoted material between two lines that carry this request's code."""

    name: str
    introduction: str
    text: str


def render_prompt(
    config: EntityConfig,
    *,
    site_text: str,
    inputs: Mapping[str, str],
    only: str | None = None,
    current: Mapping[str, Any] | None = None,
    kept: Sequence[str] = (),
) -> Prompt:
    """Write the prompt for an entity, or for one card of it.

    Args:
        config: The entity.
        site_text: Text of the website's pages, each with its address before it; or what a person
            pasted instead.
        inputs: Values of the generation form. Shrugs and gibberish in them are left out.
        only: Key of the card to write again; None for the whole entity.
        current: The document's data when one card is written again: its other cards are shown.
        kept: Items of that card that a person wrote; they stay and are not to be repeated.

    Raises:
        KeyError: When ``only`` names no card of the entity.
        jinja2.UndefinedError: When a template uses a name that does not exist (a bug).
    """
    schema = answer_schema(config.card_schema(only) if only else config.schema)
    blocks = _blocks(
        config, site_text=site_text, inputs=inputs, only=only, current=current or {}, kept=kept
    )
    card = config.card(only) if only else None
    context = {
        "cards": {card.key: card for card in config.cards},
        "only": only or "",
        "kept": bool(kept),
        "room": max(0, card.max_items - len(kept)) if card else 0,
        "website_url": next(iter(inputs.get("website_url", "").split()), ""),
        "rated": list(schema["properties"].get("confidence", {}).get("properties", {})),
        "schema": json.dumps(schema, ensure_ascii=False),
        "blocks": blocks,
        "code": _code(blocks),
    }
    system, user = (
        _environment().from_string(part).render(context).strip() for part in _parts(config.prompt)
    )
    return Prompt(system, user, _version(config.prompt, config.schema))


def _blocks(
    config: EntityConfig,
    *,
    site_text: str,
    inputs: Mapping[str, str],
    only: str | None,
    current: Mapping[str, Any],
    kept: Sequence[str],
) -> list[_Block]:
    labels = {field.name: field.label for field in config.form.fields}
    said = {
        labels.get(name, name): text
        for name, value in inputs.items()
        if name not in _WEBSITE_INPUTS and (text := meaningful(value))
    }
    blocks = []
    if said:
        words = "\n\n".join(f"{label}\n{text}" for label, text in said.items())
        blocks.append(
            _Block(
                "person",
                "What the person who asked for this says, first of all sources about the company "
                "and about what matters to them:",
                words,
            )
        )
    if only:
        others = _overview(config, only, current)
        if others:
            blocks.append(_Block("overview", "The other parts of the overview:", others))
        if kept:
            items = "\n".join(f"- {item}" for item in kept)
            blocks.append(_Block("kept", f"Items of {only} that stay:", items))
    blocks.append(_Block("website", "The text of the website:", site_text.strip()))
    return blocks


def _overview(config: EntityConfig, only: str, current: Mapping[str, Any]) -> str:
    lines = [
        f"{name}: {value}"
        for name, value in current.items()
        if name in config.schema.model_fields and isinstance(value, str) and value
    ]
    for card in config.cards:
        items = current.get(card.key)
        if card.key != only and isinstance(items, list) and items:
            lines += ["", f"{card.label} ({card.key})", *(f"- {item}" for item in items)]
    return "\n".join(lines).strip()


def _code(blocks: Sequence[_Block]) -> str:
    """A random word that stands in none of the blocks, so that none can end itself."""
    while True:
        code = secrets.token_hex(_CODE_BYTES)
        if not any(code in block.text.lower() for block in blocks):
            return code


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Plain text for a model: escaping would put HTML entities into the quotes it has to copy.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=False,  # noqa: S701  the result is never HTML
        undefined=StrictUndefined,
        keep_trailing_newline=False,
    )


def _source(name: str) -> str:
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0]


@lru_cache(maxsize=32)
def _parts(prompt: str) -> tuple[str, str]:
    lines = _source(f"{prompt}.j2").splitlines()
    if lines.count(USER_PART) != 1:
        raise ValueError(f"{prompt}.j2 needs exactly one line {USER_PART!r}")
    at = lines.index(USER_PART)
    return "\n".join(lines[:at]), "\n".join(lines[at + 1 :])


@lru_cache(maxsize=32)
def _version(prompt: str, schema: type[BaseModel]) -> str:
    digest = hashlib.sha256(_source(f"{prompt}.j2").encode())
    for name in sorted(_environment().list_templates()):
        if name.startswith("parts/"):
            digest.update(f"\n{name}\n{_source(name)}".encode())
    digest.update(json.dumps(answer_schema(schema), sort_keys=True).encode())
    return digest.hexdigest()[:12]
