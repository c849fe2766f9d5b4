"""Which elements of a page a visitor cannot see, judged from its HTML alone.

Joins attributes, inline styles and style blocks into one answer per element, and knows the ways by
which a visitor gets to see what starts out hidden: tabs, accordions, slides, fading in. What is
left becomes text in ``visible.py``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import cast

from lxml import etree

from blossomer.services.website.declarations import hides, parse_declarations
from blossomer.services.website.stylesheet import StyleSheet

NEVER_SHOWN = frozenset({
    "script", "style", "noscript", "template", "head", "title", "meta", "link", "base",
    "iframe", "object", "embed", "svg", "math", "canvas", "audio", "video", "source", "track",
    "map", "datalist", "param", "frame", "frameset", "noframes", "textarea",
})  # fmt: skip
"""Elements whose content browsers do not draw as text of the page."""

HIDING_CLASSES = frozenset({
    "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only",
    "screenreader", "element-invisible", "a11y-hidden",
})  # fmt: skip
"""Class names that CSS frameworks (Bootstrap, WordPress, Tailwind, Drupal, HTML5 Boilerplate) use
for text that only a screen reader meets."""

FADING_MARKS = ("data-w-id", "data-framer-appear-id", "data-aos", "data-animate", "data-sal")
FADING_CLASSES = frozenset({
    "wow", "aos-init", "aos-animate", "reveal", "fade-in", "fadein", "animate-in",
})  # fmt: skip
"""Marks of site builders and animation libraries on text that starts transparent and fades in as
soon as a visitor scrolls to it."""

MOVING_STYLE = re.compile(r"will-change|transform\s*:", re.IGNORECASE)
"""Inline styles of text that moves while it fades in: the first state of an animation, as Framer
and Webflow write it on whole sections."""

SLIDE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:slide|carousel[_-]item|slick[_-]cloned|swiper[_-]slide)(?:$|[\s_-])"
)
PANEL_CLASS = re.compile(
    r"accordion|accordian|collaps|faq|toggle|tab[_-]*(?:pane|panel|content)|expand"
)
"""Class names of parts that a visitor brings up: one slide of several, one panel of several."""

LONGEST_HEADER = 200
"""Characters of the longest text that still works as the header of a panel."""

POINTING_ATTRIBUTES = (
    "aria-controls", "href", "data-target", "data-bs-target", "popovertarget", "commandfor"
)  # fmt: skip
"""Attributes by which a control names the id of what it opens."""

MAX_OPENABLE = 2_000
MAX_WRAPPERS = 20
"""How often the two slow questions are asked for one page; a bound against hostile ones."""

CONTROLS = ("button", "a", "div", "span")
"""Elements that sites use as controls."""

TEXT_TAGS = ("p", "li", "h1", "h2", "h3", "h4")

STREAMED_PART = re.compile(r"S:[0-9a-f]+\Z", re.IGNORECASE)
"""Id of a part that React's streaming renderer sends hidden and its script moves into place."""


