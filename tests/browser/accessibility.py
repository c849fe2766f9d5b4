"""Looks at a state of the product as axe and a narrow screen see it.

With ``SCREENSHOTS_DIR`` set, what was looked at with a name is also kept there as pictures: wide
and narrow, light and dark.
"""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 360, "height": 740}

# Elements that reach beyond the window's right edge where nothing lets them be scrolled.
BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  ["the page itself"].concat([...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.outerHTML.slice(0, 160)))"""

STILL = "() => !document.getAnimations().some((one) => one instanceof CSSTransition)"


LOOKS = ((WIDE, "light"), (NARROW, "dark"))
OTHER_LOOKS = ((WIDE, "dark"), (NARROW, "light"))


async def objections_to(
    page: Page, *, turn: int | None = None, within: str = "html", name: str = ""
) -> list[str]:
    """Everything wrong with the page as it is now, in two looks, or in one of four by turns.

    Args:
        page: The page.
        turn: Which of the four looks; wide in light and narrow in dark without one. With
            ``EVERY_LOOK`` in the environment all four are looked at.
        within: Selector of the part to look at.
        name: Of the pictures, where they are wanted.
    """
    found = []
    size = page.viewport_size
    every = (*LOOKS, *OTHER_LOOKS)
    looks = LOOKS if turn is None else (every[turn % 4],)
    for width, theme in every if os.environ.get("EVERY_LOOK") else looks:
        await _look(page, width, theme)
        place = f"{width['width']} px, {theme}"
        found += [f"{place}: too wide: {element}" for element in await page.evaluate(BEYOND)]
        found += [f"{place}: {violation}" for violation in await _violations(page, within)]
    if name and (folder := os.environ.get("SCREENSHOTS_DIR")):
        for width, theme in (*LOOKS, *OTHER_LOOKS):
            await _look(page, width, theme)
            file = f"{name}-{width['width']}-{theme}.png".replace(" ", "-")
            has_window = await page.get_by_role("dialog").count() > 0
            await page.screenshot(path=Path(folder) / file, full_page=not has_window)
    if size is not None:
        await page.set_viewport_size(size)
    await page.emulate_media(color_scheme="light")
    return found


async def _look(page: Page, width: dict[str, int], theme: str) -> None:
    """Show the page in a width and a theme, and wait until it is drawn."""
    await page.set_viewport_size(width)  # type: ignore[arg-type]
    await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    await page.wait_for_function(
        "theme => document.documentElement.classList.contains(theme)", arg=theme
    )
    # The new colours are on the page once it has been drawn with them, and no colour is on its way
    # to another.
    await page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    await page.wait_for_function(STILL)


async def _violations(page: Page, within: str) -> list[str]:
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE)
    result: dict[str, Any] = await page.evaluate(
        "within => axe.run(within, {resultTypes: ['violations']})", within
    )
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in result["violations"]
        for node in violation["nodes"][:3]
    ]
