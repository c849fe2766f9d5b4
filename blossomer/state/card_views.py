"""What a page shows of a card, whatever its shape: statements, records, or values by their labels.

Built from a document in one direction, also from one that is still being written. Nothing in it is
trusted to have the right type: what has not is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from blossomer.entities.attributes import Attribute, Limit
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.evidence import item_status, quotes_for, text_fragment_url
from blossomer.entities.items import item_key, texts_of
from blossomer.entities.segments import SEGMENT_TYPES, SegmentType

LEVELS = {"High": "high", "Medium": "medium", "Low": "low"}
"""Options that say how much; a badge shows them in a tone besides the word."""


@dataclass
class QuoteView:
    """A verified quote and where it stands."""

    quote: str = ""
    page: str = ""
    link: str = ""


@dataclass
class ItemView:
    """One statement: ``status`` is quoted, inferred, edited, or checking while it is written.

    ``count`` says how long it is, in words, where its channel sets a length.
    """

    text: str = ""
    status: str = "inferred"
    quotes: list[QuoteView] = field(default_factory=list)
    count: str = ""
    is_over: bool = False


@dataclass
class ValueView:
    """One attribute: a text, or several short values as ``chips``.

    ``level`` is high, medium or low for a choice that says so.
    """

    label: str = ""
    text: str = ""
    chips: list[str] = field(default_factory=list)
    level: str = ""
    status: str = "inferred"
    quotes: list[QuoteView] = field(default_factory=list)
    count: str = ""
    is_over: bool = False


@dataclass
class RecordView:
    """One record: its title, what was chosen for it, and everything else by its labels.

    ``colour`` is the name of a colour for the segment of a text.
    """

    title: str = ""
    colour: str = ""
    badges: list[ValueView] = field(default_factory=list)
    lines: list[ValueView] = field(default_factory=list)
    status: str = "inferred"
    quotes: list[QuoteView] = field(default_factory=list)
    count: str = ""
    is_over: bool = False


@dataclass
class CardView:
    """One card: ``state`` is waiting or writing during a generation, else done.

    Only the list that belongs to the card's shape is filled.
    """

    statements: list[ItemView] = field(default_factory=list)
    records: list[RecordView] = field(default_factory=list)
    rows: list[ValueView] = field(default_factory=list)
    confidence: str = ""
    state: str = "done"
    is_empty: bool = True


def web_link(url: str) -> str:
    """The address if a browser may open it as a web page, else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def short_url(url: str) -> str:
    """An address without its scheme and trailing slash, for reading."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def counted(limit: Limit | None, text: str) -> tuple[str, bool]:
    """How long a text is in the words of its limit, and whether it is longer than that.

    Returns:
        For example ``("142 / 300 characters", False)``; no words without a limit.
    """
    if limit is None:
        return "", False
    parts, is_over = [], False
    for number, most, unit in (
        (len(text), limit.characters, "characters"),
        (len(text.split()), limit.words, "words"),
    ):
        if most:
            parts.append(f"{number:,} / {most:,} {unit}")
            is_over = is_over or number > most
    return " · ".join(parts), is_over


def option_label(card: Card, attribute: Attribute, value: str) -> str:
    """What a person reads for an option: the parts of a text have names of their own."""
    if card.shape == "segments" and attribute.name == "type":
        kind = _segment_type(value)
        return kind.label if kind is not None else value
    return value


def item_views(data: Mapping[str, Any], key: str, texts: list[str]) -> list[ItemView]:
    """The statements of one field with their status and quotes."""
    known = _Known(data, key, (key,))
    origins = [known.origin([text], text) for text in texts]
    return [
        ItemView(text=text, status=status, quotes=quotes)
        for text, (status, quotes) in zip(texts, origins, strict=True)
    ]


def card_views(config: EntityConfig, data: Mapping[str, Any]) -> dict[str, CardView]:
    """Every card that a finished document of its kind has, by the card's key."""
    confidence = _mapping(data.get("confidence"))
    views = {}
    for card in config.cards_of(config.kind_of(data)):
        known = _Known(data, card.key, (card.key, card.at[0]))
        level = confidence.get(card.key) or confidence.get(card.at[0])
        views[card.key] = _card_view(card, card.value(data), known)
        views[card.key].confidence = level if isinstance(level, str) else ""
    return views


def partial_card_views(
    config: EntityConfig, data: Mapping[str, Any], writing: str, kind: str = ""
) -> dict[str, CardView]:
    """The cards of a document that is being written.

    Args:
        config: The entity.
        data: The fields that have begun, also of one card alone, which stands under its key then;
            anything of the wrong shape is left out.
        writing: The field being written.
        kind: Which kind of document it will be; all cards without one.
    """
    cards = config.cards_of(kind) if kind else config.cards
    views = {}
    for card in cards:
        is_alone = bool(card.path) and card.key in data
        value = _alone(card, data[card.key]) if is_alone else card.value(data)
        view = _card_view(card, value, None)
        view.state = _state(card, data, writing, is_alone=is_alone)
        views[card.key] = view
    return views


