"""What a person is told about how much was read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from blossomer.entities.base import Coverage, PageSkipped
from blossomer.services.website.assess import assess_coverage
from blossomer.services.website.model import Page, PageKind, Section

WHEN = datetime(2026, 5, 4, tzinfo=UTC)


def page(kind: PageKind, words: int = 100, text: str = "rope", language: str = "en") -> Page:
    body = " ".join([text] * (words // len(text.split())))
    return Page(f"https://r.example/{kind}", kind, kind, "", body, body, language=language)


def assess(*pages: Page, reader: str = "built-in") -> Coverage:
    return assess_coverage(pages, reader=reader, skipped=(), from_cache=False, fetched_at=WHEN)


FULL = (page("home"), page("pricing", text="only €5 today"), page("customers"), page("about"))


def test_everything_there_nothing_missing() -> None:
    coverage = assess(*FULL)
    assert coverage.quality == "good"
    assert coverage.missing == []
    assert coverage.words == sum(read.words for read in coverage.pages) > 390


def test_the_facts_of_the_read_are_passed_on() -> None:
    skipped = [PageSkipped(url="https://r.example/x", reason="It answered 404.")]
    coverage = assess_coverage(
        FULL, reader="firecrawl", skipped=skipped, from_cache=True, fetched_at=WHEN
    )
    assert (coverage.reader, coverage.from_cache, coverage.fetched_at) == ("firecrawl", True, WHEN)
    assert coverage.skipped == skipped
    assert [read.url for read in coverage.pages] == [each.url for each in FULL]


@pytest.mark.parametrize(
    ("words", "quality"),
    [(0, "insufficient"), (24, "insufficient"), (25, "thin"), (249, "thin"), (250, "good")],
)
def test_quality_follows_the_words(words: int, quality: str) -> None:
    coverage = assess(page("home", words))
    assert coverage.quality == quality
    assert any("little text" in line for line in coverage.missing) == (quality != "good")


def test_only_what_is_true_is_missing() -> None:
    missing = assess(page("home", 300)).missing
    assert missing == [
        "No pricing page was found.",
        "No customers or testimonials were found.",
        "No page about the company was found.",
        "Only one page could be read.",
    ]
    voices = replace(page("home", 300), sections=(Section("Said", 2, role="testimonial"),))
    assert "No customers or testimonials were found." not in assess(voices).missing
    prices = replace(page("home", 300), sections=(Section("Plans", 2, role="pricing"),))
    assert "No pricing page was found." not in assess(prices).missing


def test_a_pricing_page_without_prices_is_told() -> None:
    missing = assess(page("home", 300), page("pricing")).missing
    assert "The pricing page names no prices." in missing
    assert "No pricing page was found." not in missing


def test_another_language_is_told_only_when_the_text_is_in_it() -> None:
    german = [replace(each, language="de-at") for each in FULL]
    assert "The site is in German; quotes stay in that language." in assess(*german).missing
    mislabelled = page("home", 300, text="ropes for the ships of your fleet", language="de")
    assert not any("German" in line for line in assess(mislabelled).missing)


def test_a_pasted_text_is_not_blamed_for_missing_pages() -> None:
    missing = assess(page("pasted", 300), reader="pasted text").missing
    assert missing == ["The description names no prices."]
