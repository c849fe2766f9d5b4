"""What the writers of a campaign share: persona, choices, and sentences that may be used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from blossomer.services.basic_analysis.account import write_account
from blossomer.services.basic_analysis.background import WITHOUT, Background, Feature, texts
from blossomer.services.basic_analysis.campaign_choices import Chain, Choices, read_choices
from blossomer.services.basic_analysis.campaign_wording import (
    LONGEST_SENTENCE,
    MOST_PROOF,
    Line,
    is_a,
    is_plain,
    lines,
    longest,
    quotable,
)
from blossomer.services.basic_analysis.departments import Department, department_of
from blossomer.services.basic_analysis.focus import Focus
from blossomer.services.basic_analysis.nouns import in_sentence, role_in_sentence
from blossomer.services.basic_analysis.patterns import IMPERATIVE
from blossomer.services.basic_analysis.persona import write_persona
from blossomer.services.basic_analysis.persona_records import BETTER
from blossomer.services.basic_analysis.text import clean, end_with_stop, joined
from blossomer.services.email_lint import Sources, count_words

_VOICE = re.compile(r"\b(?:we|our|ours|us|I|my|me)\b|^[“\"]", re.IGNORECASE)
"""Whoever speaks there is not the one who writes."""

_CLAUSE = re.compile(r"\b(?:that|who|which|without|need|with)\b")

FIRST_NAME, COMPANY = "{{first_name}}", "{{company_name}}"
"""The only tokens; whoever sends replaces them."""


@dataclass(frozen=True)
class CampaignView:
    """A campaign that is being written.

    Args:
        background: Site, documents above, the person's words.
        account: The target account above.
        persona: The persona above.
        choices: What the person chose.
    """

    background: Background
    account: Mapping[str, Any]
    persona: Mapping[str, Any]
    choices: Choices

    @classmethod
    def of(cls, background: Background) -> CampaignView:
        """The campaign; documents above that were not given are written from the site."""
        context = dict(background.context)
        above = {**context, "company": background.company}
        material = background.material
        if not context.get("account"):
            above["account"] = write_account(material.of_entity("account", above)).finish()
        if not context.get("persona"):
            above["persona"] = write_persona(material.of_entity("persona", above)).finish()
        form = background.config.form
        choices = read_choices(form, background.inputs, above["persona"])
        return cls(background, above["account"], above["persona"], choices)

    @property
    def seller(self) -> str:
        """The company that writes."""
        return self.background.company_name

    @cached_property
    def person(self) -> str:
        """The persona's name."""
        return clean(str(self.persona.get("name") or "the persona"))[:80]

    @cached_property
    def department(self) -> Department | None:
        """The persona's department."""
        return department_of(self.person)

    @cached_property
    def kind(self) -> str:
        """The kind of companies, as it stands in a sentence; empty when it is no short phrase."""
        name = clean(str(self.account.get("name") or "")).rpartition(" at ")[2]
        is_short = 0 < len(name.split()) <= 6 and is_plain(name) and not _CLAUSE.search(name)
        return (
            in_sentence(name) if is_short and not name.lower().startswith("companies like") else ""
        )

    def topic(self, chain: Chain) -> str:
        """The use case in a few words, as they stand in a sentence; empty when they are many."""
        if not self.is_english:
            return f"“{chain.use_case}”" if count_words(chain.use_case) <= 5 else ""
        if not Feature(chain.use_case, "").is_named or self.seller in chain.use_case:
            return ""
        name = in_sentence(chain.use_case)
        return name if count_words(name) <= 5 and is_plain(name) else ""

    def pains(self, chain: Chain) -> list[Line]:
        """What hurts, about the use case first; without what only follows from a feature."""
        told = [chain.pain] if chain.pain and not _is_turned_round(chain.pain) else []
        about = Focus(f"{chain.use_case} {chain.pain} {chain.capability}")
        others = self._believed(self.persona, "pain_points")
        others += self._believed(self.account, "challenges")
        others = [text for text in others if not _is_turned_round(text)]
        others.sort(key=lambda text: -about.weigh(text))
        return self._lines([*told, *others])

    def capabilities(self, chain: Chain) -> list[Line]:
        """What the product does, about the use case first."""
        about = Focus(f"{chain.use_case} {chain.capability}")
        features = sorted(
            self.background.features, key=lambda f: -about.weigh(f"{f.title} {f.text}")
        )
        told = [chain.capability] if chain.capability else []
        return self._can(self._lines([*told, *[f.text for f in features]], orders=True))

    def outcomes(self, chain: Chain) -> list[Line]:
        """What comes of it, about the use case first."""
        told = [chain.outcome] if chain.outcome and not chain.outcome.startswith(BETTER) else []
        told = [text for text in told if not _VOICE.search(text)]
        about = Focus(f"{chain.use_case} {chain.capability}")
        results = [feature.result for feature in self.background.features if feature.result]
        results.sort(key=lambda text: -about.weigh(text))
        others = [*results, *self._believed(self.persona, "motivations")]
        others = [
            text for text in others if not _VOICE.search(text) and not text.startswith("Wants")
        ]
        return self._can(self._lines([*told, *others], orders=True))

    def definition(self) -> list[Line]:
        """What the company is, in one line."""
        found = []
        category = self.background.category
        if category and count_words(category) <= 7 and is_plain(category) and self.is_english:
            found.append(Line(is_a(self.seller, category)))
        first = str(self.background.company.get("description") or "").split(". ")[:1]
        if self.is_english:
            found += [line for line in self._lines(first) if self.seller in line.text]
        return [*found, Line(f"{self.seller} helps with that.")]

    def proof(self) -> list[Line]:
        """What may be claimed: the person's proof, else customers whom the site quotes or names."""
        given = self.choices.proof
        if given:
            return [Line(self.obey(given if given.endswith((".", "!")) else f"{given}."))]
        found: list[Line] = []
        for speaker in self.background.speakers if self.is_english else ():
            who = speaker.name or f"A {role_in_sentence(speaker.title)}"
            who = f"{who} of {speaker.company}" if speaker.company else who
            said = quotable(speaker.said)
            if said and self.background.facts.where(said) and is_plain(who):
                found.append(Line(f"{who} says: “{end_with_stop(said)}”", said))
        customers = [name for name in self.background.customers if is_plain(name)][:2]
        if customers:
            verb = "is" if len(customers) == 1 else "are"
            text = f"{joined(customers)} {verb} among the customers of {self.seller}."
            found.append(Line(text, self._naming(customers[0])))
        return [
            line
            for line in found
            if count_words(line.text) <= MOST_PROOF and longest(line.text) <= LONGEST_SENTENCE
        ]

    @cached_property
    def sources(self) -> Sources:
        """What numbers and names may come from: documents above, the site, the person's words."""
        above = (self.background.company, self.account, self.persona)
        left_out = ("evidence", "provenance", "confidence", "assumptions", "basis", "proposals")
        told = [str(v)[:10_000] for data in above for k, v in data.items() if k not in left_out]
        facts = self.background.facts
        told += [s.text for s in facts.statements[:100]] + [s.quote for s in facts.speakers[:20]]
        return (self.seller, *told, *(value[:4_000] for value in self.background.inputs.values()))

    @property
    def is_english(self) -> bool:
        """Whether sentences of the site can stand in an English message."""
        return self.background.facts.is_english

    def obey(self, text: str) -> str:
        """The text with the words that the person wants."""
        return self.choices.instructions.obey(text)

    def cite(self, line: Line) -> list[tuple[str, str]]:
        """The quote that a line rests on, when it can be verified."""
        url = self.background.facts.where(line.quote) if line.quote else ""
        return [(line.quote, url)] if url else []

    def _lines(self, told: list[str], *, orders: bool = False) -> list[Line]:
        if not self.is_english:
            return []
        found = []
        for line in lines(told, orders=orders):
            text = self.obey(line.text)
            if not self.choices.instructions.forbid(text):
                found.append(Line(text, line.quote))
        return found

    def _can(self, found: list[Line]) -> list[Line]:
        """What a site tells its visitor to do, as something that one can do with the product."""
        lead = f"With {self.seller} you can"
        can = [
            Line(f"{lead} {line.text[0].lower()}{line.text[1:]}", line.quote)
            if IMPERATIVE.match(line.text)
            else line
            for line in found
        ]
        return [line for line in can if longest(line.text) <= LONGEST_SENTENCE]

    def _bare(self, text: str) -> str:
        """A statement of a card without its label, and without who said it."""
        return self.background.cite(text.rpartition(" (")[0] or text).text

    def _believed(self, data: Mapping[str, Any], card: str) -> list[str]:
        """The statements of a card that can be said to a stranger.

        What rules alone put there is left out: it would be said to everybody in the same words.
        """
        provenance = data.get("provenance") or {}
        by_rule = provenance.get("writer", "basic analysis") != "model"
        own = (provenance.get("edited") or {}).get(card) or ()
        said = [(text, self._bare(text)) for text in texts(data, card)]
        return [
            bare
            for text, bare in said
            if not by_rule or text in own or self.background.facts.where(bare)
        ]

    def _naming(self, customer: str) -> str:
        for speaker in self.background.speakers:
            if speaker.company == customer:
                return speaker.quote
        return ""


def _is_turned_round(text: str) -> bool:
    """Whether a pain only follows from a feature, or is in somebody else's voice."""
    return any(known in text for known in WITHOUT) or bool(_VOICE.search(text))
