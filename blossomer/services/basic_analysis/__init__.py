"""Basic analysis: the writer that needs no model. Which entities it can write is listed here.

It fills an entity's schema from what a website says and from the documents above. Each item is the
site's own words with a quote that can be verified, or follows from a rule that is stated in
``assumptions``, or says what the site does not tell. The same site gives the same answer every
time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from blossomer.entities.config import EntityConfig
from blossomer.errors import UserError
from blossomer.services.basic_analysis.account import write_account
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.campaign import write_campaign
from blossomer.services.basic_analysis.company import write_company
from blossomer.services.basic_analysis.general import write_general
from blossomer.services.basic_analysis.ideas import account_ideas, persona_ideas
from blossomer.services.basic_analysis.material import Context, Material
from blossomer.services.basic_analysis.persona import write_persona
from blossomer.services.website.model import Website

__all__ = ["basic_analysis", "basic_ideas"]

Writer = Callable[[Material], Answer]
Ideas = Callable[[Material, int], list[dict[str, str]]]

_WRITERS: dict[str, Writer] = {
    "company": write_company,
    "account": write_account,
    "persona": write_persona,
    "campaign": write_campaign,
}
_IDEAS: dict[str, Ideas] = {"account": account_ideas, "persona": persona_ideas}


def basic_analysis(
    config: EntityConfig,
    website: Website,
    inputs: Mapping[str, str],
    *,
    only: str | None = None,
    context: Context | None = None,
) -> dict[str, Any]:
    """Write an entity from a website, without a model.

    Args:
        config: The entity.
        website: What was read; at least one page.
        inputs: The form's values; what a person wrote comes before what the site says.
        only: Key of one card to write; None for the whole entity.
        context: Data of the documents above; what is missing is written from the site.

    Returns:
        A dict that validates as ``config.writer_schema(kind)``; for ``only``, as
        ``config.card_schema(only)``. Its evidence is what the writer claims: run
        ``check_evidence`` over it, as over a model's.

    Raises:
        UserError: The entity has no such card.
    """
    writer = _WRITERS.get(config.entity, write_general)
    if only is not None and only not in config.card_keys:
        raise UserError(
            "unknown_card",
            f"{config.label} has no card with that name.",
            f"Choose one of: {', '.join(card.key for card in config.cards)}.",
            status=422,
        )
    if only is not None and config.kind_field and config.card(only).kind:
        inputs = {**inputs, config.kind_field: config.card(only).kind}
    return writer(Material(config, website, inputs, context or {})).finish(only)


def basic_ideas(
    config: EntityConfig, website: Website, context: Context, most: int
) -> list[dict[str, str]]:
    """Suggest several documents of an entity at once, without a model.

    Args:
        config: The entity.
        website: What was read; at least one page.
        context: Data of the documents above; what is missing is written from the site.
        most: Never more.

    Returns:
        Different ideas, the best first, each ``name`` and ``hypothesis``: what the entity's form
        asks for. Fewer than ``config.suggestions.fewest`` only when the site names too little.

    Raises:
        UserError: When basic analysis has no ideas for this entity.
    """
    ideas = _IDEAS.get(config.entity)
    if ideas is None:
        raise _unavailable(config)
    return ideas(Material(config, website, {}, context), most)


def _unavailable(config: EntityConfig) -> UserError:
    return UserError(
        "basic_analysis_unavailable",
        f"{config.label_plural} cannot be written without a language model.",
        "Configure a model, or add the content by hand.",
        status=503,
    )
