"""Writing again: what of a document changes, and what a person's words are safe from.

Pure. Which items a person edited stands in the document's provenance; what is new comes from
``services/generation.py``. Where a person's words leave no room, what is new waits as a proposal
(``proposals.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from blossomer.entities.base import Confidence, Evidence, Proposal, Provenance
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.items import item_key, texts_of
from blossomer.entities.merge import Change, changes_between
from blossomer.errors import UserError

_NOT_SAID_BY_A_CARD = frozenset({"evidence", "confidence", "provenance", "proposals"})
"""What a document says about its cards, rather than in them."""


class _Document(BaseModel):
    """The parts of a document that writing a card again reads. The rest is carried along."""

    model_config = ConfigDict(extra="allow")

    evidence: list[Evidence] = Field(default_factory=list)
    confidence: dict[str, Confidence] = Field(default_factory=dict)
    provenance: Provenance = Field(default_factory=Provenance)
    proposals: dict[str, Proposal | None] = Field(default_factory=dict)


def check_document(document: Mapping[str, Any], config: EntityConfig, key: str = "") -> None:
    """Refuse a document that cannot have come from this application.

    A card may be empty here although a writer must fill it: a person may have deleted every item.

    Args:
        document: Its data.
        config: The entity.
        key: The card that is to be written again; all cards without one.

    Raises:
        UserError: ``invalid_document``.
    """
    cards = (config.card(key),) if key else config.cards
    try:
        _Document.model_validate(document)
        is_sound = all(_is_sound(card, stored_value(card, document)) for card in cards)
    except ValidationError:
        is_sound = False
    if not is_sound:
        raise UserError(
            "invalid_document",
            f"The {config.label.lower()} that was sent is damaged.",
            "Reload the page and try again. What is stored has not been changed.",
            status=422,
        )


def stored_value(card: Card, data: Mapping[str, Any]) -> Any:
    """What stands at a card's place, as it is; None when nothing does."""
    node: Any = data
    for name in card.at:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def kept_items(document: Mapping[str, Any], card: Card) -> list[Any]:
    """The items of a card that a person wrote or changed, and that still stand there, in order.

    None for a card that is one record: see ``kept_attributes``.
    """
    if card.shape == "record":
        return []
    edited = _edited(document, card.key)
    return [item for item in card.value(document) if item_key(item) in edited]


def kept_attributes(document: Mapping[str, Any], card: Card) -> dict[str, Any]:
    """The values of a card's one record that a person wrote or changed, by attribute."""
    if card.shape != "record":
        return {}
    edited = _edited(document, card.key)
    return {name: value for name, value in card.value(document).items() if name in edited}


def is_touched(document: Mapping[str, Any], card: Card) -> bool:
    """Whether something on the card is a person's."""
    return bool(kept_items(document, card) or kept_attributes(document, card))


def expects_proposal(document: Mapping[str, Any], card: Card) -> bool:
    """Whether the card, written again, is only proposed.

    So it is when what a person wrote leaves no room for more, and when the card is one whole of
    which a person has written a part: a text in segments, or one record.
    """
    if card.shape in ("record", "segments"):
        return is_touched(document, card)
    return len(kept_items(document, card)) >= card.max_items


