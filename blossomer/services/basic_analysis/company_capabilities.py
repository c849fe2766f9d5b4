"""What the product does, by rules: the site's best group of named blocks."""

from __future__ import annotations

import re

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.choose import best, shown
from blossomer.services.basic_analysis.cues import DOING
from blossomer.services.basic_analysis.facts import Block, Facts
from blossomer.services.basic_analysis.patterns import (
    ABOUT_PEOPLE,
    DIFFERENTIATING,
    FEATURE_PARENT,
    NOT_A_FEATURE,
    PERSONAL,
    STORY_PARENT,
)
from blossomer.services.basic_analysis.text import clean, end_with_stop, is_junk, is_label, joined

CAPABILITIES = "capabilities"

_PICTURE = re.compile(r"^[^\w“\"'(\[#]+(?=\w)")
_INTEGRATIONS = re.compile(r"\b(?:integrat\w+|connect\w*|apps|partners?)\b", re.IGNORECASE)


def write_capabilities(answer: Answer) -> None:
    """Three to five features: the best group of named blocks, the differentiating first."""
    wanted = answer.config.card(CAPABILITIES).min_items
    blocks = feature_blocks(answer.facts)
    for block, is_alone in blocks:
        if answer.is_full(CAPABILITIES):
            break
        if is_alone and len(answer.fields.get(CAPABILITIES, ())) >= wanted:
            continue  # a lone heading is rarely a feature
        # Some sites put a picture in front of each title.
        title = _PICTURE.sub("", block.title).rstrip(".!")
        item = f"{title}: {end_with_stop(block.text)}"
        answer.quoted(CAPABILITIES, item, [(block.text, block.url)])
    if len(answer.fields.get(CAPABILITIES, ())) < wanted:
        for statement in best(answer, DOING, at_least=2, roles=("text",)):
            title = _title_for(statement.heading)
            item = f"{title}: {shown(statement, answer.facts)}"
            answer.quoted(CAPABILITIES, item, [(statement.text, statement.url)])
            if len(answer.fields.get(CAPABILITIES, ())) >= wanted:
                break
    if len(answer.fields.get(CAPABILITIES, ())) < wanted:
        _capabilities_from_lists(answer, wanted)
    if not answer.fields.get(CAPABILITIES):
        answer.unknown(
            CAPABILITIES,
            "Features: none described on the pages read",
            "What does the product do, feature by feature?",
        )
    elif len(answer.fields[CAPABILITIES]) < wanted:
        answer.gap("Which further features matter to buyers? The pages read describe few.")


def feature_blocks(facts: Facts) -> list[tuple[Block, bool]]:
    """The best groups of features, each group in reading order with the differentiating first.

    Each comes with whether it stands alone, outside any group.
    """
    groups: dict[int, list[Block]] = {}
    for block in facts.blocks:
        parent = block.parent.rsplit(" / ", 1)[-1]
        if (
            NOT_A_FEATURE.match(block.title)
            or block.title.endswith("!")
            or block.title.count(",") > 1
        ):
            continue
        if STORY_PARENT.search(parent) or block.text.startswith(("“", '"', "‘")):
            continue
        if PERSONAL.search(block.text) or ABOUT_PEOPLE.search(block.title):
            continue
        if block.kind in {"about", "customers", "pricing"}:
            continue
        groups.setdefault(block.group, []).append(block)

    def value(blocks: list[Block]) -> float:
        parent = blocks[0].parent.rsplit(" / ", 1)[-1]
        size = min(len(blocks), 6) if len(blocks) > 1 else 0.3
        bonus = 2.5 if FEATURE_PARENT.search(parent) else 0
        place = {"home": 2.0, "product": 2.0, "pasted": 2.0, "solutions": 0.5}.get(
            blocks[0].kind, 0.0
        )
        if _INTEGRATIONS.search(parent):
            size = 0.1
        return size + bonus + place - 0.02 * blocks[0].order

    ranked = sorted(groups.values(), key=lambda blocks: -value(blocks))
    result: list[tuple[Block, bool]] = []
    for blocks in ranked:
        first = [b for b in blocks if DIFFERENTIATING.search(f"{b.title} {b.text}")][:1]
        ordered = first + [b for b in blocks if b not in first]
        result += [(block, len(blocks) == 1) for block in ordered]
    return result


def _title_for(heading: str) -> str:
    title = clean(heading).rstrip(".!")
    is_title = is_label(title, 7) and not title.endswith("?") and not NOT_A_FEATURE.match(title)
    return title if is_title else "What it does"


def _capabilities_from_lists(answer: Answer, wanted: int) -> None:
    """Short list items under a heading that promises features, taken together."""
    for page in answer.facts.pages:
        for section in page.sections:
            heading = clean(section.heading)
            items = [
                clean(item)
                for item in section.items
                if is_label(clean(item), 10) and len(clean(item).split()) > 1
            ]
            if (
                section.role != "text"
                or len(items) < 3
                or not FEATURE_PARENT.search(heading)
                or is_junk(heading)
            ):
                continue
            item = f"{heading.rstrip(':.')}: {joined(items[:5])}."
            answer.quoted(
                CAPABILITIES, item, [(" ".join(items[:2]), page.url)], says=" ".join(items)
            )
            if len(answer.fields.get(CAPABILITIES, ())) >= wanted:
                return
