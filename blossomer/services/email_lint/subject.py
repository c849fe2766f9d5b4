"""Rules for the subject line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import Finding, Severity
from blossomer.services.email_lint.rules import make
from blossomer.services.email_lint.text import Span, stripped, words

MOST_WORDS, TOO_MANY_WORDS = 5, 8
MOST_CHARACTERS, TOO_MANY_CHARACTERS = 40, 60
"""Boomerang: 3 or 4 words are best; Belkins: 2 to 4 words. Telephones show 25 to 41 characters
(allstonlabs.com)."""

_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg)\s?:", re.IGNORECASE)
_SHOUT = re.compile(r"!|\?\?")
_FIRST_NAME = re.compile(r"\{\{\s*first_name\s*\}\}", re.IGNORECASE)
_FIGURE = re.compile(r"\d")
_SMALL = "a an and as at by for from in is of on or the to vs with your"
_NOTE_WORDS = frozenset(_SMALL.split())


def is_title_case(mail: Mail) -> bool:
    """Whether most words of the subject have a capital, like a headline."""
    found = [
        word
        for a, b in words(mail.masked_subject)
        if (word := mail.masked_subject[a:b]).lower() not in _NOTE_WORDS and word[0].isalpha()
    ]
    return len(found) >= 3 and all(word[0].isupper() for word in found)


def check_subject(mail: Mail) -> Iterator[Finding]:
    """EM05: length and style of the subject."""
    subject = mail.subject
    whole = stripped(subject, 0, len(subject))
    if whole.start == whole.end:
        if mail.email.kind == "follow_up":
            yield make(
                "EM05",
                "info",
                "No subject: goes out as a reply in the same thread.",
                "Write one if the follow-up starts a thread of its own.",
            )
        else:
            yield make(
                "EM05",
                "error",
                "The e-mail has no subject.",
                "Write 2 to 5 words that could come from a colleague.",
                source="Boomerang: no subject, 14 % replies; SpamAssassin MISSING_SUBJECT (1.799)",
            )
        return
    yield from _length(mail, whole)
    for severity, message, advice, span, source in _style(mail, whole):
        yield make(
            "EM05", severity, message, advice, mail=mail, part="subject", span=span, source=source
        )


def _length(mail: Mail, whole: Span) -> Iterator[Finding]:
    count, length = mail.subject_words, whole.end - whole.start
    is_long = count > MOST_WORDS or length > MOST_CHARACTERS
    if is_long:
        is_too_long = count > TOO_MANY_WORDS or length > TOO_MANY_CHARACTERS
        yield make(
            "EM05",
            "error" if is_too_long else "warning",
            f"The subject has {count} words and {length} characters; "
            f"up to {MOST_WORDS} words and {MOST_CHARACTERS} characters are read whole.",
            "Keep the two to five words that carry it.",
            mail=mail,
            part="subject",
            span=whole,
            source="Boomerang: 3 or 4 words are best; telephones show about 40 characters",
        )


def _style(mail: Mail, whole: Span) -> Iterator[tuple[Severity, str, str, Span, str]]:
    text = mail.masked_subject
    if mail.email.kind != "follow_up" and (match := _REPLY.match(text)):
        yield (
            "error",
            f"“{match[0].strip()}” pretends that there was a conversation.",
            "Leave it out: this is the first message.",
            Span(*match.span()),
            "CAN-SPAM Act (US): no misleading subject",
        )
    letters = [character for character in text if character.isalpha()]
    is_loud = len(letters) > 4 and all(map(str.isupper, letters))
    if is_loud:
        yield (
            "error",
            "The subject is written in capitals only.",
            "Write it in small letters.",
            whole,
            "SpamAssassin SUBJ_ALL_CAPS (0.5)",
        )
    elif is_title_case(mail):
        yield (
            "info",
            "The subject has capitals like a headline.",
            "Write it in small letters, as a colleague would.",
            whole,
            "Gong: small letters look like mail from inside",
        )
    if match := _SHOUT.search(text):
        yield (
            "error",
            f"“{match[0]}” in the subject looks like advertising.",
            "End it without a mark.",
            Span(*match.span()),
            "Lavender: exclamation marks in the subject cost replies",
        )
    if match := _FIRST_NAME.search(mail.subject):
        yield (
            "warning",
            "The reader's first name stands in the subject.",
            "Name the matter instead.",
            Span(*match.span()),
            "Gong: a first name in the subject, 12 % fewer replies",
        )
    if match := _FIGURE.search(text):
        yield (
            "info",
            "The subject holds a figure.",
            "Say what it is about without the number.",
            Span(*match.span()),
            "Gong: numbers and percentages in the subject cost replies",
        )
