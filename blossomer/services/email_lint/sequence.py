"""Rules that look beyond the one text: repetition, waiting time, and what the law asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import Finding
from blossomer.services.email_lint.rules import make
from blossomer.services.email_lint.text import flat

SHORTEST_WAIT, LONGEST_WAIT = 3, 7
"""Days between two steps, by the house."""

MOST_SHARED_WITH_STEP = 0.6
MOST_SHARED_WITH_VARIANT = 0.85
"""Shares of common runs of three words (Jaccard) from which a step repeats the one before, and from
which a variant tests nothing. Our own figures."""

_RUN = 3

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_OPT_OUT = re.compile(
    r"\b(?:unsubscribe|opt[- ]?(?:ing[- ])?out|not (?:interested|relevant)|"
    r"stop (?:writing|e-?mailing)|"
    r"won't (?:write|e-?mail|contact|bother) (?:you )?again|no longer (?:wish|want)|"
    r"(?:rather|prefer) (?:i|we|not)\b|take you off|not hear from (?:me|us)|abmelden|abbestellen|"
    r"désabonner|darse de baja)",
    re.IGNORECASE,
)
_POSTAL = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box\s\d|\d{1,5}[a-z]?,?\s(?:[\w.'-]{1,30}\s){1,4}(?:street|st|road|rd|avenue|"
    r"ave|lane|ln|drive|dr|boulevard|blvd|way|square|sq|court|ct|place|pl|suite|floor)\b|"
    r"[\w.-]{2,40}(?:straße|strasse|str\.|gasse|weg|platz|laan|straat)\s\d|"
    r"(?:rue|via|calle|rua|avenue)\s[\w' -]{2,40}?\d|\b\d{1,5},?\s(?:rue|via|calle|rua|avenue)\b)",
    re.IGNORECASE,
)


def shared(one: str, other: str) -> float:
    """How much two texts say in the same words, from 0 to 1: their common runs of three words."""
    runs, others = _runs(one), _runs(other)
    return len(runs & others) / len(runs | others) if runs and others else 0.0


def check_similarity(mail: Mail) -> Iterator[Finding]:
    """EM22: whether the text repeats an earlier one."""
    is_variant = mail.email.kind == "variant"
    most = MOST_SHARED_WITH_VARIANT if is_variant else MOST_SHARED_WITH_STEP
    measured = [
        (shared(mail.body, previous), -number)
        for number, previous in enumerate(mail.email.previous_bodies, start=1)
    ]
    if not measured or (highest := max(measured))[0] <= most:
        return
    share, number = highest
    yield make(
        "EM22",
        "warning",
        f"Says {share:.0%} of what "
        + ("the first version says." if is_variant else f"step {-number} said, in the same words."),
        "Write about another use case."
        if is_variant
        else "Take a new angle: another problem or fact.",
    )


def check_waiting(mail: Mail) -> Iterator[Finding]:
    """EM23: how long a follow-up waits."""
    days = mail.email.wait_days
    if mail.email.kind != "follow_up" or days is None:
        return
    if not SHORTEST_WAIT <= days <= LONGEST_WAIT:
        yield make(
            "EM23",
            "warning",
            f"Sent {days} {'day' if days == 1 else 'days'} after the step before; "
            f"{SHORTEST_WAIT} to {LONGEST_WAIT} are right.",
            f"Wait {SHORTEST_WAIT if days < SHORTEST_WAIT else LONGEST_WAIT} days.",
            fixable=False,
        )


def check_opt_out(mail: Mail) -> Iterator[Finding]:
    """EM24: a reminder to say how one gets no more mail."""
    if mail.word_count and not _OPT_OUT.search(mail.plain):
        yield make(
            "EM24",
            "info",
            "Nothing says how to get no more mail.",
            "Let your sending tool add it, or end with a line such as “Not relevant? Tell me.”",
            fixable=False,
        )


def check_postal_address(mail: Mail) -> Iterator[Finding]:
    """EM25: a reminder that advertising needs the sender's postal address."""
    if mail.word_count and not _POSTAL.search(mail.plain):
        yield make(
            "EM25",
            "info",
            "No postal address of the sender.",
            "Let your sending tool add it to the signature.",
            fixable=False,
        )


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [match[0].casefold() for match in _WORD.finditer(flat(text))]
    size = min(_RUN, len(words))
    if not size:
        return set()
    return {tuple(words[index : index + size]) for index in range(len(words) - size + 1)}
