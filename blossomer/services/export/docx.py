"""Word documents, with python-docx (MIT).

The library is imported when the first document is written, which spares every start its time.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from blossomer.entities.document import Document
from blossomer.services.export.layout import outline_of
from blossomer.services.export.outline import (
    Block,
    Bullets,
    Definitions,
    Fact,
    Item,
    Letter,
    Note,
    Outline,
    Section,
    Table,
)

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph

AUTHOR = "Blossomer"
_LINK_COLOUR = "0563C1"
_MOST_LEVEL = 9
_SOURCES = "Sources"
_BULLET, _QUOTE, _GRID = "ListBullet", "Quote", "TableGrid"
"""Ids of styles in the library's template. Finding them by name takes nine tenths of the time."""
_MOST_TITLE = 255
"""Characters that core properties may have; python-docx refuses more."""


def docx(documents: Sequence[Document], at: datetime | None = None) -> bytes:
    """Documents as one Word document, with their quotes in a section at the end.

    Args:
        documents: In the order in which siblings shall stand.
        at: When it is written, for its properties; now by default.
    """
    import docx as library  # noqa: PLC0415

    outline = outline_of(documents)
    word = library.Document()
    _set_properties(word, outline, at or datetime.now(UTC))
    if outline.has_own_heading:
        _heading(word, outline.title, 1)
    for section in outline.sections:
        _add_section(word, section)
    if outline.notes:
        _heading(word, _SOURCES, 1)
        for note in outline.notes:
            _add_note(word, note)
    content = io.BytesIO()
    word.save(content)
    return content.getvalue()


def _set_properties(word: WordDocument, outline: Outline, at: datetime) -> None:
    properties = word.core_properties
    properties.title = outline.title[:_MOST_TITLE]
    # The template names the library's author and says which library made it.
    properties.author = properties.last_modified_by = AUTHOR
    properties.comments = ""
    properties.created = properties.modified = at.astimezone(UTC).replace(tzinfo=None)


def _heading(word: WordDocument, text: str, level: int) -> None:
    _paragraph(word, f"Heading{min(level, _MOST_LEVEL)}").add_run(text)


def _paragraph(word: WordDocument, style_id: str = "") -> Paragraph:
    """A new paragraph at the end.

    The library looks through the whole document for its last element each time, so that a large
    plan takes half a minute; it is the last one.
    """
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.text.paragraph import Paragraph  # noqa: PLC0415

    element: Any = OxmlElement("w:p")
    word.element.body[-1].addprevious(element)
    paragraph = Paragraph(element, word._body)
    if style_id:
        element.style = style_id
    return paragraph


def _add_section(word: WordDocument, section: Section) -> None:
    _heading(word, f"{section.label}: {section.name}", section.level)
    if section.description.text:
        _write(_paragraph(word), section.description)
    for fact in section.facts:
        _add_fact(_paragraph(word, _BULLET), fact)
    for part in section.parts:
        _heading(word, part.title, section.level + 1)
        if part.confidence:
            _paragraph(word).add_run(f"Confidence: {part.confidence}").italic = True
        for block in part.blocks:
            _add_block(word, block)
    for title, texts in section.lists:
        _heading(word, title, section.level + 1)
        for text in texts:
            _paragraph(word, _BULLET).add_run(text)


def _add_fact(paragraph: Paragraph, fact: Fact) -> None:
    paragraph.add_run(f"{fact.label}: ").bold = True
    if fact.link:
        _add_link(paragraph, fact.text, fact.link)
    else:
        paragraph.add_run(fact.text)


def _add_block(word: WordDocument, block: Block) -> None:
    match block:
        case Bullets(items):
            for item in items:
                _write(_paragraph(word, _BULLET), item)
        case Table(headers, rows):
            _add_table(word, headers, rows)
        case Definitions(title, pairs):
            if title.text:
                _write(_paragraph(word), title, is_bold=True)
            for label, item in pairs:
                paragraph = _paragraph(word, _BULLET)
                paragraph.add_run(f"{label}: ").bold = True
                _write(paragraph, item)
        case Letter(parts):
            for part in parts:
                _write(_paragraph(word, _QUOTE), part)


def _add_table(word: WordDocument, headers: Sequence[str], rows: Iterable[Sequence[Item]]) -> None:
    table = word.add_table(rows=1, cols=len(headers))
    table._tbl.tblPr.style = _GRID
    for cell, header in zip(table.rows[0].cells, headers, strict=True):
        cell.paragraphs[0].add_run(header).bold = True
    for row in rows:
        for cell, item in zip(table.add_row().cells, row, strict=True):
            _write(cell.paragraphs[0], item)
    _paragraph(word)  # two tables in a row would become one


def _write(paragraph: Paragraph, item: Item, *, is_bold: bool = False) -> None:
    """A text, its line breaks, and small numbers that lead to its quotes."""
    paragraph.add_run(item.text).bold = is_bold or None
    for number in item.notes:
        _add_link(paragraph, f"[{number}]", anchor=_bookmark(number), is_raised=True)


def _add_note(word: WordDocument, note: Note) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    paragraph = _paragraph(word)
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(note.number))
    start.set(qn("w:name"), _bookmark(note.number))
    paragraph._p.append(start)
    paragraph.add_run(f"[{note.number}]")
    paragraph._p.append(end)
    paragraph.add_run(f" “{note.quote}” ")
    if note.link and note.page:
        _add_link(paragraph, note.page, note.link)
    else:
        paragraph.add_run(note.page)


def _bookmark(number: int) -> str:
    return f"source_{number}"


def _add_link(
    paragraph: Paragraph, text: str, url: str = "", *, anchor: str = "", is_raised: bool = False
) -> None:
    """A link to an address or to a bookmark, for which python-docx has no function."""
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import RGBColor  # noqa: PLC0415

    link: Any = OxmlElement("w:hyperlink")
    if url:
        link.set(
            qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        )
    else:
        link.set(qn("w:anchor"), anchor)
    run = paragraph.add_run(text)
    run.font.color.rgb = RGBColor.from_string(_LINK_COLOUR)
    if is_raised:
        run.font.superscript = True
    else:
        run.font.underline = True
    link.append(run._r)  # moves the run into the link
    paragraph._p.append(link)
