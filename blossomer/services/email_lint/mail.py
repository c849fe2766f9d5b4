"""An e-mail taken apart once, for all rules: greeting, signature, sentences, language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from blossomer.services.email_lint.language import is_english
from blossomer.services.email_lint.model import EmailText
from blossomer.services.email_lint.text import (
    Span,
    count_words,
    flat,
    line_spans,
    mask,
    paragraph_spans,
    sentence_spans,
    stripped,
)

__all__ = ["Mail", "Span"]

_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|hallo|guten tag|"
    r"bonjour|hola|ciao|liebe[rs]?|sehr geehrte[rs]?)\b[^,!:.?\n]{0,60}(?:[,!:]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_ONLY_A_TOKEN = re.compile(r"x{4,64}[,!:]?$", re.MULTILINE)
_SIGN_OFF = re.compile(
    r"(?:(?:all the |with )?(?:kind|best|warm|many) (?:regards|wishes|thanks)|best|regards|cheers|"
    r"thanks|thank you|many thanks|thanks a lot|all the best|sincerely|yours(?: sincerely| truly)?|"
    r"talk soon|warmly|take care|mit freundlichen grüßen|viele grüße|beste grüße|cordialement|"
    r"saludos|met vriendelijke groet)[,.!]?$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"p\.?\s?s\.?\b", re.IGNORECASE)
_MOST_SIGNATURE_WORDS = 6


@dataclass(frozen=True)
class Mail:
    """The parts of an e-mail; places are places in its subject or body as they came in.

    Args:
        email: The e-mail.
    """

    email: EmailText

    @property
    def subject(self) -> str:
        """The subject as it came in."""
        return self.email.subject

    @property
    def body(self) -> str:
        """The body as it came in."""
        return self.email.body

    @cached_property
    def masked_subject(self) -> str:
        """The subject without what stands in tokens and links, with straight quotes."""
        return flat(mask(self.subject))

    @cached_property
    def masked(self) -> str:
        """The body without what stands in tokens and links, lines and quotes as they are."""
        return mask(self.body)

    @cached_property
    def plain(self) -> str:
        """The masked body on one line with straight quotes: for looking up phrases."""
        return flat(self.masked)

    @cached_property
    def is_english(self) -> bool:
        """Whether rules for English may speak."""
        return is_english(f"{self.masked_subject}\n{self.masked}")

    @cached_property
    def paragraphs(self) -> list[Span]:
        """All paragraphs of the body."""
        return paragraph_spans(self.body)

    @cached_property
    def greeting(self) -> Span:
        """The greeting at the beginning; an empty span when there is none."""
        if not self.paragraphs:
            return Span(0, 0)
        first = self.paragraphs[0]
        for pattern in (_GREETING, _ONLY_A_TOKEN):
            if match := pattern.match(self.masked, first.start, first.end):
                return Span(*match.span())
        return Span(first.start, first.start)

    @cached_property
    def signature(self) -> Span:
        """The signature; an empty span at the end when there is none. A postscript is none."""
        end = self.paragraphs[-1].end if self.paragraphs else 0
        start = end
        for paragraph in reversed(self.paragraphs):
            if _POSTSCRIPT.match(self.plain, paragraph.start):
                end = start = paragraph.start
                continue
            lines = list(line_spans(self.masked, paragraph.start, paragraph.end))
            for line in lines:
                if _SIGN_OFF.fullmatch(self.plain, line.start, line.end):
                    return Span(line.start, end)
            # Only something short can stand below a sign-off.
            if len(lines) > 6 or paragraph.end - paragraph.start > 300:
                break
        last = [p for p in self.paragraphs if p.end <= end][-1:]
        if last and self._is_bare_name(last[0]):
            start = last[0].start
        return Span(start, max(start, end) if start < end else start)

    def _is_bare_name(self, paragraph: Span) -> bool:
        """Whether a last paragraph is only somebody's name, without any sign-off."""
        words = self.plain[paragraph.start : paragraph.end].split()
        return (
            paragraph.start > self.greeting.end
            and 1 <= len(words) <= _MOST_SIGNATURE_WORDS
            and self.plain[paragraph.end - 1] not in ".?!:"
            and words[0][0].isupper()
            and all(word[0].isupper() or not word[0].isalpha() for word in words)
        )

    @cached_property
    def prose(self) -> list[Span]:
        """The paragraphs between greeting and signature, and postscripts."""
        result = []
        for start, end in self.paragraphs:
            first = max(start, self.greeting.end) if start <= self.greeting.start else start
            spans = [Span(first, end)]
            signature = self.signature
            if signature.start < signature.end:
                spans = [
                    Span(first, min(end, max(first, signature.start))),
                    Span(min(end, max(first, signature.end)), end),
                ]
            result += [span for one in spans if _has(span := stripped(self.body, *one))]
        return result

    @cached_property
    def sentences(self) -> list[Span]:
        """The sentences between greeting and signature."""
        return [
            sentence
            for start, end in self.prose
            for sentence in sentence_spans(self.masked, start, end)
        ]

    @cached_property
    def word_count(self) -> int:
        """Words of the body, as ``count_words`` counts them."""
        return count_words(self.body)

    @cached_property
    def subject_words(self) -> int:
        """Words of the subject."""
        return count_words(self.subject)

    def is_in_prose(self, position: int) -> bool:
        """Whether a place is neither in the greeting nor in the signature."""
        greeting, signature = self.greeting, self.signature
        return not (
            greeting.start <= position < greeting.end or signature.start <= position < signature.end
        )


def _has(span: Span) -> bool:
    return span.end > span.start
