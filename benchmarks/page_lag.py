"""From the model's stream to the page: how long after a field has ended its card stands finished.

The model notes when it had sent the last character of each field, the page when its cards changed;
both by this machine's clock. What lies between: the model's library, the router, the state, the
websocket, React and the frame in which it is drawn.
"""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Browser

from benchmarks._product import MODEL_SECONDS, Product, chromium, product
from benchmarks._statistics import percentiles
from benchmarks.figures import Figure
from tests.browser.company_page import CARDS, CompanyPage

GENERATIONS = 7
GOAL_LAG = 300.0
GOAL_FIRST_CARD = 50.0

# A card is finished when it says so (aria-busy) and has its statements. The frame after the change
# is the one that a person sees. Later changes, when quotes are checked, do not count.
WATCH = """
window.finishedAt = {}
new MutationObserver(() => {
  for (const card of document.querySelectorAll("[data-card][aria-busy=false]")) {
    const key = card.dataset.card
    if (key in window.finishedAt || !card.querySelector("li")) continue
    window.finishedAt[key] = 0
    requestAnimationFrame(() => { window.finishedAt[key] = Date.now() / 1000 })
  }
}).observe(document, {subtree: true, childList: true, attributes: true})
"""


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    lags: list[float] = []
    firsts: list[float] = []
    async with product() as running, chromium() as browser:
        for number in range(GENERATIONS + 1):
            finished, record = await _generation(running, browser)
            if number == 0:
                continue  # the browser has compiled its scripts only now
            ended = record["field_ended_at"]
            lags += [(finished[key] - ended[key]) * 1000 for key in CARDS]
            first = min(finished[key] for key in CARDS) - record["started_at"]
            firsts.append(first / MODEL_SECONDS * 100)
    return [
        *percentiles("page: end of a field to its finished card", lags, "ms", GOAL_LAG),
        Figure(
            f"page: first card readable, worst of {len(firsts)}",
            max(firsts),
            "% of the stream",
            f"under {GOAL_FIRST_CARD:g}",
            max(firsts) < GOAL_FIRST_CARD,
        ),
    ]


async def _generation(
    running: Product, browser: Browser
) -> tuple[dict[str, float], dict[str, Any]]:
    """When each card was finished, and what the model noted."""
    context = await browser.new_context()
    try:
        company = CompanyPage(await context.new_page(), running.url)
        await company.page.add_init_script(WATCH)
        await company.open()
        await company.submit(running.website)
        await company.wait_written()
        finished = await company.page.evaluate("window.finishedAt")
        return finished, (await running.model_records())[-1]
    finally:
        await context.close()
