"""Markdown: everything that a document says is in it, and foreign text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.services.export.layout import outline_of
from blossomer.services.export.markdown import escaped, markdown
from blossomer.services.export.text import one_line, paragraphs, plain
from tests.support.plans import HOSTILE, PAGE, TEXTS, any_plan, document_of, plan

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OWN_LINKS = ("https://acme.example/product?a=1&b=2#:~:text=", "https://www.acme.example/")
DANGEROUS = {"html_block", "html_inline", "image", "fence", "code_block", "code_inline", "s_open"}


def tokens(text: str) -> Iterator[Token]:
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def words(text: str) -> str:
    """What a reader sees of one line."""
    parts = []
    for token in READER.parseInline(text)[0].children or ():
        assert token.type in ("text", "text_special"), token.type
        parts.append(token.content)
    return "".join(parts)


def campaign(kind: str) -> Document:
    return next(d for d in plan() if d["data"].get("campaign_type") == kind)


def test_headings_follow_the_plan() -> None:
    labels = "Company|Target account|Persona|Campaign"
    headings = re.findall(rf"^(#+) ({labels}): ", markdown(plan()), re.M)
    assert headings == [
        ("#", "Company"),
        ("##", "Target account"),
        ("###", "Persona"),
        *[("####", "Campaign")] * 4,
    ]


@pytest.mark.parametrize("document", plan(), ids=lambda d: str(d["id"]))
def test_every_card_of_every_entity_is_there(document: Document) -> None:
    config = ENTITIES[document["entity"]]
    text = markdown([document])
    cards = config.cards_of(config.kind_of(document["data"]))
    assert cards
    for card in cards:
        assert f"\n## {card.label}\n" in text
    others = {c.label for c in config.cards} - {c.label for c in cards}
    assert [label for label in others if f"\n## {label}\n" in text] == []
    assert "**Written by:** openai/some-model, 2026-11-25 09:30 UTC" in text
    assert "*Confidence: high*" in text
    assert "## Assumptions\n\n- Prices are the same everywhere." in text
    assert "## Worth asking\n\n- How long is a contract?" in text


def test_an_email_in_the_order_in_which_it_is_read() -> None:
    document = campaign("email")
    content = document["data"]["email_content"]
    content["segments"] = [
        {"id": "1", "type": "greeting", "text": "Hi {{first_name}},"},
        {"id": "2", "type": "intro", "text": "One line\nand another.\n\nA paragraph."},
    ]
    content["follow_ups"] = [{"subject": "", "body": "First\n\nSecond", "wait_days": 5}]
    text = markdown([document])
    assert text.index("## Subject") < text.index("## E-mail") < text.index("## Follow-ups")
    assert "> Hi {{first_name}},\n>\n> One line\\\n> and another.\n>\n> A paragraph." in text
    assert "- **Days after the one before:** 5" in text
    assert "- **Body:** First\n\n  Second" in text
    assert text.index("## Follow-ups") < text.index("## Variant")


def test_records_are_a_table_where_they_fit_and_definitions_where_not() -> None:
    text = markdown(plan())
    head = "| Use case | Pain point | Capability | Desired outcome |"
    assert f"{head}\n| --- | --- | --- | --- |" in text
    assert "**Title**[^2]\n\n- **Why it matters:** Description" in text


def test_only_verified_quotes_are_footnotes_with_a_link() -> None:
    text = markdown(plan())
    assert "never found" not in text
    marks = re.findall(r"\[\^(\d+)\](?!:)", text)
    page = re.escape("“words of the page” [acme.example/product?a=1&amp;b=2]")
    notes = re.findall(rf"^\[\^(\d+)\]: {page}\((\S+)\)$", text, re.M)
    assert [number for number, _ in notes] == sorted(marks, key=int)
    assert len(notes) == len(plan())
    assert all(link.startswith(f"{PAGE}#:~:text=words") for _, link in notes)


def test_an_address_that_is_none_is_no_link() -> None:
    document = plan()[0]
    for entry in document["data"]["evidence"]:
        entry["page_url"] = "javascript:alert(1)"
    document["data"]["company_url"] = "https://x.example/) [y](http://evil.example"
    text = markdown([document])
    links = [str(t.attrGet("href")) for t in tokens(text) if t.type == "link_open"]
    assert links == ["https://x.example/%29%20%5By%5D%28http://evil.example"]


def test_several_at_the_top_get_a_heading() -> None:
    company = ENTITIES["company"]
    documents = [document_of(company, "a", name="A"), document_of(company, "b", name="B")]
    text = markdown(documents)
    assert text.startswith("# Companies\n\n## Company: A\n")
    assert "\n## Company: B\n" in text
    assert markdown([*plan(), document_of(ENTITIES["account"], "lonely")]).startswith("# Plan\n")
    assert markdown([]) == "# Plan\n"


def test_what_is_not_in_the_file_is_no_parent() -> None:
    persona = next(d for d in plan() if d["entity"] == "persona")
    assert markdown([persona]).startswith("# Persona: Persona persona-1\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    harmless = markdown(plan())
    written = markdown(plan(text, name=f"n{text}"[:200]))
    found = list(tokens(written))
    assert {t.type for t in found} & DANGEROUS == set()
    links = [str(t.attrGet("href")) for t in found if t.type == "link_open"]
    assert [link for link in links if not link.startswith(OWN_LINKS)] == []

    def headings(tokens_: Iterator[Token]) -> list[str]:
        return [t.tag for t in tokens_ if t.type == "heading_open"]

    if one_line(text):
        assert headings(iter(found)) == headings(tokens(harmless))
    assert len([t for t in found if t.type == "blockquote_open"]) == 1
    foreign = re.sub(r"\]\(https://\S+\)", "]", written)
    assert not re.search(r"(?i)\b(https?|mailto):|\bwww\.", foreign)  # GitHub makes links of these


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | TEXTS)
def test_a_line_reads_as_it_was(text: str) -> None:
    assert words(escaped(text)) == one_line(text)
    blocks = READER.parse(f"- {escaped(text)}\n")
    kinds = {t.type.removesuffix("_open").removesuffix("_close") for t in blocks}
    assert kinds <= {"bullet_list", "list_item", "paragraph", "inline"}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_plan())
def test_any_plan_can_be_written(documents: list[Document]) -> None:
    found = {t.type for t in tokens(markdown(documents))}
    assert found & DANGEROUS == set()
    assert len(outline_of(documents).sections) == len(documents)


@given(st.text())
def test_plain_is_stable_and_has_no_controls(text: str) -> None:
    cleaned = plain(text)
    assert plain(cleaned) == cleaned
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", cleaned)
    cleaned.encode()
    assert all(paragraphs(text))
