"""What the edit modal was sent with: the values of its rows.

Pure. Which changes they mean is in ``entities/edits.py``. A row that nobody touched keeps what it
stood for, to the last character and with keys that nobody here knows. So does every attribute of a
record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from blossomer.entities.attributes import MOST_ITEMS, Attribute
from blossomer.entities.base import MOST_TEXT
from blossomer.entities.config import Card
from blossomer.entities.edits import MISSING
from blossomer.state.edit_views import EditItem, empty_record, input_name, short_values, shown_text

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_BETWEEN_VALUES = re.compile(r"[,\n\r]")


@dataclass
class Sent:
    """What arrived with *Save*.

    Args:
        form: Texts by the names of their inputs.
        values: Short values, which are kept on the server, by the names of their inputs.
    """

    form: Mapping[str, str]
    values: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass
class Outcome:
    """The values of the rows.

    Args:
        value: A list, or for one record the attributes that were touched.
        problems: What is wrong, in words, by the names of the inputs.
    """

    value: Any = None
    problems: dict[str, str] = field(default_factory=dict)


def split_values(text: str) -> list[str]:
    """The short values in a text: separated by commas or line ends."""
    return [part for piece in _BETWEEN_VALUES.split(text) if (part := piece.strip())]


def with_values(present: list[str], text: str) -> tuple[list[str], list[str]]:
    """Short values with those of a text added, each once.

    Returns:
        The values, and those that were left out since they are too many or too long.
    """
    result, left_out = list(present), []
    for value in split_values(text):
        if value in result:
            continue
        if len(result) >= MOST_ITEMS or len(value) > MOST_TEXT:
            left_out.append(value)
        else:
            result.append(value)
    return result, left_out


def outcome_of(
    card: Card, rows: Iterable[EditItem], originals: Mapping[str, Any], sent: Sent
) -> Outcome:
    """Read the rows of the modal.

    Args:
        card: The card.
        rows: The rows in their order.
        originals: What the rows stood for that are not new, by their ids.
        sent: What arrived; inputs that did not are taken as untouched.
    """
    if card.shape == "record":
        return _one_record(card, next(iter(rows), EditItem()), originals, sent)
    result = Outcome(value=[])
    for row in rows:
        original = originals.get(row.id, MISSING)
        if card.shape == "texts" or not (original is MISSING or isinstance(original, Mapping)):
            item = _text(row, original, sent, result)
        else:
            item = _record(card, row, original, sent, result)
        if item is not MISSING:
            result.value.append(item)
    return result


def _text(row: EditItem, original: Any, sent: Sent, result: Outcome) -> Any:
    name = input_name(row.id)
    typed = sent.form.get(name)
    if original is not MISSING and typed in (None, shown_text("long_text", original)):
        return original
    text = (row.text if typed is None else typed).strip()
    if len(text) > MOST_TEXT:
        result.problems[name] = f"An item can have at most {MOST_TEXT:,} characters."
    return text if text and text not in result.value else MISSING


def _record(card: Card, row: EditItem, original: Any, sent: Sent, result: Outcome) -> Any:
    start = empty_record(card) if original is MISSING else original
    problems: dict[str, str] = {}
    touched = _touched(card, row, start, sent, problems)
    if original is not MISSING and not touched and not problems:
        return original
    record = {**start, **touched}
    if _says_nothing(card, record, problems):
        return MISSING
    for attribute in card.attributes:
        name = input_name(row.id, attribute.name)
        if attribute.required and not str(record.get(attribute.name) or "").strip():
            problems.setdefault(name, _cannot_be_empty(attribute))
    result.problems.update(problems)
    if "id" in start and not record["id"]:
        record["id"] = row.id
    return record


def _one_record(card: Card, row: EditItem, originals: Mapping[str, Any], sent: Sent) -> Outcome:
    problems: dict[str, str] = {}
    touched = _touched(card, row, originals.get(row.id) or {}, sent, problems)
    for attribute in card.attributes:
        if attribute.required and touched.get(attribute.name) == "":
            problems[input_name(row.id, attribute.name)] = _cannot_be_empty(attribute)
    return Outcome(touched, problems)


def _touched(
    card: Card, row: EditItem, start: Mapping[str, Any], sent: Sent, problems: dict[str, str]
) -> dict[str, Any]:
    """The attributes of a record that were changed, as far as they can be read."""
    touched = {}
    for attribute in card.attributes:
        name = input_name(row.id, attribute.name)
        before = start.get(attribute.name)
        if attribute.kind == "tags":
            value, problem = _tags(attribute, name, before, sent)
        elif attribute.kind == "choices":
            value, problem = _choices(attribute, name, before, sent), ""
        else:
            value, problem = _single(attribute, sent.form.get(name), before)
        if problem:
            problems[name] = problem
        if value is not MISSING and (value != before or type(value) is not type(before)):
            touched[attribute.name] = value
    return touched


def _single(attribute: Attribute, typed: str | None, before: Any) -> tuple[Any, str]:
    """A text, a number or a choice, and what is wrong with it; MISSING when it is untouched."""
    if typed is None or typed == shown_text(attribute.kind, before):
        return MISSING, ""
    if attribute.kind == "number":
        number = typed.strip()
        in_words = f"A whole number from {attribute.least:,} to {attribute.most:,}."
        if not _WHOLE_NUMBER.fullmatch(number):
            return MISSING, in_words
        is_within = attribute.least <= int(number) <= attribute.most
        return int(number), "" if is_within else in_words
    if attribute.kind == "choice":
        is_known = typed in attribute.options
        return (typed, "") if is_known else (MISSING, "Choose one of the list.")
    if len(typed) > attribute.longest:
        return MISSING, f"This can have at most {attribute.longest:,} characters."
    return typed if typed.strip() else "", ""


def _choices(attribute: Attribute, name: str, before: Any, sent: Sent) -> Any:
    if name not in sent.form:
        return MISSING  # boxes without a tick are not sent, so something else says they were there
    chosen = [
        option for number, option in enumerate(attribute.options) if f"{name}-{number}" in sent.form
    ]
    had = set(short_values(before)) & set(attribute.options)
    return MISSING if set(chosen) == had else chosen


def _tags(attribute: Attribute, name: str, before: Any, sent: Sent) -> tuple[Any, str]:
    given = short_values(before)
    values, left_out = with_values(sent.values.get(name, given), sent.form.get(name, ""))
    problem = too_many(left_out) if left_out else ""
    return (MISSING if values == given else values), problem


def too_many(left_out: list[str]) -> str:
    """What to say of short values that were not taken."""
    return f"At most {MOST_ITEMS} values fit here. Left out: {', '.join(left_out)[:200]}"


def _says_nothing(card: Card, record: Mapping[str, Any], problems: Mapping[str, str]) -> bool:
    if problems:
        return False
    written = [record.get(a.name) for a in card.attributes if a.kind in _WRITTEN]
    return bool(written) and not any(
        value.strip() if isinstance(value, str) else value for value in written
    )


_WRITTEN = ("text", "long_text", "tags")
"""What a person writes; the others hold something without being asked."""


def _cannot_be_empty(attribute: Attribute) -> str:
    return f"“{attribute.label}” cannot be empty."
