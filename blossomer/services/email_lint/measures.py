"""Rules that measure: length, reading grade, sentences, paragraphs, you and we."""

from __future__ import annotations

import re
from collections.abc import Iterator

from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import Finding, Severity
from blossomer.services.email_lint.readability import Grades, grades
from blossomer.services.email_lint.rules import make, shown
from blossomer.services.email_lint.text import count_words, words

FEWEST_WORDS, MOST_WORDS = 50, 100
"""Of a first touch, by the house. Lavender counts 25 to 50 best, Boomerang 75 to 100."""

TOO_MANY_WORDS = 150
"""From here on answers fall in every study but one (Reyes-Simpe and Kubantseva: 17 % to 44 % with
fewer than 150 words and an early introduction)."""

MOST_FOLLOW_UP_WORDS = 60
"""Of a follow-up, by the house."""

FEWEST_FOLLOW_UP_WORDS = 10
"""Boomerang: messages of about ten words lose 30 % of the replies."""

EASY_GRADE, FAIR_GRADE, HARD_GRADE = 6.0, 8.0, 10.0
"""Up to the first nothing is said, up to the second it is noted, beyond the last it is an error.
Lavender: grade 5 is best, and 70 % of sales e-mails are at 10 or above."""

LONG_SENTENCE, TOO_LONG_SENTENCE = 20, 30
"""Words. Our own figures: a sentence of 20 words fills a line and a half on a laptop."""

MOST_PARAGRAPH_CHARACTERS = 240
"""Three lines of 80 characters."""

_YOU = re.compile(
    r"(?<![\w'])(?:you|your|yours|yourself|yourselves)(?![\w])|"
    r"(?<!\{)\{\{(?:first|company)_name\}\}(?!\})",
    re.IGNORECASE,
)
_WE = re.compile(r"(?<![\w'.-])(?:I|[Ww]e|[Mm]y|[Mm]ine|[Oo]urs?|me|us|Me|Us)(?![\w.-])")
_I_OR_WE = re.compile(r"[\"'(\s]*(I|We|My|Our)\b", re.IGNORECASE)


def check_length(mail: Mail) -> Iterator[Finding]:
    """EM01: how many words the body has."""
    count = mail.word_count
    if not count:
        yield make("EM01", "error", "The e-mail has no text.", "Write a message.")
        return
    is_follow_up = mail.email.kind == "follow_up"
    most = MOST_FOLLOW_UP_WORDS if is_follow_up else MOST_WORDS
    fewest = FEWEST_FOLLOW_UP_WORDS if is_follow_up else FEWEST_WORDS
    name = "a follow-up" if is_follow_up else "a first e-mail"
    asked = f"at most {most}" if is_follow_up else f"{fewest} to {most}"
    source = "House rule"
    severity: Severity = "warning"
    if count > TOO_MANY_WORDS:
        severity = "error"
        source = "House rule; Reyes-Simpe and Kubantseva: fewer than 150 words got more replies"
    elif is_follow_up and count < fewest:
        source = "Boomerang: messages of about ten words lose 30 % of the replies"
    elif not is_follow_up:
        source = "House rule; Boomerang: 75 to 100 words are best; Lavender: 25 to 50"
    if fewest <= count <= most:
        return
    noun = "word" if count == 1 else "words"
    yield make(
        "EM01",
        severity,
        f"{count} {noun}; {name} has {asked}.",
        "Take out what the reader does not need to answer."
        if count > most
        else "Say why it matters to the reader, and why now.",
        source=source,
    )


def reading_grades(mail: Mail) -> Grades | None:
    """The school grades of the text between greeting and signature, when it is English."""
    if not mail.is_english:
        return None
    sentences = []
    for start, end in mail.sentences:
        found = [mail.plain[a:b].strip("\"'.,;:!?()") for a, b in words(mail.masked, start, end)]
        # A token stands for a short name, a link for nothing that is read.
        sentences.append([_SAMPLE_NAME if "xxxx" in word else word for word in found if word])
    return grades([sentence for sentence in sentences if sentence])


_SAMPLE_NAME = "Anna"


def check_grade(mail: Mail) -> Iterator[Finding]:
    """EM02: how hard the text is to read."""
    measured = reading_grades(mail)
    if measured is None or measured.flesch_kincaid <= EASY_GRADE:
        return
    grade = measured.flesch_kincaid
    severity: Severity = "info"
    if grade > FAIR_GRADE:
        severity = "error" if grade > HARD_GRADE else "warning"
    yield make(
        "EM02",
        severity,
        f"Reads like school grade {grade:g} (Flesch-Kincaid; by letters {measured.automated:g}).",
        "Use shorter sentences and everyday words; grade 5 or 6 is easy for everyone.",
    )


def check_sentences(mail: Mail) -> Iterator[Finding]:
    """EM03: sentences that are too long."""
    for span in mail.sentences:
        count = count_words(mail.body[span.start : span.end])
        if count > LONG_SENTENCE:
            yield make(
                "EM03",
                "error" if count > TOO_LONG_SENTENCE else "warning",
                f"A sentence of {count} words; {LONG_SENTENCE} are easy to read.",
                "Make two sentences of it.",
                mail=mail,
                part="body",
                span=span,
            )


def check_paragraphs(mail: Mail) -> Iterator[Finding]:
    """EM04: paragraphs that look like a wall."""
    for span in mail.prose:
        length = span.end - span.start
        if length > MOST_PARAGRAPH_CHARACTERS:
            yield make(
                "EM04",
                "warning",
                f"A paragraph of {length} characters, about {-(-length // 80)} lines; "
                "three are easy on the eye.",
                "Set a blank line after the thought that stands on its own.",
                mail=mail,
                part="body",
                span=span,
            )


def you_and_we(mail: Mail) -> tuple[int, int]:
    """How many words speak of the reader, and how many of the sender; not in the signature."""
    if not mail.is_english:
        return 0, 0
    body = mail.body.replace("’", "'")
    you = sum(mail.is_in_prose(match.start()) for match in _YOU.finditer(body))
    we = sum(mail.is_in_prose(match.start()) for match in _WE.finditer(mail.plain))
    return you, we


def check_you_and_we(mail: Mail) -> Iterator[Finding]:
    """EM08: whether the text speaks of its reader."""
    you, we = you_and_we(mail)
    if we > you:
        yield make(
            "EM08",
            "warning",
            f"“I” or “we”: {we}; “you”: {you}.",
            "Say it from the reader's side: what they do, have or get.",
        )


def check_first_word(mail: Mail) -> Iterator[Finding]:
    """EM09: whether the first sentence begins with its sender."""
    if not mail.is_english or not mail.sentences:
        return
    first = mail.sentences[0]
    if match := _I_OR_WE.match(mail.plain, first.start, first.end):
        yield make(
            "EM09",
            "warning",
            f"The first sentence begins with “{shown(match[1])}”.",
            "Begin with the reader and why this matters to them now.",
            mail=mail,
            part="body",
            span=first,
        )
