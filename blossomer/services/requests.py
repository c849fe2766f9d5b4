"""Requests for documents that are below others: what they take over from above. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.entities import above
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.services.events import GenerationRequest


def request_below(
    config: EntityConfig,
    inputs: Mapping[str, str],
    parents: Mapping[str, str],
    ancestors: Mapping[str, Document],
    *,
    current: dict[str, Any] | None = None,
    only: str | None = None,
) -> GenerationRequest:
    """What to generate, with everything that the documents above it say.

    Args:
        config: The entity.
        inputs: The form's values.
        parents: Ids of what it is directly below, by entity.
        ancestors: Everything above it, by entity.
        current: The document's data when it, or one card of it, is written again.
        only: The card.
    """
    return GenerationRequest(
        entity=config.entity,
        inputs={**inherited_inputs(config, ancestors), **inputs},
        only=only,
        current=current,
        parents=dict(parents),
        context={entity: document["data"] for entity, document in ancestors.items()},
    )


def inherited_inputs(config: EntityConfig, ancestors: Mapping[str, Document]) -> dict[str, str]:
    """The form's values that come from the topmost document above."""
    top = next((ancestors[c.entity] for c in above(config.entity) if c.entity in ancestors), None)
    if top is None:
        return {}
    names = [field.name for field in config.form.fields if field.kind == "inherited"]
    return {name: top["inputs"][name] for name in names if top["inputs"].get(name)}
