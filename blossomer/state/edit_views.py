"""What the edit modal shows: its rows and their inputs, built from a card and what it holds.

What is typed stays in the browser until *Save*: an input is told what it holds at first and what it
is called, and arrives under that name.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blossomer.entities.attributes import Attribute, kept_model
from blossomer.entities.base import MOST_TEXT
from blossomer.entities.config import Card
from blossomer.state.card_views import counted, option_label

SHOWN_OPEN = 1
"""So many records stand open in the modal; with more of them only their titles do."""


@dataclass
class EditOption:
    """One thing that can be chosen; ``input`` is the name of its box where several can be."""

    value: str = ""
    label: str = ""
    input: str = ""
    is_chosen: bool = False


@dataclass
class EditField:
    """One input for one attribute of a record.

    ``input`` is its name and id. ``key`` changes when it must be drawn anew with another text.
    """

    name: str = ""
    input: str = ""
    key: str = ""
    label: str = ""
    kind: str = "text"
    help: str = ""
    text: str = ""
    longest: int = MOST_TEXT
    options: list[EditOption] = field(default_factory=list)
    is_required: bool = False
    is_limited: bool = False
    takes_focus: bool = False


@dataclass
class EditItem:
    """One row: a text as it was when the modal opened, or a record with its inputs."""

    id: str = ""
    text: str = ""
    title: str = ""
    fields: list[EditField] = field(default_factory=list)
    is_open: bool = False


@dataclass
class CountView:
    """How long the text of an input is, where its channel sets a length."""

    text: str = ""
    is_over: bool = False


def shown_text(kind: str, value: Any) -> str:
    """A stored text as an input gives it back when nobody touches it.

    Areas turn line ends into one character and lines of text have none: the HTML standard's "API
    value" of a textarea, and its value sanitization of an input.
    """
    if value is None:
        return ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return text if kind == "long_text" else text.replace("\n", "")


def text_row(text: Any) -> EditItem:
    """A row for one statement."""
    return EditItem(id=_row_id(), text="" if text is None else str(text))


def record_row(card: Card, record: Mapping[str, Any], *, is_new: bool = False) -> EditItem:
    """A row for one record.

    Args:
        card: The card.
        record: What the record holds; what is missing is empty.
        is_new: Whether it is there to be written in.
    """
    row_id = _row_id()
    fields = [edit_field(row_id, card, a, record.get(a.name)) for a in card.attributes]
    if is_new and fields:
        fields[0].takes_focus = True
    return EditItem(id=row_id, title=_title(card, record), fields=fields, is_open=is_new)


def edit_field(row_id: str, card: Card, attribute: Attribute, value: Any) -> EditField:
    """The input for an attribute.

    Args:
        row_id: The row it stands in.
        card: The card.
        attribute: The attribute.
        value: What it holds.
    """
    name = input_name(row_id, attribute.name)
    chosen = value if isinstance(value, list) else [value]
    options = [
        EditOption(
            value=option,
            label=option_label(card, attribute, option),
            input=f"{name}-{number}",
            is_chosen=option in chosen,
        )
        for number, option in enumerate(attribute.options)
    ]
    if attribute.kind == "choice" and value not in attribute.options:
        # Without it a browser would show, and send, the first of the others.
        options.insert(0, EditOption(value=shown_text("choice", value), label=str(value or "–")))
    is_text = attribute.kind not in ("tags", "choices")
    return EditField(
        name=attribute.name,
        input=name,
        key=_row_id(),
        label=attribute.label,
        kind=attribute.kind,
        help=attribute.help,
        text=("" if value is None else str(value)) if is_text else "",
        longest=attribute.longest,
        options=options,
        is_required=attribute.required,
        is_limited=attribute.limit is not None,
    )


def rows_of(card: Card, value: Any) -> tuple[list[EditItem], dict[str, Any]]:
    """The rows for what a card holds, at least one, and what each of them stands for.

    Returns:
        The rows, and by the ids of those that are not new what they hold.
    """
    if card.shape == "record":
        row = record_row(card, value)
        row.is_open = True
        return [row], {row.id: value}
    rows, originals = [], {}
    for item in value:
        is_record = card.shape != "texts" and isinstance(item, Mapping)
        row = record_row(card, item) if is_record else text_row(item)
        rows.append(row)
        originals[row.id] = item
    if len(rows) <= SHOWN_OPEN:
        for row in rows:
            row.is_open = True
    return rows or [new_row(card)], originals


def new_row(card: Card) -> EditItem:
    """An empty row, with what a new record holds without being asked."""
    if card.shape == "texts":
        return text_row("")
    return record_row(card, empty_record(card), is_new=True)


def empty_record(card: Card) -> dict[str, Any]:
    """A record of a card as it is before anything was written into it."""
    return kept_model(card.record)().model_dump(mode="json") if card.record is not None else {}


def values_of(card: Card, row: EditItem, original: Any) -> dict[str, list[str]]:
    """The short values of a row by the names of their inputs."""
    record = original if isinstance(original, Mapping) else {}
    return {
        input_name(row.id, a.name): short_values(record.get(a.name))
        for a in card.attributes
        if a.kind == "tags"
    }


def counts_of(card: Card, row: EditItem) -> dict[str, CountView]:
    """How long the texts of a row are, by the names of their inputs, where that is counted."""
    if card.shape == "texts":
        if card.limit is None:
            return {}
        return {input_name(row.id): CountView(*counted(card.limit, row.text))}
    limits = {a.name: a.limit for a in card.attributes if a.limit is not None}
    return {
        f.input: CountView(*counted(limits[f.name], f.text)) for f in row.fields if f.name in limits
    }


def short_values(value: Any) -> list[str]:
    """The texts of a list of short values."""
    given = value if isinstance(value, list) else []
    return [text for text in given if isinstance(text, str)]


def input_name(row_id: str, attribute: str = "") -> str:
    """The name of an input: of a row that is one text, or of one attribute of a record."""
    return f"row-{row_id}-{attribute}" if attribute else f"row-{row_id}"


def _title(card: Card, record: Mapping[str, Any]) -> str:
    """What a record is called while it is closed: the first of its texts that says something."""
    parts = []
    for attribute in card.attributes:
        text = record.get(attribute.name)
        if not isinstance(text, str) or not text.strip():
            continue
        parts.append(option_label(card, attribute, text))
        if attribute.kind != "choice":
            break
    return ": ".join(parts)


def _row_id() -> str:
    return secrets.token_hex(4)
