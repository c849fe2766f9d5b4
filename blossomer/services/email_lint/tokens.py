"""Rules about tokens: what is replaced for each reader before sending."""

from __future__ import annotations

import re
from collections.abc import Iterator

from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import Finding, Part
from blossomer.services.email_lint.rules import make, shown
from blossomer.services.email_lint.text import Span

ALLOWED_TOKENS = ("first_name", "company_name")
"""The only tokens of the house, each between two braces on both sides."""

_IN_BRACES = re.compile(r"(?<!\{)(\{++)([^{}\n]{0,80})(\}++)")
_BRACE = re.compile(r"\{++|\}++")
_PLACEHOLDER = re.compile(
    r"""
    \[\[?(?:first|last|full|your|my|the|their|company|contact|sender|recipient|name|prospect|insert|
        job|title|role|industry|product|city|link|date|x{1,3}%?\])[\w\ '/-]{0,40}\]{0,2}|
    <(?:first|last|full|your|company|name|insert)[\w\ '-]{0,40}>|
    %{1,2}(?:first|last|company|name)_?\w{0,20}%{1,2}|\*\|\w{1,40}\|\*|
    \b(?:FIRST_NAME|FIRSTNAME|COMPANY_NAME|FNAME)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def check_tokens(mail: Mail) -> Iterator[Finding]:
    """EM10: only tokens that will be replaced, and those written right."""
    parts: tuple[tuple[Part, str], ...] = (("subject", mail.subject), ("body", mail.body))
    for part, text in parts:
        for span, message, advice in sorted(_faults(text)):
            yield make("EM10", "error", message, advice, mail=mail, part=part, span=span)


def _faults(text: str) -> Iterator[tuple[Span, str, str]]:
    only = " and ".join(f"{{{{{name}}}}}" for name in ALLOWED_TOKENS)
    rest = list(text)
    for match in _IN_BRACES.finditer(text):
        rest[match.start() : match.end()] = " " * (match.end() - match.start())
        opening, name, closing = match.groups()
        if opening == "{{" and closing == "}}" and name in ALLOWED_TOKENS:
            continue
        found = shown(match[0])
        meant = _meant(name)
        if meant:
            advice = f"Write {{{{{meant}}}}}, exactly so."
        else:
            advice = f"Write the words themselves; the tokens are {only}."
        if len(opening) == len(closing) == 2:
            message = f"“{found}” is not a token and would be sent as it stands."
        else:
            message = f"“{found}” does not have two braces on each side."
        yield Span(*match.span()), message, advice
    left = "".join(rest)
    for match in _BRACE.finditer(left):
        yield (
            Span(*match.span()),
            f"“{shown(match[0])}” has no partner: a token is cut off, or stands in another.",
            f"Write each token whole and on its own: {only}.",
        )
    for match in _PLACEHOLDER.finditer(left):
        meant = _meant(match[0])
        yield (
            Span(*match.span()),
            f"“{shown(match[0])}” is a placeholder and would be sent as it stands.",
            f"Write {{{{{meant}}}}}." if meant else f"Fill it in; the tokens are {only}.",
        )


def _meant(name: str) -> str:
    """The token that a name was meant to be, or nothing."""
    key = re.sub(r"[^a-z]", "", name.lower())
    if key in {"firstname", "fname", "name", "contactname", "first", "yourname"}:
        return "" if key == "yourname" else "first_name"
    return "company_name" if key in {"companyname", "company", "account", "yourcompany"} else ""
