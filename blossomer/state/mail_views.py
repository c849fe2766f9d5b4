"""What a page shows of e-mails: parts to write in, texts to choose from, findings, a preview.

Built from a document, and from what is being typed and not saved yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from blossomer.entities.attributes import Limit
from blossomer.entities.mail import Mail, SampleReader, filled
from blossomer.services.email_lint import Finding, LintReport
from blossomer.state.card_views import QuoteView


@dataclass
class PartView:
    """One segment of a body.

    ``key`` changes when its input must be drawn anew with another text. ``focus`` says which of its
    controls takes the focus then: text, up, down, or none.
    """

    address: str = ""
    key: str = ""
    input: str = ""
    kind: str = ""
    label: str = ""
    colour: str = ""
    purpose: str = ""
    text: str = ""
    rows: int = 2
    number: int = 1
    status: str = "inferred"
    quotes: list[QuoteView] = field(default_factory=list)
    is_first: bool = False
    is_last: bool = False
    focus: str = ""
    findings: int = 0
    has_error: bool = False


@dataclass
class TextView:
    """One text to write in: a body as plain text, or one of several to choose from."""

    place: str = ""
    key: str = ""
    input: str = ""
    text: str = ""
    rows: int = 8
    is_chosen: bool = False
    is_new: bool = False
    note: str = ""


@dataclass
class FindingView:
    """One thing that the linter says."""

    id: str = ""
    severity: str = ""
    title: str = ""
    message: str = ""
    advice: str = ""
    source: str = ""
    excerpt: str = ""
    where: str = ""
    is_fixable: bool = False


@dataclass
class MailView:
    """One e-mail: what was measured and found, and its texts as they are copied."""

    key: str = ""
    label: str = ""
    when: str = ""
    words: str = ""
    is_over: bool = False
    grade: str = ""
    you_and_we: str = ""
    score: int = 100
    verdict: str = ""
    tone: str = "good"
    errors: list[FindingView] = field(default_factory=list)
    warnings: list[FindingView] = field(default_factory=list)
    notes: list[FindingView] = field(default_factory=list)
    subject: str = ""
    body: str = ""


@dataclass
class ReaderView:
    """Somebody whose names can stand in the preview."""

    key: str = ""
    label: str = ""


WIDTH = 64
"""Characters of a line in the inputs, about; browsers that can fit an input to its text do."""


def rows_for(text: str, fewest: int) -> int:
    """Lines that an input needs for a text."""
    lines = text.split("\n")
    return max(fewest, sum(1 + len(line) // WIDTH for line in lines))


def mail_view(
    mail: Mail, report: LintReport, limit: Limit | None, reader: SampleReader | None
) -> MailView:
    """What a page shows of one e-mail.

    Args:
        mail: The e-mail.
        report: What the linter found.
        limit: The length of its body, where that is set.
        reader: Whose names stand for the tokens; None leaves the tokens.
    """
    by_severity: dict[str, list[FindingView]] = {"error": [], "warning": [], "info": []}
    for number, finding in enumerate(report.findings):
        by_severity[finding.severity].append(_finding_view(number, finding))
    errors, warnings = by_severity["error"], by_severity["warning"]
    most = limit.words if limit is not None else 0
    return MailView(
        key=mail.key,
        label=mail.label,
        when=_when(mail),
        words=f"{report.word_count} / {most} words" if most else f"{report.word_count} words",
        is_over=bool(most) and report.word_count > most,
        grade=f"Grade {report.reading_grade:.0f}" if report.reading_grade is not None else "",
        you_and_we=f"{report.you_words} you, {report.we_words} we" if report.is_english else "",
        score=report.score,
        verdict=_verdict(len(errors), len(warnings)),
        tone="bad" if errors else "warn" if warnings else "good",
        errors=errors,
        warnings=warnings,
        notes=by_severity["info"],
        subject=filled(mail.subject, reader) if reader else mail.subject,
        body=filled(mail.body, reader) if reader else mail.body,
    )


def _finding_view(number: int, finding: Finding) -> FindingView:
    return FindingView(
        id=f"{finding.rule}-{number}",
        severity=finding.severity,
        message=finding.message,
        advice=finding.advice,
        source=finding.source,
        excerpt=finding.excerpt,
        where={"subject": "Subject", "body": ""}[finding.part or "body"],
        is_fixable=finding.fixable,
    )


def finding_of(report: LintReport, finding_id: str) -> Finding | None:
    """The finding that a page calls by this id."""
    return next(
        (f for n, f in enumerate(report.findings) if f"{f.rule}-{n}" == finding_id),
        None,
    )


def instruction(finding: Finding) -> str:
    """A finding in words for whoever mends it."""
    about = f" It is about: “{finding.excerpt}”" if finding.excerpt else ""
    return f"{finding.message} {finding.advice}{about}"[:1_000]


def _when(mail: Mail) -> str:
    if mail.wait_days is None:
        return ""
    days = f"{mail.wait_days} {'day' if mail.wait_days == 1 else 'days'} later"
    return f"{days} (day {mail.day})"


def _verdict(errors: int, warnings: int) -> str:
    parts = []
    if errors:
        parts.append(f"{errors} must be changed")
    if warnings:
        parts.append(f"{warnings} could be better")
    return ", ".join(parts) or "Nothing to change"


def reader_views(readers: Iterable[SampleReader]) -> list[ReaderView]:
    """The people whose names can stand in the preview."""
    return [ReaderView(key=reader.key, label=reader.label) for reader in readers]
