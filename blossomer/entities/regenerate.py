"""Writing one card again: what of a document changes, and what a person's words are safe from.

Pure. Which items a person edited stands in the document's provenance; the new items come from
``services/generation.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from blossomer.entities.base import Confidence, Evidence, Provenance
from blossomer.entities.config import EntityConfig
from blossomer.entities.merge import Change, changes_between
from blossomer.errors import UserError


class _Document(BaseModel):
    """The parts of a document that writing a card again reads. The rest is carried along."""

    model_config = ConfigDict(extra="allow")

    evidence: list[Evidence] = Field(default_factory=list)
    confidence: dict[str, Confidence] = Field(default_factory=dict)
    provenance: Provenance = Field(default_factory=Provenance)


def check_document(document: Mapping[str, Any], config: EntityConfig, key: str) -> None:
    """Refuse a document that cannot have come from this application.

    A card may be empty here although a writer must fill it: a person may have deleted every item.

    Raises:
        UserError: ``invalid_document``.
    """
    try:
        _Document.model_validate(document)
        card_is_sound = _is_list_of_texts(document.get(key, []))
    except ValidationError:
        card_is_sound = False
    if not card_is_sound:
        raise UserError(
            "invalid_document",
            f"The {config.label.lower()} that was sent is damaged.",
            "Reload the page and try again. What is stored has not been changed.",
            status=422,
        )


def kept_items(document: Mapping[str, Any], key: str) -> list[str]:
    """The items of a card that a person wrote or changed, and that still stand there, in order."""
    edited = _edited(document, key)
    return [item for item in document.get(key) or () if item in edited]


def merge_card(
    current: Mapping[str, Any], new: Mapping[str, Any], config: EntityConfig, key: str
) -> dict[str, Any]:
    """Put a newly written card into a document.

    Edited items stay word for word at their places; new items fill the places between and after
    them, up to the card's ``max_items``. No other card, and none of their evidence, is touched.

    Args:
        current: The document's data.
        new: The card's field, with ``evidence`` (checked) and ``confidence`` for it.
        config: The entity.
        key: The card.

    Returns:
        A new document; neither argument is changed.
    """
    result = deepcopy(dict(current))
    kept = kept_items(current, key)
    fresh = [item for item in dict.fromkeys(new.get(key) or ()) if item not in kept]
    fresh = fresh[: max(0, config.card(key).max_items - len(kept))]
    result[key] = _interleave(current.get(key) or (), set(kept), fresh)

    evidence = [
        entry
        for entry in result.get("evidence") or ()
        if entry.get("field") != key or entry.get("text") in kept
    ]
    evidence += [
        deepcopy(dict(entry))
        for entry in new.get("evidence") or ()
        if entry.get("field") == key and entry.get("text") in fresh
    ]
    result["evidence"] = evidence

    confidence = {k: v for k, v in (result.get("confidence") or {}).items() if k != key}
    if level := (new.get("confidence") or {}).get(key):
        proven = any(entry.get("field") == key and entry.get("verified") for entry in evidence)
        confidence[key] = "medium" if level == "high" and not proven else level
    result["confidence"] = confidence
    return result


def changes_of_card(
    key: str, before: Mapping[str, Any], after: Mapping[str, Any], present: Mapping[str, Any]
) -> list[Change]:
    """What writing one card again changed in a document.

    Args:
        key: The card.
        before: The document's data when the writing began.
        after: The same with the new card.
        present: The document's data now.

    Returns:
        Changes of the document; none when a person has changed the card meanwhile: theirs stays.
    """
    if present.get(key) != before.get(key):
        return []
    return [
        Change(path=("data", *change.path), value=change.value)
        for change in changes_between(dict(before), dict(after))
    ]


def _interleave(old: Sequence[str], kept: set[str], fresh: Sequence[str]) -> list[str]:
    waiting = iter(fresh)
    items: list[str] = []
    for item in old:
        if item in kept:
            items.append(item)
        elif (replacement := next(waiting, None)) is not None:
            items.append(replacement)
    return [*items, *waiting]


def _edited(document: Mapping[str, Any], key: str) -> set[str]:
    edited = (document.get("provenance") or {}).get("edited") or {}
    return set(edited.get(key) or ())


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
