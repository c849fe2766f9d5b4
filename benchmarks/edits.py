"""From the click on *Save* to the new text on its card, and to the page saying that it is kept."""

from __future__ import annotations

import asyncio

from benchmarks._product import chromium, product
from benchmarks._statistics import percentiles
from benchmarks.figures import Figure
from tests.browser.company_page import CARDS, CompanyPage

EDITS = 30

# Counts from the click itself. "Kept" means that the page says so and the browser's storage agrees.
WATCH = """
([card, text]) => new Promise(done => {
  const times = {}
  let began
  addEventListener("click", () => { began = performance.now(); look() },
                   {capture: true, once: true})
  const look = () => {
    const now = performance.now() - began
    const item = document.querySelector(`[data-card="${card}"] li p`)
    if (item?.innerText !== text) return requestAnimationFrame(look)
    times.shown ??= now
    const state = document.querySelector("[data-testid=save-state]")?.innerText ?? ""
    const kept = Object.values(localStorage).some(value => value.includes(text))
    if (!state.startsWith("Saved") || !kept) return requestAnimationFrame(look)
    times.saved = now
    done(times)
  }
})
"""


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    shown, saved = [], []
    async with product() as running, chromium() as browser:
        company = CompanyPage(await browser.new_page(), running.url)
        await company.open()
        await company.submit(running.website)
        await company.wait_written()
        for number in range(EDITS):
            card = CARDS[number % len(CARDS)]
            text = f"Edit: number {number} of this measurement, as somebody would write it."
            await company.edit(card)
            await company.rows.first.fill(text)
            times = asyncio.ensure_future(company.page.evaluate(WATCH, [card, text]))
            await asyncio.sleep(0.1)  # the page listens before it is clicked
            await company.save()
            measured = await times
            shown.append(measured["shown"])
            saved.append(measured["saved"])
    return [
        *percentiles("edit: click on Save to the new text", shown, "ms"),
        *percentiles("edit: click on Save to 'Saved in this browser'", saved, "ms"),
    ]
