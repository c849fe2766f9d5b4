"""How well and how fast pages become text: word F1, quote verifiability, milliseconds a page.

``python -m benchmarks.extraction`` reads the WCXB service pages (Foley, arXiv 2605.21097,
CC-BY-4.0) from ``../shared/data/wcxb-service`` beside the repository. They are no part of it.
"""

from __future__ import annotations

import gzip
import json
import re
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from blossomer.services.website.extract import extract_page
from blossomer.services.website.main_content import main_text
from blossomer.services.website.text import clean_text

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "wcxb-service"
WORD = re.compile(r"\w+")
GOAL_F1 = 0.84
GOAL_MILLISECONDS = 60.0
_SENTENCE_BREAK = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class ReviewedPage:
    """A real page and its main content as reviewed by a person."""

    name: str
    url: str
    html: bytes
    main_content: str


def reviewed_pages() -> list[ReviewedPage]:
    """All pages of the data set in a fixed order; empty when it is absent."""
    pages = []
    for path in sorted(DATA.glob("html/*.html.gz")):
        name = path.name.removesuffix(".html.gz")
        truth = json.loads((DATA / "ground-truth" / f"{name}.json").read_text("utf-8"))
        content = truth["ground_truth"]["main_content"] or ""
        pages.append(ReviewedPage(name, truth["url"], gzip.decompress(path.read_bytes()), content))
    return pages


def word_scores(extracted: str, truth: str) -> tuple[float, float, float]:
    """Precision, recall and F1 over bags of lower-case words; two empty texts agree."""
    found, wanted = (Counter(WORD.findall(text.lower())) for text in (extracted, truth))
    if not found and not wanted:
        return 1.0, 1.0, 1.0
    common = sum((found & wanted).values())
    precision = common / max(1, sum(found.values()))
    recall = common / max(1, sum(wanted.values()))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def squash(text: str) -> str:
    """Letters and digits only, case folded: the form in which quotes are compared."""
    return "".join(filter(str.isalnum, clean_text(text).casefold()))


def main() -> int:
    """Print the figures."""
    pages = reviewed_pages()
    if not pages:
        print("extraction: the reviewed pages are absent (../shared/data/wcxb-service), skipped")
        return 0
    scores, milliseconds = [], []
    sentences = found = 0
    for page in pages:
        scores.append(word_scores(main_text(page.html), page.main_content))
        started = time.process_time()
        read = extract_page(page.html, page.url or "https://example.com/")
        milliseconds.append((time.process_time() - started) * 1_000)
        visible = squash(read.visible_text)
        quotes = [squash(part) for part in _SENTENCE_BREAK.split(page.main_content)]
        # Shorter quotes are refused by the evidence check anyway.
        quotes = [quote for quote in quotes if len(quote) >= 20]
        sentences += len(quotes)
        found += sum(quote in visible for quote in quotes)
    precision, recall, f1 = (statistics.fmean(column) for column in zip(*scores, strict=True))
    halves = [statistics.fmean(score[2] for score in scores[start::2]) for start in (0, 1)]
    mean = statistics.fmean(milliseconds)
    print(f"extraction of {len(pages)} real pages")
    print(f"  word F1    {f1:.4f}  (goal {GOAL_F1})  halves {halves[0]:.4f} and {halves[1]:.4f}")
    print(f"  precision  {precision:.4f}   recall {recall:.4f}")
    print(f"  CPU time   mean {mean:.1f} ms a page  (goal {GOAL_MILLISECONDS:.0f})  "
          f"p95 {statistics.quantiles(milliseconds, n=20)[-1]:.1f} ms")  # fmt: skip
    print(
        f"  quotes     {found / sentences:.2%} of {sentences} sentences stand in the visible text"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
