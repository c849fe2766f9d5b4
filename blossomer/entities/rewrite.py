"""Writing a whole document again: every item that a person wrote or changed stays, card by card.

Pure. One card alone is in ``regenerate.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from blossomer.entities.config import EntityConfig
from blossomer.entities.merge import Change, changes_between
from blossomer.entities.regenerate import is_touched, merge_card, put_value, stored_value


def merge_document(
    current: Mapping[str, Any], new: Mapping[str, Any], config: EntityConfig
) -> dict[str, Any]:
    """Put what was written anew into a document, without touching a person's words.

    Args:
        current: The document's data.
        new: Its data as written anew, with checked evidence and provenance.
        config: The entity.

    Returns:
        A new document. What a person wrote for a channel that it no longer is for stays in it,
        although no card shows it. Proposals no longer wait: all of the document is new.
    """
    result = deepcopy(dict(new))
    evidence = [e for e in result.get("evidence") or () if e.get("field") not in config.card_keys]
    for card in config.cards_of(config.kind_of(new)):
        written = {
            card.key: card.value(new),
            "evidence": new.get("evidence"),
            "confidence": new.get("confidence"),
        }
        merged = merge_card(current, written, config, card.key)
        put_value(card, result, card.value(merged))
        evidence += [e for e in merged["evidence"] if e.get("field") == card.key]
        if card.key in merged["confidence"]:
            result["confidence"][card.key] = merged["confidence"][card.key]
    result["evidence"] = evidence

    edited = (current.get("provenance") or {}).get("edited") or {}
    for name in _plain_fields(config):
        if current.get(name) in (edited.get(name) or ()):
            result[name] = current[name]
    for kind in config.kinds:
        if kind.value != config.kind_of(new) and any(
            is_touched(current, card) for card in config.cards if card.kind == kind.value
        ):
            result[kind.content] = deepcopy(current.get(kind.content))
    result.setdefault("provenance", {})["edited"] = deepcopy(edited)
    result["proposals"] = dict.fromkeys(current.get("proposals") or ())
    return result


def changes_of_document(
    config: EntityConfig,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    present: Mapping[str, Any],
) -> list[Change]:
    """What writing the whole document again changed in it.

    Args:
        config: The entity.
        before: The document's data when the writing began.
        after: The same written anew.
        present: The document's data now.

    Returns:
        Changes of the document. A card, name or description that a person has changed meanwhile
        keeps theirs, with the evidence and the marks that belong to it.
    """
    theirs = {
        name
        for name in (*_plain_fields(config), *config.card_keys)
        if _value(config, name, present) != _value(config, name, before)
    }
    goal = deepcopy(dict(present))
    for name in _plain_fields(config):
        if name in after and name not in theirs:
            goal[name] = after[name]
    if config.kind_field in after:
        goal[config.kind_field] = after[config.kind_field]
    for kind in config.kinds:
        if not isinstance(goal.get(kind.content), dict):
            goal[kind.content] = deepcopy(after.get(kind.content))
    for card in config.cards:
        if card.key not in theirs and stored_value(card, after) is not None:
            put_value(card, goal, deepcopy(card.value(after)))
    for name in ("assumptions", "discovery_gaps", "basis"):
        if name in after:
            goal[name] = deepcopy(after[name])
    goal["evidence"] = [
        *(e for e in after.get("evidence") or () if e.get("field") not in theirs),
        *(e for e in present.get("evidence") or () if e.get("field") in theirs),
    ]
    goal["confidence"] = {
        **(present.get("confidence") or {}),
        **{k: v for k, v in (after.get("confidence") or {}).items() if k not in theirs},
    }
    marks = (present.get("provenance") or {}).get("edited") or {}
    goal["provenance"] = {**(after.get("provenance") or {}), "edited": marks}
    goal["proposals"] = dict.fromkeys(present.get("proposals") or ())
    changes = changes_between(dict(present), goal)
    return [Change(path=("data", *change.path), value=change.value) for change in changes]


def _plain_fields(config: EntityConfig) -> Iterator[str]:
    """The fields that are neither a card nor what a kind alone has: name, address, description."""
    elsewhere = {kind.content for kind in config.kinds} | {config.kind_field}
    elsewhere |= {card.at[0] for card in config.cards}
    return (name for name in config.own_fields if name not in elsewhere)


def _value(config: EntityConfig, name: str, data: Mapping[str, Any]) -> Any:
    return config.card(name).value(data) if name in config.card_keys else data.get(name)
