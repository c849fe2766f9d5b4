"""Words for outreach: short, plain sentences, measured in code; sentences of a site made to fit.

The limits are those of ``services/email_lint``; a text that breaks one is not chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

from blossomer.services.basic_analysis.cues import IMPACT, score
from blossomer.services.basic_analysis.nouns import in_sentence, one_of
from blossomer.services.basic_analysis.patterns import IMPERATIVE
from blossomer.services.basic_analysis.patterns_below import UNFIT
from blossomer.services.basic_analysis.text import (
    capitalised,
    clean,
    end_with_stop,
    is_junk,
    sentences,
)
from blossomer.services.email_lint import EmailText, Sources, count_words, lint_email
from blossomer.services.email_lint.asks import MEETING
from blossomer.services.email_lint.readability import count_syllables

MOST_SENTENCE_WORDS = 19
MOST_GRADE = 7.5
FEWEST_WORDS, MOST_WORDS = 50, 95
"""Of a first e-mail; the house rule says 50 to 100, tokens and signature included."""

LONGEST_SENTENCE, MOST_PROOF, MOST_QUOTED_WORDS = 20, 26, 24
_DANGLES = re.compile(
    r"^(?:and|but|so|it|this|that|they|he|she|then)\b|!|\?|^[^.]*\bthat (?:down|up)\b",
    re.IGNORECASE,
)
"""What leans on a sentence before it, or shouts, cannot be quoted alone."""

_MOST_TRIES = 600
_MOST_LINTED = 8
"""Choices that the linter is asked about; one costs up to 20 ms."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE = re.compile(
    r"(?:,\s+(?:and|so|but|which|while|because|without)\b|;|:\s|\s[–—-]\s|\s\().*$"
)

_PERSONAL = re.compile(r"\b(?:I|I[’']\w+|my|me|mine|he|she|his|her)\b")
_ORGANISATION = re.compile(
    r"\b(?:agency|firm|company|consultancy|studio|provider|bank|lender|insurer|manufacturer|school|clinic)$",
    re.IGNORECASE,
)
_NO_CLAUSE = re.compile(
    r"^(?:with|by|when|if|as|while|whether|because|after|before|from|for|in|to|on|at|since|once)\b",
    re.IGNORECASE,
)
"""Sentences that begin with what belongs to their end: cut, they would say nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence for outreach, and the words of the site that it rests on.

    Args:
        text: The sentence.
        quote: Words copied from the site; empty when it rests on none.
    """

    text: str
    quote: str = ""


def longest(text: str) -> int:
    """Words of the longest sentence; what stands in quotes is part of the sentence around it."""
    return max((count_words(part) for part in _SENTENCE.split(text)), default=0)


def lines(texts: Iterable[str], *, orders: bool = False) -> list[Line]:
    """Sentences of a site that can stand in a message, whole or cut after a clause.

    Args:
        texts: Sentences, the most fitting first.
        orders: Whether sentences may tell the reader what to do.
    """
    found: list[Line] = []
    for text in texts:
        said = clean(text).strip('“”„"').rstrip("!.…")
        cut = said if _NO_CLAUSE.match(said) else _CLAUSE.sub("", said)
        for candidate in dict.fromkeys((said, cut)):
            shown = end_with_stop(_plain(candidate))
            if _fits(shown) and (orders or not IMPERATIVE.match(shown)):
                found.append(Line(capitalised(shown), candidate))
                break
    return found


def syllables_per_word(text: str) -> float:
    """How long the words of a text are."""
    words = re.findall(r"[^\W\d_]+", text)
    return sum(map(count_syllables, words)) / max(1, len(words))


def _plain(text: str) -> str:
    return re.sub(r"\s*[—–]\s*", ", ", text).replace("…", "").replace(";", ",")


