"""How much a website gives a writer to go on, in numbers and in words for a person.

Judges pages that were read. Whether to go on with so little is decided where it is read and where
generation starts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, cast

from blossomer.entities.base import Coverage, PageRead, PageSkipped
from blossomer.services.website.model import Page
from blossomer.services.website.words import LEAST_WORDS, count_words

GOOD_WORDS = 250
"""Words from which a site can fill all six cards: some 20 items with about a dozen words of
evidence each. Below, a writer has to infer much, which the person should know."""

_LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "es": "Spanish",
    "fi": "Finnish", "fr": "French", "he": "Hebrew", "hu": "Hungarian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "nb": "Norwegian", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish",
    "tr": "Turkish", "uk": "Ukrainian", "zh": "Chinese",
}  # fmt: skip
_ENGLISH = re.compile(r"\b(?:the|and|of|to|is|for|with|your|that|you)\b", re.IGNORECASE)
_PRICE = re.compile(
    r"[$€£¥₹]\s?\d|\d\s?(?:[€£¥₹]|(?:USD|EUR|GBP|CHF)\b)|\b(?:USD|EUR|GBP|CHF)\s?\d", re.IGNORECASE
)


def assess_coverage(
    pages: Sequence[Page],
    *,
    reader: str,
    skipped: Sequence[PageSkipped],
    from_cache: bool,
    fetched_at: datetime,
) -> Coverage:
    """Say what was read and what a good analysis would miss.

    Quality is ``insufficient`` under 25 words of main content over all pages, ``thin`` under 250,
    else ``good``.

    Args:
        pages: What was read, home first.
        reader: ``built-in``, ``firecrawl`` or ``pasted text``.
        skipped: Pages that were wanted and not read.
        from_cache: Whether the pages come from an earlier read.
        fetched_at: When they were fetched.
    """
    words = [count_words(page.prompt_text) for page in pages]
    total = sum(words)
    quality: Literal["good", "thin", "insufficient"] = "good"
    if total < LEAST_WORDS:
        quality = "insufficient"
    elif total < GOOD_WORDS:
        quality = "thin"
    return Coverage(
        reader=cast(Literal["built-in", "firecrawl", "pasted text"], reader),
        pages=[
            PageRead(url=page.url, title=page.title, words=count)
            for page, count in zip(pages, words, strict=True)
        ],
        skipped=list(skipped),
        words=total,
        quality=quality,
        missing=list(_missing(pages, total, quality, pasted=reader == "pasted text")),
        from_cache=from_cache,
        fetched_at=fetched_at,
    )


def _missing(pages: Sequence[Page], words: int, quality: str, *, pasted: bool) -> Iterator[str]:
    source = "description" if pasted else "site"
    if quality != "good":
        counted = f"{words} word{'' if words == 1 else 's'}"
        yield f"The {source} holds little text ({counted}); much will be inferred."
    kinds = {page.kind for page in pages}
    roles = {section.role for page in pages for section in page.sections}
    has_price = any(_PRICE.search(page.prompt_text) for page in pages)
    if pasted:
        if not has_price:
            yield "The description names no prices."
    elif "pricing" in kinds and not has_price:
        yield "The pricing page names no prices."
    elif "pricing" not in kinds and "pricing" not in roles:
        yield "No pricing page was found."
    if not pasted:
        if "customers" not in kinds and "testimonial" not in roles:
            yield "No customers or testimonials were found."
        if "about" not in kinds:
            yield "No page about the company was found."
        if len(pages) == 1:
            yield "Only one page could be read."
    language = _language(pages)
    if language:
        yield f"The {source} is in {language}; quotes stay in that language."


def _language(pages: Sequence[Page]) -> str:
    """Name of the language most pages declare, when it is not English and the text agrees."""
    declared = Counter(page.language[:2] for page in pages if page.language)
    if not declared:
        return ""
    code = declared.most_common(1)[0][0]
    text = " ".join(page.prompt_text for page in pages)
    # Templates are often left with the language of whoever made them.
    reads_english = len(_ENGLISH.findall(text)) > 0.1 * len(text.split())
    return "" if code == "en" or reads_english else _LANGUAGES.get(code, "")
