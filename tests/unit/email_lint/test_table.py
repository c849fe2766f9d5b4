"""The linter agrees with a table of e-mails, rule for rule."""

from __future__ import annotations

from collections import Counter

import pytest

from blossomer.services.email_lint import RULES, EmailText, LintReport, lint_email
from tests.unit.email_lint.bad import BAD, Bad
from tests.unit.email_lint.good import GOOD, SOURCES, Good

REMINDERS = {"EM24i", "EM25i"}


def found(report: LintReport) -> set[str]:
    return {finding.rule + finding.severity[0] for finding in report.findings}


def expected(text: str) -> set[str]:
    words = text.split()
    dropped = {f"{word[1:]}i" for word in words if word.startswith("-")}
    return ({word for word in words if not word.startswith("-")} | REMINDERS) - dropped


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_good(case: Good) -> None:
    report = lint_email(EmailText(subject=case.subject, body=case.body), sources=SOURCES)
    assert found(report) == expected(case.notes), report
    assert 50 <= report.word_count <= 100
    assert report.score == 100


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_bad(case: Bad) -> None:
    email = EmailText(
        subject=case.subject,
        body=case.body,
        kind=case.kind,
        wait_days=case.wait_days,
        previous_bodies=case.previous,
    )
    report = lint_email(email, sources=SOURCES)
    assert found(report) == expected(case.expected), report
    assert report.score == max(0, 100 - sum(finding.points for finding in report.findings))


def test_the_table_is_large_and_has_every_rule() -> None:
    assert len(GOOD) + len(BAD) >= 70
    assert len({case.name for case in BAD}) == len(BAD)
    seen = Counter(word[:4] for case in BAD for word in expected(case.expected))
    assert set(seen) == set(RULES)
