"""A card that was written again and would touch what a person wrote: proposed, accepted, declined.

Pure. A proposal waits in the document, under ``proposals``, and changes nothing else. When a card
is proposed rather than merged says ``regenerate.expects_proposal``.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from blossomer.entities.attributes import kept_model
from blossomer.entities.base import MOST_TEXT, Proposal
from blossomer.entities.config import MOST_ITEMS, Card, EntityConfig
from blossomer.entities.items import item_key
from blossomer.entities.merge import Change
from blossomer.entities.regenerate import expects_proposal, merge_card, number_segments
from blossomer.errors import UserError


def rewrite_card(
    current: Mapping[str, Any], new: Mapping[str, Any], config: EntityConfig, key: str
) -> dict[str, Any]:
    """Put a newly written card into a document, or propose it where it would touch edited words.

    Args:
        current: The document's data.
        new: The card's value in a field named like the card, with ``evidence`` (checked) and
            ``confidence`` for it.
        config: The entity.
        key: The card.

    Returns:
        A new document; neither argument is changed.
    """
    card = config.card(key)
    if not expects_proposal(current, card):
        return merge_card(current, new, config, key)
    value = deepcopy(new.get(key))
    if isinstance(value, list):
        value = number_segments(card, value)
    proposal = Proposal(
        value=value,
        evidence=[entry for entry in new.get("evidence") or () if entry.get("field") == key],
        confidence=(new.get("confidence") or {}).get(key),
        written_at=datetime.now(UTC),
    )
    result = deepcopy(dict(current))
    result["proposals"] = {
        **(result.get("proposals") or {}),
        key: proposal.model_dump(mode="json"),
    }
    return result


def accept_proposal(data: Mapping[str, Any], config: EntityConfig, key: str) -> list[Change]:
    """The changes that put a proposed card in its place.

    What it replaces is gone from the card, and with it the marks of what a person had edited.

    Args:
        data: The document's data.
        config: The entity.
        key: The card.

    Returns:
        One change for the card (one for each attribute when it is one record), then its evidence,
        its confidence, its marks, and the proposal that no longer waits. None without a proposal.

    Raises:
        UserError: ``invalid_document``, when what is proposed cannot stand on the card.
    """
    raw = (data.get("proposals") or {}).get(key)
    if raw is None:
        return []
    card = config.card(key)
    try:
        proposal = Proposal.model_validate(raw)
        value = _checked(card, proposal.value)
    except ValidationError:
        raise UserError(
            "invalid_document",
            "What was proposed is damaged and cannot be used.",
            "Decline it and write the card again. Your own version is unchanged.",
            status=422,
        ) from None
    if card.shape == "record":
        changes = [
            Change(path=("data", *card.at, name), value=inner) for name, inner in value.items()
        ]
        old = card.value(data)
        still = {name for name, inner in value.items() if old.get(name) == inner}
        # An attribute that the proposal does not name keeps both its value and its mark.
        still |= {name for name in old if name not in value}
    else:
        changes = [Change(path=("data", *card.at), value=value)]
        still = {item_key(item) for item in value}
    evidence = [e for e in data.get("evidence") or () if e.get("field") != key]
    evidence += [e.model_dump() for e in proposal.evidence if e.field == key]
    edited = ((data.get("provenance") or {}).get("edited") or {}).get(key) or ()
    return [
        *changes,
        Change(path=("data", "evidence"), value=evidence),
        Change(path=("data", "confidence", key), value=proposal.confidence or "low"),
        Change(
            path=("data", "provenance", "edited", key),
            value=[mark for mark in edited if mark in still],
        ),
        *decline_proposal(key),
    ]


def decline_proposal(key: str) -> list[Change]:
    """The change after which a proposed card no longer waits. The card itself is as it was."""
    return [Change(path=("data", "proposals", key), value=None)]


def _checked(card: Card, value: Any) -> Any:
    """What a proposal holds, as the card keeps it. A draft comes from a browser: nothing is sure.

    Raises:
        ValidationError: It cannot stand on the card.
    """
    if card.record is None:
        texts: list[str] = TypeAdapter(list[str]).validate_python(value, strict=True)
        return [text[:MOST_TEXT] for text in texts if text.strip()][:MOST_ITEMS]
    model = kept_model(card.record)
    if card.shape == "record":
        kept = model.model_validate(value).model_dump(mode="json")
        names = {attribute.name for attribute in card.attributes}
        return {name: inner for name, inner in kept.items() if name in names and name in value}
    adapter: TypeAdapter[list[BaseModel]] = TypeAdapter(list[model])  # type: ignore[valid-type]
    items = [record.model_dump(mode="json") for record in adapter.validate_python(value)]
    return number_segments(card, items)[:MOST_ITEMS]
