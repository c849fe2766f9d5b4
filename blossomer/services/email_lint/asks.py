"""Rules about what the reader is asked: one soft question, no meeting in the first message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import Finding
from blossomer.services.email_lint.rules import make, shown
from blossomer.services.email_lint.text import Span

MOST_QUESTIONS = 2
"""By the house; Boomerang found 1 to 3 best."""

_QUESTION = re.compile(r"(?<![?？؟!])[?？؟!]{0,9}[?？؟]")

MEETING = re.compile(
    r"""\b(?:
    (?:\d{1,3}|five|ten|fifteen|twenty|thirty)[- ]?min(?:ute)?s?\s(?:\w+\s){0,3}?
        (?:call|chat|demo|meeting|conversation|walkthrough|next|this|tomorrow|on|week)|
    (?:spare|have|got|grab|find|take|for|worth)\s(?:\w+\s){0,2}?
        (?:\d{1,3}|five|ten|fifteen|twenty|thirty)[- ]?min(?:ute)?s?\b|
    (?:book|schedule|arrange|set\sup|organi[sz]e|find|grab)\s(?:\w+\s)?(?:an?\s|some\s|the\s)?
        (?:time|slot)\b(?!\s(?:to\s)?(?:saver|tracking|sheets?|zones?|off))|
    (?:book|schedule|arrange|set\sup|organi[sz]e|hop\son|jump\son|get\son|join|do|have|up\sfor|
        open\sto|free\sfor|available\sfor|worth|grab)\s(?:an?\s|some\s|the\s)?
        (?:(?:quick|short|brief|intro|introductory|discovery|\d{1,3}[- ]min(?:ute)?)\s){0,2}
        (?:call|chat|meeting|demo|appointment|coffee|conversation)\b|
    (?:see|want|get|give\syou|show\syou|try|watch|request|like)\s(?:an?|the|our)\s(?:\w+\s){0,2}demo|
    (?:on|in|to|from)\s(?:your|my|our)\scalendar|calendar\s(?:link|invite|invitation)|
    (?:are\syou|you)\s(?:free|available)\s(?:\w+\s){0,2}
        (?:next|this|tomorrow|today|on|monday|tuesday|wednesday|thursday|friday|week)|
    (?:call|talk|chat|meet|speak)\s(?:\w+\s){0,2}
        (?:next\sweek|this\sweek|tomorrow|on\s(?:monday|tuesday|wednesday|thursday|friday))
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Requests for time. What a reader's own day is like ("a full calendar") is none."""

_RHETORICAL = re.compile(
    r"""(?<![\w'])(?:
    sound(?:s)?\sfamiliar|imagine\s(?:if|a\sworld)|what\sif\s(?:you|your|there|i)|
    (?:are\syou\s)?tired\sof|did\syou\sknow|(?:are\syou\s)?ready\sto|(?:are\syou\s)?struggling\s(?:with|to)|
    who\s(?:doesn't|does\snot|wouldn't)|wouldn't\sit\sbe|want\sto\sknow\s(?:how|why|a\ssecret)|
    (?:the|and\sthe|the\sbest)\s(?:result|best\spart|catch|problem|solution|outcome|good\snews|
        part)\s?(?=\?)|isn't\sit\stime|don't\syou\s(?:hate|wish|think)|ever\swonder(?:ed)?
    )\b[^.!?\n]{0,160}\?""",
    re.IGNORECASE | re.VERBOSE,
)
_ANSWERED = re.compile(
    r"\?[\"']?\s{1,3}(?:yes|no|exactly|of course|because|absolutely|you bet|me too|us too|nope|"
    r"we (?:can|do) (?:too|help)|good news)\b",
    re.IGNORECASE,
)


def count_questions(mail: Mail) -> int:
    """Question marks of the body; several in a row count once, those in links not at all."""
    return sum(1 for _ in _QUESTION.finditer(mail.masked))


def check_questions(mail: Mail) -> Iterator[Finding]:
    """EM06: one question that is easy to answer."""
    count = count_questions(mail)
    if count == 0:
        yield make(
            "EM06",
            "warning",
            "No question: the reader is asked nothing.",
            "End with one question that can be answered in a line.",
        )
    elif count > MOST_QUESTIONS:
        yield make(
            "EM06",
            "warning",
            f"{count} questions; more than {MOST_QUESTIONS} leave it open which to answer.",
            "Keep the one that matters.",
        )


def check_meeting(mail: Mail) -> Iterator[Finding]:
    """EM07: no request for time in a first message."""
    if mail.email.kind == "follow_up" or not mail.is_english:
        return
    if match := MEETING.search(mail.plain):
        yield make(
            "EM07",
            "warning",
            f"“{shown(match[0])}” asks a stranger for time.",
            "Ask whether the matter is of interest; the meeting comes later.",
            mail=mail,
            part="body",
            span=Span(*match.span()),
        )


def check_rhetorical(mail: Mail) -> Iterator[Finding]:
    """EM18: questions that want no answer."""
    if not mail.is_english:
        return
    for pattern in (_RHETORICAL, _ANSWERED):
        for match in pattern.finditer(mail.plain):
            yield make(
                "EM18",
                "warning",
                f"“{shown(match[0].strip())}” is not meant to be answered.",
                "Say it as a statement, or ask what you want to know.",
                mail=mail,
                part="body",
                span=Span(*match.span()),
            )