class Visibility:
    """Answers for one page which elements are hidden.

    ``html`` and ``body`` never are: a page that hides itself whole waits for its own script.
    Content of a closed ``<details>`` counts as visible, since a visitor can open it; so does a
    hidden part that a visible control names, a panel below its visible header, and a slide.

    Args:
        root: The page, as parsed.
    """

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._sheet = StyleSheet(style.text or "" for style in root.iter("style"))
        self._controls: dict[str, list[etree._Element]] = defaultdict(list)
        self._has_tabs = self._streams = self._held_back = False
        self._opened: dict[str, bool] = {}
        self._depth = 0
        self._wrappers_left = MAX_WRAPPERS
        for element in root.iter("a", "button", "div", "li", "h2", "h3", "h4", "span", "template"):
            if element.tag == "template":
                self._streams = self._streams or (element.get("id") or "").startswith(("B:", "P:"))
                continue
            self._has_tabs = self._has_tabs or element.get("role") == "tab"
            for identifier in _targets(element):
                self._controls[identifier].append(element)

    def is_hidden(self, element: etree._Element) -> bool:
        """Whether a visitor cannot see this element, its parents aside."""
        tag = element.tag
        if not isinstance(tag, str) or tag in NEVER_SHOWN:
            return True
        if tag in {"html", "body"}:
            return False
        # A plain dict: each look-up in lxml's own mapping crosses into C.
        attributes = cast(dict[str, str], dict(element.items()))
        if not attributes and not self._sheet.may_hide(tag, frozenset(), ""):
            return tag == "dialog"
        if attributes.get("type", "").strip().lower() == "hidden":
            return True
        classes = frozenset(attributes.get("class", "").lower().split())
        if classes & HIDING_CLASSES:
            return True
        if (
            "hidden" in attributes
            or "popover" in attributes
            or (tag == "dialog" and "open" not in attributes)
            or attributes.get("aria-hidden", "").strip().lower() == "true"
        ):
            return not self._can_be_opened(element, attributes)
        style = attributes.get("style", "")
        identifier = attributes.get("id", "").strip().lower()
        if not style and not self._sheet.may_hide(tag, classes, identifier):
            return False
        inline = parse_declarations(style)
        styles = self._sheet.styles(tag, classes, identifier, inline)
        if not hides(styles) or self._fades_in(element, attributes, styles, inline):
            return False
        if not hides(inline) and self._sheet.can_show(tag, classes, identifier, styles):
            return False
        return not self._can_be_opened(element, attributes)

    def _fades_in(
        self,
        element: etree._Element,
        attributes: dict[str, str],
        styles: dict[str, str],
        inline: dict[str, str],
    ) -> bool:
        """Whether the element is only transparent until it is scrolled to or the page is ready."""
        fading = {"opacity", "visibility"}
        if hides({name: value for name, value in styles.items() if name not in fading}):
            return False
        classes = frozenset(attributes.get("class", "").lower().split())
        if (
            classes & FADING_CLASSES
            or any(mark in attributes for mark in FADING_MARKS)
            or MOVING_STYLE.search(attributes.get("style", ""))
        ):
            return True
        if hides(inline):
            return False
        self._held_back = self._held_back or self._is_the_page(element)
        return self._held_back

    def _is_the_page(self, element: etree._Element) -> bool:
        """Whether this is the wrapper of the whole page, shown by a script against flicker."""
        self._wrappers_left -= 1
        if self._wrappers_left < 0:
            return False
        if element.find(".//h1") is None and element.find(".//main") is None:
            return False
        inside = sum(map(len, element.itertext(*TEXT_TAGS)))
        return 2 * inside > sum(map(len, self._root.itertext(*TEXT_TAGS)))

    def _can_be_opened(self, element: etree._Element, attributes: dict[str, str]) -> bool:
        identifier = attributes.get("id", "")
        if identifier and self._has_visible_control(element, identifier):
            return True
        if self._streams and STREAMED_PART.match(identifier):
            return True
        if attributes.get("role") == "tabpanel":
            return self._has_tabs
        names = attributes.get("class", "").lower()
        if SLIDE_CLASS.search(names) or attributes.get("aria-roledescription") == "slide":
            return True
        if PANEL_CLASS.search(names) or attributes.get("role") == "region":
            header = element.getprevious()
            return header is not None and self._is_header(header)
        return self._has_expander(element)

    def _has_visible_control(self, element: etree._Element, identifier: str) -> bool:
        controls = self._controls.get(identifier, [])
        # Two hidden parts whose controls lie in each other are never opened: the first answer is
        # no until the question is settled.
        known = self._opened.setdefault(identifier, False)
        if known or not controls or len(self._opened) > MAX_OPENABLE or self._depth > 3:
            return known
        self._depth += 1
        for control in controls[:3]:
            around = [control, *control.iterancestors()]
            if element not in around and not any(map(self.is_hidden, around)):
                self._opened[identifier] = True
                break
        self._depth -= 1
        controls.clear()
        return self._opened[identifier]

    def _is_header(self, header: etree._Element) -> bool:
        text = "".join(map(str, header.itertext())).strip()
        return 0 < len(text) <= LONGEST_HEADER and not self.is_hidden(header)

    def _has_expander(self, element: etree._Element) -> bool:
        """Whether the element, or a wrapper around it alone, follows a control that expands."""
        for _ in range(3):
            header = element.getprevious()
            if header is not None:
                expands = header.get("aria-expanded") is not None or any(
                    child.get("aria-expanded") is not None for child in header.iter(*CONTROLS)
                )
                return expands and not self.is_hidden(header)
            parent = element.getparent()
            if parent is None or len(parent) != 1:
                return False
            element = parent
        return False


def _targets(element: etree._Element) -> Iterator[str]:
    for name in POINTING_ATTRIBUTES:
        value = element.get(name)
        if not value:
            continue
        if name in {"aria-controls", "popovertarget", "commandfor"}:
            yield from value.split()[:20]
        elif value.startswith("#") and len(value) > 1:
            yield value[1:]
