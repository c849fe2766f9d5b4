"""Whom the company sells to, by rules: target accounts and key personas."""

from __future__ import annotations

import re
from collections import Counter

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.choose import best
from blossomer.services.basic_analysis.cues import AUDIENCE
from blossomer.services.basic_analysis.facts import Block, Facts
from blossomer.services.basic_analysis.notes import Notes
from blossomer.services.basic_analysis.patterns import INDUSTRY_HEADING, ROLES, TEAM_HEADING
from blossomer.services.basic_analysis.text import capitalised, joined

TARGET = "target_customer_insights"


def write_target_customers(answer: Answer, notes: Notes) -> None:
    """Target accounts and key personas."""
    _write_accounts(answer, notes)
    _write_personas(answer, notes)


def _write_accounts(answer: Answer, notes: Notes) -> None:
    facts = answer.facts
    card = TARGET
    if said := notes.take("accounts"):
        answer.inferred(card, f"Target Accounts: {said}", "Target Accounts: in your own words.")
    industries = [
        b
        for b in blocks_under(facts, INDUSTRY_HEADING)
        if not ROLES.search(b.title.lower()) and not TEAM_HEADING.search(b.parent)
    ]
    if len(industries) >= 2:
        titles = [
            re.sub(r"^(?:for|für)\s+", "", block.title, flags=re.IGNORECASE)
            for block in industries[:6]
        ]
        item = f"Target Accounts: {capitalised(joined(titles))}"
        answer.proven(card, item, [(f"{b.title} {b.text}", b.url) for b in industries[:3]])
        return
    if facts.is_english:
        for statement in best(answer, AUDIENCE, at_least=3, roles=("text",)):
            if answer.quoted(
                card, f"Target Accounts: {statement.text}", [(statement.text, statement.url)]
            ):
                return
        for text, url, _ in facts.headings:
            if AUDIENCE[0].pattern.search(text.lower()) and answer.quoted(
                card, f"Target Accounts: {text}", [(text, url)]
            ):
                return
    if card not in answer.fields:
        answer.unknown(
            card,
            "Target Accounts: the pages read do not say which kinds of companies it is for",
            "Which kinds of companies buy this, by industry and size?",
        )


def _write_personas(answer: Answer, notes: Notes) -> None:
    facts = answer.facts
    card = TARGET
    if said := notes.take("personas"):
        answer.inferred(card, f"Key Personas: {said}", "Key Personas: in your own words.")
        return
    roles: dict[str, tuple[str, str]] = {}
    for block in blocks_under(facts, TEAM_HEADING) + [
        b for b in facts.blocks if re.match(r"for\s", b.title, re.IGNORECASE)
    ]:
        title = re.sub(r"^for\s+", "", block.title, flags=re.IGNORECASE)
        if ROLES.search(title.lower()) and len(title.split()) <= 5:
            roles.setdefault(
                capitalised(title.lower() if title.istitle() else title),
                (f"{block.title} {block.text}", block.url),
            )
    speakers = [s for s in facts.speakers if s.title]
    titles = list(dict.fromkeys(s.title for s in speakers))
    if roles or titles:
        parts = []
        if roles:
            parts.append(joined(list(roles)[:4]))
        if titles:
            parts.append(
                f"customers who speak for it are {joined(titles[:4])}"
                if roles
                else joined(titles[:4])
            )
            if not roles:
                answer.assume(
                    "Key Personas: the job titles of customers who are quoted on the site."
                )
        item = f"Key Personas: {'; '.join(parts)}"
        answer.proven(
            card, item, [*list(roles.values())[:3], *[(s.quote, s.url) for s in speakers[:3]]]
        )
        return
    if facts.is_english:
        counts: Counter[str] = Counter()
        first: dict[str, tuple[str, str]] = {}
        for statement in facts.statements:
            for match in ROLES.finditer(statement.text.lower()):
                role = re.sub(
                    r"\b(?:hr|it|c[efomt]os|cios|cisos)\b",
                    lambda m: m[0].upper().replace("OS", "Os"),
                    match[0],
                )
                counts[role] += 1
                first.setdefault(role, (statement.text, statement.url))
        common = [role for role, count in counts.most_common(3) if count > 1] or list(counts)[:1]
        named = [role for role in common if facts.stands(*first[role])]
        if named:
            item = f"Key Personas: {capitalised(joined(named))}, the roles the site speaks of"
            answer.assume("Key Personas: the roles that the site's sentences name most often.")
            answer.proven(card, item, [first[role] for role in named])
            return
    answer.unknown(
        card,
        "Key Personas: no job titles or roles are named on the pages read",
        "Which job titles use it, and which sign the contract?",
    )


def blocks_under(facts: Facts, heading: re.Pattern[str]) -> list[Block]:
    """Blocks of the first group whose parent heading, or page, speaks of something."""
    groups: dict[tuple[str, int], list[Block]] = {}
    for block in facts.blocks:
        parent = block.parent.rsplit(" / ", 1)[-1]
        if heading.search(parent):
            groups.setdefault((block.url, block.group), []).append(block)
    return next((blocks for blocks in groups.values() if len(blocks) >= 2), [])
