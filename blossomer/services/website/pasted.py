"""A description that a person pasted, in the shape of a website with one page."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from blossomer.services.website import failures
from blossomer.services.website.address import normalise_url
from blossomer.services.website.assess import assess_coverage
from blossomer.services.website.model import Page, Section, Website
from blossomer.services.website.words import LEAST_WORDS, count_words

MOST_CHARACTERS = 100_000
"""About 15,000 words: several times what any company says on its website's main pages."""

_BULLET = re.compile(r"[-*•–·]\s+")
_JOINERS = "\u200c\u200d"


def website_from_text(
    text: str, url: str = "", *, allowed_hosts: frozenset[str] = frozenset()
) -> Website:
    """Make a website of one page from a pasted description.

    Args:
        text: At least 25 words.
        url: The company's address if the person gave one. It is not fetched.
        allowed_hosts: ``host:port`` pairs with ports other than 80 and 443.

    Raises:
        UserError: ``pasted_text_too_short``, ``pasted_text_too_long``, ``invalid_url``.
    """
    if len(text) > MOST_CHARACTERS:
        raise failures.pasted_text_too_long(MOST_CHARACTERS)
    clean = _clean(text)
    if count_words(clean) < LEAST_WORDS:
        raise failures.pasted_text_too_short(LEAST_WORDS)
    address = normalise_url(url, allowed_hosts=allowed_hosts) if url.strip() else ""
    page = Page(
        url=address,
        kind="pasted",
        title="",
        description="",
        prompt_text=clean,
        visible_text=clean,
        sections=(_section(clean),),
    )
    coverage = assess_coverage(
        (page,),
        reader="pasted text",
        skipped=(),
        from_cache=False,
        fetched_at=datetime.now(UTC),
    )
    return Website(address, (page,), coverage)


def _clean(text: str) -> str:
    """Only what a person can see: control, direction and tag characters can hide instructions."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    visible = "".join(
        character
        for character in lines.replace("\t", " ")
        if character in "\n" + _JOINERS or unicodedata.category(character)[0] != "C"
    )
    return re.sub(
        r"\n{3,}", "\n\n", "\n".join(line.strip() for line in visible.split("\n"))
    ).strip()


def _section(text: str) -> Section:
    paragraphs: list[str] = []
    items: list[str] = []
    for block in text.split("\n\n"):
        running: list[str] = []
        for line in block.split("\n"):
            bullet = _BULLET.match(line)
            if bullet:
                items.append(line[bullet.end() :])
            elif line:
                running.append(line)
        if running:
            paragraphs.append(" ".join(running))
    return Section("", 0, tuple(paragraphs), tuple(item for item in items if item))
