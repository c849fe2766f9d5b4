"""School grades of English text: Flesch-Kincaid and the Automated Readability Index.

Both formulas are public (Kincaid et al. 1975; Smith and Senter 1967). Syllables are counted by
rules, without a dictionary: a word here and there is wrong by one, the average over an e-mail is
not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

MIN_WORDS = 20
"""Fewer words make the grade jump with every one that is added."""

_LETTERS = re.compile(r"[^a-z]+")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?:[^aeiouyl]e|[aeiouy]le|[aeiouy][^aeiouydt]ed|[^aeiouytdl]ed|lled)$")
_SILENT_PLURAL = re.compile(r"[^aeiouyscxzgl]es$|[aeiouy](?:th|l)es$")
_SILENT_INSIDE = re.compile(
    r"[aeiouy][^aeiouy]{1,2}e(?=(?:ment|ly|less|ful|ness|work|side|line)s?$)|busi(?=ness)"
)
_TWO = re.compile(
    r"ia(?!l$|ls$|lly$|n$|ns$|nt)|(?<![tscxg])io|(?<=[ei])er(?:s|ed)?$|eo(?!u|pl)|iu|(?<=[dr])ea$|"
    r"(?<![gq])ua(?=[ltr])|ying|oyee|creat|(?<=[aeouy])ing|oa(?=s[it])"
)
_ACRONYM = re.compile(r"[A-Z]{2,5}s?")


class Grades(NamedTuple):
    """Two estimates of the same thing: the school year in which a text can be read."""

    flesch_kincaid: float
    automated: float


@lru_cache(maxsize=8_192)
def count_syllables(word: str) -> int:
    """Syllables of an English word, at least one; an acronym is spelled out."""
    if _ACRONYM.fullmatch(word):
        return sum(3 if letter == "W" else 1 for letter in word if letter.isupper())
    parts = re.split(r"[-/]", word.lower())
    return max(1, sum(_syllables(_LETTERS.sub("", part.removesuffix("'s"))) for part in parts))


def _syllables(word: str) -> int:
    if not word:
        return 0
    count = len(_VOWELS.findall(word)) + len(_TWO.findall(word))
    if len(word) > 2 and (_SILENT_END.search(word) or _SILENT_PLURAL.search(word)):
        count -= 1
    if _SILENT_INSIDE.search(word):
        count -= 1
    return max(1, count)


def grades(sentences: Sequence[Sequence[str]]) -> Grades | None:
    """The grades of a text, or ``None`` when it is too short for any.

    Args:
        sentences: The words of each sentence.
    """
    words = [word for sentence in sentences for word in sentence]
    if len(words) < MIN_WORDS:
        return None
    per_sentence = len(words) / sum(1 for sentence in sentences if sentence)
    syllables = sum(map(count_syllables, words)) / len(words)
    characters = sum(sum(map(str.isalnum, word)) for word in words) / len(words)
    return Grades(
        round(0.39 * per_sentence + 11.8 * syllables - 15.59, 1),
        round(4.71 * characters + 0.5 * per_sentence - 21.43, 1),
    )
