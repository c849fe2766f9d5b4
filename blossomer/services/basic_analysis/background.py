"""What every writer below a company starts from: the site, the documents above, the person's words.

A document above that was not given is written here from the same site, so that a writer always
finds a whole chain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.company import company_name, write_company
from blossomer.services.basic_analysis.company_capabilities import feature_blocks
from blossomer.services.basic_analysis.facts import Statement
from blossomer.services.basic_analysis.focus import Focus
from blossomer.services.basic_analysis.material import Material
from blossomer.services.basic_analysis.patterns import IMPERATIVE
from blossomer.services.basic_analysis.patterns_below import (
    ADDRESSED,
    ASIDE,
    BENEFIT,
    NOTHING_KNOWN,
    OF_SELLER,
    PRAISE,
    RESULT,
    SALES_WORD,
    SOLVES,
    SUFFERS,
    VOICE,
)
from blossomer.services.basic_analysis.people import Speaker, has_job_title
from blossomer.services.basic_analysis.text import (
    capitalised,
    clean,
    end_with_stop,
    is_label,
    is_meaningful,
    sentences,
)

_SPOKEN = re.compile(r"^[^:]{2,60}: ")
_CATEGORY_TAIL = re.compile(r"\s+(?:for|that|to|in|with|by|which|from)\s.*$")
_NO_CATEGORY = re.compile(r"not stated|the title reads|^(?:home|welcome)\b", re.IGNORECASE)
WITHOUT = (
    "Without it, their own people do this part of the work.",
    "This part of the work is done by hand today, or left out.",
    "Nobody has time for this part of the work every day.",
    "This part of the work depends on one person and their memory.",
)
"""Pains turned round from a feature, where the site names none."""

MOST_NOTES = 4
"""Sentences of a person's note that are put on cards; the rest would crowd out the site."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text, and the page on which it stands; no page when it stands on none."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something the product does: its name, the sentence about it, and the page."""

    title: str
    text: str
    url: str = ""

    @property
    def result(self) -> str:
        """What comes of it, when the sentence says so: "…, so finance closes the books in time"."""
        found = RESULT.search(self.text)
        return found["outcome"].strip() if found else ""

    @property
    def is_named(self) -> bool:
        """Whether the title is a short name that can stand for the feature in a sentence."""
        return (
            len(self.title.split()) <= 4
            and not self.title.startswith(("What ", "How ", "Why ", "The "))
            and not re.search(r"\d|[!?:]", self.title)
            and not IMPERATIVE.match(self.title)
            and not BENEFIT.search(self.title)
        )


