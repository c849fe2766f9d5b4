"""Basic analysis: the writer that needs no model. Which entities it can write is listed here.

It fills an entity's schema from what a website says. Each item is the site's own words with a quote
that can be verified, or follows from a rule that is stated in ``assumptions``, or says what the
site does not tell. The same site gives the same answer every time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from blossomer.entities.config import EntityConfig
from blossomer.errors import UserError
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.company import write_company
from blossomer.services.website.model import Website

__all__ = ["basic_analysis"]

Writer = Callable[[EntityConfig, Website, Mapping[str, str]], Answer]

_WRITERS: dict[str, Writer] = {"company": write_company}


def basic_analysis(
    config: EntityConfig,
    website: Website,
    inputs: Mapping[str, str],
    *,
    only: str | None = None,
) -> dict[str, Any]:
    """Write an entity from a website, without a model.

    Args:
        config: The entity.
        website: What was read; at least one page.
        inputs: The form's values; ``user_inputted_context`` comes before what the site says.
        only: Key of one card to write; None for the whole entity.

    Returns:
        A dict that validates as ``config.schema``; for ``only``, as ``config.card_schema(only)``.
        Its evidence is what the writer claims: run ``check_evidence`` over it, as over a model's.

    Raises:
        UserError: When basic analysis cannot write this entity or has no such card.
    """
    writer = _WRITERS.get(config.entity)
    if writer is None:
        raise UserError(
            "basic_analysis_unavailable",
            f"{config.label_plural} cannot be written without a language model.",
            "Configure a model, or add the content by hand.",
            status=503,
        )
    if only is not None and only not in config.card_keys:
        raise UserError(
            "unknown_card",
            f"{config.label} has no card with that name.",
            f"Choose one of: {', '.join(card.key for card in config.cards)}.",
            status=422,
        )
    return writer(config, website, inputs).finish(only)
