"""CSS declarations: reading them, and telling whether they keep text from being seen.

One element's ``name: value`` pairs only. Which declarations an element gets is decided in
``stylesheet.py``; which elements count as hidden in ``hidden.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Declarations = Mapping[str, str]

RELEVANT = frozenset({
    "display", "visibility", "opacity", "font-size", "width", "height", "max-width",
    "max-height", "overflow", "overflow-x", "overflow-y", "text-indent", "left", "top", "right",
    "bottom", "position", "clip", "clip-path", "color", "background", "background-color",
    "transform", "content-visibility",
})  # fmt: skip
"""The properties that can hide text. All others are dropped while reading."""

FAR_AWAY = 900.0
"""Pixels beyond the edge at which text counts as moved off the screen. The usual values are
-999px and -9999px; small negative offsets are ornament."""

_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(px|em|rem|vw|vh|%|pt|ch|in|cm)?\Z")
_PIXELS_PER_UNIT = {"em": 16.0, "rem": 16.0, "vw": 12.0, "vh": 8.0, "%": 10.0, "in": 96.0}
"""Rough sizes: only "zero" and "far away" matter."""

_NAMED_COLOURS = {"white": "#ffffff", "black": "#000000", "red": "#ff0000", "blue": "#0000ff"}
_HEX = re.compile(r"#[0-9a-f]{3,4}\Z")
_RGB = re.compile(r"rgba?\((\d{1,3})[, ]+(\d{1,3})[, ]+(\d{1,3})(?:[,/ ]+([\d.]+%?))?\)\Z")


def parse_declarations(style: str) -> dict[str, str]:
    """Read a style attribute or the body of a rule, lower case, keeping only what can hide.

    A value keeps its ``!important``.
    """
    found: dict[str, str] = {}
    for declaration in style.lower().split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip()
        if name in RELEVANT:
            merge_declarations(found, {name: " ".join(value.split())})
    return found


def merge_declarations(into: dict[str, str], later: Declarations) -> None:
    """Let the later declarations win, except over an important one that they do not match."""
    for name, value in later.items():
        if "!important" in into.get(name, "") and "!important" not in value:
            continue
        into[name] = value


def hides(declarations: Declarations) -> bool:
    """Whether an element with these declarations shows none of its text."""
    style = {name: value.replace("!important", "").strip() for name, value in declarations.items()}
    if style.get("display") == "none" or style.get("content-visibility") == "hidden":
        return True
    if style.get("visibility") in {"hidden", "collapse"}:
        return True
    lengths = {name: _pixels(value) for name, value in style.items()}
    opacity, font_size = lengths.get("opacity"), lengths.get("font-size")
    if (opacity is not None and opacity < 0.02) or (font_size is not None and font_size < 1):
        return True
    return (
        _is_cut_to_nothing(style, lengths)
        or _is_off_screen(style, lengths)
        or _is_same_colour(style)
    )


def _pixels(value: str) -> float | None:
    match = _LENGTH.match(value)
    if not match:
        return None
    return float(match[1]) * _PIXELS_PER_UNIT.get(match[2] or "", 1.0)


def _is_cut_to_nothing(style: Declarations, lengths: Mapping[str, float | None]) -> bool:
    overflow = (style.get(name, "") for name in ("overflow", "overflow-x", "overflow-y"))
    if any("hidden" in value or "clip" in value for value in overflow):
        for name in ("width", "height", "max-width", "max-height"):
            size = lengths.get(name)
            if size is not None and size <= 1:
                return True
    clip = re.sub(r"px|[,\s]", "", style.get("clip", ""))
    if clip in {"rect(0000)", "rect(1111)", "rect(0101)"} and style.get("position") in {
        "absolute",
        "fixed",
    }:
        return True
    clip_path = style.get("clip-path", "").replace(" ", "")
    if clip_path.startswith(("inset(50%", "inset(100%", "circle(0")):
        return True
    return style.get("transform", "").replace(" ", "").startswith("scale(0)")


def _is_off_screen(style: Declarations, lengths: Mapping[str, float | None]) -> bool:
    if abs(lengths.get("text-indent") or 0) >= FAR_AWAY:
        return True
    if style.get("position") not in {"absolute", "fixed", "relative"}:
        return False
    # Percentages and viewport units move drawers and slides, which a visitor can bring back.
    return any(
        abs(lengths.get(side) or 0) >= FAR_AWAY
        and "%" not in style[side]
        and "v" not in style[side]
        for side in ("left", "top", "right", "bottom")
    )


def _is_same_colour(style: Declarations) -> bool:
    colour = _colour(style.get("color", ""))
    background = style.get("background-color") or style.get("background", "")
    if colour == "transparent":
        # Headings filled with a gradient are transparent text over a clipped background.
        return not background
    return bool(colour) and colour == _colour(background)


def _colour(value: str) -> str:
    value = _NAMED_COLOURS.get(value, value)
    if _HEX.match(value):
        value = "#" + "".join(digit * 2 for digit in value[1:])
    if re.fullmatch(r"#[0-9a-f]{8}", value):
        return "transparent" if value.endswith("00") else value[:7]
    numbers = _RGB.match(value)
    if not numbers:
        return value
    if numbers[4] is not None and float(numbers[4].rstrip("%") or 0) == 0:
        return "transparent"
    return "#" + "".join(f"{min(int(numbers[part]), 255):02x}" for part in (1, 2, 3))
