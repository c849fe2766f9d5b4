"""Pages made by hand: what a reader gives, without HTML."""

from __future__ import annotations

from typing import Any

from blossomer.entities.base import Coverage
from blossomer.services.website.model import Page, PageKind, Section, Website

HOME = "https://vanroute.example/"


def page(
    *sections: Section,
    url: str = HOME,
    kind: PageKind = "home",
    title: str = "Vanroute | Dispatch software for field service teams",
    also_visible: str = "",
    **more: Any,
) -> Page:
    """A page whose visible text is its sections, line by line, and ``also_visible``."""
    lines = [
        line
        for section in sections
        for line in (section.heading, *section.paragraphs, *section.items)
        if line
    ]
    text = "\n".join(lines)
    return Page(
        url=url,
        kind=kind,
        title=title,
        description=more.pop("description", ""),
        prompt_text=text,
        visible_text=f"{text}\n{also_visible}",
        sections=sections,
        language=more.pop("language", "en"),
        **more,
    )


def website(*pages: Page, url: str = "https://vanroute.example") -> Website:
    """A website of the given pages."""
    return Website(url=url, pages=pages, coverage=Coverage(reader="built-in"))