class Background:
    """Everything a writer below a company can use.

    Args:
        material: What the writer was given.
    """

    def __init__(self, material: Material) -> None:
        self.material = material
        self.config = material.config
        self.website = material.website
        self.inputs = material.inputs
        self.context = material.context
        self.facts = material.facts

    @cached_property
    def company(self) -> Mapping[str, Any]:
        """The company above, or what basic analysis makes of the site."""
        given = self.context.get("company")
        if given:
            return given
        return write_company(self.material.of_entity("company", {})).finish()

    @cached_property
    def company_name(self) -> str:
        """The selling company's name."""
        given = clean(str(self.company.get("company_name") or ""))
        return given[:80] or company_name(self.website, self.facts)

    @cached_property
    def category(self) -> str:
        """What kind of thing the company sells, in a few words; empty when nobody says."""
        for item in texts(self.company, "business_profile_insights"):
            label, colon, what = item.partition(": ")
            if colon and label.lower() == "category" and not _NO_CATEGORY.search(what):
                short = _CATEGORY_TAIL.sub("", what.rstrip("."))
                short = SALES_WORD.sub("", short)
                if 1 < len(short.split()) <= 7:
                    return short
        return ""

    @cached_property
    def features(self) -> list[Feature]:
        """What the product does: the company's card first, then further blocks of the site."""
        found: dict[str, Feature] = {}
        for item in texts(self.company, "capabilities"):
            title, colon, text = item.partition(": ")
            is_praise = PRAISE.match(text) or ". " in title or title.startswith("The ")
            if not colon or title == "Features" or not is_label(title, 8) or is_praise:
                continue
            text = clean(text)
            url = self.facts.where(text) or self.facts.where(text.rstrip("."))
            found.setdefault(title.lower(), Feature(title, end_with_stop(text), url))
        for block, is_alone in feature_blocks(self.facts):
            is_main = block.kind in {"home", "product", "pasted"} and not ASIDE.search(block.title)
            is_praise = PRAISE.match(block.text) or ". " in block.title
            if is_main and not is_praise and not is_alone and len(found) < 12:
                title = block.title.rstrip(".!")
                feature = Feature(title, end_with_stop(block.text), block.url)
                found.setdefault(title.lower(), feature)
        return list(found.values())

    @cached_property
    def customers(self) -> list[str]:
        """Customers that the site or the person names."""
        for item in texts(self.company, "business_profile_insights"):
            label, colon, what = item.partition(": ")
            named = re.split(r", | and ", what) if colon and label == "Existing Customers" else []
            names = [name for name in map(clean, named) if 0 < len(name.split()) <= 4]
            if names and all(name[0].isupper() for name in names) and "named" not in what:
                people = " / ".join(f"{s.name} {s.title}" for s in self.facts.speakers)
                return [
                    name
                    for name in names
                    if name in self.printed and name not in people and not has_job_title(name)
                ]
        return []

    @cached_property
    def printed(self) -> str:
        """All visible text on one line."""
        return " ".join(self.facts.flat(page) for page in self.facts.pages)

    @cached_property
    def speakers(self) -> list[Speaker]:
        """People who speak on the site, those with a company first."""
        names = [speaker.name for speaker in self.facts.speakers if speaker.name]
        found = []
        for speaker in self.facts.speakers:
            said = speaker.said
            is_voice = VOICE.search(said) and not any(name in said for name in names)
            # A feature beside a testimonial is nobody's words.
            found.append(speaker if is_voice else replace(speaker, said=""))
        return sorted(found, key=lambda speaker: (not speaker.said, not speaker.company))

    @cached_property
    def notes(self) -> list[Said]:
        """What the person wrote, sentence by sentence, with the page when it stands on one."""
        found = []
        for key in ("hypothesis", "additional_context"):
            for paragraph in self.inputs.get(key, "")[:4_000].splitlines():
                for text in sentences(clean(paragraph)):
                    if is_meaningful(text):
                        shown = capitalised(text)[:400]
                        found.append(Said(shown, self.facts.where(text)))
        return found[:MOST_NOTES]

    @cached_property
    def own_name(self) -> str:
        """The name that the person gave; empty when they gave none."""
        return self.inputs.get("name", "").strip()[:200]

    def is_of_buyers(self, statement: Statement) -> bool:
        """Whether a statement is about buyers and their day, and not about the product."""
        if statement.role == "testimonial":
            return not re.search(re.escape(self.company_name), statement.text, re.IGNORECASE)
        return not (
            statement.kind in {"about", "customers"}
            or ADDRESSED.match(statement.heading)
            or OF_SELLER.search(statement.text)
            or IMPERATIVE.match(statement.text)
            or SOLVES.search(statement.text)
            or not SUFFERS.search(statement.text)
            or self.company_name.lower() in statement.text.lower()
            or any(feature.text.rstrip(".") in statement.text for feature in self.features)
        )

    def focus(self, *more: str) -> Focus:
        """What the result should be about: the person's words first, then the texts given."""
        own = " ".join([self.own_name, *(note.text for note in self.notes)])
        return Focus(own, *more) if own.strip() else Focus(*more)

    def cite(self, text: str) -> Said:
        """A text of a document above, with its page when it stands on one.

        A label before a colon is no part of what the site says.
        """
        said = clean(text)
        for candidate in (said, _SPOKEN.sub("", said)):
            bare = candidate.strip('“”"')
            if url := self.facts.where(bare):
                return Said(bare, url)
        return Said(_SPOKEN.sub("", said))


def texts(data: Mapping[str, Any], card: str) -> list[str]:
    """The statements on a card of a document, whatever somebody sent in their place.

    Without those that only say what is not known.
    """
    value = data.get(card)
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str) and not NOTHING_KNOWN.search(item)]


def records(data: Mapping[str, Any], card: str) -> list[Mapping[str, Any]]:
    """The records on a card of a document, whatever somebody sent in their place."""
    value = data.get(card)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def add_notes(answer: Answer, card: str, background: Background, label: str) -> None:
    """Put the person's own sentences on a card.

    Args:
        answer: The answer so far.
        card: The card.
        background: What the person wrote.
        label: What a sentence is called that stands on the site too: it is quoted.
    """
    for note in background.notes:
        if answer.is_full(card):
            return
        text = end_with_stop(note.text)
        if note.url and answer.quoted(card, f"{label}: {text}", [(note.text, note.url)]):
            label = "And"
            continue
        if not answer.is_used(note.text):
            rule = "In your words: what you wrote, as you wrote it."
            answer.own(card, f"In your words: {text}", note.text, rule)


def fill(answer: Answer, card: str, defaults: list[tuple[str, str]], rule: str) -> None:
    """Bring a card to its fewest items by items that follow from a rule.

    Args:
        answer: The answer so far.
        card: The card.
        defaults: Labels and texts, the most fitting first; a label on the card is not repeated.
        rule: What they follow from.
    """
    wanted = answer.config.card(card).min_items
    for label, text in defaults:
        items = answer.fields.get(card, [])
        if len(items) >= wanted:
            return
        if not any(item.startswith(f"{label}:") for item in items):
            answer.inferred(card, f"{label}: {end_with_stop(text)}", f"{label}: {rule}")


def source(statement: Statement) -> list[tuple[str, str]]:
    """A statement as the one quote behind an item."""
    return [(statement.text, statement.url)]
