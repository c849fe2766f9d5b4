"""What is enforced whatever a writer writes: sizes, quotes, names, kinds, and a person's words."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from blossomer.entities.attributes import Attribute
from blossomer.entities.config import Card
from blossomer.entities.evidence import check_evidence
from blossomer.entities.lineage import basis_of
from blossomer.entities.proposals import rewrite_card
from blossomer.entities.regenerate import number_segments, put_value, stored_value
from blossomer.entities.rewrite import merge_document
from blossomer.services.jobs import Job
from blossomer.services.website.model import Website
from blossomer.services.wording import meaningful


def finish(job: Job, website: Website) -> dict[str, Any]:
    """Enforce in code what a prompt can only ask for, check every quote, and sign it.

    Args:
        job: The generation, with the writer's answer.
        website: What was read, by which quotes are checked.

    Returns:
        The document's data; when something was written again, all of it, with what a person wrote
        as it was.
    """
    config, answer = job.config, job.answer
    pages = {page.url: page.visible_text for page in website.pages}
    job.provenance.generated_at = datetime.now(UTC)
    if job.only and job.current is not None:
        card = config.card(job.only)
        answer[card.key] = _tidy(card, answer[card.key])
        answer = check_evidence(answer, config, pages)
        _note_duration(job)
        return rewrite_card(job.current, answer, config, card.key)

    if config.kind_field:
        answer[config.kind_field] = job.kind
    for card in config.cards_of(job.kind):
        if card.shape != "record" and isinstance(stored_value(card, answer), list):
            put_value(card, answer, _tidy(card, card.value(answer)))
    answer = check_evidence(answer, config, pages)
    if config.url_field:
        answer[config.url_field] = website.url
    if given := meaningful(job.inputs.get(config.name_field, "")):
        # A name that the person gave is theirs, whatever the writer made of it.
        answer[config.name_field] = given
    answer["basis"] = basis_of(job.context)
    _note_duration(job)
    answer["provenance"] = job.provenance.model_dump(mode="json")
    data = config.data_model.model_validate(answer).model_dump(mode="json")
    return data if job.current is None else merge_document(job.current, data, config)


def _tidy(card: Card, value: Any) -> Any:
    """A card's value with as many items as it may have, and rare choices kept rare."""
    if not isinstance(value, list):
        return value
    items = number_segments(card, value[: card.max_items])
    for attribute in card.attributes:
        _make_rare(attribute, items)
    return items


def _make_rare(attribute: Attribute, records: list[dict[str, Any]]) -> None:
    if attribute.rare is None:
        return
    seen: Counter[Any] = Counter()
    for record in records:
        value = record.get(attribute.name)
        seen[value] += 1
        if value == attribute.rare.value and seen[value] > attribute.rare.most:
            record[attribute.name] = attribute.rare.otherwise


def _note_duration(job: Job) -> None:
    job.provenance.duration_seconds = round(time.monotonic() - job.started, 3)
