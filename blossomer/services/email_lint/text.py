"""Plain text as the linter sees it: words, sentences and paragraphs with their places.

Every expression here is linear in the length of the text: repetitions are bounded, or cannot begin
in the middle of what they repeat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

TOKEN = re.compile(r"(?<!\{)\{\{[^{}\n]{0,60}\}\}(?!\})")
"""What is replaced before sending, well written or not."""

LINK = re.compile(
    r"https?://[^\s<>()\[\]\"”“]+|(?<![\w@./-])www\.[^\s<>()\[\]\"”“]+", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
    r"|(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|io|net|org|ai|co|dev|app|de|uk|eu|fr|us)\b"
    r"(?:/[^\s<>()\[\]\"”“]*)?",
    re.IGNORECASE,
)
_PIECE = re.compile(r"[^\s—―…]+")
_ALNUM = re.compile(r"[^\W_]")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts written without spaces (Thai to Khmer, kana, Han)."""

_SENTENCE_END = re.compile(r"(?<![.!?…。？！])[.!?…。？！]{1,9}[\"')\]”’]{0,3}(?=\s|$)|[。？！]")
_ABBREVIATION = re.compile(
    r"(?:(?<!\w)(?:e\.g|i\.e|vs|no|mr|mrs|ms|dr|prof|st|approx|p\.s|[^\W\d_]))\.$", re.IGNORECASE
)
_BULLET = re.compile(r"[ \t]*(?:[-*•·–]|\d{1,2}[.)])[ \t]")

_PLAIN = str.maketrans("’‘ʼ“”„\n\r\t\u00a0\u2009\u202f", "'''\"\"\"      ")


class Span(NamedTuple):
    """A place in a text: from the first character to the one after the last."""

    start: int
    end: int


def mask(text: str) -> str:
    """The text with tokens, links and addresses replaced by as many letters x.

    What stands inside them is neither a number nor a name, and ends no sentence.
    """
    for pattern in (TOKEN, LINK, _ADDRESS):
        text = pattern.sub(lambda match: _filled(match[0]), text)
    return text


def _filled(found: str) -> str:
    # A full stop at its end belongs to the sentence.
    rest = len(found) - len(found.rstrip(".,;:!?"))
    return "x" * (len(found) - rest) + (found[-rest:] if rest else "")


def flat(text: str) -> str:
    """The text with straight quotes and simple spaces, character for character.

    In this form a phrase is found however it is quoted or wrapped.
    """
    return text.translate(_PLAIN)


def words(masked: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """The words of a masked text: what stands between spaces and holds a letter or digit."""
    for piece in _PIECE.finditer(masked, start, len(masked) if end is None else end):
        if _ALNUM.search(piece[0]):
            yield Span(*piece.span())


def count_words(text: str) -> int:
    """How many words a text has.

    As a person counts them: "24/7", "follow-up" and "e.g." are one each, and so are a token like
    ``{{first_name}}`` and a link. An em-dash parts two words. Of scripts without spaces, two
    characters count as one word.
    """
    masked = mask(text)
    total = 0
    for span in words(masked):
        word = masked[span.start : span.end]
        dense = 0 if word.isascii() else len(_SPACELESS.findall(word))
        total += 1 if not dense else (dense + 1) // 2
    return total


def paragraph_spans(text: str) -> list[Span]:
    """The paragraphs: runs of lines between blank ones, without white space around them."""
    found: list[Span] = []
    start = end = -1
    for line in line_spans(text):
        if line.start == line.end:
            if start >= 0:
                found.append(Span(start, end))
            start = -1
            continue
        start = line.start if start < 0 else start
        end = line.end
    if start >= 0:
        found.append(Span(start, end))
    return found


def line_spans(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """The lines, without white space around them; a blank line is an empty span."""
    stop = len(text) if end is None else end
    position = start
    while position <= stop:
        line_end = text.find("\n", position, stop)
        line_end = stop if line_end < 0 else line_end
        yield stripped(text, position, line_end)
        position = line_end + 1


def stripped(text: str, start: int, end: int) -> Span:
    """The span without the white space at its ends."""
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    return Span(start + left, max(start + left, start + len(part.rstrip())))


def sentence_spans(masked: str, start: int, end: int) -> Iterator[Span]:
    """The sentences of a masked text between two places; each item of a list is one."""
    block_start = start
    for line in line_spans(masked, start, end):
        if line.start > block_start and _BULLET.match(masked, line.start, end):
            yield from _sentences_of_block(masked, block_start, line.start)
            block_start = line.start
    yield from _sentences_of_block(masked, block_start, end)


def _sentences_of_block(masked: str, start: int, end: int) -> Iterator[Span]:
    if bullet := _BULLET.match(masked, start, end):
        start = bullet.end()
    for match in _SENTENCE_END.finditer(masked, start, end):
        if match[0].startswith(".") and _goes_on(masked, match.start(), match.end(), end):
            continue
        span = stripped(masked, start, match.end())
        if _ALNUM.search(masked, span.start, span.end):
            yield span
        start = match.end()
    span = stripped(masked, start, end)
    if _ALNUM.search(masked, span.start, span.end):
        yield span


def _goes_on(masked: str, dot: int, after: int, end: int) -> bool:
    """Whether a full stop belongs to an abbreviation, or stands before a small letter."""
    following = masked[after : after + 20].lstrip()
    if after >= end or not following:
        return False
    # A masked token or link is written in small letters, but may begin a sentence.
    is_masked = following.startswith("xxxx")
    if following[0].islower() and not is_masked:
        return True
    return bool(_ABBREVIATION.search(masked[max(0, dot - 8) : dot + 1]))
