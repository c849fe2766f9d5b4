"""The way to basic analysis, the writer that needs no model: the one place where it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.entities.config import EntityConfig
from blossomer.errors import UserError
from blossomer.services.basic_analysis import basic_analysis, basic_ideas
from blossomer.services.jobs import Job
from blossomer.services.website.model import Website


def write_without_model(job: Job, website: Website) -> dict[str, Any]:
    """Write what a generation asks for by rules, from the website's own words.

    Raises:
        UserError: ``model_needed`` without a page, since the rules have nothing to quote from; and
            what basic analysis cannot write.
    """
    _require_pages(job.config, website)
    return basic_analysis(job.config, website, job.inputs, only=job.only, context=job.context)


def ideas_without_model(
    config: EntityConfig, website: Website, context: Mapping[str, Any], most: int
) -> list[dict[str, str]]:
    """Ideas by rules, each with ``name`` and ``hypothesis``; none where there are no rules.

    Raises:
        UserError: ``model_needed`` without a page.
    """
    _require_pages(config, website)
    return basic_ideas(config, website, context, most)


def _require_pages(config: EntityConfig, website: Website) -> None:
    if not website.pages:
        raise UserError(
            "model_needed",
            f"Without the company's website a {config.label.lower()} can only be written by a "
            "language model, and none answered.",
            "Add the company's address or a description of it, or configure a model.",
            status=503,
        )
