"""Words for outreach: short, plain sentences, measured in code; sentences of a site made to fit.

The limits are those of ``services/email_lint``; a text that breaks one is not chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from blossomer.services.basic_analysis.text import capitalised, clean, end_with_stop, is_junk

MOST_SENTENCE_WORDS = 19
MOST_GRADE = 8.0
FEWEST_WORDS, MOST_WORDS = 50, 95
"""Of a first e-mail; the house rule says 50 to 100, tokens and signature included."""

_MOST_TRIES = 1_500
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_VOWELS = re.compile(r"[aeiouyäöüáéíóúà-æè-ïò-øù-ý]+")
_CLAUSE = re.compile(r"(?:,\s+(?:and|so|but|which|while|because|without)\b|;|:\s|\s[–—-]\s|\s\().*$")
_UNFIT = re.compile(
    r"""[{}<>|@?]|https?:|www\.|\b(?:best|leading|world[- ]class|cutting[- ]edge|game[- ]chang\w+|revolution\w+|
    seamless\w*|synerg\w+|leverag\w+|unlock\w*|supercharge\w*|unparalleled|guarantee\w*|free|amazing|incredible|
    most\ \w+|greatest|fastest|easiest|ultimate|perfect|award\w*|number\ one|\#1|only|never|always|transform\w*|
    empower\w*|elevate|robust|state[- ]of[- ]the[- ]art|next[- ]gen\w*|holistic|innovative|streamlin\w+|delight\w*|
    stop|forever|today\ only|click|buy|cheap|act\ now|100\s?%|risk[- ]free|touch\ base|noticed|hope|just)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words that a filter, a linter or a reader holds against an e-mail, and marks that break one."""

_PERSONAL = re.compile(r"\b(?:I|I[’']\w+|my|me|mine|he|she|his|her)\b")
_ORDER = re.compile(
    r"^(?:get|start|try|use|enter|choose|view|find|see|save|build|bring|explore|discover|join|meet|"
    r"select|check|go|upload|create|manage|add|keep|make|take|let|send|run|turn|close|approve)\b",
    re.IGNORECASE,
)
_COUNTABLE = re.compile(
    r"\b(?:platform|tool|app|application|agency|suite|system|solution|service|marketplace|consultancy|firm|"
    r"company|network|provider|studio|bank|plugin|framework|database|lender|insurer|manufacturer|school|"
    r"clinic|assistant|builder|editor|engine|api|app)$",
    re.IGNORECASE,
)


def words_of(text: str) -> int:
    """Words of a text; a token counts as one."""
    return len(re.findall(r"\{\{\w+\}\}|[^\W_][\w’'.,/-]*", text))


def grade(text: str) -> float:
    """The school grade of a text by Flesch-Kincaid, with syllables counted by groups of vowels."""
    plain = re.sub(r"\{\{\w+\}\}", "Alex", text)
    parts = [part for part in _SENTENCE.split(plain) if re.search(r"\w", part)]
    words = re.findall(r"[^\W\d_][\w’']*", plain)
    if not words:
        return 0.0
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / max(1, len(parts)) + 11.8 * syllables / len(words) - 15.59


def longest(text: str) -> int:
    """Words of the longest sentence."""
    return max((words_of(part) for part in _SENTENCE.split(text)), default=0)


def _syllables(word: str) -> int:
    lowered = word.lower()
    count = len(_VOWELS.findall(lowered))
    if lowered.endswith("e") and not lowered.endswith(("le", "ee")) and count > 1:
        count -= 1
    if lowered.endswith("ed") and count > 1 and not lowered.endswith(("ted", "ded")):
        count -= 1
    return max(1, count)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence for outreach, and the words of the site that it rests on.

    Args:
        text: The sentence.
        quote: Words copied from the site; empty when it rests on none.
    """

    text: str
    quote: str = ""


def lines(texts: Iterable[str], *, orders: bool = False) -> list[Line]:
    """Sentences of a site that can stand in a message, whole or cut after a clause.

    Args:
        texts: Sentences, the most fitting first.
        orders: Whether sentences may tell the reader what to do.
    """
    found: list[Line] = []
    for text in texts:
        said = clean(text).strip("“”„\"").rstrip("!.…")
        for candidate in dict.fromkeys((said, _CLAUSE.sub("", said))):
            shown = end_with_stop(_plain(candidate))
            if _fits(shown) and (orders or not _ORDER.match(shown)):
                found.append(Line(capitalised(shown), candidate))
                break
    return found


def _plain(text: str) -> str:
    return re.sub(r"\s*[—–]\s*", ", ", text).replace("…", "").replace(";", ",")


def _fits(text: str) -> bool:
    return (
        4 <= words_of(text) <= MOST_SENTENCE_WORDS
        and grade(text) <= 15
        and not _UNFIT.search(text)
        and not _PERSONAL.search(text)
        and not is_junk(text)
        and "\n" not in text
    )


def is_plain(text: str) -> bool:
    """Whether a name or phrase can stand in a message."""
    return not _UNFIT.search(text) and not is_junk(text) and "—" not in text


def fitting(
    slots: Sequence[Sequence[Line]], fewest: int, most: int, most_grade: float = MOST_GRADE
) -> list[Line]:
    """One line for each slot, so that the whole is neither too long nor too hard to read.

    Args:
        slots: The lines to choose from for each slot, the preferred first; the last ones plain.
        fewest: Fewest words of all.
        most: Most words of all.
        most_grade: Highest reading grade.

    Returns:
        The choice with the most preferred lines that fits; the one nearest to it when none does.
    """
    best: list[Line] = [slot[0] for slot in slots]
    nearest = float("inf")
    for choice in islice(_by_preference(slots), _MOST_TRIES):
        text = "\n".join(line.text for line in choice)
        count = words_of(text)
        off = max(0, fewest - count, count - most) + 4 * max(0.0, grade(text) - most_grade)
        off += 3 * (len(choice) - len({line.text for line in choice}))
        if off == 0:
            return list(choice)
        if off < nearest:
            best, nearest = list(choice), off
    return best


def _by_preference(slots: Sequence[Sequence[Line]]) -> Iterator[tuple[Line, ...]]:
    ranked = [list(enumerate(slot[:5])) for slot in slots]
    for choice in sorted(product(*ranked), key=lambda c: sum(rank for rank, _ in c)):
        yield tuple(line for _, line in choice)


def is_a(company: str, category: str) -> str:
    """ "Quayline is freight audit software.", with an article where the noun needs one."""
    what = category
    if what[:1].isupper() and what[1:2].islower():
        what = what[0].lower() + what[1:]
    if _COUNTABLE.search(what) and not what.startswith(("a ", "an ", "the ")):
        what = f"{'an' if what[0].lower() in 'aeiou' else 'a'} {what}"
    return f"{company} is {what}."


def fit_characters(texts: Iterable[str], most: int) -> str:
    """The texts one after the other, as many of them as fit."""
    result = ""
    for text in texts:
        longer = f"{result} {text}".strip()
        if len(longer) <= most:
            result = longer
    return result
