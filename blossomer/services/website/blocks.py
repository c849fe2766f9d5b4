"""A page as a list of visible text blocks, each knowing the elements it stands in.

The one walk over the tree that everything else builds on: visible text, main content and sections.
Nothing hidden gets into a block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from blossomer.services.website.hidden import Visibility
from blossomer.services.website.text import clean_text

BlockKind = Literal["heading", "item", "quote", "term", "cell", "code", "text"]

BLOCK_TAGS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "menu", "nav", "ol", "optgroup", "option", "p", "pre", "search", "section", "select",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "button", "label",
})  # fmt: skip
"""Elements that start a new block. Buttons and labels too: they are drawn apart from the text."""

_KINDS: dict[str, BlockKind] = {
    "li": "item",
    "blockquote": "quote",
    "dt": "term",
    "dd": "item",
    "td": "cell",
    "th": "cell",
    "pre": "code",
}
_HEADING = re.compile(r"h[1-6]\Z")
_LINKS = frozenset({"a", "button"})


@dataclass(slots=True, eq=False)
class Container:
    """An element with text somewhere inside.

    Args:
        tag: Lower-case element name.
        names: Lower-case class names and id, space separated.
        role: The ARIA role.
        parent: The container around it; None for body.
        level: 1 to 6 inside a heading, else 0.
        words: Visible words inside.
        link_words: Those inside links and buttons.
        sentence_words: Those in blocks that end like a sentence.
        blocks: Number of text blocks inside.
        groups: What its names say about it; filled by ``block_features.py``.
    """

    tag: str
    names: str
    role: str
    parent: Container | None
    level: int = 0
    words: int = 0
    link_words: int = 0
    sentence_words: int = 0
    blocks: int = 0
    groups: frozenset[str] | None = None

    def add(self, inner: Container) -> None:
        """Count the text of a container inside this one."""
        self.words += inner.words
        self.link_words += inner.link_words
        self.sentence_words += inner.sentence_words
        self.blocks += inner.blocks


@dataclass(slots=True, eq=False)
class Block:
    """A run of visible text without block boundaries inside.

    Args:
        text: Clean text, never empty.
        container: The block element it stands in.
        kind: What it is on the page.
        level: 1 to 6 for a heading, else 0.
        words: Number of words.
        link_words: Words inside links and buttons.
        is_sentence: Whether it is long enough and ends like a sentence.
    """

    text: str
    container: Container
    kind: BlockKind
    level: int = 0
    words: int = 0
    link_words: int = 0
    is_sentence: bool = False


_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*\Z")
_JOINT = "\x1e"
"""Stands where one inline element ends and the next begins without a space between them."""

_GLUED = re.compile(rf"(?<=[a-z0-9.!?,:;)%]){_JOINT}(?=[A-Z0-9$€£])")
"""A joint at which a style sheet draws the two apart, judged from the letters: "PlanPro"."""


def visible_blocks(root: etree._Element) -> list[Block]:
    """The visible text of a page in reading order.

    Args:
        root: The parsed page. It is not changed.
    """
    body = root.find("body")
    return [] if body is None else _Walk(Visibility(root)).read(body)


class _Walk:
    def __init__(self, visibility: Visibility) -> None:
        self._visibility = visibility
        self._blocks: list[Block] = []
        self._containers: list[Container] = []
        self._pieces: list[str] = []
        self._linked: list[str] = []
        self._link_depth = 0

    def read(self, body: etree._Element) -> list[Block]:
        current = self._open(body, None)
        stack: list[tuple[etree._Element, bool]] = [(body, False)]
        breaks = 0
        after_inline = False
        # An own stack, because pages nest deeper than Python recurses.
        while stack:
            element, leaving = stack.pop()
            tag = element.tag
            if leaving:
                if tag in BLOCK_TAGS:
                    self._flush(current)
                    current = current.parent or current
                after_inline = tag not in BLOCK_TAGS
                self._link_depth -= tag in _LINKS
                text = element.tail
            elif tag == "br":
                breaks += 1
                if breaks > 1 and current.level == 0:
                    self._flush(current)
                text = f" {element.tail or ''}"
            elif element is not body and self._visibility.is_hidden(element):
                text = element.tail
            else:
                if tag in BLOCK_TAGS:
                    self._flush(current)
                    if element is not body:
                        current = self._open(element, current)
                elif after_inline and self._pieces:
                    self._pieces.append(_JOINT)
                after_inline = False
                self._link_depth += tag in _LINKS
                stack.append((element, True))
                stack.extend((child, False) for child in reversed(element))
                text = element.text
            if text:
                self._pieces.append(text)
                if self._link_depth > 0:
                    self._linked.append(text)
                if not text.isspace():
                    after_inline, breaks = False, 0
        self._flush(current)
        for container in reversed(self._containers):
            if container.parent:
                container.parent.add(container)
        return self._blocks

    def _open(self, element: etree._Element, parent: Container | None) -> Container:
        attributes = element.attrib
        names = f"{attributes.get('class', '')} {attributes.get('id', '')}"
        role = attributes.get("role", "").strip().lower()
        level = int(element.tag[1]) if _HEADING.match(element.tag) else 0
        if role == "heading":
            level = {"1": 1, "2": 2, "3": 3, "4": 4}.get(attributes.get("aria-level", ""), 2)
        container = Container(
            element.tag, names, role, parent, level or (parent.level if parent else 0)
        )
        self._containers.append(container)
        return container

    def _flush(self, container: Container) -> None:
        if not self._pieces:
            return
        joined = "".join(self._pieces)
        if _JOINT in joined:
            joined = _GLUED.sub(" ", joined).replace(_JOINT, "")
        if not joined or joined.isspace():
            self._pieces.clear()
            self._linked.clear()
            return
        text = clean_text(joined)
        if text and not text.isspace():
            words = len(text.split())
            link_words = min(words, len(" ".join(self._linked).split()))
            block = Block(text, container, _kind(container), container.level, words, link_words)
            block.is_sentence = words >= 6 and bool(_SENTENCE_END.search(text))
            self._blocks.append(block)
            container.words += words
            container.link_words += link_words
            container.sentence_words += words if block.is_sentence else 0
            container.blocks += 1
        self._pieces.clear()
        self._linked.clear()


def _kind(container: Container) -> BlockKind:
    if container.level:
        return "heading"
    node: Container | None = container
    for _ in range(4):
        if node is None:
            break
        if node.tag in _KINDS:
            return _KINDS[node.tag]
        node = node.parent
    return "text"
