"""Texts of a card by the place where they stand: read, and written without touching another one.

A place is a name that a page can send. On a card of segments it is a segment's address, or empty
for the whole body as plain text; on a card with a choice the number of the text, 0 for the chosen
one; on one record the name of an attribute, and of several ``2.body``. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.entities.attributes import MOST_ITEMS, Attribute
from blossomer.entities.base import MOST_TEXT
from blossomer.entities.config import Card
from blossomer.entities.mail import segments_in
from blossomer.entities.segment_edits import place_of, with_value
from blossomer.entities.segments import body_text, segments_from_text
from blossomer.state.edit_views import short_values

MOST_CHOICES = 6
"""Texts of a choice, the chosen one among them."""

Value = list[dict[str, Any]] | dict[str, Any]
"""What a card would hold, as ``changes_of_card_edit`` takes it: all its items, or the attributes
of its one record that change."""


class NoSuchPlace(Exception):
    """The card has no such place, or no longer."""


class RefusedText(Exception):
    """A text cannot stand there. The message says why, to a person."""


def text_at(card: Card, data: Mapping[str, Any], place: str) -> str:
    """The text at a place.

    Raises:
        NoSuchPlace: There is none.
    """
    value = card.value(data)
    if card.shape == "segments":
        if not place:
            return body_text(segments_in(value))
        return str(value[_segment(value, place)].get("text") or "")
    if card.choice is not None and place.isdecimal():
        texts = choice_texts(card, value)
        return texts[int(place)] if int(place) < len(texts) else ""
    record, attribute = _record_and_attribute(card, value, place)
    return str(record.get(attribute.name) or "")


def value_with(card: Card, data: Mapping[str, Any], place: str, text: str) -> Value:
    """What the card holds once a text stands at a place.

    Raises:
        NoSuchPlace: There is no such place.
        RefusedText: The text is too long, or empty where something must stand.
    """
    value = card.value(data)
    if card.shape == "segments":
        return _with_segment(card, value, place, text)
    if card.choice is not None and place.isdecimal():
        return _with_choice(card, value, int(place), text)
    attribute = _record_and_attribute(card, value, place)[1]
    _check(attribute, text)
    if card.shape == "record":
        return {attribute.name: text}
    return with_value(value, int(place.partition(".")[0]), attribute.name, text)


def choice_texts(card: Card, record: Mapping[str, Any]) -> list[str]:
    """The texts of a choice, the chosen one first."""
    if card.choice is None:
        return []
    chosen = record.get(card.choice.chosen)
    return [
        chosen if isinstance(chosen, str) else "",
        *short_values(record.get(card.choice.others)),
    ]


def chosen_instead(card: Card, record: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The attributes of a choice once another text is chosen: the two change places.

    Raises:
        NoSuchPlace: There is no text with this number.
    """
    texts = choice_texts(card, record)
    if card.choice is None or not 0 < number < len(texts):
        raise NoSuchPlace
    texts[0], texts[number] = texts[number], texts[0]
    return {card.choice.chosen: texts[0], card.choice.others: texts[1:]}


def _segment(value: list[dict[str, Any]], address: str) -> int:
    if (index := place_of(value, address)) is None:
        raise NoSuchPlace
    return index


def _with_segment(card: Card, value: list[dict[str, Any]], place: str, text: str) -> Value:
    attribute = next(a for a in card.attributes if a.name == "text")
    if place:
        _check(attribute, text)
        return with_value(value, _segment(value, place), "text", text)
    segments = segments_from_text(text, segments_in(value))
    for segment in segments:
        _check(attribute, segment["text"])
    if len(segments) > MOST_ITEMS:
        raise RefusedText(
            f"A card holds at most {MOST_ITEMS} parts; this text has {len(segments)} paragraphs."
        )
    return [dict(segment) for segment in segments]


def _with_choice(card: Card, record: Mapping[str, Any], number: int, text: str) -> Value:
    choice = card.choice
    if choice is None:
        raise NoSuchPlace
    attribute = next(a for a in card.attributes if a.name == choice.chosen)
    text = " ".join(text.split())
    texts = choice_texts(card, record)
    if number == 0:
        _check(attribute, text)
        return {choice.chosen: text}
    _check_length(attribute, text)
    if number < len(texts):
        texts[number] = text
    elif number == len(texts) < MOST_CHOICES:
        texts.append(text)
    else:
        raise NoSuchPlace
    return {choice.others: [other for other in texts[1:] if other]}


def _record_and_attribute(
    card: Card, value: Any, place: str
) -> tuple[Mapping[str, Any], Attribute]:
    number, _, name = place.rpartition(".")
    attribute = next(
        (a for a in card.attributes if a.name == name and a.kind in ("text", "long_text")), None
    )
    if attribute is None:
        raise NoSuchPlace
    if card.shape == "record" and not number and isinstance(value, Mapping):
        return value, attribute
    if card.shape == "records" and number.isdecimal() and int(number) < len(value):
        record = value[int(number)]
        if isinstance(record, Mapping):
            return record, attribute
    raise NoSuchPlace


def _check(attribute: Attribute, text: str) -> None:
    if attribute.required and not text.strip():
        raise RefusedText(f"“{attribute.label}” cannot be empty.")
    _check_length(attribute, text)


def _check_length(attribute: Attribute, text: str) -> None:
    longest = max(attribute.longest, MOST_TEXT)
    if len(text) > longest:
        raise RefusedText(f"This can have at most {longest:,} characters; it has {len(text):,}.")
