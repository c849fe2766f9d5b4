"""What goes into the linter and what comes out of it. Pure data shapes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EmailKind = Literal["first", "follow_up", "variant"]
"""A first touch, a later step of the same sequence, or another first touch to test against it."""

Severity = Literal["error", "warning", "info"]
"""Must not be sent so; better changed; good to know."""

Part = Literal["subject", "body"]

Sources = tuple[str, ...]
"""The texts that numbers and names may come from: verified quotes, what the person wrote, the texts
of company, account and persona, the company's name."""

SOURCES_KEPT = 16
"""Sources whose words and numbers are kept: while somebody types, they stay the same."""

POINTS: dict[Severity, int] = {"error": 15, "warning": 5, "info": 0}
"""What a finding takes away from the score of 100. Our own weights: errors count three times."""


class EmailText(BaseModel):
    """One e-mail, as plain text.

    Args:
        subject: Its subject line.
        body: Its text, with blank lines between paragraphs.
        kind: Its place in a campaign.
        wait_days: Days after the step before, of a follow-up.
        previous_bodies: The texts it should differ from: the earlier steps, or the first variant.
    """

    model_config = ConfigDict(frozen=True)

    subject: str = ""
    body: str = ""
    kind: EmailKind = "first"
    wait_days: int | None = None
    previous_bodies: tuple[str, ...] = ()


class Finding(BaseModel):
    """One thing that a rule has to say about an e-mail.

    Args:
        rule: The rule's id, a key of ``RULES``.
        severity: How bad it is.
        message: What is the matter, with the figure that was measured.
        advice: What to do about it.
        source: Who found that it matters.
        part: Where the text it is about stands; ``None`` when it is about the whole e-mail.
        start: Where that text begins, in characters; ``None`` without ``part``.
        end: Where it ends.
        excerpt: That text, shortened when it is long.
        fixable: Whether a writer could mend it by other words.
        points: What it takes away from the score.
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    severity: Severity
    message: str
    advice: str
    source: str
    part: Part | None = None
    start: int | None = None
    end: int | None = None
    excerpt: str = ""
    fixable: bool = True
    points: int = 0


class LintReport(BaseModel):
    """Everything the linter found out about one e-mail.

    Args:
        findings: Errors first, then warnings and notes; each in the order of the rules.
        word_count: Words of the body; a token counts as one.
        subject_words: Words of the subject.
        sentence_count: Sentences between greeting and signature.
        reading_grade: School grade by Flesch-Kincaid; ``None`` for a text that is too short to
            measure or not in English.
        automated_readability: The same by the Automated Readability Index, which counts letters
            instead of syllables.
        questions: Question marks in the body.
        you_words: Words that speak of the reader, tokens among them.
        we_words: Words that speak of the sender.
        you_we_ratio: The one by the other; ``None`` when nothing speaks of the sender.
        is_english: Whether the rules for English were applied.
        score: 100 minus the points of all findings, at least 0.
    """

    model_config = ConfigDict(frozen=True)

    findings: tuple[Finding, ...] = ()
    word_count: int = 0
    subject_words: int = 0
    sentence_count: int = 0
    reading_grade: float | None = None
    automated_readability: float | None = None
    questions: int = 0
    you_words: int = 0
    we_words: int = 0
    you_we_ratio: float | None = None
    is_english: bool = True
    score: int = Field(default=100, ge=0, le=100)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings with which the e-mail must not be sent."""
        return tuple(finding for finding in self.findings if finding.severity == "error")
