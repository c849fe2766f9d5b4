"""An e-mail's body as segments of a known kind, and the plain text they make.

The same body can be edited in two ways: segment by segment, or as one text. The way from the text
back to the segments is here, so that a change in the text loses neither the kind nor the identity
of what was not changed. Pure text work.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypedDict

SegmentKind = Literal[
    "greeting",
    "intro",
    "pain-point",
    "company-intro",
    "emphasis",
    "social-proof",
    "cta",
    "signature",
    "custom",
]


class Segment(TypedDict):
    """One part of an e-mail.

    Keys:
        id: Stays the same for as long as the part is there, whatever happens to its text.
        type: What the part is for: a key of ``SEGMENT_TYPES``.
        text: Its words; blank lines in it are allowed.
    """

    id: str
    type: SegmentKind
    text: str


@dataclass(frozen=True, slots=True)
class SegmentType:
    """What a person is told about a kind of segment.

    Args:
        label: Its name.
        purpose: What it is for, in one sentence.
        colour: Name of a colour that no other kind has.
    """

    label: str
    purpose: str
    colour: str


SEGMENT_TYPES: Mapping[SegmentKind, SegmentType] = {
    "greeting": SegmentType("Greeting", "Addresses the reader by name.", "slate"),
    "intro": SegmentType(
        "Why now", "Opens with what makes this the right moment for the reader.", "blue"
    ),
    "pain-point": SegmentType("Pain point", "Names a problem the reader knows.", "rose"),
    "company-intro": SegmentType(
        "Company", "Says in one line what your company does about it.", "violet"
    ),
    "emphasis": SegmentType("Emphasis", "Makes the one point that should be remembered.", "amber"),
    "social-proof": SegmentType(
        "Proof", "Shows that it works, with a fact that can be looked up.", "green"
    ),
    "cta": SegmentType("Call to action", "Asks one question that is easy to answer.", "indigo"),
    "signature": SegmentType("Signature", "Says who writes.", "stone"),
    "custom": SegmentType("Custom", "Anything else you want to say.", "pink"),
}
"""Every kind of segment, in the order in which an e-mail usually has them."""

SEPARATOR = "\n\n"

_LINE_END = re.compile(r"\r\n?")
_WORD = re.compile(r"\w+")

_MIN_SHARED = 0.4
"""Share of common words from which a paragraph counts as another one's new wording. Different
paragraphs of one e-mail share 9 % in the median and 29 % at most, in the e-mails of our tests."""

_MOST_COMPARED = 10_000
"""Pairs of paragraphs that are compared word by word; no e-mail has so many, a hostile text may."""


def normalised_text(text: str) -> str:
    """The text with one blank line between paragraphs and no white space at the end of lines."""
    return SEPARATOR.join(paragraphs(text))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: runs of lines between blank ones, without trailing white space."""
    found: list[str] = []
    lines: list[str] = []
    for line in [*_LINE_END.sub("\n", text).split("\n"), ""]:
        if line := line.rstrip():
            lines.append(line)
        elif lines:
            found.append("\n".join(lines))
            lines = []
    return found


def body_text(segments: Sequence[Segment]) -> str:
    """The plain text of a body: the texts in order, with a blank line between them.

    Empty segments leave no trace in it.
    """
    return SEPARATOR.join(
        paragraph for segment in segments for paragraph in paragraphs(segment["text"])
    )


def segments_from_text(text: str, previous: Sequence[Segment]) -> list[Segment]:
    """The segments of a text that a person made from ``previous`` by editing its plain text.

    What did not change keeps its identity, wherever it now stands; a paragraph with new words keeps
    the one it had; a paragraph that was not there becomes a custom segment. A segment that was cut
    in two by a new paragraph keeps its kind in both parts. Empty segments cannot be seen in a plain
    text, so they stay behind the segment they followed.

    Args:
        text: The plain text as edited.
        previous: The segments whose ``body_text`` was edited.

    Returns:
        New segments; ``body_text`` of them is ``normalised_text(text)``, and they equal
        ``previous`` when the text says the same as before.
    """
    new = paragraphs(text)
    old: list[str] = []
    owners: list[int] = []
    for index, segment in enumerate(previous):
        for paragraph in paragraphs(segment["text"]):
            old.append(paragraph)
            owners.append(index)
    origins = _origins(old, new)

    ids = _new_ids(previous)
    seen: set[int] = set()
    result: list[Segment] = [segment.copy() for segment in _empty_after(-1, previous)]
    for owner, first, end in _runs([None if o is None else owners[o] for o in origins]):
        words = SEPARATOR.join(new[first:end])
        if owner is None:
            result.append({"id": next(ids), "type": "custom", "text": words})
            continue
        segment = previous[owner].copy()
        if owner in seen:
            segment["id"] = next(ids)
        # White space that the plain text does not show is kept where the words are the same.
        if owner in seen or normalised_text(segment["text"]) != words:
            segment["text"] = words
        result.append(segment)
        if owner not in seen:
            result += [empty.copy() for empty in _empty_after(owner, previous)]
        seen.add(owner)
    return result


