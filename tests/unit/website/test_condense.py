"""Prompt text within a budget, in the site's own words."""

import re
from datetime import UTC, datetime

import pytest

from blossomer.services.website.assess import assess_coverage
from blossomer.services.website.condense import GAP, prompt_context
from blossomer.services.website.model import Page, PageKind, Section, Website

FOOTER = "Harbourlight Software, Pier 9, Rotterdam, for ports since 2014."


def page(path: str, kind: PageKind, text: str, *, role: str = "text") -> Page:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    sections = tuple(Section(heading, 2, role=role) for heading in headings)  # type: ignore[arg-type]
    return Page(f"https://h.example/{path}", kind, path.title(), "", text, text, sections)


def site(*pages: Page) -> Website:
    coverage = assess_coverage(
        pages, reader="built-in", skipped=(), from_cache=False, fetched_at=datetime.now(UTC)
    )
    return Website("https://h.example", pages, coverage)


def filler(topic: str, count: int) -> str:
    return " ".join(
        f"The {topic} also has a side that matters to some, part {'x' * n}." for n in range(count)
    )


HOME = f"# Berths without queues\n\nHarbourlight plans berths. {filler('port', 30)}"
BLOG = f"# Thoughts on tides\n\nTides are old. {filler('sea', 60)}"
PLANS = f"# Plans\n\n## Harbour\n\nFor one port. {filler('plan', 30)} It costs €900 per month."
LONG = site(
    page("", "home", f"{HOME}\n\n{FOOTER}"),
    page("blog", "other", f"{BLOG}\n\n{FOOTER}"),
    page("pricing", "pricing", f"{PLANS}\n\n{FOOTER}", role="pricing"),
)


def test_a_short_site_is_given_whole_with_addresses_and_kinds() -> None:
    text = prompt_context(LONG, max_tokens=50_000)
    for each in LONG.pages:
        assert f"Page: {each.url} ({each.kind})" in text
    assert filler("sea", 60) in text


def test_lines_that_stand_on_every_page_stand_once() -> None:
    assert prompt_context(LONG, max_tokens=50_000).count(FOOTER) == 1


@pytest.mark.parametrize("tokens", [0, 1, 20, 60, 150, 400, 1_000])
def test_the_budget_holds_and_every_word_is_the_sites_own(tokens: int) -> None:
    text = prompt_context(LONG, max_tokens=tokens)
    assert len(text) <= 4 * tokens
    own = "\n".join(
        f"Page: {p.url} ({p.kind})\nTitle: {p.title}\n{p.prompt_text}" for p in LONG.pages
    )
    for line in filter(None, text.splitlines()):
        assert all(part in own for part in line.split(GAP))


def test_what_tells_most_survives() -> None:
    text = prompt_context(LONG, max_tokens=200)
    assert "# Berths without queues\nHarbourlight plans berths." in text
    assert "It costs €900 per month." in text
    assert text.count("sea also") < text.count("port also") + text.count("plan also")


def test_the_order_of_the_site_is_kept() -> None:
    text = prompt_context(LONG, max_tokens=300)
    assert text.index("For one port.") < text.index("It costs €900")
    assert text.index("(home)") < text.index("(other)") < text.index("(pricing)")


def test_the_same_site_gives_the_same_text() -> None:
    assert prompt_context(LONG, max_tokens=250) == prompt_context(LONG, max_tokens=250)


def test_text_without_sentences_is_cut_between_words() -> None:
    text = prompt_context(site(page("", "home", "word " * 5_000)), max_tokens=500)
    assert 1_000 < len(text) <= 2_000
    assert set(text.partition("Home")[2].replace(GAP, " ").split()) <= {"word"}
