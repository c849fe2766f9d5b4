"""Markdown (CommonMark with GitHub's tables and footnotes).

Text of models and websites is escaped so that it stays text: it can begin no heading, list, table,
code or quote, hold no HTML, and become no link. Where it would be harmless a mark is left alone, so
that the file can still be read as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
from blossomer.services.export.text import one_line, paragraphs

MOST_LEVEL = 6

_ALWAYS = re.compile(r"([\\`*\[\]|~$#@])")
# Between letters it is harmless, as in {{first_name}}.
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=[#\w])")
_SCHEME = re.compile(r"\b(https?|ftp|mailto|xmpp):", re.IGNORECASE)
_WWW = re.compile(r"\b(www)\.", re.IGNORECASE)
_LINE_START = re.compile(r"^([-+=:])|^(\d{1,9})([.)])")


def markdown(documents: Sequence[Document]) -> str:
    """Documents as one Markdown text: one entity, a whole plan, or anything between.

    Args:
        documents: In the order in which siblings shall stand.
    """
    outline = outline_of(documents)
    lines = "\n\n".join(_file(outline))
    return f"{lines}\n"


def escaped(text: str) -> str:
    """One line of foreign text, to be put anywhere within a line or at its beginning."""
    result = _ALWAYS.sub(r"\\\1", one_line(text))
    result = _UNDERSCORE.sub(r"\\_", result)
    result = _ENTITY.sub("&amp;", result)
    # As entities, since some programs do not know a backslash before an angle bracket.
    result = result.replace("<", "&lt;").replace(">", "&gt;")
    result = _WWW.sub(r"\1\\.", _SCHEME.sub(r"\1\\:", result))
    return _LINE_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", result)


def _file(outline: Outline) -> Iterator[str]:
    if outline.has_own_heading:
        yield f"# {escaped(outline.title)}"
    for section in outline.sections:
        yield from _section(section)
    if outline.notes:
        yield "\n".join(map(_note, outline.notes))


def _section(section: Section) -> Iterator[str]:
    yield f"{_hashes(section.level)} {section.label}: {escaped(section.name)}"
    if section.description.text:
        yield _lines(section.description)
    if section.facts:
        yield "\n".join(map(_fact, section.facts))
    for part in section.parts:
        yield f"{_hashes(section.level + 1)} {part.title}"
        if part.confidence:
            yield f"*Confidence: {escaped(part.confidence)}*"
        for block in part.blocks:
            yield from _block(block)
    for title, texts in section.lists:
        yield f"{_hashes(section.level + 1)} {title}"
        yield "\n".join(f"- {escaped(text)}" for text in texts)


def _hashes(level: int) -> str:
    return "#" * min(level, MOST_LEVEL)


def _fact(fact: Fact) -> str:
    text = escaped(fact.text)
    return f"- **{escaped(fact.label)}:** " + (f"[{text}]({fact.link})" if fact.link else text)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Bullets(items):
            yield "\n".join(f"- {_inline(item)}" for item in items)
        case Table(headers, rows):
            lines = [f"| {' | '.join(map(escaped, headers))} |", "|" + " --- |" * len(headers)]
            lines += [f"| {' | '.join(map(_inline, row))} |" for row in rows]
            yield "\n".join(lines)
        case Definitions(title, pairs):
            if title.text:
                yield f"**{escaped(title.text)}**{_marks(title)}"
            if pairs:
                yield "\n".join(f"- **{escaped(k)}:** {_lines(v, '  ')}" for k, v in pairs)
        case Letter(parts):
            yield "\n>\n".join(f"> {_lines(part, '> ')}" for part in parts)


def _inline(item: Item) -> str:
    return escaped(item.text) + _marks(item)


def _lines(item: Item, indent: str = "") -> str:
    """A text with its lines and paragraphs; what follows the first line begins with ``indent``."""
    # A backslash at the end of a line breaks it.
    texts = ["\\\n".join(map(escaped, text.split("\n"))) for text in paragraphs(item.text)]
    first, *others = ("\n\n".join(texts) + _marks(item)).split("\n")
    return "\n".join([first, *((indent + line).rstrip() for line in others)])


def _marks(item: Item) -> str:
    return "".join(f"[^{number}]" for number in item.notes)


def _note(note: Note) -> str:
    page = escaped(note.page)
    where = f"[{page}]({note.link})" if note.link and page else page
    return f"[^{note.number}]: “{escaped(note.quote)}” {where}".rstrip()