def _runs(owners: Sequence[int | None]) -> Iterator[tuple[int | None, int, int]]:
    """Paragraphs in a row that make one segment; each new paragraph is a segment of its own."""
    first = 0
    for position in range(1, len(owners) + 1):
        is_last = position == len(owners)
        if is_last or owners[position] is None or owners[position] != owners[first]:
            yield owners[first], first, position
            first = position


def _empty_after(owner: int, previous: Sequence[Segment]) -> Iterator[Segment]:
    """The segments without words that follow one with words; ``-1`` for those at the beginning."""
    for segment in previous[owner + 1 :]:
        if paragraphs(segment["text"]):
            return
        yield segment


def _new_ids(previous: Sequence[Segment]) -> Iterator[str]:
    """Ids that no segment has or had; the same text always gets the same ones."""
    taken = {segment["id"] for segment in previous}
    number = len(previous)
    while True:
        number += 1
        if (candidate := f"segment-{number}") not in taken:
            yield candidate


def _origins(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each new paragraph the index of the old one that it is or was."""
    origins: list[int | None] = [None] * len(new)
    gaps: list[tuple[range, range]] = []

    # What both ends have in common first: nearly everything, and exact however long the text is.
    start, old_end, new_end = 0, len(old), len(new)
    while start < min(old_end, new_end) and old[start] == new[start]:
        origins[start] = start
        start += 1
    while start < min(old_end, new_end) and old[old_end - 1] == new[new_end - 1]:
        old_end, new_end = old_end - 1, new_end - 1
        origins[new_end] = old_end

    matcher = SequenceMatcher(None, old[start:old_end], new[start:new_end])
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for offset in range(i2 - i1):
                origins[start + j1 + offset] = start + i1 + offset
        else:
            gaps.append((range(start + i1, start + i2), range(start + j1, start + j2)))

    free_old = [i for gap, _ in gaps for i in gap]
    free_new = [j for _, gap in gaps for j in gap]
    _match_moved(old, new, free_old, free_new, origins)
    used = {origin for origin in origins if origin is not None}
    for old_gap, new_gap in gaps:
        left = [i for i in old_gap if i not in used]
        open_ = [j for j in new_gap if origins[j] is None]
        _match_similar(old, new, left, open_, origins)
        matched = set(origins)
        left = [i for i in left if i not in matched]
        open_ = [j for j in open_ if origins[j] is None]
        if len(left) == len(open_):  # written anew from the first word to the last
            for i, j in zip(left, open_, strict=True):
                origins[j] = i
    used = {origin for origin in origins if origin is not None}
    _match_similar(
        old,
        new,
        [i for i in free_old if i not in used],
        [j for j in free_new if origins[j] is None],
        origins,
    )
    return origins


def _match_moved(
    old: Sequence[str],
    new: Sequence[str],
    free_old: Sequence[int],
    free_new: Sequence[int],
    origins: list[int | None],
) -> None:
    """Give unchanged paragraphs that stand elsewhere their old identity."""
    places: dict[str, list[int]] = {}
    for i in reversed(free_old):
        places.setdefault(old[i], []).append(i)
    for j in free_new:
        if candidates := places.get(new[j]):
            origins[j] = candidates.pop()


def _match_similar(
    old: Sequence[str],
    new: Sequence[str],
    free_old: Sequence[int],
    free_new: Sequence[int],
    origins: list[int | None],
) -> None:
    """Give changed paragraphs the identity of those they share the most words with."""
    if not free_old or not free_new or len(free_old) * len(free_new) > _MOST_COMPARED:
        return
    old_words = {i: Counter(_WORD.findall(old[i].casefold())) for i in free_old}
    new_words = {j: Counter(_WORD.findall(new[j].casefold())) for j in free_new}
    pairs = sorted(
        ((-_shared(old_words[i], new_words[j]), i, j) for i in free_old for j in free_new),
    )
    taken: set[int] = set()
    for similarity, i, j in pairs:
        if -similarity >= _MIN_SHARED and i not in taken and origins[j] is None:
            origins[j] = i
            taken.add(i)


def _shared(one: Counter[str], other: Counter[str]) -> float:
    """Share of the words that two paragraphs have in common, of the shorter and longer together."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0