def _fits(text: str) -> bool:
    return (
        4 <= count_words(text) <= MOST_SENTENCE_WORDS
        and syllables_per_word(text) <= 2.3
        and not UNFIT.search(text)
        and not _PERSONAL.search(text)
        and not is_junk(text)
        and not MEETING.search(text)
        and "\n" not in text
    )


def quotable(said: str) -> str:
    """What a customer says, as far as it fits a message: all of it, or its strongest sentence."""
    whole = clean(said).strip('“”„"')
    options = [whole, *sorted(sentences(whole), key=lambda text: -score(text, IMPACT))]
    for text in options:
        fits = 5 <= count_words(text) <= MOST_QUOTED_WORDS and "{" not in text and "—" not in text
        is_strong = text == whole or score(text, IMPACT) >= 1.5
        if fits and is_strong and not _DANGLES.search(text) and not is_junk(text):
            return text
    return ""


def is_plain(text: str) -> bool:
    """Whether a name or phrase can stand in a message."""
    return not UNFIT.search(text) and not is_junk(text) and "—" not in text


def fitting(
    slots: Sequence[Sequence[Line]],
    as_email: Callable[[Sequence[Line]], EmailText],
    sources: Sources,
    fewest: int,
    most: int,
) -> list[Line]:
    """One line for each slot, so that the linter has nothing against the whole.

    Args:
        slots: The lines to choose from for each slot, the preferred first; the last ones plain.
        as_email: Puts a choice together.
        sources: What numbers and names may come from.
        fewest: Fewest words of the whole.
        most: Most words of the whole.

    Returns:
        The choice with the most preferred lines that fits; the one nearest to it when none does.
    """
    best: list[Line] = [slot[0] for slot in slots]
    nearest = float("inf")
    asked = 0
    frame = count_words(as_email([]).body)
    for choice in islice(_by_preference(slots), _MOST_TRIES):
        if len({line.text for line in choice}) < len(choice):
            continue
        measures = [_measure(line.text) for line in choice]
        words, sentences_, syllables = (sum(column) for column in zip(*measures, strict=True))
        off = float(max(0, fewest - words - frame, words + frame - most))
        # Flesch-Kincaid, from what was counted line by line.
        hard = 0.39 * words / sentences_ + 11.8 * syllables / words - 15.59
        off += 4 * max(0.0, hard - MOST_GRADE)
        if off == 0 and asked < _MOST_LINTED:
            asked += 1
            report = lint_email(as_email(choice), sources=sources)
            off = float(sum(finding.points for finding in report.findings))
        if off == 0:
            return list(choice)
        if off < nearest:
            best, nearest = list(choice), off
    return best


@lru_cache(maxsize=2_048)
def _measure(text: str) -> tuple[int, int, int]:
    """Words, sentences and syllables of a line; a token counts as a short name."""
    plain = re.sub(r"\{\{\w+\}\}", "Anna", text)
    parts = [part for part in _SENTENCE.split(plain) if re.search(r"\w", part)]
    words = [word.strip(".,'’") for word in re.findall(r"[^\W_][\w’'.,/-]*", plain)]
    return max(1, len(words)), max(1, len(parts)), sum(map(count_syllables, words))


def _by_preference(slots: Sequence[Sequence[Line]]) -> Iterator[tuple[Line, ...]]:
    ranked = [list(enumerate([*slot[:4], *slot[4:][-1:]])) for slot in slots]
    for choice in sorted(product(*ranked), key=lambda c: sum(rank for rank, _ in c)):
        yield tuple(line for _, line in choice)


def is_a(company: str, category: str) -> str:
    """What a company sells, in a sentence: "Quayline offers freight audit software."."""
    what = one_of(in_sentence(category))
    return f"{company} {'is' if _ORGANISATION.search(what) else 'offers'} {what}."


def fit_characters(texts: Iterable[str], most: int) -> str:
    """The texts one after the other, as many of them as fit."""
    result = ""
    for text in texts:
        longer = f"{result} {text}".strip()
        if len(longer) <= most:
            result = longer
    return result
