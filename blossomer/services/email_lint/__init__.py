"""The e-mail linter: rules that need no model, each with the source of what it says.

``lint_email`` is the way in. Pure: it reads and writes nothing, and the same text has the same
report. ``rules.py`` lists the rules; the modules beside it hold them by what they look at.
"""

from blossomer.services.email_lint.lint import lint_email
from blossomer.services.email_lint.model import (
    EmailKind,
    EmailText,
    Finding,
    LintReport,
    Part,
    Severity,
    Sources,
)
from blossomer.services.email_lint.rules import RULES, Rule
from blossomer.services.email_lint.text import count_words

__all__ = [
    "RULES",
    "EmailKind",
    "EmailText",
    "Finding",
    "LintReport",
    "Part",
    "Rule",
    "Severity",
    "Sources",
    "count_words",
    "lint_email",
]
