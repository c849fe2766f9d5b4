"""Things a person presses, and panels that tell them something."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from reflex_components_core.el.elements.inline import A
from reflex_components_core.react_router.dom import ReactRouterLink

Kind = Literal["primary", "secondary", "quiet", "danger"]

_BASE = (
    "inline-flex items-center justify-center gap-2 rounded-lg px-4 min-h-11 text-sm font-semibold "
    "whitespace-nowrap "
    "transition-colors cursor-pointer select-none disabled:cursor-not-allowed disabled:opacity-60 "
)

_KINDS: dict[Kind, str] = {
    "primary": "bg-accent text-on-accent hover:bg-accent-strong",
    "secondary": "bg-surface text-ink border border-line-strong hover:bg-sunken",
    "quiet": "text-muted hover:text-ink hover:bg-sunken",
    "danger": "bg-surface text-bad border border-bad hover:bg-bad-soft",
}


def icon(name: str, size: int = 18, class_name: str = "") -> rx.Component:
    """A decorative icon: what it means is always said in words too."""
    return rx.icon(name, size=size, aria_hidden="true", class_name=f"shrink-0 {class_name}")


def button_look(kind: Kind, extra: str = "") -> str:
    """The classes of a button, for an element that must look like one and is another."""
    return f"{_BASE}{_KINDS[kind]} {extra}"


def action_button(*children: Any, kind: Kind = "secondary", **props: Any) -> rx.Component:
    """A button. It does not submit a form unless ``type="submit"`` is given."""
    props.setdefault("type", "button")
    extra = props.pop("class_name", "")
    return rx.el.button(*children, class_name=button_look(kind, extra), **props)


def link_button(*children: Any, href: str, kind: Kind = "secondary", **props: Any) -> rx.Component:
    """A link to another page of the product that looks like a button."""
    extra = props.pop("class_name", "")
    return page_link(*children, href=href, class_name=button_look(kind, extra), **props)


def page_link(*children: Any, href: str, **props: Any) -> rx.Component:
    """A link to another page of the product: it keeps the connection and the page's state."""
    return ReactRouterLink.create(*children, to=href, **props)


def plain_link(*children: Any, href: Any, **props: Any) -> rx.Component:
    """A link that the browser itself follows: to what is no page of the product, or down the page.

    ``rx.el.a`` hands every click to the router of the pages, which knows neither.
    """
    return A.create(*children, href=href, **props)


def icon_button(label: Any, icon_name: str, **props: Any) -> rx.Component:
    """A square button with an icon; ``label`` is what it is called and shown as a tooltip."""
    props.setdefault("type", "button")
    extra = props.pop("class_name", "")
    return rx.el.button(
        icon(icon_name, 17),
        aria_label=label,
        title=label,
        class_name=(
            "inline-flex items-center justify-center rounded-lg size-11 sm:size-9 text-muted "
            "hover:text-ink hover:bg-sunken transition-colors cursor-pointer "
            "disabled:opacity-40 disabled:cursor-not-allowed " + extra
        ),
        **props,
    )


def outside_link(*children: Any, href: Any, class_name: str = "") -> rx.Component:
    """A link to somebody else's page, opened in a tab of its own that knows nothing of ours."""
    return A.create(
        *children,
        icon("external-link", 14),
        rx.el.span(" (opens in a new tab)", class_name="sr-only"),
        href=href,
        target="_blank",
        rel="noopener noreferrer nofollow",
        class_name=f"inline-flex items-center gap-1 underline underline-offset-2 {class_name}",
    )


def spinner(size: int = 18) -> rx.Component:
    """Something is going on; the words beside it say what."""
    return icon("loader-circle", size, "spin")


def notice(
    *children: Any,
    tone: Literal["info", "warn", "bad", "good"],
    icon_name: str,
    is_row: bool = False,
    **props: Any,
) -> rx.Component:
    """A panel that tells something, in a tone.

    Args:
        children: What it says and offers.
        tone: How good or bad it is.
        icon_name: Of Lucide.
        is_row: Whether words and buttons stand side by side where there is room.
        props: Of the panel.
    """
    tones = {
        "info": "bg-info-soft text-info",
        "warn": "bg-warn-soft text-warn",
        "bad": "bg-bad-soft text-bad",
        "good": "bg-good-soft text-good",
    }
    return rx.el.div(
        icon(icon_name, 18, "mt-0.5 sm:mt-0 sm:self-center" if is_row else "mt-0.5"),
        rx.el.div(*children, class_name="min-w-0 flex-1 text-sm"),
        class_name=f"flex gap-3 rounded-xl px-4 py-3 {tones[tone]}",
        **props,
    )
