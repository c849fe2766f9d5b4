"""Claims without a number or a name: being the best, and having seen something happen.

Whether one is true cannot be told from words; whether any source speaks of it can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import SOURCES_KEPT, Finding, Sources
from blossomer.services.email_lint.rules import make, shown
from blossomer.services.email_lint.text import Span, flat

_SUPERLATIVE = re.compile(
    r"""(?<![\w-])(?:
    (?:world|market|industry|category|class)(?:'s)?[- ]lead(?:ing|er)|
    (?:the\ )?(?:world's|industry's|market's|europe's)\ (?:
        first|only|best|leading|largest|fastest|most)|
    award[- ]winning|(?:the\ )?(?:\#\s?1|number\ one|no\.\ ?1)(?=\ )|
    leading\ (?:provider|platform|solution|vendor|supplier|company|tool|software|agency)s?|
    (?:the\ )(?:best|fastest|largest|only|top|cheapest|most\ (?:trusted|advanced|powerful|accurate|
        complete|popular|reliable))\ (?:\w+\ )?(?:platform|solution|tool|provider|software|vendor|
        product|company|service|partner|agency|system|app)
    )(?![\w-])""",
    re.IGNORECASE | re.VERBOSE,
)
_MULTIPLIED = re.compile(
    r"(?<![\w-])(?:(?P<twice>doubl(?:e|es|ed|ing)|twice as)|(?P<thrice>tripl(?:e|es|ed|ing))|"
    r"(?P<four>quadrupl(?:e|es|ed|ing))|(?P<half>halv(?:e|es|ed|ing)|(?:in|by) half))(?![\w-])",
    re.IGNORECASE,
)
_SAME_CLAIM = {
    "twice": re.compile(r"doubl|twice|\b2(?:\.0)?\s?[x×]|\b2 times|100\s?%", re.IGNORECASE),
    "thrice": re.compile(r"tripl|threefold|\b3\s?[x×]|\b3 times|200\s?%", re.IGNORECASE),
    "four": re.compile(r"quadrupl|fourfold|\b4\s?[x×]|\b4 times|300\s?%", re.IGNORECASE),
    "half": re.compile(r"halv|half|\b50\s?%|50 percent", re.IGNORECASE),
}

_TRIGGER = re.compile(
    r"""(?<![\w'-])(?:
    congrat(?:s|ulations)\ (?:on|to|for)|
    (?:with|given|after|about|since|on)\ your\ (?:recent|latest|new|last)\ (?:[\w-]+\ )?
        (?P<event>funding|round|raise|launch|acquisition|merger|hires?|expansion|opening|post|article|
        podcast|talk|webinar|interview|announcement|promotion|ipo|rebrand|office|partnership)|
    your\ (?:recent|latest|last)\ (?:[\w-]+\ )?
        (?P<event2>funding|round|raise|launch|acquisition|merger|hires?|expansion|post|article|podcast|
        talk|webinar|interview|announcement|promotion|rebrand)|
    (?:since|now\ that|after|because)\ (?:you|xxxx[x]{0,60})(?:'ve|\ have|\ has|\ just)?
        \ (?:just\ |recently\ )?
        (?P<event3>raised|launched|acquired|opened|expanded|announced|hired|posted|merged|moved)|
    (?:loved|enjoyed|liked|read|heard)\ your\ (?:recent\ |latest\ |last\ )?
        (?P<event4>post|article|podcast|talk|webinar|interview|book|newsletter)
    )(?![\w-])""",
    re.IGNORECASE | re.VERBOSE,
)


@lru_cache(maxsize=SOURCES_KEPT)
def _text_of(sources: Sources) -> str:
    return flat("\n".join(sources)).casefold()


def check_claims(mail: Mail, sources: Sources) -> Iterator[Finding]:
    """EM27: superlatives and events that no source speaks of."""
    if not mail.is_english:
        return
    text = _text_of(sources)
    for match in _SUPERLATIVE.finditer(mail.plain):
        if match[0].casefold().removeprefix("the ") not in text:
            yield _finding(
                mail,
                match,
                "is praise that no source supports.",
                "Show what it does instead, with a fact that can be looked up.",
            )
    for match in _MULTIPLIED.finditer(mail.plain):
        kind = match.lastgroup or ""
        is_claim = mail.is_in_prose(match.start()) and not _is_figure_of_speech(mail.plain, match)
        if is_claim and not _SAME_CLAIM[kind].search(text):
            yield _finding(
                mail,
                match,
                "is a measure that stands in no source.",
                "Take a measure from the company's own material, or say it without one.",
            )
    for match in _TRIGGER.finditer(mail.plain):
        if not _has_event(match, text):
            yield _finding(
                mail,
                match,
                "speaks of an event that no source mentions.",
                "Name an event that you know of, or open with what is true for all such companies.",
            )


def _has_event(match: re.Match[str], text: str) -> bool:
    event = next((word for word in match.groups() if word), "")
    stem = event.casefold().removesuffix("s").removesuffix("ed").removesuffix("e")
    return bool(stem) and stem in text


def _is_figure_of_speech(text: str, match: re.Match[str]) -> bool:
    """Whether words like "double" name something else: double entry, a double check."""
    following = text[match.end() : match.end() + 12].lower()
    return bool(
        re.match(r"[- ](?:entr|check|book|dip|sid|digit|down|duty|the work)", following)
        or (match[0].lower().endswith("half") and following.startswith((" of", " a", " an")))
    )


def _finding(mail: Mail, match: re.Match[str], complaint: str, advice: str) -> Finding:
    return make(
        "EM27",
        "warning",
        f"“{shown(match[0])}” {complaint}",
        advice,
        mail=mail,
        part="body",
        span=Span(*match.span()),
    )
