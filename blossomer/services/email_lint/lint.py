"""All rules over one e-mail. Deterministic: the same text has the same report, always."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from blossomer.services.email_lint import (
    asks,
    claims,
    delivery,
    measures,
    names,
    numbers,
    sequence,
    subject,
    tokens,
    wording,
)
from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import (
    EmailText,
    Finding,
    LintReport,
    Severity,
    Sources,
)
from blossomer.services.email_lint.rules import MOST_FINDINGS, RULES, make

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
_RULE_ORDER = {rule: position for position, rule in enumerate(RULES)}


def lint_email(email: EmailText, *, sources: Sources) -> LintReport:
    """Check one e-mail against every rule.

    Args:
        email: The e-mail.
        sources: The texts that its numbers and names may come from.

    Returns:
        What was measured and found. Of each rule, ``MOST_FINDINGS`` findings at most.
    """
    mail = Mail(email)
    findings: list[Finding] = []
    for check in _checks(mail, sources):
        findings += islice(check, MOST_FINDINGS)
    findings.sort(key=lambda finding: (_ORDER[finding.severity], _RULE_ORDER[finding.rule]))

    grades = measures.reading_grades(mail)
    you, we = measures.you_and_we(mail)
    return LintReport(
        findings=tuple(findings),
        word_count=mail.word_count,
        subject_words=mail.subject_words,
        sentence_count=len(mail.sentences),
        reading_grade=grades.flesch_kincaid if grades else None,
        automated_readability=grades.automated if grades else None,
        questions=asks.count_questions(mail),
        you_words=you,
        we_words=we,
        you_we_ratio=round(you / we, 2) if we else None,
        is_english=mail.is_english,
        score=max(0, 100 - sum(finding.points for finding in findings)),
    )


def _checks(mail: Mail, sources: Sources) -> Iterator[Iterator[Finding]]:
    """The rules that have something to look at, each as the findings it makes."""
    yield subject.check_subject(mail)
    yield tokens.check_tokens(mail)
    yield measures.check_length(mail)
    yield sequence.check_waiting(mail)
    yield numbers.check_numbers(mail, sources)
    yield names.check_names(mail, sources)
    yield wording.check_dashes(mail)
    yield wording.check_reminders(mail)
    yield wording.check_cliches(mail)
    yield wording.check_generated(mail)
    if not mail.word_count:
        return
    yield measures.check_grade(mail)
    yield measures.check_sentences(mail)
    yield measures.check_paragraphs(mail)
    yield measures.check_you_and_we(mail)
    yield measures.check_first_word(mail)
    yield asks.check_questions(mail)
    yield asks.check_meeting(mail)
    yield asks.check_rhetorical(mail)
    yield wording.check_opening(mail)
    yield claims.check_claims(mail, sources)
    yield delivery.check_links(mail)
    yield delivery.check_hidden_links(mail)
    yield delivery.check_spam(mail)
    yield sequence.check_similarity(mail)
    yield sequence.check_opt_out(mail)
    yield sequence.check_postal_address(mail)
    yield _language(mail)


def _language(mail: Mail) -> Iterator[Finding]:
    """EM26: says when the rules for English were left out."""
    if not mail.is_english:
        yield make(
            "EM26",
            "info",
            "Not in English: wording, names and reading grade were not checked.",
            "Read it once more yourself; length, tokens, numbers and links were checked.",
            fixable=False,
        )
