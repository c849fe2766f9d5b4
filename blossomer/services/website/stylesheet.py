"""The hiding rules of a page's own ``<style>`` blocks.

A small reader of CSS, for the selectors by which text is hidden in practice: one element described
by tag, classes and id (``p``, ``.a.b``, ``div#x``). Style sheets in other files are not read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from blossomer.services.website.declarations import (
    Declarations,
    hides,
    merge_declarations,
    parse_declarations,
)

MAX_CHARACTERS = 1_000_000
MAX_RULES = 20_000
MAX_RULES_PER_NAME = 200
"""Bounds against hostile style blocks; the largest real ones seen are about half of that."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_PSEUDO = re.compile(r"::?[\w-]+(?:\([^)]*\))?|\[[^\]]*\]")
_COMPOUND = re.compile(r"(?P<tag>[a-z][a-z0-9]*|\*)?(?P<rest>(?:[.#](?:[\w-]|\\.)+)*)\Z")
_PART = re.compile(r"[.#](?:[\w-]|\\.)+")
_STATE = re.compile(r"active|open|show|visible|expand|select|current|in\Z|on\Z|loaded|ready|js\Z")
_ANY_SCREEN = re.compile(r"(?:only\s+)?(?:screen|all)?\Z")


@dataclass(frozen=True, slots=True)
class _Rule:
    tag: str
    classes: frozenset[str]
    identifier: str
    always: bool
    weight: tuple[int, int, int, int]
    declarations: Declarations


def _blocks(css: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (selectors, body, whether it applies to every screen); rules for print are left out."""
    position = 0
    applies: list[bool | None] = [True]
    while True:
        opening, closing = css.find("{", position), css.find("}", position)
        if opening == -1:
            return
        if -1 < closing < opening:
            if len(applies) > 1:
                applies.pop()
            position = closing + 1
            continue
        prelude = css[position:opening].rpartition(";")[2].strip().lower()
        position = opening + 1
        if prelude.startswith("@media"):
            applies.append(None if applies[-1] is None else _media(prelude[6:]) and applies[-1])
        elif prelude.startswith(("@layer", "@supports", "@container")):
            applies.append(applies[-1])
        elif prelude.startswith("@"):
            applies.append(None)
        else:
            end = len(css) if closing == -1 else closing
            current = applies[-1]
            if current is not None:
                yield prelude, css[position:end], current
            position = end + 1


def _media(condition: str) -> bool | None:
    parts = [part.strip() for part in condition.split(",")]
    if any(_ANY_SCREEN.match(part) for part in parts):
        return True
    return None if all(part.startswith(("print", "not screen")) for part in parts) else False


class StyleSheet:
    """Tells which elements the page's style blocks hide.

    The usual cascade holds: importance, then specificity, then order. Rules that hold only on some
    screens, in some state (``.open .panel``, ``.panel.is-active``) or inside another element never
    hide; they can show, because a visitor then gets to see the text.

    Args:
        blocks: Text of each ``<style>`` block.
    """

    def __init__(self, blocks: Iterable[str]) -> None:
        self._rules: dict[str, list[_Rule]] = defaultdict(list)
        self._hiding: set[str] = set()
        css = _COMMENT.sub("", "\n".join(blocks)[:MAX_CHARACTERS])
        parsed = []
        for selectors, body, always in _blocks(css):
            declarations = parse_declarations(body)
            if declarations:
                parsed.append((selectors, declarations, always))
            if len(parsed) >= MAX_RULES:
                break
        # Most pages hide nothing this way; then no rule needs to be kept.
        if any(always and hides(declarations) for _, declarations, always in parsed):
            for order, (selectors, declarations, always) in enumerate(parsed):
                for selector in selectors.split(",")[:200]:
                    self._add(selector.strip(), declarations, always, order)

    def _add(self, selector: str, declarations: Declarations, always: bool, order: int) -> None:
        simple = _PSEUDO.sub("", selector)
        always = always and simple == selector
        ancestors = re.split(r"[\s>+~]+", simple)
        always = always and len(ancestors) == 1
        match = _COMPOUND.match(ancestors[-1])
        if not match or not ancestors[-1]:
            return
        tag = (match["tag"] or "").replace("*", "")
        parts = [part.replace("\\", "") for part in _PART.findall(match["rest"])]
        classes = frozenset(part[1:] for part in parts if part[0] == ".")
        identifier = next((part[1:] for part in parts if part[0] == "#"), "")
        if not always and not classes and not identifier:
            return
        weight = (int(bool(identifier)), len(classes), int(bool(tag)), order)
        rule = _Rule(tag, classes, identifier, always, weight, declarations)
        keys = ["#" + identifier] if identifier else ["." + name for name in classes] or [tag]
        for key in keys:
            if len(self._rules[key]) < MAX_RULES_PER_NAME:
                self._rules[key].append(rule)
        if always and hides(declarations):
            self._hiding.update(keys)

    def may_hide(self, tag: str, classes: frozenset[str], identifier: str) -> bool:
        """Whether a rule that hides might match; a quick answer that spares the exact one."""
        hiding = self._hiding
        return bool(hiding) and (
            tag in hiding
            or bool(identifier and f"#{identifier}" in hiding)
            or any(f".{name}" in hiding for name in classes)
        )

    def styles(
        self, tag: str, classes: frozenset[str], identifier: str, inline: Declarations
    ) -> dict[str, str]:
        """Declarations of one element on every screen and in its first state.

        Args:
            tag: Lower-case element name.
            classes: Its lower-case class names.
            identifier: Its lower-case id, or empty.
            inline: Declarations of its own style attribute.
        """
        merged: dict[str, str] = {}
        for rule in self._matching(tag, classes, identifier):
            if rule.always and rule.classes <= classes:
                merge_declarations(merged, rule.declarations)
        merge_declarations(merged, inline)
        return merged

    def can_show(
        self, tag: str, classes: frozenset[str], identifier: str, hidden_by: Declarations
    ) -> bool:
        """Whether some state or screen of the page shows an element that ``hidden_by`` hides."""
        for rule in self._matching(tag, classes, identifier):
            if rule.always and rule.classes <= classes:
                continue
            if rule.classes & classes or rule.identifier:
                extra = rule.classes - classes
                if all(_STATE.search(name) for name in extra):
                    changed = dict(hidden_by)
                    merge_declarations(changed, rule.declarations)
                    if not hides(changed):
                        return True
        return False

    def _matching(self, tag: str, classes: frozenset[str], identifier: str) -> list[_Rule]:
        if not self._rules:
            return []
        found: dict[int, _Rule] = {}
        keys = [tag, "#" + identifier, *("." + name for name in classes)]
        for key in keys:
            for rule in self._rules.get(key, ()):
                if (not rule.tag or rule.tag == tag) and (
                    not rule.identifier or rule.identifier == identifier
                ):
                    found[id(rule)] = rule
        return sorted(found.values(), key=lambda rule: rule.weight)