def merge_card(
    current: Mapping[str, Any], new: Mapping[str, Any], config: EntityConfig, key: str
) -> dict[str, Any]:
    """Put a newly written card into a document.

    Edited items stay word for word at their places; new items fill the places between and after
    them, up to the card's ``max_items``. Edited attributes of a record keep their values. No other
    card, and none of their evidence, is touched. A proposal for the card is no longer waiting.

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
    result = deepcopy(dict(current))
    if card.shape == "record":
        kept: Any = kept_attributes(current, card)
        fresh: Any = {n: v for n, v in dict(new.get(key) or {}).items() if n not in kept}
        put_value(card, result, {**card.value(current), **deepcopy(fresh)})
    else:
        kept = kept_items(current, card)
        fresh = _fresh_items(card, kept, new.get(key) or ())
        put_value(card, result, _interleave(card, card.value(current), kept, fresh))

    kept_texts, fresh_texts = set(texts_of(kept)), set(texts_of(fresh))
    evidence = [
        entry
        for entry in result.get("evidence") or ()
        if entry.get("field") != key or entry.get("text") in kept_texts
    ]
    evidence += [
        deepcopy(dict(entry))
        for entry in new.get("evidence") or ()
        if entry.get("field") == key and entry.get("text") in fresh_texts
    ]
    result["evidence"] = evidence

    confidence = {k: v for k, v in (result.get("confidence") or {}).items() if k != key}
    if level := (new.get("confidence") or {}).get(key):
        proven = any(entry.get("field") == key and entry.get("verified") for entry in evidence)
        confidence[key] = "medium" if level == "high" and not proven else level
    result["confidence"] = confidence
    if (result.get("proposals") or {}).get(key) is not None:
        result["proposals"][key] = None
    return result


def put_value(card: Card, data: dict[str, Any], value: Any) -> None:
    """Put what a card holds at its place. Of one record, only the attributes that are named."""
    if card.shape == "record":
        _object_at(data, card.at).update(value)
    else:
        _object_at(data, card.at[:-1])[card.at[-1]] = value


def changes_of_card(
    key: str, before: Mapping[str, Any], after: Mapping[str, Any], present: Mapping[str, Any]
) -> list[Change]:
    """What writing one card again changed in a document.

    Args:
        key: The card.
        before: The document's data when the writing began.
        after: The same with the new card, or with a proposal for it.
        present: The document's data now.

    Returns:
        Changes of the document; none when a person has changed meanwhile what was written again:
        theirs stays. For a proposal only the change at ``("data", "proposals", key)``, since it
        touches nothing.
    """
    proposal = (after.get("proposals") or {}).get(key)
    if proposal is not None and proposal != (before.get("proposals") or {}).get(key):
        return [Change(path=("data", "proposals", key), value=proposal)]
    changes = changes_between(dict(before), dict(after))
    for change in changes:
        if change.path[0] in _NOT_SAID_BY_A_CARD:
            continue
        if _at(present, change.path) != _at(before, change.path):
            return []
    return [Change(path=("data", *change.path), value=change.value) for change in changes]


def number_segments(card: Card, items: Sequence[Any], taken: Sequence[Any] = ()) -> list[Any]:
    """Give each segment of a text an id of its own: ``s1``, ``s2`` where it has none.

    Args:
        card: The card; of other shapes the items are returned as they are.
        items: The segments.
        taken: Segments whose ids must not be given to others.
    """
    if card.shape != "segments":
        return list(items)
    used = {item.get("id") for item in taken}
    reserved = used | {item.get("id") for item in items}
    numbers = (f"s{n}" for n in range(1, len(items) + len(reserved) + 2))
    result = []
    for item in items:
        name = item.get("id") or ""
        if not name or name in used:
            name = next(number for number in numbers if number not in reserved)
        used.add(name)
        result.append({**item, "id": name})
    return result


def _fresh_items(card: Card, kept: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    """The new items that there is room for, without those that are there already."""
    have = {item_key(item) for item in kept}
    fresh = []
    # A person's paragraph stands in for a new one of the same kind: nobody is greeted twice.
    replaced = [item.get("type") for item in kept] if card.shape == "segments" else []
    for item in new:
        if item_key(item) in have:
            continue
        have.add(item_key(item))
        if card.shape == "segments" and item.get("type") in replaced:
            replaced.remove(item.get("type"))
            continue
        fresh.append(deepcopy(item))
    fresh = fresh[: max(0, card.max_items - len(kept))]
    return number_segments(card, fresh, kept)


def _interleave(
    card: Card, old: Sequence[Any], kept: Sequence[Any], fresh: Sequence[Any]
) -> list[Any]:
    keys = {item_key(item) for item in kept}
    waiting = iter(fresh)
    items: list[Any] = []
    for item in old:
        if item_key(item) in keys:
            items.append(deepcopy(item))
        elif (replacement := next(waiting, None)) is not None:
            items.append(replacement)
    return [*items, *waiting]


def _edited(document: Mapping[str, Any], key: str) -> set[str]:
    edited = (document.get("provenance") or {}).get("edited") or {}
    return set(edited.get(key) or ())


def _is_sound(card: Card, value: Any) -> bool:
    if value is None:
        return True
    if card.shape == "record":
        return isinstance(value, Mapping)
    item = str if card.shape == "texts" else Mapping
    return isinstance(value, list) and all(isinstance(each, item) for each in value)


def _object_at(data: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    node = data
    for name in path:
        child = node.get(name)
        if not isinstance(child, dict):
            child = {}
            node[name] = child
        node = child
    return node


def _at(data: Any, path: Sequence[str]) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data
