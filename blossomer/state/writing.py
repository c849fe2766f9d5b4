"""Writing on the page itself, without the modal: a body's parts, its plain text, a choice of texts.

What is typed stays in the browser and arrives when its input is left, or with Ctrl+Enter: one text,
one change, one step of *Undo*. An input is drawn anew only when its text changed elsewhere, never
while something unsaved stands in it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import reflex as rx
from pydantic import Field, StringConstraints

from blossomer.entities.attributes import MOST_ITEMS
from blossomer.entities.config import Card
from blossomer.entities.document import Document
from blossomer.entities.edits import changes_of_card_edit
from blossomer.entities.mail import segments_in
from blossomer.entities.segment_edits import (
    Records,
    addresses,
    inserted,
    moved,
    place_of,
    removed,
    with_value,
)
from blossomer.entities.segments import SEGMENT_TYPES, SegmentKind, body_text
from blossomer.state.edit_views import empty_record, shown_text
from blossomer.state.editing import STALE_PAGE, EditingMixin
from blossomer.state.mail_views import PartView, TextView, rows_for
from blossomer.state.messages import Identifier
from blossomer.state.text_places import (
    MOST_CHOICES,
    NoSuchPlace,
    RefusedText,
    choice_texts,
    chosen_instead,
    text_at,
    value_with,
)
from blossomer.state.validation import plain, validated

Place = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,80}$")]
"""Where a text stands on a card; see ``text_places.py``."""

WrittenText = Annotated[str, Field(max_length=60_000)]

WAIT = "Wait until the writing has ended. What you typed is still there."
GONE = "This part is no longer there: it was removed in another tab or written again."
TOO_MANY = f"A card holds at most {MOST_ITEMS} parts."


class WritingMixin(EditingMixin, mixin=True):
    """The inputs of cards that are written in on the page, by the card's key."""

    parts: dict[str, list[PartView]] = {}
    plain_texts: dict[str, TextView] = {}
    as_plain: dict[str, bool] = {}
    """Cards whose body is shown as one plain text."""
    options: dict[str, list[TextView]] = {}
    """The texts of a choice, the chosen one first, and an empty one for another."""

    _drawn: dict[str, list[str]] = {}
    """By input: the text that it was drawn with, and the key of that drawing."""
    _typed: dict[str, str] = {}
    """By input: what stands in it and is not saved."""
    _drawn_document: str = ""
    _takes_focus: tuple[str, str] = ("", "")
    """The input, and which of its controls, that takes the focus when it is drawn next."""
    _dragged: str = ""
    _order: dict[str, list[str]] = {}
    """The texts of a choice in the order in which they are shown: choosing one moves none."""

    @rx.event
    @validated
    async def save_text(self, card: Identifier, place: Place, text: WrittenText) -> Any:
        """Keep one text, whose input was left."""
        self._save_text(card, place, text)

    def _save_text(self, key: str, place: str, text: str) -> None:
        card, document = self._written_card(key), self._documents.get(self.document_id)
        if card is None or document is None:
            self.notice = STALE_PAGE
            return
        name = input_of(key, place)
        data = plain(document)["data"]
        try:
            present = text_at(card, data, place)
            if is_unchanged(card, present, text):
                self._typed = _without(plain(self._typed), name)
                self._show_writing()
                return
            self._typed = {**plain(self._typed), name: text}
            if self.generating:
                self.notice = WAIT
                return
            value = value_with(card, data, place, text)
        except NoSuchPlace:
            self.notice = GONE
            return
        except RefusedText as refused:
            self.notice = str(refused)
            return
        self._typed = _without(plain(self._typed), name)
        drawn = plain(self._drawn)
        after = text_at(card, with_card(data, card, value), place)
        if name in drawn and (not place or is_unchanged(card, after, text)):
            # It holds what is saved already; drawn anew it would lose the cursor.
            self._drawn = {**drawn, name: [after, drawn[name][1]]}
        self._write(card, value, data)

    @rx.event
    @validated
    async def set_kind(self, card: Identifier, address: Identifier, kind: SegmentKind) -> Any:
        """Say what a part is for."""
        self._change_parts(card, address, lambda all_, at: with_value(all_, at, "type", kind))

    @rx.event
    @validated
    async def add_part(self, card: Identifier, after: Place = "") -> Any:
        """Add an empty part after another, or at the end."""
        found = self._written_card(card)
        if found is None or self.generating or (data := self._open_data()) is None:
            return
        segments: Records = found.value(data)
        if len(segments) >= MOST_ITEMS:
            self.notice = TOO_MANY
            return
        place = place_of(segments, after) if after else len(segments) - 1
        if place is None:
            self.notice = GONE
            return
        new = inserted(segments, place + 1, empty_record(found))
        self._takes_focus = (input_of(card, addresses(new)[place + 1]), "text")
        self._write(found, new, data)

    @rx.event
    @validated
    async def remove_part(self, card: Identifier, address: Identifier) -> Any:
        """Remove a part; *Undo* brings it back."""
        self._change_parts(card, address, removed)

    @rx.event
    @validated
    async def move_part(
        self,
        card: Identifier,
        address: Identifier,
        step: Literal[-1, 1],
        focus: Literal["text", "up", "down"] = "text",
        text: WrittenText | None = None,
    ) -> Any:
        """Move a part up (-1) or down (1), with what was typed into it; the focus goes with it."""
        if text is not None:
            self._save_text(card, address, text)
        self._takes_focus = (input_of(card, address), focus)
        self._change_parts(card, address, lambda all_, at: moved(all_, at, at + step))

    @rx.event
    @validated
    async def drag_part(self, address: Identifier) -> Any:
        """Note which part is being dragged."""
        self._dragged = address

    @rx.event
    @validated
    async def drop_part(self, card: Identifier, address: Identifier) -> Any:
        """Put the dragged part where another one stands."""
        dragged, self._dragged = self._dragged, ""
        found, data = self._written_card(card), self._open_data()
        if not dragged or found is None or data is None:
            return
        target = place_of(found.value(data), address)
        if target is not None:
            self._change_parts(card, dragged, lambda all_, at: moved(all_, at, target))

    @rx.event
    @validated
    async def show_plain(self, card: Identifier, plain_text: bool) -> Any:
        """Show a body as one plain text, or in its parts."""
        if self._written_card(card) is not None:
            self.as_plain = {**plain(self.as_plain), card: plain_text}

    @rx.event
    @validated
    async def choose_text(self, card: Identifier, number: Annotated[int, Field(ge=0)]) -> Any:
        """Use another text of a choice; the one used so far takes its place."""
        found, data = self._written_card(card), self._open_data()
        if found is None or data is None or self.generating:
            return
        try:
            value = chosen_instead(found, found.value(data), number)
        except NoSuchPlace:
            return
        self._write(found, value, data)

    def _change_parts(self, key: str, address: str, change: Any) -> None:
        """Change the segments of a card, one of which is meant."""
        found, data = self._written_card(key), self._open_data()
        if found is None or found.shape != "segments" or data is None:
            return
        if self.generating:
            self.notice = WAIT
            return
        segments: Records = found.value(data)
        index = place_of(segments, address)
        if index is None:
            self.notice = GONE
            return
        self._write(found, change(segments, index), data)

    def _write(self, card: Card, value: Any, data: Mapping[str, Any]) -> None:
        """Have a card hold something else, as one step that can be undone."""
        changes = changes_of_card_edit(card, value, card.value(data), data)
        if not changes:
            self._show_writing()
            return
        self._remember(changes)
        self._show(self._change(changes))

    def _written_card(self, key: str) -> Card | None:
        """A card of the open document that is written in on the page."""
        document = self._documents.get(self.document_id)
        if document is None or not self.entity:
            return None
        cards = self._config.cards_of(self._config.kind_of(document["data"]))
        found = next((card for card in cards if card.key == key), None)
        return found if found is not None and _is_written_in(found) else None

    def _open_data(self) -> dict[str, Any] | None:
        document = self._documents.get(self.document_id)
        return plain(document)["data"] if document is not None else None

    def _show(self, document: Mapping[str, Any]) -> None:
        super()._show(document)
        if self._drawn_document != document["id"]:
            self._drawn_document = document["id"]
            self._drawn, self._typed, self.as_plain, self._order = {}, {}, {}, {}
        self._draw_inputs(document["data"])

    def _show_nothing(self, phase: str) -> None:
        super()._show_nothing(phase)
        self._drawn_document = ""
        self._drawn, self._typed, self.as_plain = {}, {}, {}
        self.parts, self.plain_texts, self.options = {}, {}, {}

    def _show_writing(self) -> None:
        """Draw the inputs again, after something was typed or saved."""
        if (data := self._open_data()) is not None:
            self._draw_inputs(data)

    def _draw_inputs(self, data: Mapping[str, Any]) -> None:
        parts: dict[str, list[PartView]] = {}
        texts: dict[str, TextView] = {}
        options: dict[str, list[TextView]] = {}
        known = plain(self._drawn)
        self._drawn = {}
        for card in self._config.cards_of(self._config.kind_of(data)):
            if card.shape == "segments":
                parts[card.key] = self._part_views(card, data, known)
                whole = body_text(segments_in(card.value(data)))
                text, key = self._draw_input(input_of(card.key, ""), whole, known)
                texts[card.key] = TextView(
                    key=key, input=input_of(card.key, ""), text=text, rows=rows_for(text, 8)
                )
            elif card.choice is not None:
                options[card.key] = self._option_views(card, data, known)
        self._takes_focus = ("", "")
        self.parts, self.plain_texts, self.options = parts, texts, options

    def _part_views(
        self, card: Card, data: Mapping[str, Any], known: Mapping[str, list[str]]
    ) -> list[PartView]:
        segments = card.value(data)
        view = plain(self.cards).get(card.key)
        sources = view.records if view is not None and len(view.records) == len(segments) else []
        result = []
        for index, (address, segment) in enumerate(zip(addresses(segments), segments, strict=True)):
            name = input_of(card.key, address)
            text, key = self._draw_input(name, str(segment.get("text") or ""), known)
            kind = SEGMENT_TYPES.get(segment.get("type"), SEGMENT_TYPES["custom"])
            result.append(
                PartView(
                    address=address,
                    key=key,
                    input=name,
                    kind=str(segment.get("type") or "custom"),
                    label=kind.label,
                    colour=kind.colour,
                    purpose=kind.purpose,
                    text=text,
                    rows=rows_for(text, 1),
                    number=index + 1,
                    status=sources[index].status if sources else "inferred",
                    quotes=sources[index].quotes if sources else [],
                    is_first=index == 0,
                    is_last=index == len(segments) - 1,
                    focus=self._takes_focus[1] if self._takes_focus[0] == name else "",
                )
            )
        return result

    def _option_views(
        self, card: Card, data: Mapping[str, Any], known: Mapping[str, list[str]]
    ) -> list[TextView]:
        texts = choice_texts(card, card.value(data))
        order = _in_order(plain(self._order).get(card.key, []), texts)
        self._order = {**plain(self._order), card.key: [texts[number] for number in order]}
        if len(texts) < MOST_CHOICES:
            order.append(len(texts))
            texts.append("")
        result = []
        for number in order:
            stored = texts[number]
            name = input_of(card.key, str(number))
            text, key = self._draw_input(name, stored, known)
            result.append(
                TextView(
                    place=str(number),
                    key=key,
                    input=name,
                    text=text,
                    is_chosen=number == 0,
                    is_new=number > 0 and not stored,
                )
            )
        return result

    def _draw_input(
        self, name: str, stored: str, known: Mapping[str, list[str]]
    ) -> tuple[str, str]:
        """What stands in an input, and the key of its drawing."""
        typed = self._typed.get(name)
        drawn = known.get(name)
        is_asked_for = self._takes_focus[0] == name
        keeps = drawn is not None and (drawn[0] == stored or typed is not None)
        if drawn is not None and keeps and not is_asked_for:
            self._drawn[name] = [drawn[0] if typed is not None else stored, drawn[1]]
            return typed if typed is not None else stored, drawn[1]
        key = secrets.token_hex(4)
        self._drawn[name] = [stored, key]
        return typed if typed is not None else stored, key


