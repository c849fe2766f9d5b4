"""Names and things as they stand inside a sentence: capitals, and articles where needed."""

from __future__ import annotations

import re

from blossomer.services.basic_analysis.text import capitalised

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


def in_sentence(name: str) -> str:
    """A heading as it stands inside a sentence: "Food and drink" becomes "food and drink"."""
    words = name.split()
    long_words = [word for word in words if len(word) > 3]
    if len(long_words) > 1 and all(word[0].isupper() for word in long_words):
        return role_in_sentence(name)
    if not words or (len(words[0]) > 1 and not words[0][1:].islower()):
        return name
    return f"{name[0].lower()}{name[1:]}"


def as_title(title: str) -> str:
    """A job title as people bear it: "Head of Logistics"."""
    small = {"of", "and", "the", "for", "at", "in", "de", "der"}
    words = [w if w in small or not w[0].islower() else capitalised(w) for w in title.split()]
    return " ".join(words)


def role_in_sentence(title: str) -> str:
    """A job title inside a sentence: "head of logistics", "CFO"."""
    return " ".join(w if sum(map(str.isupper, w)) > 1 else w.lower() for w in title.split())


def with_article(title: str) -> str:
    """A job title inside a sentence, with its article: "an accountant"."""
    role = role_in_sentence(title)
    is_spelled = len(role) > 1 and role.split()[0].isupper()
    return f"{'an' if role[:1] in ('AEFHILMNORSX' if is_spelled else 'aeiou') else 'a'} {role}"
