"""Rules about arriving: links, and what an open spam filter counts.

Lists of "spam words" are mostly myth: in a test of 20,000 messages by WarmySender, 78 % of 127
listed words made no difference. So there are only rules that SpamAssassin publishes, with their
names and scores (those for a filter with network tests and a trained classifier); usually 5 points
make spam.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import Finding, Part
from blossomer.services.email_lint.rules import make, shown
from blossomer.services.email_lint.text import LINK, Span

MOST_LINKS = 1

SPAM_THRESHOLD = 5.0
"""SpamAssassin's default: ``required_score``."""

_SHORTENERS = frozenset(
    (
        "bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy",
        "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd", "bl.ink",
    )
)  # fmt: skip
_SHORT_LINK = re.compile(
    rf"(?<![\w@./-])(?:{'|'.join(map(re.escape, sorted(_SHORTENERS)))})/[^\s<>()\[\]\"”“]+",
    re.IGNORECASE,
)
_IP = re.compile(r"\d{1,10}(?:\.\d{1,3}){0,3}|0x[0-9a-f]+|\[[0-9a-f:.]+\]", re.IGNORECASE)
_IP_LINK = re.compile(r"https?://\[[0-9a-f:.]{2,45}\][^\s<>()\[\]\"”“]*", re.IGNORECASE)
_NAMED_LINK = re.compile(
    r"(?<!\[)\[([^\[\]\n]{1,200})\]\((https?://[^\s()]{1,500})\)|"
    r"<a\s[^<>\n]{0,200}?href=[\"']?(https?://[^\s\"'<>]{1,500})[^<>\n]{0,200}>([^<>\n]{1,200})</a>",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24})(?:[/:?#]|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SpamRule:
    """A rule of SpamAssassin, in words of our own.

    Args:
        name: Its name there.
        score: What it adds to a message.
        part: Where it looks.
        pattern: What it looks for.
    """

    name: str
    score: float
    part: Part
    pattern: re.Pattern[str]


def _rule(
    name: str, score: float, pattern: str, part: Part = "body", flags: int = re.I
) -> SpamRule:
    return SpamRule(name, score, part, re.compile(pattern, flags))


SPAM_RULES = (
    _rule("EXCUSE_REMOVE", 3.299, r"\bto be removed from\b.{0,20}\b(?:mailings|offers)\b"),
    _rule("GUARANTEED_100_PERCENT", 2.699, r"(?<!\d)100% guaranteed"),
    _rule("DEAR_FRIEND", 2.577, r"(?<!\w)dear friend\b"),
    _rule(
        "DEAR_SOMETHING",
        1.973,
        r"(?<!\w)dear (?:sirs?|madam|candidate|investor|internet|web|travell?er)\b",
    ),
    _rule(
        "FREE_QUOTE_INSTANT",
        1.297,
        r"\bfree.{0,12}(?:instant|express|online|no.?obligation).{0,36}\bquote",
    ),
    _rule("MONEY_BACK", 1.232, r"\bmoney[- ]back guarantee"),
    _rule("BANG_GUAR", 1.0, r"\bguaranteed?!"),
    _rule("ONE_TIME", 0.714, r"\bone[- ]time (?:charge|investment|offer|promotion)"),
    _rule("SUBJ_BUY", 0.639, r"\s*buy", "subject"),
    _rule(
        "URG_BIZ",
        0.573,
        r"\burgent\b.{0,16}\b(?:assistance|business|confidential|notice|proposal|reply|request|"
        r"response)\b",
    ),
    _rule("PRICES_ARE_AFFORDABLE", 0.551, r"\baffordable .{0,10}prices\b"),
    _rule("ACT_NOW_CAPS", 0.1, r"\bA[Cc][Tt] N[Oo][Ww]\b", flags=0),
    _rule("JOIN_MILLIONS", 0.1, r"\bjoin (?:millions|thousands)\b"),
    _rule("LOW_PRICE", 0.1, r"\b[Ll][Oo][Ww].{0,4} P[Rr][Ii][Cc][Ee]", flags=0),
    _rule("SUBJ_DOLLARS", 0.1, r"\s*\$[\d.,]+\b", "subject"),
)
"""The rules of SpamAssassin that a sales e-mail can break; what each scores is from its own list of
scores. MISSING_SUBJECT and SUBJ_ALL_CAPS are told where the subject is looked at."""


def links(mail: Mail) -> list[Span]:
    """The links of the body."""
    found = [Span(*match.span()) for match in LINK.finditer(mail.body)]
    found += [Span(*match.span()) for match in _SHORT_LINK.finditer(mail.body)]
    found += [Span(*match.span()) for match in _IP_LINK.finditer(mail.body)]
    return sorted(set(found))


def check_links(mail: Mail) -> Iterator[Finding]:
    """EM19: how many links there are."""
    found = links(mail)
    if len(found) > MOST_LINKS:
        yield make(
            "EM19",
            "warning",
            f"{len(found)} links; one is enough, none is better.",
            "Keep the one the reader needs, or offer to send it.",
            mail=mail,
            part="body",
            span=found[MOST_LINKS],
        )


def check_hidden_links(mail: Mail) -> Iterator[Finding]:
    """EM20: links that do not show where they lead."""
    for span in links(mail):
        url = mail.body[span.start : span.end]
        host = _host(url)
        if host.removeprefix("www.") in _SHORTENERS:
            reason = "hides where it leads, as links in spam do"
        elif _IP.fullmatch(host):
            reason = "leads to a number instead of a name"
        else:
            continue
        yield make(
            "EM20",
            "error",
            f"“{shown(url)}” {reason}.",
            "Write the address of the page itself.",
            mail=mail,
            part="body",
            span=span,
            fixable=False,
        )
    for match in _NAMED_LINK.finditer(mail.body):
        label, target = match[1] or match[4], match[2] or match[3]
        named = _HOST.match(label.strip())
        if named and named[1].lower().removeprefix("www.") != _host(target).removeprefix("www."):
            yield make(
                "EM20",
                "error",
                f"“{shown(label)}” leads to {shown(_host(target))}.",
                "Let the words of the link name its true address.",
                mail=mail,
                part="body",
                span=Span(*match.span()),
                fixable=False,
            )


def check_spam(mail: Mail) -> Iterator[Finding]:
    """EM21: what SpamAssassin's public rules would say."""
    if not mail.is_english:
        return
    total = 0.0
    for rule in SPAM_RULES:
        text = mail.masked_subject if rule.part == "subject" else mail.plain
        match = rule.pattern.match(text) if rule.part == "subject" else rule.pattern.search(text)
        if match is None:
            continue
        total += rule.score
        yield make(
            "EM21",
            "warning" if rule.score >= 1 else "info",
            f"“{shown(match[0])}” adds {rule.score:g} of the {SPAM_THRESHOLD:g} points that make "
            "spam.",
            "Say it differently.",
            mail=mail,
            part=rule.part,
            span=Span(*match.span()),
            source=f"SpamAssassin {rule.name} ({rule.score:g})",
        )
    if total >= SPAM_THRESHOLD:
        yield make(
            "EM21",
            "warning",
            f"Together {total:.1f} points; {SPAM_THRESHOLD:g} make spam.",
            "Reword the phrases named above.",
            source="SpamAssassin required_score (5.0)",
        )


def _host(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        return ""
    return f"[{host}]" if ":" in host else host.rstrip(".")
