"""How much basic analysis makes of real pages: each page alone, as a website of one page.

``python -m benchmarks.basic_analysis`` prints shares and times; with page ids it prints what was
written, for reading. The pages are the service pages of the WCXB benchmark (CC-BY-4.0), which are
not part of the project: without them it says so and ends.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from blossomer.entities import entity_config
from blossomer.entities.base import Coverage
from blossomer.entities.evidence import check_evidence, item_status
from blossomer.services.basic_analysis import basic_analysis
from blossomer.services.website.extract import extract_page
from blossomer.services.website.model import Website

DATA = Path(__file__).parents[2] / "shared" / "data" / "wcxb-service"
MIN_WORDS = 100
"""Pages with less text are counted apart: the product refuses to analyse them."""

COMPANY = entity_config("company")
_UNKNOWN = (
    "not stated",
    "none named",
    "none described",
    "pages read do not say",
    "on the pages read",
    "not known",
    "too little text",
)


def websites(ids: list[str]) -> Iterator[tuple[str, Website]]:
    """The pages with the given ids, or all of them."""
    for file in sorted((DATA / "html").glob("*.html.gz")):
        page_id = file.name.split(".")[0]
        if ids and page_id not in ids:
            continue
        truth = json.loads((DATA / "ground-truth" / f"{page_id}.json").read_text())
        page = extract_page(gzip.decompress(file.read_bytes()), truth["url"], kind="home")
        yield page_id, Website(truth["url"], (page,), Coverage(reader="built-in"))


def analyse(site: Website) -> tuple[dict[str, Any], float]:
    """The checked analysis of a website, and the milliseconds of processor time that it took."""
    started = time.process_time()
    data = basic_analysis(COMPANY, site, {"website_url": site.url})
    milliseconds = (time.process_time() - started) * 1000
    COMPANY.schema.model_validate(data)
    return check_evidence(data, COMPANY, {p.url: p.visible_text for p in site.pages}), milliseconds


def show(page_id: str, site: Website) -> None:
    """Print one analysis for reading: Q quoted, i inferred or unknown."""
    data, milliseconds = analyse(site)
    print(f"\n== {page_id} {site.url} ({site.pages[0].words} words, {milliseconds:.0f} ms)")
    print(f"{data['company_name']} | {data['description']}")
    for card in COMPANY.cards:
        print(f"  {card.label}")
        for text in data[card.key]:
            mark = "Q" if item_status(data, card.key, text) == "quoted" else "i"
            print(f"    {mark} {text}")


def main() -> None:
    """Print the figures."""
    ids = sys.argv[1:]
    if not DATA.is_dir():
        print(f"basic analysis: no real pages at {DATA}, nothing to measure")
        return
    if ids:
        for page_id, site in websites(ids):
            show(page_id, site)
        return
    times: list[float] = []
    filled = quoted_cards = pages = thin = claims = refused = items = quoted = 0
    by_card: Counter[str] = Counter()
    for _, site in websites([]):
        if site.pages[0].words < MIN_WORDS:
            thin += 1
            continue
        data, milliseconds = analyse(site)
        pages += 1
        times.append(milliseconds)
        claims += len(data["evidence"])
        refused += sum(not entry["verified"] for entry in data["evidence"])
        has_all = has_quotes = True
        for card in COMPANY.cards:
            texts = data[card.key]
            proven = sum(item_status(data, card.key, text) == "quoted" for text in texts)
            says = sum(not any(mark in text for mark in _UNKNOWN) for text in texts)
            items, quoted = items + len(texts), quoted + proven
            by_card[card.key] += proven > 0
            has_all &= says > 0
            has_quotes &= proven > 0
        filled += has_all
        quoted_cards += has_quotes
    print(f"pages                                 {pages} (and {thin} under {MIN_WORDS} words)")
    print(f"all six cards say something           {filled / pages:.0%}")
    print(f"all six cards have a verified quote   {quoted_cards / pages:.0%}")
    print(f"items with a verified quote           {quoted / items:.0%} of {items}")
    print(f"quotes that failed the check          {refused} of {claims}")
    for card in COMPANY.cards:
        print(f"  {card.label:<35} quoted on {by_card[card.key] / pages:.0%} of pages")
    p95 = statistics.quantiles(times, n=20)[-1]
    median = statistics.median(times)
    print(f"ms of processor time per page         median {median:.0f}, p95 {p95:.0f}")


if __name__ == "__main__":
    main()
