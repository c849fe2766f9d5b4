"""What reading a website gives: pages with two texts each, and an honest account of coverage.

Data only. ``fetch.py`` brings bytes, ``extract.py`` turns HTML into a ``Page``, ``reader.py``
decides which pages to read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from blossomer.entities.base import Coverage

PageKind = Literal[
    "home", "product", "solutions", "pricing", "customers", "about", "other", "pasted"
]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under one heading, in reading order.

    Args:
        heading: Text of the heading; empty before the first one.
        level: 1 to 6 as in h1 to h6; 0 when there is no heading.
        paragraphs: Running text blocks.
        items: List items and the like, one short text each.
        role: ``testimonial`` for quotes with a person behind them, ``pricing`` for plans and
            prices, ``faq`` for questions and answers, else ``text``.
    """

    heading: str
    level: int
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    role: Literal["text", "testimonial", "pricing", "faq"] = "text"


@dataclass(frozen=True, slots=True)
class Page:
    """One page as read.

    Args:
        url: Address after redirects.
        kind: What the page is likely to tell.
        title: The title element.
        description: The meta description (or og:description).
        prompt_text: Main content for the model, boilerplate removed, headings as ``# `` lines.
        visible_text: Everything a visitor sees; quotes are verified against this.
        sections: The main content by headings.
        json_ld: Parsed JSON-LD objects of the page.
        meta: Other meta tags by lower-case name or property, for example ``og:site_name``.
        links: Absolute same-site links with their texts, in order.
        language: Language code of the html element, lower case, or empty.
    """

    url: str
    kind: PageKind
    title: str
    description: str
    prompt_text: str
    visible_text: str
    sections: tuple[Section, ...] = ()
    json_ld: tuple[dict[str, Any], ...] = ()
    meta: dict[str, str] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()
    language: str = ""

    @property
    def words(self) -> int:
        """Number of words of the main content."""
        return len(self.prompt_text.split())


@dataclass(frozen=True, slots=True)
class Website:
    """All that was read of one website, home first.

    Args:
        url: The address as the person entered it, normalised with a scheme.
        pages: At least one.
        coverage: What was read, skipped, and is missing; shown to the person.
    """

    url: str
    pages: tuple[Page, ...]
    coverage: Coverage