def input_of(card: str, place: str) -> str:
    """The id of the input for a place on a card."""
    return f"write-{card}-{place}"


def _is_written_in(card: Card) -> bool:
    return card.shape == "segments" or card.choice is not None


def _in_order(before: list[str], texts: list[str]) -> list[int]:
    """The numbers of texts in the order in which they were shown before, as far as they are them.

    One that was written anew stands where the old one stood.
    """
    gone = [text for text in before if text not in texts]
    new = [text for text in texts if text not in before]
    if len(before) != len(texts) or len(gone) != len(new) or len(gone) > 1:
        return list(range(len(texts)))
    shown = [new[0] if gone and text == gone[0] else text for text in before]
    if sorted(shown) != sorted(texts):
        return list(range(len(texts)))
    left = list(range(len(texts)))
    order = []
    for text in shown:
        number = next(number for number in left if texts[number] == text)
        left.remove(number)
        order.append(number)
    return order


def is_unchanged(card: Card, stored: str, typed: str) -> bool:
    """Whether what stands in an input is what is stored: browsers and a choice change spaces."""
    if card.choice is not None:
        return " ".join(typed.split()) == " ".join(stored.split())
    return typed == shown_text("long_text", stored)


def with_card(data: Mapping[str, Any], card: Card, value: Any) -> Document:
    """A document's data with what one card holds; the rest is shared."""
    *way, last = card.at
    top: dict[str, Any] = dict(data)
    node = top
    for key in way:
        node[key] = dict(node.get(key) or {})
        node = node[key]
    if card.shape == "record":
        node[last] = {**(node.get(last) or {}), **value}
    else:
        node[last] = value
    return top


def _without(texts: dict[str, str], name: str) -> dict[str, str]:
    return {key: text for key, text in texts.items() if key != name}
