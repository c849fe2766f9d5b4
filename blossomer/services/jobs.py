"""A request for a generation made sense of, or refused in words. Nothing is read here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from blossomer.entities import ENTITIES, above
from blossomer.entities.base import Coverage, Provenance
from blossomer.entities.config import EntityConfig
from blossomer.entities.regenerate import check_document
from blossomer.errors import UserError
from blossomer.services.events import GenerationRequest
from blossomer.services.inputs import WEBSITE_INPUTS, checked_inputs
from blossomer.services.prompts import answer_model
from blossomer.services.website.model import Website
from blossomer.services.website.reader import normalise_url


@dataclass(slots=True)
class Job:
    """One generation while it runs: the request made sense of, and what has been found so far.

    Args:
        config: The entity.
        kind: Of which kind the document is; empty where there are no kinds.
        inputs: The form's values, checked.
        website_url: The address to read, as typed; empty without one.
        pasted_text: What to use instead of the website.
        only: Key of the one card to write again.
        current: The document's data when it or a card of it is written again.
        context: Data of the documents above, by entity.
        started: By ``time.monotonic``.
        answer: The writer's answer.
        provenance: Who wrote it, from what.
    """

    config: EntityConfig
    kind: str
    inputs: dict[str, str]
    website_url: str
    pasted_text: str
    only: str | None
    current: dict[str, Any] | None
    context: dict[str, dict[str, Any]]
    started: float = field(default_factory=time.monotonic)
    answer: dict[str, Any] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def schema(self) -> type[BaseModel]:
        """What the writer's answer must validate as."""
        return answer_model(self.config, self.kind, self.only)


def make_job(request: GenerationRequest, allowed_hosts: frozenset[str]) -> Job:
    """Make sense of a request.

    Args:
        request: What to generate, as a door was given it.
        allowed_hosts: ``host:port`` pairs with ports other than 80 and 443.

    Raises:
        UserError: ``not_found``, ``invalid_document``, ``invalid_input``, ``invalid_url``, or
            ``too_little_text`` when there is nothing at all to write from.
    """
    config = known_entity(request.entity)
    current = request.current
    if request.only is not None:
        if request.only not in config.card_keys:
            raise _not_found()
        if current is None:
            raise UserError(
                "invalid_document",
                "One card can only be written again together with the rest of its document.",
                "Reload the page and try again.",
                status=422,
            )
    if current is not None:
        check_document(current, config, request.only or "")
    context = known_context(config, request.context)
    inputs = checked_inputs(
        config, _completed(config, request, context), complete=request.only is None
    )
    kind = config.kind_of(inputs)
    if request.only is not None and config.card(request.only) not in config.cards_of(kind):
        raise _not_found()
    address, pasted = website_of(config, inputs, context, current)
    if address:
        # Only checked: the reader wants it as typed, to know whether http may be tried.
        normalise_url(address, allowed_hosts=allowed_hosts)
    if not address and not pasted:
        require_basis(config, context)
    return Job(config, kind, inputs, address, pasted, request.only, current, context)


def known_entity(entity: str) -> EntityConfig:
    """The configuration of an entity that a client names.

    Raises:
        UserError: ``not_found``.
    """
    config = ENTITIES.get(entity)
    if config is None:
        raise _not_found()
    return config


def known_context(
    config: EntityConfig, context: Mapping[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """What is known of the documents above, the topmost first, and of nothing else."""
    return {
        known.entity: context[known.entity]
        for known in above(config.entity)
        if context.get(known.entity)
    }


def website_of(
    config: EntityConfig,
    inputs: Mapping[str, str],
    context: Mapping[str, Mapping[str, Any]],
    current: Mapping[str, Any] | None = None,
) -> tuple[str, str]:
    """The address to read and the text to use instead.

    The address comes from the form, else from the document itself, else from what is above it.
    """
    typed, pasted = (inputs.get(name, "") for name in WEBSITE_INPUTS)
    places = [(config, current or {})]
    places += [(known, context.get(known.entity, {})) for known in above(config.entity)]
    stored = (data.get(known.url_field) for known, data in places if known.url_field)
    return typed or next((url for url in stored if isinstance(url, str) and url), ""), pasted


def require_basis(config: EntityConfig, context: Mapping[str, Any]) -> None:
    """Without a website, what is directly above must be known: nothing is written from nothing.

    Raises:
        UserError: ``too_little_text``.
    """
    nearest = ENTITIES[config.parents[-1].entity] if config.parents else None
    if nearest is not None and nearest.entity in context:
        return
    label = nearest.label.lower() if nearest else "company"
    raise UserError(
        "too_little_text",
        f"There is nothing to base a {config.label.lower()} on.",
        f"Give the address of the company's website, a description, or the {label} it is for. "
        "Nothing was made up.",
        status=422,
    )


def website_without_pages() -> Website:
    """Stands for the website where none was given, and only what is above tells something."""
    missing = ["the company's own website"]
    return Website("", (), Coverage(reader="pasted text", quality="thin", missing=missing))


def _completed(
    config: EntityConfig, request: GenerationRequest, context: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The inputs, with what the document that is written again knows itself."""
    inputs: dict[str, Any] = dict(request.inputs)
    names = {form_field.name for form_field in config.form.fields}
    if request.current is None:
        return inputs
    kind = config.kind_of(request.current)
    if kind and (request.only is not None or not inputs.get(config.kind_field)):
        inputs[config.kind_field] = kind
    if "website_url" in names and not inputs.get("website_url"):
        inputs["website_url"] = website_of(config, {}, context, request.current)[0]
    return inputs


def _not_found() -> UserError:
    return UserError(
        "not_found",
        "There is nothing of that kind to generate.",
        "Reload the page and try again.",
        status=404,
    )
