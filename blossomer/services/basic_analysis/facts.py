"""What a website states, sorted by form: statements, named blocks, prices, questions, speakers.

Form only: which statement answers which question is decided in ``company.py`` with ``cues.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from blossomer.entities.evidence import PageText, squash
from blossomer.services.basic_analysis.people import Speaker, speakers
from blossomer.services.basic_analysis.printed import Price, Question, prices, questions
from blossomer.services.basic_analysis.text import (
    capitalised,
    clean,
    is_instruction,
    is_label,
    is_statement,
    sentences,
)
from blossomer.services.website.model import Page, PageKind, Section, Website

MAX_QUOTE_CHARACTERS = 1_000
"""No sentence is longer; a wall of text without spaces is."""

MAX_STATEMENTS = 500
"""Sentences looked at, home first; the rest of an endless page adds time and nothing else."""

MAX_PAGE_CHARACTERS = 200_000
"""Of a page, what is looked at: thirty times the text of a long one. What follows in one that was
made endless would cost seconds of everybody's processor."""

_ENGLISH = re.compile(
    r"\b(?:the|and|of|to|for|with|your|is|our|you|we|that|this|are|from)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole sentence of a page.

    Args:
        text: The sentence, as printed.
        url: The page.
        kind: What the page is likely to tell.
        heading: The heading above it.
        role: The role of its section.
        order: Position among all statements, home first.
        place: Position in its section.
    """

    text: str
    url: str
    kind: PageKind
    heading: str
    role: str
    order: int
    place: int


@dataclass(frozen=True, slots=True)
class Block:
    """A short heading and the sentence under it: a feature, an industry, a team.

    Args:
        title: The heading.
        text: The first sentence under it.
        url: The page.
        kind: What the page is likely to tell.
        parent: The heading of the group it stands in.
        group: Blocks side by side have the same number.
        order: Position among all blocks, home first.
    """

    title: str
    text: str
    url: str
    kind: PageKind
    parent: str
    group: int
    order: int


class Facts:
    """Everything of a website that basic analysis can use, each part found when first asked for."""

    def __init__(self, website: Website) -> None:
        self.pages = tuple(map(_bounded, website.pages))
        self.home = self.pages[0]
        self._indexed: dict[str, PageText] = {}
        self._flat: dict[str, str] = {}
        self._texts = {page.url: page.visible_text for page in website.pages}

    def stands(self, quote: str, url: str) -> bool:
        """Whether a quote can be verified on a page."""
        if len(quote) > MAX_QUOTE_CHARACTERS:
            return False
        if url not in self._indexed:
            self._indexed[url] = PageText(self._texts.get(url, ""))
        return self._indexed[url].contains(quote)

    def where(self, quote: str) -> str:
        """The page on which a quote stands, home first; empty when on none."""
        return next((page.url for page in self.pages if self.stands(quote, page.url)), "")

    def flat(self, page: Page) -> str:
        """A page's visible text on one line."""
        if page.url not in self._flat:
            self._flat[page.url] = clean(page.visible_text)
        return self._flat[page.url]

    @cached_property
    def is_english(self) -> bool:
        """Whether most of the text is English; the lang attribute decides for very short text."""
        words = sum(page.words for page in self.pages)
        if words < 30:
            return self.home.language[:2] in {"", "en"}
        found = sum(len(_ENGLISH.findall(page.prompt_text)) for page in self.pages)
        # Slogans have few small words, one in ten to twenty; Dutch shares some, one in forty.
        return found / words > 0.05

    @cached_property
    def has_instructions(self) -> bool:
        """Whether the pages speak to a language model; such sentences are left out everywhere."""
        return any(
            is_instruction(text)
            for page in self.pages
            for section in page.sections
            for text in (section.heading, *section.paragraphs, *section.items)
        )

    @cached_property
    def statements(self) -> list[Statement]:
        """Whole sentences of the main content, in order, each once."""
        result: list[Statement] = []
        seen: set[str] = set()
        for page, section in self._sections():
            if len(result) >= MAX_STATEMENTS:
                break
            if is_instruction(section.heading):
                continue
            place = 0
            for paragraph in (*section.paragraphs, *section.items):
                for text in sentences(paragraph):
                    key = squash(text)
                    if key in seen or not is_statement(text):
                        continue
                    seen.add(key)
                    result.append(
                        Statement(
                            text, page.url, page.kind, clean(section.heading), section.role,
                            len(result), place,
                        )
                    )  # fmt: skip
                    place += 1
        return result

    @cached_property
    def headings(self) -> list[tuple[str, str, int]]:
        """Headings that read as one (text, page, level), in order."""
        return [
            (clean(section.heading), page.url, section.level)
            for page, section in self._sections()
            if section.heading and section.role == "text" and is_label(clean(section.heading), 16)
        ]

    @cached_property
    def blocks(self) -> list[Block]:
        """Named blocks in order: sections with a short heading, and bold leads inside one."""
        result: list[Block] = []
        seen: set[str] = set()
        group = 0
        parents: dict[int, str] = {}
        before: tuple[str, int] = ("", 0)
        for page, section in self._sections():
            level, heading = section.level or 9, clean(section.heading)
            parents = {deep: title for deep, title in parents.items() if deep < level}
            parent = " / ".join(parents.values())
            parents[level] = heading
            if section.role not in {"text", "faq"} or is_instruction(heading):
                continue
            if (page.url, level) != before:
                group += 1
            before = (page.url, level)
            own = _first_statement((*section.paragraphs, *section.items))
            # The first headline and its line are the description, not a feature.
            leads = list(_leads(section))
            candidates = [(heading, own, parent, group)] if own and level > 1 else []
            if leads:
                group += 1
                before = ("", 0)
            candidates += [(t, s, f"{parent} / {heading}", group) for t, s in leads]
            for title, text, above, number in candidates:
                key = squash(title)
                if key in seen or not is_label(title) or squash(text) == key:
                    continue
                seen.add(key)
                result.append(Block(title, text, page.url, page.kind, above, number, len(result)))
        return result

    @cached_property
    def prices(self) -> list[Price]:
        """Printed prices: anything with a period, and all amounts where plans are listed."""
        found = (price for page in self.pages for price in prices(page, self.flat(page)))
        return [price for price in found if self.stands(price.quote, price.url)]

    @cached_property
    def questions(self) -> list[Question]:
        """Questions with answers, each once."""
        found: dict[str, Question] = {}
        for page, section in self._sections():
            for question in questions(section, page.url):
                found.setdefault(squash(question.question), question)
        return list(found.values())

    @cached_property
    def speakers(self) -> list[Speaker]:
        """The people behind testimonials, each once."""
        found: dict[str, Speaker] = {}
        for page in self.pages:
            for speaker in speakers(page):
                found.setdefault(squash(speaker.name or speaker.credit), speaker)
        return list(found.values())

    @cached_property
    def linked_data(self) -> list[dict[str, Any]]:
        """JSON-LD objects of all pages, nested graphs included, home first."""
        result: list[dict[str, Any]] = []
        for page in self.pages:
            for entry in page.json_ld:
                graph = entry.get("@graph")
                parts = graph if isinstance(graph, list) else [entry]
                result += [part for part in parts if isinstance(part, dict)]
        return result

    def _sections(self) -> Iterator[tuple[Page, Section]]:
        for page in self.pages:
            for section in page.sections:
                yield page, section


def _bounded(page: Page) -> Page:
    """The page, without what stands beyond ``MAX_PAGE_CHARACTERS``."""
    if max(len(page.visible_text), len(page.prompt_text)) <= MAX_PAGE_CHARACTERS:
        return page
    sections = []
    left = MAX_PAGE_CHARACTERS
    for section in page.sections:
        left -= len(section.heading) + sum(map(len, (*section.paragraphs, *section.items)))
        if left < 0:
            break
        sections.append(section)
    return replace(
        page,
        visible_text=page.visible_text[:MAX_PAGE_CHARACTERS],
        prompt_text=page.prompt_text[:MAX_PAGE_CHARACTERS],
        sections=tuple(sections),
    )


def _first_statement(paragraphs: tuple[str, ...]) -> str:
    for paragraph in paragraphs[:3]:
        for text in sentences(paragraph):
            if is_statement(text):
                return text
            break  # a paragraph that begins with something else does not explain the heading
    return ""


def _leads(section: Section) -> Iterator[tuple[str, str]]:
    """Bold leads: "Label: sentence" items, and short lines each followed by a sentence."""
    for text in map(clean, (*section.items, *section.paragraphs)):
        title, colon, rest = text.partition(": ")
        if colon and is_label(title, 6) and title[0].isupper():
            statement = capitalised(next(sentences(rest), ""))
            if is_statement(statement):
                yield title, statement
    lines = [clean(text) for text in section.paragraphs]
    for title, rest in pairwise(lines):
        statement = next(sentences(rest), "")
        is_title = is_label(title, 6) and not title.endswith((".", "!")) and title[0].isupper()
        if is_title and is_statement(statement) and len(rest) > 2 * len(title):
            yield title, statement
