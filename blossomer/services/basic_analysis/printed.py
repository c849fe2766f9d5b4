"""Prices and questions as a page prints them. What they mean for a buyer is decided elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blossomer.entities.evidence import squash
from blossomer.services.basic_analysis.text import clean, is_junk, is_statement, sentences
from blossomer.services.website.model import Page, Section

_MAX_WORD = 40
_REACH = 200
"""Characters before and after a place that are looked at; a page may print ten thousand prices."""

_UNIT = (
    r"(?:month|mo|year|yr|week|day|hour|hr|minute|user|seat|agent|member|person|team|site|store|"
    r"location|vehicle|van|driver|device|employee|transaction|order|invoice|contact|session|"
    r"Monat|Jahr|Nutzer|Woche|mois|an|mes|año)s?\b"
)
_PRICE = re.compile(
    r"(?:from\s+)?(?:(?:US|CA|AU)?[$€£₹]\s?\d(?:[\d.,]*\d)?|"
    r"\b\d(?:[\d.,]*\d)?\s?(?:€|(?:EUR|USD|GBP|CHF)\b))"
    r"(?P<period>(?:\s?(?:USD|EUR|GBP)\b)?\s{0,3}(?:"
    rf"(?:/|per|a|an|each|pro|im|je|par|al)\s{{0,2}}(?:active\s|paid\s)?{_UNIT}"
    rf"(?:\s?(?:,|/|per|and|pro|und)\s?(?:per\s)?{_UNIT}){{0,2}}|monthly\b|yearly\b|annually\b)?)",
    re.IGNORECASE,
)
# An amount that a buyer gets, and not one that is paid: a saving, a discount, a return, a cover.
_GIVEN_AFTER = re.compile(
    r"\W*(?:(?:off|discount|cash ?back|credit|return|bonus|instant)\b|"
    r"(?:in|of|with)\b.{0,20}(?:sav|cover|credit|value|return))",
    re.IGNORECASE,
)
_GIVEN_BEFORE = re.compile(
    r"\b(?:sav(?:e|es|ed|ing|ings)|up to|every|worth|extra|(?:refund|discount|credit)(?: of)?)\W*$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:how|what|can|could|do|does|did|is|are|will|which|where|when|who|why|should|may|am|if|"
    r"wie|was|kann|können|ist|sind|wann|wer|warum|welche|muss|quel|comment|puis|cómo|qué|puedo)\b",
    re.IGNORECASE,
)
_RHETORICAL = re.compile(
    r"^(?:why (?:choose|us|\w+\?)|ready|want|need|looking|who (?:we|are we)|what (?:we|our|people)|"
    r"are you (?:ready|looking|a\b|tired)|do you (?:need|want|have a)|how can we)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Price:
    """A printed price with the words around it, which are long enough to be a quote."""

    text: str
    period: str
    quote: str
    url: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that the site answers, and the beginning of its answer."""

    question: str
    answer: str
    url: str


def prices(page: Page, text: str) -> Iterator[Price]:
    """Prices of a page: anything with a period, and all amounts where plans are listed.

    Args:
        page: The page.
        text: Its visible text on one line.
    """
    plans = squash(
        " ".join(
            " ".join((section.heading, *section.paragraphs, *section.items))
            for section in page.sections
            if section.role == "pricing" or page.kind == "pricing"
        )
    )
    for match in _PRICE.finditer(text):
        period = clean(match["period"] or "")
        if not period and squash(match[0]) not in plans:
            continue
        is_given = _GIVEN_AFTER.match(text[match.end() : match.end() + 40]) or _GIVEN_BEFORE.search(
            text[max(match.start() - 20, 0) : match.start()]
        )
        if not is_given:
            quote = around(text, match.start(), match.end())
            yield Price(clean(match[0]), period, quote, page.url)


def questions(section: Section, url: str) -> Iterator[Question]:
    """Questions of a section with the beginning of their answers."""
    heading = clean(section.heading)
    texts = [clean(text) for text in (*section.paragraphs, *section.items)]
    pairs: list[tuple[str, Sequence[str]]] = [(heading, texts)] if heading.endswith("?") else []
    for index, text in enumerate(texts[:-1]):
        if text.endswith("?") and len(text) <= 140:
            pairs.append((text, texts[index + 1 :]))
    for question, following in pairs:
        is_asked = _QUESTION.match(question) or section.role == "faq"
        if is_asked and 3 <= len(question.split()) <= 22 and not _RHETORICAL.match(question):
            answer = _answer(following)
            if answer and not is_junk(question):
                yield Question(question, answer, url)


def around(text: str, start: int, end: int) -> str:
    """Whole words around a place of a text, enough of them to be a quote."""
    before = text[max(start - _REACH, 0) : start].split(" ")[-3:]
    after = text[end : end + _REACH].split(" ")
    # The place may begin or end inside a word: the rest of that word belongs to it.
    words = [*before[:-1], before[-1] + text[start:end] + after[0], *after[1:5]]
    return " ".join(word for word in words if len(word) <= max(_MAX_WORD, end - start))


def _answer(texts: Sequence[str]) -> str:
    """The first sentences of an answer: at least one that says something."""
    taken: list[str] = []
    for text in sentences(texts[0]) if texts else ():
        taken.append(text)
        answer = " ".join(taken)
        if len(answer) > 300 or is_junk(answer) or text.endswith("?"):
            return ""
        if is_statement(text):
            return answer if answer.endswith((".", "!", "”")) else ""
        if len(taken) == 3:
            break
    return ""
