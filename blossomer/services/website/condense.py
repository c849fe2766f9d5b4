"""A website as text for a prompt, within a budget: whole when it fits, else its telling sentences.

Extractive: every line is the site's own, so that quotes from it can be verified. How the prompt
fences the text off as data is decided in ``prompts.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blossomer.services.website.model import Page, Website

CHARACTERS_PER_TOKEN = 4
"""OpenAI's published rule of thumb for English text; other tokenizers and languages with Latin
letters need somewhat more tokens, which the distance between a prompt budget and a model's window
absorbs."""

SHORTEST_REPEATED = 25
"""Characters from which a line that stood on an earlier page is left out. Shorter ones may be plan
names or table cells, which mean something new on each page."""

LONGEST_UNIT = 600
"""Characters after which text without sentence ends is cut between words."""

GAP = " … "
"""Stands where sentences were left out, so that no quote spans the gap."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“„(]?[A-Z0-9ÄÖÜÀ-Þ])|(?<=[。！？])")
_PRICE = re.compile(r"[$€£¥]\s?\d|\d\s?[€£%]|\b(?:USD|EUR|GBP)\b")
_NUMBER = re.compile(r"\d")
_VOICE = re.compile(r"^[>\"“„«]")
_TELLING_HEADING = re.compile(
    r"pric|plans?\b|customer|client|case stud|testimonial|review|trusted|feature|product|platform|"
    r"how it works|what we|why |solution|integrat|security|for \w+|about|mission|faq",
    re.IGNORECASE,
)
_KIND_WEIGHT = {"home": 3, "product": 3, "pricing": 3, "customers": 3, "pasted": 3, "solutions": 2}
_ROLE_WEIGHT = {"pricing": 2, "testimonial": 2, "faq": 1}


@dataclass(slots=True)
class _Unit:
    """A sentence with its place: page, chunk, line, and rank by relevance."""

    text: str
    page: int
    chunk: int
    line: int
    score: float


@dataclass(slots=True)
class _Chunk:
    """A heading with the lines under it, as in the page's prompt text."""

    heading: str
    lines: list[str]
    role: str = "text"


def prompt_context(website: Website, *, max_tokens: int) -> str:
    """The website's pages for a prompt, each introduced by its address and kind.

    Lines that stand on several pages are kept on the first only. When the rest is over budget, the
    sentences that tell most are kept, in their order: those that open a section, those with
    numbers, prices or a customer's voice, product, pricing and customer pages before others.
    The same website always gives the same text.

    Args:
        website: At least one page.
        max_tokens: Budget, estimated at four characters a token. Never exceeded.
    """
    budget = max_tokens * CHARACTERS_PER_TOKEN
    pages = [list(_without_repeats(chunks)) for chunks in _chunked(website.pages)]
    whole = "\n\n".join(
        _write(_introduction(page), [(chunk.heading, chunk.lines) for chunk in chunks])
        for page, chunks in zip(website.pages, pages, strict=True)
    )
    return whole if len(whole) <= budget else _condense(website.pages, pages, budget)


def _introduction(page: Page) -> str:
    title = f"\nTitle: {page.title}" if page.title else ""
    return f"Page: {page.url or 'pasted text'} ({page.kind}){title}"


def _write(introduction: str, chunks: Sequence[tuple[str, Sequence[str]]]) -> str:
    parts = [introduction]
    for heading, lines in chunks:
        parts.append("\n".join(([heading] if heading else []) + list(lines)))
    return "\n\n".join(part for part in parts if part)


def _chunked(pages: Sequence[Page]) -> Iterator[list[_Chunk]]:
    seen: set[str] = set()
    for page in pages:
        roles = {section.heading: section.role for section in page.sections}
        chunks = [_Chunk("", [])]
        own: set[str] = set()
        for line in filter(None, map(str.strip, page.prompt_text.splitlines())):
            if line.startswith("#"):
                chunks.append(_Chunk(line, [], roles.get(line.lstrip("# "), "text")))
                continue
            if len(line) >= SHORTEST_REPEATED:
                if line in seen:
                    continue
                own.add(line)
            chunks[-1].lines.append(line)
        seen |= own
        yield chunks


