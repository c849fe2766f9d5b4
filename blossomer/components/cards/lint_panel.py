"""What is to be said of an e-mail: its measures, what must be changed, and why."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.ui import action_button, icon, notice, spinner
from blossomer.components.ui.copying import copies
from blossomer.components.ui.status import CHIP
from blossomer.state.entity_page import EntityPageState
from blossomer.state.mail_views import FindingView, MailView

_TONES = {
    "error": ("Must be changed", "circle-x", "text-bad", "border-bad bg-bad-soft"),
    "warning": ("Could be better", "triangle-alert", "text-warn", "border-warn bg-warn-soft"),
    "info": ("Good to know", "info", "text-info", "border-info bg-info-soft"),
}


def lint_panel(key: Any) -> rx.Component:
    """The measures and findings of one e-mail.

    Args:
        key: The e-mail's key.
    """
    mails: Any = EntityPageState.mails
    return rx.cond(
        mails.contains(key),
        rx.el.div(
            measures(mails[key]),
            _problem(key),
            *(_group(key, mails[key], severity) for severity in ("error", "warning", "info")),
            _why_no_model(mails[key]),
            data_testid="findings",
            class_name="flex flex-col gap-4",
        ),
    )


def mail_foot(key: Any) -> rx.Component:
    """Below an e-mail on its card: measures, copying, and the findings on request."""
    mails: Any = EntityPageState.mails
    return rx.cond(
        mails.contains(key) & ~EntityPageState.generating,
        rx.el.div(
            rx.cond(
                mails[key].when != "",
                rx.el.p(
                    icon("calendar-days", 14),
                    mails[key].when,
                    class_name="flex items-center gap-1.5 text-sm font-medium text-ink",
                ),
            ),
            rx.el.details(
                rx.el.summary(
                    icon("chevron-right", 15, "turns transition-transform text-faint"),
                    _chips(mails[key]),
                    class_name="inline-flex min-h-11 items-center gap-1.5 rounded-lg",
                ),
                rx.el.div(lint_panel(key), class_name="pt-2 pb-3"),
            ),
            copy_buttons(key),
            data_mail=key,
            class_name="mt-1 flex flex-col gap-1 rounded-xl bg-sunken px-3 py-2",
        ),
    )


def copy_buttons(key: Any) -> rx.Component:
    """Copies subject or body, as plain text that can be pasted into a mail program.

    Args:
        key: The e-mail's key.
    """
    return rx.el.div(
        _copy_button(key, "subject", "Copy subject"),
        _copy_button(key, "body", "Copy body"),
        _copy_button(key, "both", "Copy both"),
        class_name="flex flex-wrap items-center gap-x-1",
    )


def _copy_button(key: Any, part: str, label: str) -> rx.Component:
    state = EntityPageState
    mails: Any = state.mails
    mail = mails[key]
    text = mail.subject + "\n\n" + mail.body if part == "both" else mail[part]
    was_copied = state.copied == key + f" {part}"
    return action_button(
        rx.cond(was_copied, icon("check", 15), icon("copy", 15)),
        rx.el.span(rx.cond(was_copied, "Copied", label), aria_live="polite"),
        kind="quiet",
        on_click=[copies(text), state.note_copied(key, part, state.copy_version)],
        disabled=text == "",
        class_name="px-2!",
    )


def measures(mail: rx.Var[MailView]) -> rx.Component:
    """The score, what it means, and what was measured."""
    return rx.el.div(
        rx.el.div(
            rx.el.span(
                mail.score.to_string(),
                data_testid="score",
                class_name="display text-4xl font-semibold tabular-nums text-ink",
            ),
            rx.el.div(
                rx.el.p("of 100 points", class_name="text-xs text-muted"),
                rx.el.p(
                    mail.verdict,
                    aria_live="polite",
                    class_name=_tone_text(mail),
                ),
                class_name="min-w-0",
            ),
            class_name="flex items-end gap-2.5",
        ),
        rx.el.p(
            rx.el.span(
                mail.words,
                rx.cond(mail.is_over, ": too long", ""),
                data_testid="words",
                class_name=rx.cond(mail.is_over, "font-semibold text-warn", ""),
            ),
            rx.cond(mail.grade != "", " · " + mail.grade, ""),
            rx.cond(mail.you_and_we != "", " · " + mail.you_and_we, ""),
            class_name="mt-1 text-sm text-muted tabular-nums",
        ),
    )


def _tone_text(mail: rx.Var[MailView]) -> rx.Var[str]:
    look = "text-sm font-semibold"
    return rx.match(
        mail.tone,
        ("bad", f"{look} text-bad"),
        ("warn", f"{look} text-warn"),
        f"{look} text-good",
    )


def _chips(mail: rx.Var[MailView]) -> rx.Component:
    return rx.el.span(
        rx.el.span(
            mail.words,
            rx.cond(mail.is_over, ": too long", ""),
            class_name=rx.cond(
                mail.is_over, f"{CHIP} bg-warn-soft text-warn", f"{CHIP} bg-surface text-muted"
            ),
        ),
        rx.el.span(mail.score.to_string(), " points", class_name=f"{CHIP} bg-surface text-muted"),
        rx.el.span(
            mail.verdict,
            class_name=rx.match(
                mail.tone,
                ("bad", f"{CHIP} bg-bad-soft text-bad"),
                ("warn", f"{CHIP} bg-warn-soft text-warn"),
                f"{CHIP} bg-good-soft text-good",
            ),
        ),
        class_name="flex flex-wrap gap-1.5",
    )


def _group(key: Any, mail: rx.Var[MailView], severity: str) -> rx.Component:
    label, icon_name, tone, box = _TONES[severity]
    findings = {"error": mail.errors, "warning": mail.warnings, "info": mail.notes}[severity]
    return rx.cond(
        findings.length() > 0,
        rx.el.section(
            rx.el.h3(
                icon(icon_name, 15),
                f"{label} (",
                findings.length(),
                ")",
                class_name=f"flex items-center gap-1.5 text-sm font-semibold {tone}",
            ),
            rx.el.ul(
                rx.foreach(findings, lambda finding: _finding(key, finding, box)),
                class_name="mt-1.5 flex flex-col gap-2",
            ),
            data_severity=severity,
        ),
    )


def _finding(key: Any, finding: rx.Var[FindingView], box: str) -> rx.Component:
    return rx.el.li(
        rx.el.p(
            rx.cond(finding.where != "", finding.where + ": ", ""),
            finding.message,
            dir="auto",
            class_name="text-sm font-medium text-ink",
        ),
        rx.cond(
            (finding.excerpt != "") & ~finding.message.contains("“" + finding.excerpt + "”"),
            rx.el.blockquote(
                finding.excerpt,
                dir="auto",
                class_name="mt-0.5 border-l-2 border-line-strong pl-2 text-sm text-muted",
            ),
        ),
        rx.el.p(finding.advice, class_name="mt-0.5 text-sm text-muted"),
        rx.el.p(finding.source, class_name="mt-0.5 text-xs text-muted"),
        rx.cond(finding.is_fixable & EntityPageState.has_model, _fix(key, finding)),
        data_rule=finding.id,
        class_name=f"rounded-lg border-l-4 px-3 py-2 {box}",
    )


def _fix(key: Any, finding: rx.Var[FindingView]) -> rx.Component:
    state = EntityPageState
    is_at_work = state.mending == key + " " + finding.id
    return action_button(
        rx.cond(is_at_work, spinner(15), icon("wand-sparkles", 15)),
        rx.cond(is_at_work, "Being fixed", "Fix with the model"),
        kind="quiet",
        disabled=(state.mending != "") | state.generating,
        on_click=state.mend(key, finding.id),
        class_name="-ml-2 px-2! text-ink",
    )


def _why_no_model(mail: rx.Var[MailView]) -> rx.Component:
    has_fixable = (mail.errors.length() > 0) | (mail.warnings.length() > 0)
    return rx.cond(
        has_fixable & ~EntityPageState.has_model,
        rx.el.p(
            "With a language model there would be a button here that fixes a finding. None is "
            "configured, so the words are yours to change.",
            class_name="text-xs text-muted",
            data_testid="no-model",
        ),
    )


def _problem(key: Any) -> rx.Component:
    state = EntityPageState
    return rx.cond(
        (state.mend_problem.code != "") & (state.mending_in == key),
        rx.el.div(
            notice(
                rx.el.p(rx.el.strong(state.mend_problem.message)),
                rx.el.p(state.mend_problem.action, class_name="mt-1"),
                action_button(
                    "Dismiss", kind="quiet", on_click=state.dismiss_mending, class_name="mt-1 -ml-2"
                ),
                tone="bad",
                icon_name="triangle-alert",
            ),
            role="alert",
            data_testid="mend-problem",
        ),
    )
