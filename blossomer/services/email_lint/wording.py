"""Rules about phrases: clichés, openings, empty reminders, what sounds generated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import Finding, Part
from blossomer.services.email_lint.rules import make, shown
from blossomer.services.email_lint.text import Span

_CLICHE = re.compile(
    r"""(?<![\w'-])(?:
    (?:i\ )?hope\ (?:this|that|you|all|your)\b.{0,24}?\b(?:finds?\ you|well|great)|
    to\ whom\ it\ may\ concern|my\ name\ is|allow\ me\ to\ introduce|
    pick(?:ing)?\ your\ brain|reach(?:ing|ed)?\ out|quick\ question|just\ wanted\ to|
    synerg(?:y|ies|istic)|leverag(?:e|es|ed|ing)|
    game[- ]?chang(?:er|ers|ing)|best[- ](?:in|of)[- ](?:class|breed)|cutting[- ]edge|
    bleeding[- ]edge|state[- ]of[- ]the[- ]art|world[- ]class|next[- ](?:gen|generation|level)|
    to\ the\ next\ level|revolution(?:ary|i[sz]e[sd]?|i[sz]ing)|paradigm|disrupt(?:ive|ing|or)|
    low[- ]hanging\ fruit|move\ the\ needle|think(?:ing)?\ outside\ the\ box|
    win[- ]win|value[- ]add(?:ed)?|one[- ]stop[- ]shop|turn-?key|thought\ leader(?:s|ship)?|
    seamless(?:ly)?|unlock(?:s|ing)?\ (?:the|your|new|more|growth|value|potential|revenue)|
    unleash(?:es|ing)?|supercharg(?:e|es|ed|ing)|skyrocket(?:s|ing)?|turbocharg(?:e|es|ing)|
    holistic|robust\ (?:solution|platform)|innovative\ (?:solution|platform|approach)s?|
    at\ the\ end\ of\ the\ day|deep[- ]dive|circle\ the\ wagons|
    don't\ miss\ (?:out|this)|no[- ]brainer
    )(?![\w-])""",
    re.IGNORECASE | re.VERBOSE,
)

_NOTICED = re.compile(r"(?<![\w'])(?:i|we|i've|we've|just)\ noticed\b|(?<![\w'])Noticed\ that\b")
_OPENING = re.compile(
    r"""[\"'(\s]*(?:(?:i|we|i've|we've|just|recently|also|while|so)\ ){0,3}
    (?:(?:was|were)\ (?:looking|browsing|reading)\b.{0,40}\band\ )?
    (?:(?:noticed|noticing|saw|spotted|seen|stumbled)\b|came\ across\b|see\ that\b|
    notice\ that\b|read\ that\b)""",
    re.IGNORECASE | re.VERBOSE,
)

_REMINDER = re.compile(
    r"""(?<![\w'-])(?:
    follow(?:ing|ed)[- ]up|(?:quick|friendly|gentle|short)\ follow[- ]?up|
    (?:to|i'll|i\ will|wanted\ to|i)\ follow\ up\ (?:on\ (?:my|the|this|our|last)|with\ you|again)|
    circl(?:e|ing|ed)\ back|(?:just\ )?checking[- ]in|
    check\ in\ (?:with\ you|again|on\ (?:my|this))|
    (?:touch(?:ing)?|touched)\ base|bump(?:ing|ed)?\ (?:this|my|it)|
    (?:friendly|gentle|quick)\ (?:reminder|nudge|bump)|per\ my\ (?:last|previous)|
    (?:never|haven't|have\ not|didn't|did\ not)\ (?:heard?|hear)\ (?:back|from\ you)|
    did\ you\ (?:get|see|have\ a\ chance|receive|read)\b.{0,24}\b
        (?:e-?mail|message|note|last|look|read|see)|
    (?:to\ the|at\ the|on)\ top\ of\ your\ inbox|floating\ this|any\ thoughts(?=\s?\?)
    )(?![\w-])""",
    re.IGNORECASE | re.VERBOSE,
)
_NEVER_HEARD = re.compile(r"hear", re.IGNORECASE)

_DASH = re.compile(r"[—―]")

_GENERATED = re.compile(
    r"""(?<![\w'-])(?:
    (?:isn't|aren't|not)\ (?:just|only|merely)\b[^.!?\n]{1,80}?
        (?:\bbut\b|[,;.]\ it's\b)|
    it's\ not\ (?:just\ )?about\b[^.!?\n]{1,60}?\bit's\ about|
    in\ today's\b.{0,40}?\b(?:world|landscape|market|environment|economy|era|climate)|
    (?:ever|rapidly|constantly)[- ](?:evolving|changing)|fast[- ]paced|
    delv(?:e|es|ing)\b|tapestry|navigat(?:e|ing)\ the\ (?:complex|challeng|landscape)\w{0,10}|
    picture\ this|here's\ the\ (?:thing|kicker|catch|deal)|let\ that\ sink\ in|
    it's\ (?:worth\ noting|important\ to\ note)|(?:moreover|furthermore|additionally)(?=,)|
    (?:a|is\ a)\ testament\ to|look\ no\ further|the\ realm\ of|
    (?:imagine)\ (?:a|having|being|how|what|your|not|never)(?![^.!?\n]{0,120}\?)|
    elevate(?:s)?\ your|empower(?:s|ing)?\ (?:you|your|teams|businesses)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_TRIAD = re.compile(r"\b[\w-]{2,20}, (?:[\w-]{2,20} ){0,2}[\w-]{2,20},? (?:and|or) [\w-]{2,20}\b")


def check_cliches(mail: Mail) -> Iterator[Finding]:
    """EM13: phrases that every second sales e-mail has."""
    yield from _phrases(
        mail,
        "EM13",
        _CLICHE,
        "is a phrase that readers skip.",
        "Leave it out, or say in plain words what you mean.",
    )


def check_opening(mail: Mail) -> Iterator[Finding]:
    """EM14: no "Noticed that" and no other report of having looked the reader up."""
    if not mail.is_english:
        return
    places = {match.span() for match in _NOTICED.finditer(mail.plain)}
    if mail.sentences:
        first = mail.sentences[0]
        match = _OPENING.match(mail.plain, first.start, first.end)
        if match and not any(match.start() <= start < match.end() for start, _ in places):
            places.add(match.span())
    for start, end in sorted(places):
        yield make(
            "EM14",
            "error",
            f"“{shown(mail.plain[start:end])}” says what you did, and everybody opens so.",
            "Begin with the fact itself and what it means for the reader.",
            mail=mail,
            part="body",
            span=Span(start, end),
        )


def check_reminders(mail: Mail) -> Iterator[Finding]:
    """EM15: no message whose only content is that it was sent."""
    if not mail.is_english:
        return
    parts: tuple[tuple[Part, str], ...] = (("subject", mail.masked_subject), ("body", mail.plain))
    for part, text in parts:
        for match in _REMINDER.finditer(text):
            is_complaint = bool(_NEVER_HEARD.search(match[0]))
            yield make(
                "EM15",
                "error",
                f"“{shown(match[0])}” reminds without saying anything new.",
                "Give the reader something new: another angle, fact or question.",
                mail=mail,
                part=part,
                span=Span(*match.span()),
                source="House rule; Gong: “never heard back”, 12 % fewer meetings"
                if is_complaint
                else "",
            )


def check_dashes(mail: Mail) -> Iterator[Finding]:
    """EM16: no em-dash, in any language."""
    parts: tuple[tuple[Part, str], ...] = (("subject", mail.subject), ("body", mail.body))
    for part, text in parts:
        for match in _DASH.finditer(text):
            yield make(
                "EM16",
                "error",
                "An em-dash, by which readers recognise generated text.",
                "Use a comma, a colon or a new sentence.",
                mail=mail,
                part=part,
                span=Span(*match.span()),
            )


def check_generated(mail: Mail) -> Iterator[Finding]:
    """EM17: turns of phrase by which generated text is recognised."""
    yield from _phrases(
        mail,
        "EM17",
        _GENERATED,
        "sounds like generated text.",
        "Say it as you would to a colleague.",
    )
    if not mail.is_english:
        return
    triads = [
        Span(*match.span())
        for match in _TRIAD.finditer(mail.plain)
        if mail.is_in_prose(match.start())
    ]
    for _, span in list(pairwise(triads))[:1]:
        yield make(
            "EM17",
            "info",
            f"{len(triads)} lists of three, a rhythm of generated text.",
            "Keep the one or two things that matter.",
            mail=mail,
            part="body",
            span=span,
        )


def _phrases(
    mail: Mail, rule: str, pattern: re.Pattern[str], complaint: str, advice: str
) -> Iterator[Finding]:
    if not mail.is_english:
        return
    parts: tuple[tuple[Part, str], ...] = (("subject", mail.masked_subject), ("body", mail.plain))
    for part, text in parts:
        for match in pattern.finditer(text):
            yield make(
                rule,
                "warning",
                f"“{shown(match[0])}” {complaint}",
                advice,
                mail=mail,
                part=part,
                span=Span(*match.span()),
            )
