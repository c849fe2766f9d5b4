"""Looks at a state of the product as axe and a narrow screen see it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}

# Elements that reach beyond the window's right edge where nothing lets them be scrolled.
BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  ["the page itself"].concat([...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.outerHTML.slice(0, 160)))"""

STILL = "() => !document.getAnimations().some((one) => one instanceof CSSTransition)"


async def objections_to(page: Page) -> list[str]:
    """Everything wrong with the page as it is now, wide in light and narrow in dark."""
    found = []
    size = page.viewport_size
    for width, theme in ((WIDE, "light"), (NARROW, "dark")):
        await page.set_viewport_size(width)  # type: ignore[arg-type]
        await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        await page.wait_for_function(
            "theme => document.documentElement.classList.contains(theme)", arg=theme
        )
        # The new colours are on the page once it has been drawn with them, and no colour is on its
        # way to another.
        await page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        await page.wait_for_function(STILL)
        place = f"{width['width']} px, {theme}"
        found += [f"{place}: too wide: {element}" for element in await page.evaluate(BEYOND)]
        found += [f"{place}: {violation}" for violation in await _violations(page)]
    if size is not None:
        await page.set_viewport_size(size)
    await page.emulate_media(color_scheme="light")
    return found


async def _violations(page: Page) -> list[str]:
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE)
    result: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in result["violations"]
        for node in violation["nodes"][:3]
    ]
