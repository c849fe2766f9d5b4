"""From documents to an outline: what stands below what, and which quote proves which item.

The shapes are in ``outline.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from blossomer.entities import ENTITIES
from blossomer.entities.attributes import Attribute
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.evidence import quotes_for, text_fragment_url
from blossomer.entities.items import is_empty
from blossomer.services.export.outline import (
    Block,
    Bullets,
    Definitions,
    Fact,
    Item,
    Letter,
    Note,
    Outline,
    Part,
    Section,
    Table,
)
from blossomer.services.export.text import (
    moment,
    one_line,
    paragraphs,
    plain,
    safe_link,
    short_url,
)

MOST_COLUMNS = 4
"""Records with more attributes than this are no table that fits on a page."""


def outline_of(documents: Sequence[Document]) -> Outline:
    """Lay out documents: each one below its nearest parent that is among them.

    Args:
        documents: Any documents, in the order in which siblings shall stand.
    """
    below: dict[tuple[str, str] | None, list[Document]] = {}
    given = {(d["entity"], d["id"]): d for d in documents}
    for document in given.values():
        below.setdefault(_nearest_parent(document, given), []).append(document)
    roots = below.get(None, [])
    has_own_heading = len(roots) != 1
    numbering = _Numbering()
    sections: list[Section] = []

    def walk(siblings: Iterable[Document], level: int) -> None:
        for document in siblings:
            anchor = f"section-{len(sections) + 1}"
            sections.append(_section(document, level, anchor, numbering))
            walk(below.get((document["entity"], document["id"]), ()), level + 1)

    walk(roots, 2 if has_own_heading else 1)
    return Outline(title_of(roots), has_own_heading, tuple(sections))


def title_of(roots: Sequence[Document]) -> str:
    """What a file with these documents at the top is called."""
    if len(roots) == 1:
        return one_line(roots[0]["name"]) or ENTITIES[roots[0]["entity"]].label
    entities = {document["entity"] for document in roots}
    return ENTITIES[entities.pop()].label_plural if len(entities) == 1 else "Plan"


def _nearest_parent(
    document: Document, given: Mapping[tuple[str, str], Document]
) -> tuple[str, str] | None:
    for parent in reversed(ENTITIES[document["entity"]].parents):
        key = (parent.entity, document["parents"].get(parent.entity, ""))
        if key in given:
            return key
    return None


class _Numbering:
    """Gives each quote of a document one number, counted through the whole file."""

    def __init__(self) -> None:
        self._count = 0
        self._of_document: dict[tuple[str, str], Note] = {}

    def begin(self) -> None:
        """Begin another document."""
        self._of_document = {}

    def taken(self) -> tuple[Note, ...]:
        """The quotes of the present document."""
        return tuple(self._of_document.values())

    def item(self, data: Mapping[str, Any], fields: Iterable[str], text: object) -> Item:
        """A text of one of these fields, with the numbers of its quotes."""
        quotes = [q for field in dict.fromkeys(fields) for q in quotes_for(data, field, str(text))]
        return Item(plain(text), tuple(dict.fromkeys(map(self._number, quotes))))

    def _number(self, evidence: Mapping[str, Any]) -> int:
        key = (evidence["quote"], evidence["page_url"])
        if key not in self._of_document:
            self._count += 1
            self._of_document[key] = Note(
                number=self._count,
                quote=one_line(evidence["quote"]),
                page=short_url(evidence["page_url"]),
                link=safe_link(text_fragment_url(evidence["page_url"], evidence["quote"])),
            )
        return self._of_document[key].number


def _section(document: Document, level: int, anchor: str, numbering: _Numbering) -> Section:
    config, data = ENTITIES[document["entity"]], document["data"]
    numbering.begin()
    description = numbering.item(data, ["description"], data.get("description", ""))
    parts = tuple(
        Part(
            title=card.label,
            confidence=str(levels.get(card.key) or levels.get(card.at[0]) or ""),
            blocks=blocks,
        )
        for levels in [data.get("confidence") or {}]
        for card in _reading_order(config.cards_of(config.kind_of(data)))
        if (blocks := tuple(_blocks(card, data, numbering)))
    )
    coverage = (data.get("provenance") or {}).get("website") or {}
    lists = (
        ("Assumptions", data.get("assumptions")),
        ("Worth asking", data.get("discovery_gaps")),
        ("What the website does not show", coverage.get("missing")),
    )
    return Section(
        level=level,
        anchor=anchor,
        label=config.label,
        name=one_line(document["name"]) or config.label,
        description=description,
        facts=tuple(_facts(config, document)),
        parts=parts,
        lists=tuple(
            (title, said)
            for title, texts in lists
            if (said := tuple(filter(None, map(plain, texts or ()))))
        ),
        notes=numbering.taken(),
    )


def _reading_order(cards: Sequence[Card]) -> list[Card]:
    """The cards as one reads them: what stands in the same object as a text, such as its subject,
    comes before the text.
    """
    heads = {card.at: card for card in cards if card.shape == "record"}
    ordered: list[Card] = []
    for card in cards:
        head = heads.get(card.at[:-1]) if card.shape == "segments" else None
        ordered += [c for c in (head, card) if c is not None and c not in ordered]
    return ordered


def _blocks(card: Card, data: Mapping[str, Any], numbering: _Numbering) -> Iterator[Block]:
    fields = (card.key, card.at[0])
    value = card.value(data)
    if card.shape == "record":
        if pairs := tuple(_pairs(card.attributes, value, data, fields, numbering)):
            yield Definitions(Item(""), pairs)
        return
    if card.shape == "texts":
        items = [item for text in value if (item := numbering.item(data, fields, text)).text]
        if items:
            yield Bullets(tuple(items))
    elif card.shape == "segments":
        parts = [p for part in value for p in _paragraph_items(part, data, fields, numbering)]
        if parts:
            yield Letter(tuple(parts))
    else:
        records = [record for record in value if not is_empty(record)]
        if records:
            yield from _records(card.attributes, records, data, fields, numbering)


def _paragraph_items(
    segment: Mapping[str, Any], data: Mapping[str, Any], fields: Iterable[str], by: _Numbering
) -> list[Item]:
    texts = paragraphs(segment.get("text", ""))
    notes = by.item(data, fields, segment.get("text", "")).notes
    return [Item(text, notes if text is texts[-1] else ()) for text in texts]


def _records(
    attributes: tuple[Attribute, ...],
    records: Sequence[Mapping[str, Any]],
    data: Mapping[str, Any],
    fields: Sequence[str],
    numbering: _Numbering,
) -> Iterator[Block]:
    found = [dict(_by_name(attributes, r, data, fields, numbering)) for r in records]
    is_table = len(attributes) <= MOST_COLUMNS and not any(
        "\n" in item.text for record in found for item in record.values()
    )
    if is_table:
        yield Table(
            tuple(a.label for a in attributes),
            tuple(tuple(record.get(a.name, Item("")) for a in attributes) for record in found),
        )
        return
    labels = {a.name: a.label for a in attributes}
    for position, record in enumerate(found, start=1):
        title = record.pop(attributes[0].name, Item(f"{position}."))
        yield Definitions(title, tuple((labels[name], item) for name, item in record.items()))


def _pairs(
    attributes: tuple[Attribute, ...],
    record: Mapping[str, Any],
    data: Mapping[str, Any],
    fields: Sequence[str],
    numbering: _Numbering,
) -> Iterator[tuple[str, Item]]:
    labels = {a.name: a.label for a in attributes}
    for name, item in _by_name(attributes, record, data, fields, numbering):
        yield labels[name], item


def _by_name(
    attributes: tuple[Attribute, ...],
    record: Mapping[str, Any],
    data: Mapping[str, Any],
    fields: Sequence[str],
    numbering: _Numbering,
) -> Iterator[tuple[str, Item]]:
    """What the attributes of a record say, those that say something."""
    for attribute in attributes:
        value = record.get(attribute.name)
        values = value if isinstance(value, list) else [value]
        items = [numbering.item(data, fields, v) for v in values if v is not None]
        items = [item for item in items if item.text]
        if items:
            notes = tuple(dict.fromkeys(n for item in items for n in item.notes))
            yield attribute.name, Item(", ".join(item.text for item in items), notes)


def _facts(config: EntityConfig, document: Document) -> Iterator[Fact]:
    data = document["data"]
    if config.url_field and (url := data.get(config.url_field)):
        yield Fact("Website", short_url(url), safe_link(url))
    if config.kind_field and (kind := config.kind_of(data)):
        labels = {k.value: k.label for k in config.kinds}
        asked = {field.name: field.label for field in config.form.fields}
        yield Fact(asked.get(config.kind_field, "Kind"), labels.get(kind, one_line(kind)))
    shown = {config.name_field, config.url_field, config.kind_field, "description"}
    for name in config.own_fields:  # what an entity says beside its cards
        value = data.get(name)
        if name not in shown and isinstance(value, str | int) and plain(value):
            label = config.schema.model_fields[name].title or name.replace("_", " ").capitalize()
            yield Fact(label, plain(value))
    yield from _provenance(data.get("provenance") or {})
    if changed := moment(document.get("updated_at")):
        draft = ", a draft" if document.get("status") == "draft" else ""
        yield Fact("Last change", changed + draft)


def _provenance(provenance: Mapping[str, Any]) -> Iterator[Fact]:
    model = one_line(provenance.get("model", "")) or "a model"
    writers = {"model": model, "person": "a person"}
    writer = writers.get(provenance.get("writer", ""), "basic analysis")
    at = moment(provenance.get("generated_at"))
    yield Fact("Written by", f"{writer}, {at}" if at else writer)
    if note := plain(provenance.get("note", "")):
        yield Fact("Note", note)
    if coverage := provenance.get("website"):
        pages = coverage.get("pages") or ()
        count = f"{len(pages)} {'page' if len(pages) == 1 else 'pages'}"
        yield Fact("Read", f"{count}, {coverage.get('words', 0):,} words")
    edited = sum(len(items) for items in (provenance.get("edited") or {}).values())
    if edited:
        yield Fact("Edited by a person", f"{edited} {'item' if edited == 1 else 'items'}")
