"""What can be said about a text block without understanding it: its place, shape and neighbours.

Each block gets a set of named yes/no features; ``block_weights.py`` holds what each is worth and
``main_content.py`` adds them up. No feature knows a particular site or a topic.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from blossomer.services.website.blocks import Block, Container

NAME_GROUPS = {
    "navigation": "nav navbar navigation menu submenu megamenu breadcrumb breadcrumbs toc "
    "pagination pager skip dropdown flyout mobile hamburger",
    "footer": "footer foot copyright colophon legal disclaimer disclaimers disclosure disclosures "
    "footnote footnotes",
    "header": "header masthead topbar toolbar announcement alert banner notification notice promo",
    "cookie": "cookie cookies consent gdpr onetrust cky ccpa privacy",
    "form": "form newsletter subscribe subscription signup search login input field wpcf gform "
    "hbspt mktoform",
    "contact": "contact address location locations phone",
    "dialog": "modal popup lightbox overlay drawer offcanvas dialog tooltip chat widget",
    "social": "share sharing social socials follow",
    "related": "related recommended recent similar post posts blog news resource resources "
    "insights article articles event events",
    "side": "sidebar aside rail secondary",
    "content": "content main body copy wysiwyg richtext entry text paragraph description",
    "hero": "hero intro jumbotron masthead lead headline heading title",
    "feature": "feature features benefit benefits service services step steps card cards grid",
    "action": "cta btn button link links",
    "voices": "testimonial testimonials quote quotes review reviews customer customers",
    "panel": "faq faqs accordion tab tabs collapse panel",
    "price": "pricing price plan plans table",
    "slider": "slider slide carousel swiper slick marquee logo logos",
    "media": "code demo video caption image img figure product mockup",
    "people": "author team bio profile",
}
"""Words in class names and ids by which authors say what a part of the page is for."""

ROLES = {
    "navigation": "navigation",
    "menu": "navigation",
    "menubar": "navigation",
    "contentinfo": "footer",
    "banner": "header",
    "search": "form",
    "form": "form",
    "dialog": "dialog",
    "alertdialog": "dialog",
    "complementary": "side",
}

TAGS_OF_INTEREST = frozenset({
    "nav", "footer", "header", "aside", "form", "main", "article", "section", "table", "button",
    "li", "blockquote", "figure", "label", "p", "pre", "select", "summary", "details", "dl",
    "fieldset",
})  # fmt: skip

_GROUP_OF_NAME = {name: group for group, names in NAME_GROUPS.items() for name in names.split()}
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"[A-Z]?[a-z]+")
_CALL = re.compile(
    r"(?:learn|read|see|view|show|find|get|start|try|sign|log|contact|book|request|download|explore|"
    r"discover|subscribe|watch|buy|shop|call|talk|schedule|join|back|skip|next|previous|close|menu)\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"©|rights reserved|privacy|cookie|terms (?:of|and)|trademark|subject to|disclaim", re.I
)
_NOTE = re.compile(r"(?:[*†‡¹²³]|\(?\d{1,2}\)?[A-Z])")
_TOPICS = {
    "related": re.compile(
        r"\b(?:related|recommended|recent|latest|blog|news|articles?|resources?|insights?|events?|"
        r"you (?:may|might)|more (?:from|on|about)|stories|publications|explore|keep reading)\b",
        re.I,
    ),
    "contact": re.compile(
        r"\b(?:contact|get in touch|subscribe|newsletter|follow|sign up|connect|locations?|call us|"
        r"talk to|request|inquiry|quote|book)\b",
        re.I,
    ),
    "notes": re.compile(
        r"\b(?:disclos\w+|disclaimers?|footnotes?|legal|references|sources)\b", re.I
    ),
    "questions": re.compile(r"\b(?:faqs?|questions)\b", re.I),
    "voices": re.compile(
        r"\b(?:testimonials?|reviews?|customers?|clients?|say|love|trusted)\b", re.I
    ),
}


def name_groups(container: Container) -> frozenset[str]:
    """What the container's own names and role say about it."""
    if container.groups is None:
        found = {
            _GROUP_OF_NAME[word]
            for word in (part.lower() for part in _NAME.findall(container.names))
            if word in _GROUP_OF_NAME
        }
        if container.role in ROLES:
            found.add("role-" + ROLES[container.role])
        container.groups = frozenset(found)
    return container.groups


_LINK_SHARES = (0.01, 0.2, 0.5, 0.8, 0.99)
_LENGTHS = (2, 4, 7, 12, 20, 40)


