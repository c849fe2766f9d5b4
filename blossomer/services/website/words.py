"""How much text is enough to learn about a company, and how text is counted."""

from __future__ import annotations

import re

LEAST_WORDS = 25
"""Fewer words than this, over everything that was read or pasted, tell nothing about a company."""

LEAST_PAGE_WORDS = 10
"""A page with fewer words of its own is not worth mentioning."""

# Chinese, Japanese and Thai are written without spaces; a word there is about two characters.
_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def count_words(text: str) -> int:
    """Number of words, also of languages that put no spaces between them."""
    return len(text.split()) + len(_WITHOUT_SPACES.findall(text)) // 2
