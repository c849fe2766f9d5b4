"""Cleaning of text taken from web pages: one normal form, nothing that cannot be seen.

Characters only. Which elements are visible is decided in ``hidden.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST_PIECE = 500
"""Characters that are normalised at once."""

_UNSEEN = re.compile(
    "["
    "\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f"  # controls
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, fillers
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"  # zero width, bidi
    "\ufe00-\ufe0f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # variation and format selectors
    "\ud800-\udfff"  # half of a pair
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use: icon fonts
    "\U000e0000-\U000e0fff"  # tags, an invisible copy of ASCII
    "]+"
)
_SPACE = re.compile(r"\s+")
_KEPT_SIGNS = {"™": "\ue001", "℠": "\ue002"}
"""NFKC would glue the letters TM to the word before."""


def clean_text(text: str) -> str:
    """NFKC form with single spaces and without characters that show nothing.

    Removed are zero-width, bidirectional, private-use and tag characters: they carry hidden
    messages or icon-font codes, never words that a visitor reads.

    Args:
        text: Any text, also with lone surrogates.
    """
    if text.isascii():
        return " ".join(_UNSEEN.sub("", text).split())
    text = _UNSEEN.sub("", text)
    for sign, stand_in in _KEPT_SIGNS.items():
        text = text.replace(sign, stand_in)
    text = "".join(unicodedata.normalize("NFKC", piece) for piece in _pieces(text))
    for sign, stand_in in _KEPT_SIGNS.items():
        text = text.replace(stand_in, sign)
    return _SPACE.sub(" ", text).strip()


def _pieces(text: str) -> Iterator[str]:
    """Cut long text between words, since normalising takes quadratic time for stacked accents."""
    start = 0
    while len(text) - start > LONGEST_PIECE:
        cut = text.rfind(" ", start + 1, start + LONGEST_PIECE)
        cut = cut if cut != -1 else start + LONGEST_PIECE
        yield text[start:cut]
        start = cut
    yield text[start:]