_SENTENCE_SHARES = (0.01, 0.2, 0.5, 0.8)
_PAGE_SHARES = (0.02, 0.05, 0.15, 0.4)
_POSITIONS = (0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
_NEAR = 6
"""Blocks before and after that count as near."""

_SIZES = (("small", 15), ("middle", 60), ("large", 200))
"""Words from which a container is a paragraph with its heading, a section, a part of the page."""


def block_features(blocks: Sequence[Block]) -> list[set[str]]:
    """The features of each block of one page, in the same order.

    Args:
        blocks: All visible blocks of the page, in reading order.
    """
    words = [0, *accumulate(block.words for block in blocks)]
    linked = [0, *accumulate(block.link_words for block in blocks)]
    sentences = [0, *accumulate(block.words if block.is_sentence else 0 for block in blocks)]
    total = words[-1] or 1
    first_title = next((i for i, block in enumerate(blocks) if block.level == 1), None)
    seen = Counter(block.text for block in blocks)
    places = _Places(blocks, total)
    topics: list[str] = []
    result: list[set[str]] = []
    for index, block in enumerate(blocks):
        if block.level:
            topics = [f"topic:{name}" for name, cues in _TOPICS.items() if cues.search(block.text)]
        features = _own(block, seen)
        features.update(topics)
        features |= places.features(block.container)
        features.add(f"position:{bisect_right(_POSITIONS, words[index] / total)}")
        if first_title is None:
            features.add("no-title")
        elif index < first_title:
            features.add("before-title")
            features.add(f"before-title-links:{int(block.link_words * 2 >= block.words)}")
        low, high = max(0, index - _NEAR), min(len(blocks), index + _NEAR + 1)
        near = words[high] - words[low]
        near_links = (linked[high] - linked[low]) / near
        near_sentences = (sentences[high] - sentences[low]) / near
        features.add(f"near-links:{bisect_right(_LINK_SHARES, near_links)}")
        features.add(f"near-sentences:{bisect_right(_SENTENCE_SHARES, near_sentences)}")
        features.add(f"near-length:{bisect_right(_LENGTHS, near / (high - low))}")
        for step, name in ((-1, "previous"), (1, "next")):
            if 0 <= index + step < len(blocks):
                other = blocks[index + step]
                features.add(f"{name}-length:{bisect_right(_LENGTHS, other.words)}")
                features.add(f"{name}-linked:{other.link_words * 2 > other.words}")
        result.append(features)
    return result


def _own(block: Block, seen: Counter[str]) -> set[str]:
    linked = bisect_right((0.01, 0.5, 0.99), block.link_words / block.words)
    length = bisect_right(_LENGTHS, block.words)
    found = {
        f"links:{linked}",
        f"length:{length}",
        f"length:{length}-links:{linked}",
        f"kind:{block.kind}",
        f"sentence:{block.is_sentence}",
    }
    if block.level:
        found.add(f"heading:{block.level}")
        found.add(f"heading-linked:{linked >= 2}")
    if seen[block.text] > 1:
        found.add("repeated")
    if block.words <= 6 and _CALL.match(block.text):
        found.add("call-to-action")
    if _LEGAL.search(block.text):
        found.add("legal")
    if _NOTE.match(block.text):
        found.add("note")
    if len(_DIGIT.findall(block.text)) * 3 > len(block.text):
        found.add("digits")
    return found


class _Places:
    """The features that a block has from the containers around it, each worked out once."""

    def __init__(self, blocks: Sequence[Block], total: int) -> None:
        self._total = total
        self._inherited: dict[Container, frozenset[str]] = {}
        self._shapes: dict[tuple[Container, str], list[str]] = {}
        self._main = self._find_main(blocks)
        self._known: dict[Container, frozenset[str]] = {}

    def features(self, container: Container) -> frozenset[str]:
        """All features of blocks that stand directly in this container."""
        known = self._known.get(container)
        if known is None:
            known = self._known[container] = frozenset(self._collect(container))
        return known

    def _find_main(self, blocks: Sequence[Block]) -> Container | None:
        best: Container | None = None
        seen: set[Container] = set()
        for block in blocks:
            node: Container | None = block.container
            while node is not None and node not in seen:
                seen.add(node)
                if (node.tag == "main" or node.role == "main") and (
                    best is None or node.words > best.words
                ):
                    best = node
                node = node.parent
        return best if best and best.words > 0.25 * self._total else None

    def _collect(self, container: Container) -> Iterator[str]:
        around: list[Container] = []
        node: Container | None = container
        while node is not None and node.parent is not None:
            around.append(node)
            node = node.parent
        for node in around[:3]:
            if node.words <= 0.5 * self._total:
                yield from (f"close:{group}" for group in name_groups(node))
        for node in reversed(around):
            if node not in self._inherited:
                outer = self._inherited.get(node.parent) if node.parent else None
                self._inherited[node] = (outer or frozenset()).union(self._marks(node))
        if around:
            yield from self._inherited[container]
        for prefix, least in _SIZES:
            large = next((node for node in around if node.words >= least), None)
            yield from self._shape(large, prefix) if large else (f"{prefix}:page",)
        yield "main:none" if self._main is None else f"main:{self._main in around}"

    def _marks(self, node: Container) -> Iterator[str]:
        # A container with most of the text is the page itself, whatever its name says.
        if node.words > 0.5 * self._total:
            return
        if node.tag in TAGS_OF_INTEREST:
            yield f"in:{node.tag}"
        for group in name_groups(node):
            yield f"named:{group}"
            if node.link_words > 0.5 * node.words:
                yield f"linked:{group}"

    def _shape(self, node: Container, prefix: str) -> list[str]:
        known = self._shapes.get((node, prefix))
        if known is None:
            words = node.words
            known = self._shapes[node, prefix] = [
                f"{prefix}-links:{bisect_right(_LINK_SHARES, node.link_words / words)}",
                f"{prefix}-length:{bisect_right(_LENGTHS, words / max(1, node.blocks))}",
                f"{prefix}-sentences:{bisect_right(_SENTENCE_SHARES, node.sentence_words / words)}",
                f"{prefix}-share:{bisect_right(_PAGE_SHARES, words / self._total)}",
            ]
        return known