def _alone(card: Card, value: Any) -> Any:
    """What a card holds that is written by itself, under its own key."""
    if card.shape == "record":
        return _mapping(value)
    return value if isinstance(value, list) else []


def _state(card: Card, data: Mapping[str, Any], writing: str, *, is_alone: bool) -> str:
    if is_alone or not card.path:
        if card.key not in data:
            return "waiting"
        return "writing" if writing == card.key else "done"
    # Inside another field, the keys that have begun say how far the writing is.
    top = data.get(card.at[0])
    begun = list(top) if isinstance(top, Mapping) else []
    own = [card.at[1]] if len(card.at) > 1 else [a.name for a in card.attributes]
    if not set(begun) & set(own):
        return "waiting"
    return "writing" if writing == card.at[0] and begun[-1] in own else "done"


class _Known:
    """What a document knows of the origin of its texts, for one card."""

    def __init__(self, data: Mapping[str, Any], key: str, fields: tuple[str, ...]) -> None:
        self._key = key
        self._fields = dict.fromkeys(fields)
        # Looked through for every text of the card.
        quotes = [e for e in data.get("evidence") or () if e.get("field") in self._fields]
        self._data = {**data, "evidence": quotes}

    def origin(self, texts: list[str], name: str) -> tuple[str, list[QuoteView]]:
        """Where an item comes from, and the verified quotes behind any of its texts.

        Args:
            texts: All that the item says.
            name: What a person's change to it is noted under.
        """
        found = {
            (entry["quote"], entry["page_url"]): None
            for field_name in self._fields
            for text in texts
            for entry in quotes_for(self._data, field_name, text)
        }
        quotes = [
            QuoteView(quote=words, page=short_url(url), link=text_fragment_url(url, words))
            for words, url in found
        ]
        # Edited wins: the quotes of old words prove nothing about new ones.
        if item_status(self._data, self._key, name) == "edited":
            return "edited", quotes
        return "quoted" if quotes else "inferred", quotes


def _card_view(card: Card, value: Any, known: _Known | None) -> CardView:
    if card.shape == "record":
        rows = list(_rows(card, _mapping(value), known))
        return CardView(rows=rows, is_empty=not rows)
    if card.shape == "texts":
        statements = [_statement(card, text, known) for text in value if isinstance(text, str)]
        return CardView(statements=statements, is_empty=not statements)
    records = [_record(card, item, known) for item in value if isinstance(item, Mapping)]
    return CardView(records=records, is_empty=not records)


def _statement(card: Card, text: str, known: _Known | None) -> ItemView:
    view = ItemView(text=text, status="checking")
    view.count, view.is_over = counted(card.limit, text)
    if known is not None:
        view.status, view.quotes = known.origin([text], text)
    return view


def _rows(card: Card, record: Mapping[str, Any], known: _Known | None) -> Iterator[ValueView]:
    for attribute in card.attributes:
        view = _value(card, attribute, record.get(attribute.name))
        if view is None:
            continue
        view.status = "checking"
        if known is not None:
            texts = view.chips or [view.text]
            view.status, view.quotes = known.origin(texts, attribute.name)
        yield view


def _record(card: Card, record: Mapping[str, Any], known: _Known | None) -> RecordView:
    view = RecordView(status="checking")
    if known is not None:
        view.status, view.quotes = known.origin(list(texts_of(record)), item_key(record))
    if card.shape == "segments":
        kind = _segment_type(record.get("type"))
        view.colour = kind.colour if kind is not None else ""
    for position, attribute in enumerate(card.attributes):
        value = _value(card, attribute, record.get(attribute.name))
        if value is None:
            continue
        if position == 0 and not value.chips:
            view.title, view.count, view.is_over = value.text, value.count, value.is_over
        elif attribute.kind == "choice":
            view.badges.append(value)
        else:
            view.lines.append(value)
    return view


def _value(card: Card, attribute: Attribute, raw: Any) -> ValueView | None:
    """One attribute as it is shown; None when it says nothing."""
    view = ValueView(label=attribute.label)
    if attribute.kind in ("tags", "choices"):
        view.chips = (
            [text for text in raw if isinstance(text, str)] if isinstance(raw, list) else []
        )
        return view if view.chips else None
    if attribute.kind == "number":
        view.text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else ""
    elif isinstance(raw, str) and raw.strip():
        view.text = option_label(card, attribute, raw) if attribute.kind == "choice" else raw
        view.level = LEVELS.get(raw, "") if attribute.kind == "choice" else ""
        view.count, view.is_over = counted(attribute.limit, raw)
    return view if view.text else None


def _segment_type(name: Any) -> SegmentType | None:
    return next((kind for key, kind in SEGMENT_TYPES.items() if key == name), None)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
