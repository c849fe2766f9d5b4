"""Main content by headings, with the role of each part: testimonial, pricing, questions, or text.

Works on the chosen blocks; which blocks those are is decided in ``main_content.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from blossomer.services.website.blocks import Block, Container
from blossomer.services.website.model import Section

Role = Literal["text", "testimonial", "pricing", "faq"]

LONGEST_ITEM_WORDS = 30
"""A longer list item is running text in a list's clothes."""

_VOICE_NAME = re.compile(r"testimonial|(?:^|[-_\s])(?:quotes?|reviews?)(?:$|[-_\s])", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“„«»‟].{20,}")
_ATTRIBUTION = re.compile(
    r"^[—–-]\s*\w|\b(?:CEO|CTO|CFO|COO|CMO|CRO|CIO|CISO|CPO|founder|president|owner|partner|"
    r"head of|director|manager|lead|VP|vice president|chief|officer|engineer|analyst|principal|"
    r"Geschäftsführer(?:in)?|Leiter(?:in)?|directeur|directrice)\b",
    re.IGNORECASE,
)
_AMOUNT = (
    r"(?:(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF)\b)\s?\d[\d.,]*|\d[\d.,]*\s?(?:[€£]|(?:USD|EUR|CHF)\b))"
)
_PRICE = re.compile(_AMOUNT)
_PRICE_WITH_PERIOD = re.compile(
    _AMOUNT + r".{0,25}?(?:/|\b(?:per|an?|each|every|pro|par|billed)\b)\s*(?:active )?"
    r"(?:mo|month|monthly|yr|year|yearly|annually|user|seat|week|day|hour|member|agent|license|"
    r"Monat|Jahr|Nutzer|mois|an)\b",
    re.IGNORECASE,
)
_PRICE_HEADING = re.compile(r"\b(?:pricing|prices?|plans?|preise|tarifs?)\b", re.IGNORECASE)
_FAQ_HEADING = re.compile(
    r"\bfaqs?\b|frequently asked|common questions|questions (?:and|&) answers|häufige fragen|"
    r"questions fréquentes",
    re.IGNORECASE,
)


@dataclass
class _Draft:
    heading: str = ""
    level: int = 0
    paragraphs: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    voice: bool = False

    @property
    def text(self) -> str:
        return " ".join((self.heading, *self.paragraphs, *self.items))

    def add(self, block: Block) -> None:
        short = block.words <= LONGEST_ITEM_WORDS
        listed = block.kind in {"item", "cell", "term"} and short
        label = block.words <= 5 and not block.is_sentence and not block.text.endswith("?")
        if listed or label:
            self.items.append(block.text)
        else:
            self.paragraphs.append(block.text)


def sections_of(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """Group blocks under their headings and give each group a role.

    A testimonial becomes a section of its own, with the heading above it and the name and title of
    the person who speaks among its items or paragraphs.

    Args:
        blocks: Main content of one page in reading order.
    """
    drafts: list[_Draft] = [_Draft()]
    voice: Container | None = None
    after_quote = 0
    for block in blocks:
        speaker = _voice_container(block)
        quoted = block.kind == "quote" or (block.words >= 8 and bool(_QUOTED.match(block.text)))
        continues = drafts[-1].voice and (
            (speaker is not None and speaker is voice)
            or (after_quote < 2 and block.words <= 12 and bool(_ATTRIBUTION.search(block.text)))
            or (after_quote == 0 and block.words <= 4 and not block.is_sentence and not block.level)
        )
        if quoted or continues:
            if not drafts[-1].voice:
                _open_voice(drafts)
            drafts[-1].add(block)
            after_quote = 0 if quoted else after_quote + 1
        elif block.kind == "heading":
            drafts.append(_Draft(block.text, block.level))
        elif speaker is not None and block.words >= 8 and not drafts[-1].voice:
            _open_voice(drafts)
            drafts[-1].add(block)
            after_quote = 0
        else:
            if drafts[-1].voice:
                above = drafts[-1]
                drafts.append(_Draft(above.heading, above.level))
            drafts[-1].add(block)
        if drafts[-1].voice:
            voice = speaker
    return _with_roles([draft for draft in drafts if draft.text.strip()])


def _open_voice(drafts: list[_Draft]) -> None:
    above = drafts[-1]
    if above.paragraphs or above.items:
        drafts.append(_Draft(above.heading, above.level))
    drafts[-1].voice = True


def _voice_container(block: Block) -> Container | None:
    """The innermost container around a block that is named after what customers say."""
    node: Container | None = block.container
    for _ in range(6):
        if node is None or node.parent is None:
            return None
        if _VOICE_NAME.search(node.names):
            return node
        node = node.parent
    return None


def _with_roles(drafts: Sequence[_Draft]) -> tuple[Section, ...]:
    result = []
    inherited: Role = "text"
    inherited_level = 0
    for draft in drafts:
        if draft.level and draft.level <= inherited_level:
            inherited, inherited_level = "text", 0
        role = _role(draft)
        if role == "text" and inherited_level:
            role = inherited
        elif role in {"faq", "pricing"} and _leads(draft) and not 0 < inherited_level < draft.level:
            inherited, inherited_level = role, draft.level
        result.append(
            Section(draft.heading, draft.level, tuple(draft.paragraphs), tuple(draft.items), role)
        )
    return tuple(result)


def _leads(draft: _Draft) -> bool:
    """Whether deeper headings belong to this one. A page's title leads all and tells little."""
    return draft.level >= 2 and not draft.heading.endswith("?")


def _role(draft: _Draft) -> Role:
    if draft.voice:
        return "testimonial"
    if _FAQ_HEADING.search(draft.heading):
        return "faq"
    questions = sum(text.endswith("?") for text in (*draft.items, *draft.paragraphs))
    if questions >= 2 or (draft.heading.endswith("?") and draft.paragraphs and draft.level >= 3):
        return "faq"
    short = " ".join(text for text in draft.items if len(text.split()) <= 6)
    if _PRICE_WITH_PERIOD.search(draft.text) or len(_PRICE.findall(short)) >= 2:
        return "pricing"
    # A longer heading with such a word is a sentence about something else.
    if _PRICE_HEADING.search(draft.heading) and len(draft.heading.split()) <= 5:
        return "pricing"
    return "text"