def _without_repeats(chunks: Sequence[_Chunk]) -> Iterator[_Chunk]:
    """Leave out headings under which nothing is left, unless deeper ones follow."""
    for index, chunk in enumerate(chunks):
        following = chunks[index + 1] if index + 1 < len(chunks) else None
        leads_on = following is not None and _level(following.heading) > _level(chunk.heading)
        if chunk.lines or (chunk.heading and (leads_on or _level(chunk.heading) == 1)):
            yield chunk


def _level(heading: str) -> int:
    return len(heading) - len(heading.lstrip("#"))


def _sentences(line: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(line):
        rest = sentence.strip()
        while len(rest) > LONGEST_UNIT:
            cut = rest.rfind(" ", 1, LONGEST_UNIT)
            cut = cut if cut > 0 else LONGEST_UNIT
            yield rest[:cut]
            rest = rest[cut:].strip()
        if rest:
            yield rest


def _units(page: Page, number: int, chunks: Sequence[_Chunk]) -> Iterator[_Unit]:
    for index, chunk in enumerate(chunks):
        base = float(_KIND_WEIGHT.get(page.kind, 1)) + _ROLE_WEIGHT.get(chunk.role, 0)
        base += 2 * bool(_TELLING_HEADING.search(chunk.heading))
        # What comes late on a page is rarely what the page is about.
        base -= 2 * index / len(chunks)
        place = 0
        for line_number, line in enumerate(chunk.lines):
            for sentence in _sentences(line):
                score = base + (3 if place == 0 else 0) - min(2.0, place / 5)
                score += 3 if _PRICE.search(sentence) else 2 * bool(_NUMBER.search(sentence))
                score += bool(_VOICE.match(sentence))
                yield _Unit(sentence, number, index, line_number, score)
                place += 1


def _condense(pages: Sequence[Page], chunked: Sequence[Sequence[_Chunk]], budget: int) -> str:
    left = budget
    units: list[_Unit] = []
    open_pages = set()
    for number, (page, chunks) in enumerate(zip(pages, chunked, strict=True)):
        cost = len(_introduction(page)) + 4
        if cost <= left:
            left -= cost
            open_pages.add(number)
            units.extend(_units(page, number, chunks))
    ranked = sorted(range(len(units)), key=lambda index: (-units[index].score, index))
    chosen: set[int] = set()
    headings: set[tuple[int, int]] = set()
    for index in ranked:
        unit = units[index]
        place = (unit.page, unit.chunk)
        cost = len(unit.text) + len(GAP)
        if place not in headings:
            cost += len(chunked[unit.page][unit.chunk].heading) + 3
        if cost <= left:
            left -= cost
            chosen.add(index)
            headings.add(place)
    return "\n\n".join(
        _write(_introduction(pages[number]), list(_chosen_chunks(number, chunked, units, chosen)))
        for number in sorted(open_pages)
    )


def _chosen_chunks(
    number: int, chunked: Sequence[Sequence[_Chunk]], units: Sequence[_Unit], chosen: set[int]
) -> Iterator[tuple[str, list[str]]]:
    lines: dict[int, dict[int, str]] = {}
    previous = -1
    for index, unit in enumerate(units):
        if unit.page != number or index not in chosen:
            continue
        chunk = lines.setdefault(unit.chunk, {})
        if unit.line in chunk:
            joint = " " if previous == index - 1 else GAP
            chunk[unit.line] += joint + unit.text
        else:
            chunk[unit.line] = unit.text
        previous = index
    for chunk_number in sorted(lines):
        yield chunked[number][chunk_number].heading, list(lines[chunk_number].values())
