"""Articles: which things are counted, so that one of them needs "a" before it."""

from __future__ import annotations

import re

_COUNTABLE = re.compile(
    r"\b(?:platform|tool|app|application|agency|suite|system|solution|service|marketplace|"
    r"consultancy|firm|company|network|provider|studio|bank|plugin|framework|database|lender|"
    r"insurer|manufacturer|school|clinic|assistant|builder|editor|engine|api)$",
    re.IGNORECASE,
)


def one_of(what: str) -> str:
    """A thing with its article: "an AI platform", but "freight software"."""
    if not _COUNTABLE.search(what) or what.startswith(("a ", "an ", "the ")):
        return what
    return f"{'an' if what[0].lower() in 'aeiou' else 'a'} {what}"
