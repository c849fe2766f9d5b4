"""Values that a program sends for parts of a document, checked strictly. Pure.

What is right is the same as in the editors of the pages: the kinds, choices and lengths of a card's
attributes, and the number of items that a card may hold. Nothing is guessed or cut: what does not
fit is refused in words that name its place. What is as it was before is kept to the last character.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from blossomer.entities.attributes import MOST_ITEMS, Attribute, kept_model
from blossomer.entities.base import MOST_TEXT
from blossomer.entities.config import Card
from blossomer.entities.items import is_empty, item_key
from blossomer.entities.regenerate import number_segments
from blossomer.errors import UserError

_ID = re.compile(r"[A-Za-z0-9_-]{0,40}")


def refused_value(place: str, why: str, action: str = "") -> UserError:
    """A value cannot stand where it was sent to.

    Args:
        place: The way to it, with dots.
        why: What is wrong with it; a sentence without its subject.
        action: What to send instead.
    """
    return UserError(
        "invalid_input",
        f"“{place[:200]}” {why}",
        action or "Correct it and send it again. Nothing was changed.",
        status=422,
    )


def sent_text(value: Any, place: str, *, longest: int, may_be_empty: bool = True) -> str:
    """A text without spaces around it.

    Raises:
        UserError: ``invalid_input`` (422).
    """
    if not isinstance(value, str):
        raise refused_value(place, "must be a text.")
    text = value.strip()
    if len(text) > longest:
        raise refused_value(
            place, f"can have at most {longest:,} characters; it has {len(text):,}."
        )
    if not text and not may_be_empty:
        raise refused_value(place, "cannot be empty.")
    return text


def needed_in_item(card: Card) -> tuple[str, ...]:
    """The attributes without which one of a card's records would say nothing.

    Where its model demands none it is the first that is a text.
    """
    required = tuple(a.name for a in card.attributes if a.required)
    if required or card.shape not in ("records", "segments"):
        return required
    return tuple(a.name for a in card.attributes if a.kind in ("text", "long_text"))[:1]


def sent_card(card: Card, value: Any, present: Any, place: str) -> Any:
    """What a card is to hold.

    Args:
        card: The card.
        value: What was sent: all items, or some attributes of its one record.
        present: What the card holds now.
        place: The way to it, for the words of a refusal.

    Returns:
        The same as the card keeps it; for one record the attributes that were sent.

    Raises:
        UserError: ``invalid_input`` (422).
    """
    if card.shape == "record":
        return _attributes(card, value, present, place)
    if not isinstance(value, list):
        raise refused_value(
            place, "must be a list of all items; it replaces the one that is there."
        )
    if len(value) > MOST_ITEMS:
        raise refused_value(place, f"can have at most {MOST_ITEMS} items; it has {len(value):,}.")
    known = {item_key(item): item for item in present}
    items = [_item(card, item, known, f"{place}.{n}") for n, item in enumerate(value)]
    kept = [item for item in items if item_key(item) in known]
    # Ids for what is new; what was there is left as it is, without one too.
    new = iter(number_segments(card, [i for i in items if item_key(i) not in known], kept))
    return [item if item_key(item) in known else next(new) for item in items]


def _item(card: Card, item: Any, known: Mapping[str, Any], place: str) -> Any:
    if isinstance(item, str | dict) and item_key(item) in known:
        return known[item_key(item)]
    if card.record is None:
        return sent_text(item, place, longest=MOST_TEXT, may_be_empty=False)
    has_id = "id" in card.record.model_fields
    given = _attributes(card, item, {}, place, also=("id",) if has_id else ())
    record = kept_model(card.record).model_validate(given).model_dump(mode="json")
    for name in needed_in_item(card):
        if is_empty(record[name]):
            raise refused_value(f"{place}.{name}", "cannot be empty.")
    return record


def _attributes(
    card: Card, value: Any, present: Mapping[str, Any], place: str, also: Sequence[str] = ()
) -> dict[str, Any]:
    names = {attribute.name: attribute for attribute in card.attributes}
    if not isinstance(value, Mapping):
        raise refused_value(place, f"must be an object with some of: {', '.join(names)}.")
    if unknown := sorted(str(name) for name in value if name not in names and name not in also):
        raise refused_value(
            f"{place}.{unknown[0][:100]}", "does not exist.", f"There are: {', '.join(names)}."
        )
    result: dict[str, Any] = {}
    for name, inner in value.items():
        if name in present and present[name] == inner and type(present[name]) is type(inner):
            result[name] = inner
        elif name in names:
            result[name] = _attribute(card, names[name], inner, f"{place}.{name}")
        elif isinstance(inner, str) and _ID.fullmatch(inner):
            result[name] = inner
        else:
            raise refused_value(
                f"{place}.{name}", "can have 40 letters, digits, hyphens and underscores."
            )
    return result


def _attribute(card: Card, attribute: Attribute, value: Any, place: str) -> Any:
    if value is None and _may_be_none(card, attribute):
        return None
    if attribute.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int):
            raise refused_value(place, "must be a whole number.")
        if not attribute.least <= value <= attribute.most:
            raise refused_value(
                place, f"must be a number from {attribute.least:,} to {attribute.most:,}."
            )
        return value
    if attribute.kind == "choice":
        return _choice(attribute, value, place)
    if attribute.kind in ("tags", "choices"):
        return _values(attribute, value, place)
    if not isinstance(value, str):
        raise refused_value(place, "must be a text.")
    if len(value) > attribute.longest:
        raise refused_value(
            place, f"can have at most {attribute.longest:,} characters; it has {len(value):,}."
        )
    if attribute.required and not value.strip():
        raise refused_value(place, "cannot be empty.")
    return value if value.strip() else ""


def _choice(attribute: Attribute, value: Any, place: str) -> str:
    if not isinstance(value, str) or value not in attribute.options:
        raise refused_value(place, f"must be one of: {', '.join(attribute.options)}.")
    return value


def _values(attribute: Attribute, value: Any, place: str) -> list[str]:
    """Short texts, or choices, each of them once."""
    if not isinstance(value, list):
        raise refused_value(place, "must be a list of texts.")
    if len(value) > MOST_ITEMS:
        raise refused_value(place, f"can have at most {MOST_ITEMS} values; it has {len(value):,}.")
    found: dict[str, None] = {}
    for number, inner in enumerate(value):
        if attribute.kind == "choices":
            found[_choice(attribute, inner, f"{place}.{number}")] = None
        else:
            text = sent_text(inner, f"{place}.{number}", longest=MOST_TEXT, may_be_empty=False)
            found[text] = None
    return list(found)


def _may_be_none(card: Card, attribute: Attribute) -> bool:
    fields = card.record.model_fields if card.record is not None else {}
    return type(None) in get_args(fields[attribute.name].annotation)
