"""Does a person's text say anything? Shrugs and keyboard mashing are not words to write by.

Pure text rules, deliberately careful: one real word in the text is enough to keep all of it.
"""

from __future__ import annotations

import re

_SHRUGS = frozenset(
    """
    idk dunno na nah nope no none nothing nil null nada test testing tbd todo whatever anything
    something etc blah bla foo bar baz xyz abc lorem ipsum hi hello hey ok okay yes yeah sure
    unsure undefined skip pass hm hmm hmmm meh lol uh um
    """.split()  # noqa: SIM905  as prose it can be read and changed
)
_SHRUG_PHRASES = frozenset(
    {
        "i don't know",
        "i dont know",
        "don't know",
        "dont know",
        "do not know",
        "i do not know",
        "no idea",
        "not sure",
        "i'm not sure",
        "im not sure",
        "not applicable",
        "no comment",
        "no clue",
        "who knows",
        "you tell me",
        "nothing special",
        "nothing to add",
        "keine ahnung",
        "weiß nicht",
        "weiss nicht",
    }
)
_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop")
_RUNS = frozenset(
    line[start : start + 3]
    for row in _KEY_ROWS
    for line in (row, row[::-1])
    for start in range(len(line) - 2)
)
"""Three keys beside each other, in either direction."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_VOWELS = frozenset("aeiouy")


def meaningful(text: str) -> str:
    """Return the text, trimmed, or ``""`` when it says nothing.

    Nothing is said by text without a letter, by single characters, shrugs ("idk", "n/a", "not
    sure") and keyboard mashing ("asdf", "sdkjfh", "aaaa"), as long as no other word is with them.
    """
    trimmed = text.strip()
    words = _WORD.findall(trimmed.replace("’", "'"))
    phrase = " ".join(words).lower()
    if not words or phrase in _SHRUG_PHRASES:
        return ""
    return trimmed if any(_is_word(word) for word in words) else ""


def _is_word(word: str) -> bool:
    lower = word.lower()
    if not lower.isascii():
        # Other scripts and accented words: not ours to judge, but repeated letters say nothing.
        return len(lower) == 1 or len(set(lower)) > 1
    if len(lower) == 1 or lower in _SHRUGS:
        return False
    return not _is_mashed(lower, is_acronym=word.isupper())


def _is_mashed(word: str, *, is_acronym: bool) -> bool:
    distinct = len(set(word))
    if (len(word) >= 3 and distinct == 1) or (len(word) >= 6 and distinct == 2):
        return True
    if len(word) < 3 or (len(word) == 3 and is_acronym):
        return False
    covered: set[int] = set()
    for start in range(len(word) - 2):
        if word[start : start + 3] in _RUNS:
            covered.update((start, start + 1, start + 2))
    if len(covered) >= 0.75 * len(word):
        return True
    vowels = sum(letter in _VOWELS for letter in word)
    if vowels == 0:
        return len(word) >= 5 and not is_acronym
    # English words as poor in vowels as this are at most nine letters long ("strengths").
    return len(word) >= 10 and vowels / len(word) < 0.15
