"""What surrounds every page: the connection notice, and the words for a page that broke.

Also what runs before a page, where the browser refuses to keep data.
"""

from __future__ import annotations

import re
import time
import uuid
from pathlib import Path

import reflex as rx
import structlog
from reflex.event import EventSpec
from reflex_base.event.context import EventContext
from reflex_components_core.base.error_boundary import ErrorBoundary

from blossomer.components.editors.confirm import deletion_notice
from blossomer.components.layout import connection_notice
from blossomer.components.ui import action_button, button_look, icon_button, notice, plain_link
from blossomer.log import ids_of
from blossomer.services.redis import redis_failure
from blossomer.services.runtime import get_runtime
from blossomer.state.entity_page import EntityPageState

log = structlog.get_logger(__name__)

SECONDS_BETWEEN_PAGE_FAILURES = 1.0

_last_page_failure = [-SECONDS_BETWEEN_PAGE_FAILURES]

_KIND = re.compile(
    r"React error #[0-9]{1,4}\b|\b(?:Type|Range|Reference|Syntax|URI|Eval|Aggregate)Error\b"
    r"|\b(?:QuotaExceeded|Security|NotFound|Network|Abort|DataClone)Error\b|\bChunkLoadError\b"
)
"""Names of JavaScript's and the browsers' own errors, and the numbers of React's."""

_BLOCKED_STORAGE = Path(__file__).with_name("blocked_storage.js")


def head() -> list[rx.Component]:
    """What stands in the head of every page, before any other script."""
    # Our own file, and inline because it must have run before the first module does.
    code = _BLOCKED_STORAGE.read_text(encoding="utf-8")
    return [rx.el.script(code)]


def error_boundary() -> rx.Component:
    """Shown instead of a page whose drawing failed; the details go to the log only."""
    fallback = rx.el.div(
        rx.el.h1("This page could not be shown", class_name="display text-3xl font-semibold"),
        rx.el.p(
            "Your drafts are safe in your browser. Load the page again; if it happens twice, tell "
            "us what you did.",
            class_name="mt-2 text-muted",
        ),
        plain_link("Load again", href="", class_name=button_look("primary") + "mt-6"),
        role="alert",
        class_name="mx-auto max-w-xl px-4 py-20",
    )
    return ErrorBoundary.create(fallback_render=rx.Var.create(fallback))


def overlay() -> rx.Component:
    """What may lie over any page: news about the connection, and a notice."""
    news = rx.el.div(
        connection_notice(),
        _unsaved_notice(),
        deletion_notice(),
        rx.cond(
            EntityPageState.notice != "",
            notice(
                rx.el.div(
                    rx.el.p(EntityPageState.notice, class_name="flex-1"),
                    icon_button("Close", "x", on_click=EntityPageState.dismiss_notice),
                    class_name="flex items-start gap-2",
                ),
                tone="bad",
                icon_name="triangle-alert",
                data_testid="notice",
            ),
        ),
        role="status",
        class_name="fixed inset-x-4 bottom-4 z-50 mx-auto flex max-w-xl flex-col gap-2",
    )
    return rx.fragment(news)  # Reflex puts the page itself into what this returns


def _unsaved_notice() -> rx.Component:
    """Says wherever on the page a person is that the last change is not kept, or not yet."""
    again = action_button("Try again", on_click=EntityPageState.save_again)
    return rx.match(
        EntityPageState.save_state,
        (
            "failed",
            notice(
                rx.el.div(
                    rx.el.p("Your last change is not saved.", class_name="flex-1 font-semibold"),
                    again,
                    class_name="flex flex-wrap items-center gap-2",
                ),
                tone="bad",
                icon_name="triangle-alert",
                data_testid="unsaved",
            ),
        ),
        (
            "retrying",
            notice(
                rx.el.p(
                    rx.el.strong("Not saved yet: the database does not answer. "),
                    "It is tried again by itself. What you changed stays here.",
                ),
                tone="warn",
                icon_name="cloud-off",
                data_testid="unsaved",
            ),
        ),
        rx.fragment(),
    )


def backend_failure(exception: Exception) -> EventSpec | None:
    """Log a failure of a handler with a reference, and tell the person the reference.

    Without what pages hold, which is in Redis, nothing can be done on a page, and nothing told: to
    try would fail in the same way, and be told in turn. The page's connection is closed then; its
    browser says so, and the page loads anew when it has one again.
    """
    if (reason := redis_failure(exception)) is not None:
        log.warning("handler_without_redis", reason=reason, **ids_of(exception))
        get_runtime().doors.send_away(EventContext.get().token)
        return None
    reference = uuid.uuid4().hex[:8]
    log.error("handler_failed", reference=reference, **ids_of(exception), exc_info=exception)
    return EntityPageState.tell_failure(reference)


def kind_of_failure(words: str) -> str:
    """What kind of failure a browser reports, without its words: they may be of a page or a person.

    Args:
        words: Anything, as it comes from a client.
    """
    found = _KIND.search(words)
    return found[0] if found else "unknown"


def frontend_failure(exception: Exception) -> None:
    """Log a failure in the browser: short and not too often, as its text comes from a client."""
    if time.monotonic() - _last_page_failure[0] < SECONDS_BETWEEN_PAGE_FAILURES:
        return
    _last_page_failure[0] = time.monotonic()
    log.warning("page_failed", kind=kind_of_failure(str(exception)[:500]))
