"""The page for printing: complete, self-contained, and no foreign text in its structure."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.services.export.printable import printable
from blossomer.services.export.text import one_line
from tests.support.plans import HOSTILE, any_plan, plan

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
EMPTY = {"meta", "link", "img", "br", "hr", "input", "base"}


class Page(HTMLParser):
    """What a browser makes of a page: its elements, attributes and words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.headings: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(tag)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def values(self, tag: str, name: str) -> list[str]:
        return [value for t, n, value in self.attributes if (t, n) == (tag, name)]


def page(documents: list[Document]) -> Page:
    return Page(printable(documents, AT))


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    found = page(plan())
    assert not found.tags.keys() & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert [n for _, n, _ in found.attributes if n in ("src", "srcset", "action", "ping")] == []
    assert [n for _, n, _ in found.attributes if n.startswith("on")] == []
    policy = next(v for v in found.values("meta", "content") if "default-src" in v)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    css = printable(plan(), AT)
    assert "@import" not in css
    assert "url(" not in css


def test_a4_with_page_breaks_before_documents() -> None:
    text = printable(plan(), AT)
    assert "@page { size: A4;" in text
    assert ".section + .section { break-before: page;" in text
    assert text.count('<section class="section"') == len(plan())


def test_the_contents_lead_to_every_document() -> None:
    found = page(plan())
    ids = [v for _, n, v in found.attributes if n == "id"]
    assert len(ids) == len(set(ids))
    inner = [v[1:] for v in found.values("a", "href") if v.startswith("#")]
    assert set(inner) <= set(ids)
    assert set(inner) >= {f"section-{n}" for n in range(1, len(plan()) + 1)} | {"sources"}
    assert "Company company-1, 2026-11-25 12:00 UTC" in found.text


@pytest.mark.parametrize("document", plan(), ids=lambda d: str(d["id"]))
def test_every_card_of_every_entity_is_there(document: Document) -> None:
    config = ENTITIES[document["entity"]]
    found = page([document])
    for card in config.cards_of(config.kind_of(document["data"])):
        assert card.label in found.text
    assert "Written by: openai/some-model, 2026-11-25 09:30 UTC" in found.text
    assert "Confidence: high" in found.text
    assert "words of the page" in found.text
    assert "never found" not in found.text
    assert "How long is a contract?" in found.text


def test_links_leave_the_page_only_for_web_addresses() -> None:
    company = plan()[0]
    company["data"]["company_url"] = "javascript:alert(1)"
    company["data"]["evidence"][0]["page_url"] = "data:text/html,<script>alert(1)</script>"
    links = [v for v in page([company]).values("a", "href") if not v.startswith("#")]
    assert links == []
    outside = [v for v in page(plan()).values("a", "href") if not v.startswith("#")]
    assert outside
    own = ("https://acme.example/", "https://www.acme.example/")
    assert all(v.startswith(own) for v in outside)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    found = page(plan(text, name=f"n{text}"[:200]))
    assert one_line(text) in found.text
    if one_line(text):
        harmless = page(plan())
        assert found.headings == harmless.headings
        assert found.tags.keys() <= harmless.tags.keys()
    names = {(tag, name) for tag, name, _ in found.attributes}
    assert names <= {(tag, name) for tag, name, _ in page(plan()).attributes}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_plan())
def test_any_plan_can_be_written(documents: list[Document]) -> None:
    found = page(documents)
    assert [d["name"] for d in documents if one_line(d["name"]) not in found.text] == []


def test_no_documents() -> None:
    assert page([]).headings == ["h1"]
