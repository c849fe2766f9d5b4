"""The rules by id, who found what they say, and how a finding is made.

The studies are observations by vendors, mostly not repeated by anyone else, and they disagree. So
the rules of the house come first, each finding names its source, and none promises a result.
"""

from __future__ import annotations

from dataclasses import dataclass

from blossomer.services.email_lint.mail import Mail, Span
from blossomer.services.email_lint.model import POINTS, Finding, Part, Severity

MOST_FINDINGS = 8
"""Findings of one rule that are shown; more of the same help nobody."""

_MOST_EXCERPT = 160

HOUSE = "House rule"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule looks at.

    Args:
        title: Its name.
        source: Who found that it matters; a finding may name a more exact one.
    """

    title: str
    source: str


RULES: dict[str, Rule] = {
    "EM01": Rule("Length", "House rule; Boomerang 2016: most replies at 50 to 125 words"),
    "EM02": Rule("Reading grade", "Lavender: grade 5 gets the most replies; Boomerang: grade 3"),
    "EM03": Rule("Sentence length", HOUSE),
    "EM04": Rule("Paragraph length", HOUSE),
    "EM05": Rule("Subject", "Boomerang: 3 or 4 words are best; Belkins: 2 to 4"),
    "EM06": Rule("One question", "House rule; Boomerang: 1 to 3 questions get the most replies"),
    "EM07": Rule(
        "Meeting request", "Gong: asking for interest gets more replies than asking to meet"
    ),
    "EM08": Rule("You and we", HOUSE),
    "EM09": Rule("First word", HOUSE),
    "EM10": Rule("Tokens", HOUSE),
    "EM11": Rule("Numbers", "House rule: no invented proof"),
    "EM12": Rule("Names", "House rule: no invented proof"),
    "EM13": Rule("Clichés", HOUSE),
    "EM14": Rule("Opening", "House rule: no “Noticed that”"),
    "EM15": Rule("Empty reminders", "House rule: no “following up”"),
    "EM16": Rule("Em-dash", "House rule: no em-dash"),
    "EM17": Rule("Sounds generated", HOUSE),
    "EM18": Rule("Rhetorical questions", HOUSE),
    "EM19": Rule("Links", "House rule: at most one link"),
    "EM20": Rule("Hidden links", "House rule: links that show where they lead"),
    "EM21": Rule("Spam filters", "SpamAssassin's public rules"),
    "EM22": Rule("Repetition", "House rule: each step from a new angle"),
    "EM23": Rule("Waiting time", "House rule: 3 to 7 days between steps"),
    "EM24": Rule("Opt-out", "CAN-SPAM Act (US); GDPR Art. 21 (EU)"),
    "EM25": Rule("Postal address", "CAN-SPAM Act (US)"),
    "EM26": Rule("Language", HOUSE),
    "EM27": Rule("Claims", "House rule: no invented proof or trigger"),
}
"""Every rule, in the order in which findings are shown."""


def make(
    rule: str,
    severity: Severity,
    message: str,
    advice: str,
    *,
    mail: Mail | None = None,
    part: Part | None = None,
    span: Span | None = None,
    source: str = "",
    fixable: bool = True,
) -> Finding:
    """A finding, with the points it costs.

    Args:
        rule: A key of ``RULES``.
        severity: How bad it is.
        message: What is the matter.
        advice: What to do about it.
        mail: The e-mail, when the finding is about a place in it.
        part: Whether that place is in the subject or the body.
        span: That place.
        source: Who found it, when the rule's own source is not exact enough.
        fixable: Whether a writer could mend it by other words.
    """
    excerpt = ""
    if mail is not None and part is not None and span is not None:
        excerpt = (mail.subject if part == "subject" else mail.body)[span.start : span.end]
        if len(excerpt) > _MOST_EXCERPT:
            excerpt = f"{excerpt[: _MOST_EXCERPT - 1]}…"
    else:
        part, span = None, None
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        advice=advice,
        source=source or RULES[rule].source,
        part=part,
        start=span.start if span else None,
        end=span.end if span else None,
        excerpt=excerpt,
        fixable=fixable,
        points=POINTS[severity],
    )


def shown(text: str, most: int = 60) -> str:
    """Words of the e-mail as they stand in a message: on one line, and not too many."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
