"""Names of customers and companies: which an e-mail drops, and whether a source has them.

Found by their capitals, so only in English. A capital in the middle of a sentence is a name unless
it is a word that is written so anyway. At the beginning of a sentence only what can be nothing else
counts: a name of several words, one with capitals inside, or one that is said to have done what
customers do ("Acme cut its costs").
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from blossomer.services.email_lint.capitals import (
    COMMON_STARTS,
    EVERYDAY_NAMES,
    ORDINARY_CAPITALS,
)
from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import SOURCES_KEPT, Finding, Part, Sources
from blossomer.services.email_lint.rules import make, shown
from blossomer.services.email_lint.subject import is_title_case
from blossomer.services.email_lint.text import Span, flat

_WORD = re.compile(r"[^\W_]+(?:['&.+-][^\W_]+)*")
_PLAIN_GAP = re.compile(r" | & | of ")
_CUSTOMER_BEFORE = re.compile(
    r"(?:\b(?:like|such as|including|helped|trusted by|used by|chosen by|"
    r"work(?:ed|ing|s)? (?:with|for)|"
    r"partner(?:ed)? with|did (?:this |the same |it )?for|"
    r"(?:customers?|clients?|teams?|people|peers|folks) (?:at|from)|the team at|"
    r"case study (?:with|of|on))) $",
    re.IGNORECASE,
)
_CUSTOMER_AFTER = re.compile(
    r" (?:just |now |recently |already |has |have |had )?(?:cuts?|saved?|"
    r"saves|reduced?|reduces|uses?|used|"
    r"switched|moved|grew|doubled|tripled|halved|gained|boosted|increased|improved|dropped|slashed|"
    r"replaced|adopted|chose|closed|booked|won|signed|rolled out|went from|runs|trusts?|relies|"
    r"brought|stopped|shortened|lowered|raised|hit|reached|recovered|eliminated)\b"
)
_BREAK = frozenset(':"(•')


class _Run(NamedTuple):
    """Words with capitals in a row."""

    words: list[Span]
    is_start: bool


class KnownNames:
    """The words of the sources, to look names up in.

    Args:
        sources: Texts to take them from.
    """

    def __init__(self, sources: Sources) -> None:
        text = flat("\n".join(sources))
        words = [_bare(match[0]) for match in _WORD.finditer(text)]
        self._exact = frozenset(words)
        self._folded = frozenset(word.casefold() for word in words)
        self._parts = frozenset(part for word in self._folded for part in re.split(r"\W", word))
        self._running = f" {' '.join(words).casefold()} "
        self._squashed: dict[str, bool] = {}
        self._dense = re.sub(r"\W", "", self._running)

    def for_one_mail(self) -> KnownNames:
        """The same names with nothing looked up yet: what a long text asks for is bounded."""
        one = copy.copy(self)
        one._squashed = {}
        return one

    def has(self, name: str) -> bool:
        """Whether a source has this name, whole or from words that are names there."""
        words = [_bare(match[0]) for match in _WORD.finditer(name)]
        folded = [word.casefold() for word in words]
        if len(words) == 1:
            return folded[0] in self._folded or folded[0] in self._parts or self._is_written(folded)
        if all(word in self._folded for word in folded):
            return f" {' '.join(folded)} " in self._running or all(
                word in self._exact for word in words if word[0].isupper()
            )
        return self._is_written(folded)

    def has_small(self, word: str) -> bool:
        """Whether a source uses the word in small letters, so that it is no name."""
        return word in self._exact

    def _is_written(self, folded: list[str]) -> bool:
        """Whether the name stands there in one piece, as in an address: ``northwindfleet.com``."""
        key = re.sub(r"\W", "", "".join(folded))
        if len(key) < 6:
            return False
        if key not in self._squashed:
            if len(self._squashed) > 200:
                return False
            self._squashed[key] = key in self._dense
        return self._squashed[key]


@lru_cache(maxsize=SOURCES_KEPT)
def _known_names(sources: Sources) -> KnownNames:
    return KnownNames(sources)


def check_names(mail: Mail, sources: Sources) -> Iterator[Finding]:
    """EM12: names of companies and products that stand in no source."""
    if not mail.is_english:
        return
    known = _known_names(sources).for_one_mail()
    small = frozenset(match[0] for match in _WORD.finditer(mail.plain) if match[0][0].islower())
    subject: list[Span] = []
    if not is_title_case(mail):
        subject = [Span(0, len(mail.subject))]
    parts: tuple[tuple[Part, str, list[Span]], ...] = (
        ("subject", mail.masked_subject, subject),
        ("body", mail.plain, mail.sentences),
    )
    for part, text, sentences in parts:
        for sentence in sentences:
            for span in _names(text, sentence, known, small):
                yield make(
                    "EM12",
                    "error",
                    f"“{shown(text[span.start : span.end])}” stands in no source.",
                    "Name only customers and companies that your own material names.",
                    mail=mail,
                    part=part,
                    span=span,
                )


def _names(text: str, sentence: Span, known: KnownNames, small: frozenset[str]) -> Iterator[Span]:
    """The names of one sentence that no source has."""
    letters = [c for c in text[sentence.start : sentence.end] if c.isalpha()]
    is_loud = len(letters) > 12 and sum(map(str.isupper, letters)) > 0.7 * len(letters)
    if is_loud:
        return
    for run in _runs(text, sentence):
        words = run.words
        before = text[max(sentence.start, words[0].start - 40) : words[0].start]
        is_customer = bool(
            _CUSTOMER_BEFORE.search(before)
            or (
                _CUSTOMER_AFTER.match(text, words[-1].end)
                and not (run.is_start and len(words) == 1 and _is_plural(_at(text, words[0])))
            )
        )
        if run.is_start:
            first = _bare(_at(text, words[0]))
            if _is_common_start(first, known, small):
                words = words[1:]
        words = _without_ordinary(text, words, is_customer)
        if not words:
            continue
        is_first_word = run.is_start and words == run.words[:1]
        if is_first_word and not is_customer and not _has_inner_capital(_at(text, words[0])):
            continue  # its capital comes from the sentence
        name = text[words[0].start : words[-1].end]
        if name.isupper() and not is_customer:
            continue  # an abbreviation, or a word that is stressed
        if known.has(name):
            continue
        if (
            run.is_start
            and len(words) > 2
            and not is_customer
            and known.has(text[words[1].start : words[-1].end])
        ):
            continue  # as before, and a name after it
        yield Span(words[0].start, words[-1].start + len(_bare(_at(text, words[-1]))))


def _runs(text: str, sentence: Span) -> Iterator[_Run]:
    """The words with capitals, as far as they stand in a row: "Bank of America", "Hafen & Sohn"."""
    current: list[Span] = []
    is_start = is_current_start = True
    previous_end = sentence.start
    for match in _WORD.finditer(text, sentence.start, sentence.end):
        if match[0] == "of" and current:
            continue  # part of the gap to the next word
        span = Span(*match.span())
        gap = text[previous_end : span.start]
        previous_end = span.end
        is_start = is_start or any(mark in _BREAK for mark in gap)
        is_capital = match[0][0].isupper()
        if current and not (is_capital and not is_start and _PLAIN_GAP.fullmatch(gap)):
            yield _Run(current, is_current_start)
            current = []
        if is_capital:
            is_current_start = is_current_start if current else is_start
            current.append(span)
            if _bare(match[0]) != match[0]:  # "Acme's Head" are two
                yield _Run(current, is_current_start)
                current = []
        is_start = False
    if current:
        yield _Run(current, is_current_start)


def _without_ordinary(text: str, words: list[Span], is_customer: bool) -> list[Span]:
    """The words between the first and the last that is not written with a capital anyway."""
    ordinary = [_is_ordinary(_at(text, span), is_customer) for span in words]
    if all(ordinary):
        return []
    first = ordinary.index(False)
    last = len(ordinary) - ordinary[::-1].index(False)
    while last < len(words) and text[words[last - 1].end : words[last].start] != " ":
        last += 1  # Bank of America
    return words[first:last]


@lru_cache(maxsize=4_096)
def _is_ordinary(word: str, is_customer: bool) -> bool:
    bare = _bare(word)
    if len(bare) < 2 or bare.startswith(("I'", "Xxxx")):
        return True
    # "B2B-focused", "Monday-morning", "Non-EU": the part with the capital decides.
    parts = [part for part in re.split(r"[-.+]", bare) if part and part[0].isupper()]
    return all(
        len(part) < 2
        or part in ORDINARY_CAPITALS
        or part.removesuffix("s") in ORDINARY_CAPITALS
        or part in COMMON_STARTS
        or (not is_customer and part in EVERYDAY_NAMES)
        or (len(part) < 4 and any(map(str.isdigit, part)))
        for part in parts
    )


def _is_common_start(word: str, known: KnownNames, small: frozenset[str]) -> bool:
    """Whether a first word has its capital only because it is the first."""
    if _has_inner_capital(word):
        return False
    lower = word.lower()
    return (
        word in COMMON_STARTS
        or "'" in word
        or lower in small
        or known.has_small(lower)
        or (len(word) > 4 and lower.endswith(("ing", "ed", "ly")))
    )


def _is_plural(word: str) -> bool:
    return word.endswith("s") and not word.endswith(("ss", "us", "is")) and word[1:].islower()


def _has_inner_capital(word: str) -> bool:
    return not word.isupper() and any(map(str.isupper, word[1:])) and "-" not in word


def _bare(word: str) -> str:
    return word.removesuffix("'s").removesuffix("'S")


def _at(text: str, span: Span) -> str:
    return text[span.start : span.end]
