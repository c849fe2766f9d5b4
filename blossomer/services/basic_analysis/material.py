"""What every writer of basic analysis is given: which entity, the site, the form, what is above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from blossomer.entities import entity_config
from blossomer.entities.config import EntityConfig
from blossomer.services.basic_analysis.facts import Facts
from blossomer.services.website.model import Website

Context = Mapping[str, Mapping[str, Any]]
"""Data of the documents above, by entity."""


@dataclass(frozen=True)
class Material:
    """What one document is written from.

    Args:
        config: The entity that is written.
        website: What was read; at least one page.
        inputs: The form's values; a name that was given is kept as it is.
        context: Data of the documents above.
    """

    config: EntityConfig
    website: Website
    inputs: Mapping[str, str]
    context: Context

    @cached_property
    def facts(self) -> Facts:
        """What the website states."""
        return Facts(self.website)

    def of_entity(self, entity: str, context: Context) -> Material:
        """The same site for another entity, of which nobody has said anything."""
        return replace(self, config=entity_config(entity), inputs={}, context=context)
