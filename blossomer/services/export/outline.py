"""A plan in reading order, as headings, lists, tables and numbered quotes: the shapes of it.

What Markdown, Word and the page for printing have in common; they only differ in how it is written
down. All texts are as ``text.plain`` leaves them; escaping is up to each format. What is put where
is decided in ``layout.py``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """A text with the numbers of the quotes that prove it."""

    text: str
    notes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """Short statements."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Records side by side."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Item, ...], ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    """One record: what its attributes are called and what they say.

    Args:
        title: What names the record among others; empty where it is the only one.
        pairs: Label and value.
    """

    title: Item
    pairs: tuple[tuple[str, Item], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A text that is sent as it stands, by paragraphs."""

    paragraphs: tuple[Item, ...]


Block = Bullets | Table | Definitions | Letter


@dataclass(frozen=True, slots=True)
class Part:
    """A card: its title, how sure the writer is (may be empty), and what it says."""

    title: str
    confidence: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A line about a document; ``link`` may be empty."""

    label: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A verified quote and where it stands; ``link`` is empty when that is no web address."""

    number: int
    quote: str
    page: str
    link: str


@dataclass(frozen=True, slots=True)
class Section:
    """A document.

    Args:
        level: Of its heading: 1 for the plan's own, more the deeper it stands.
        anchor: Names it within the file.
        label: What kind of thing it is.
        name: Its name.
        description: What it is.
        facts: Who wrote it, when, and the like.
        parts: Its cards that say something.
        lists: Assumptions and gaps, by title.
        notes: Its quotes.
    """

    level: int
    anchor: str
    label: str
    name: str
    description: Item
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole file.

    Args:
        title: Its title.
        has_own_heading: Whether the title is no document's own, and needs a heading of level 1.
        sections: The documents in reading order.
    """

    title: str
    has_own_heading: bool
    sections: tuple[Section, ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """All quotes, by number."""
        return tuple(note for section in self.sections for note in section.notes)
