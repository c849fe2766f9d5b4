"""Word documents, opened again with the library that wrote them."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import docx as library
import pytest
from docx.document import Document as WordDocument
from hypothesis import HealthCheck, given, settings
from lxml import etree

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.services.export.docx import docx
from blossomer.services.export.text import one_line
from tests.support.plans import HOSTILE, PAGE, any_plan, document_of, plan

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
OWN_LINKS = ("https://acme.example/", "https://www.acme.example/")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def opened(documents: list[Document]) -> WordDocument:
    return library.Document(io.BytesIO(docx(documents, AT)))


def words(word: WordDocument) -> str:
    """All text, line breaks included."""
    parts = []
    for element in word.element.body.iter(f"{W}t", f"{W}br", f"{W}p"):
        parts.append(element.text or "" if element.tag == f"{W}t" else "\n")
    return "".join(parts)


def headings(word: WordDocument) -> list[tuple[str, str]]:
    return [
        (p.style.name, p.text)
        for p in word.paragraphs
        if p.style is not None and str(p.style.name).startswith("Heading")
    ]


@pytest.fixture(scope="module")
def levels() -> list[str]:
    """Styles of the headings of a plan without harm in it."""
    return [style for style, _ in headings(opened(plan()))]


def test_headings_lists_and_tables() -> None:
    word = opened(plan())
    found = headings(word)
    assert found[0] == ("Heading 1", "Company: Company company-1")
    assert ("Heading 2", "Target account: Target account account-1") in found
    assert ("Heading 3", "Persona: Persona persona-1") in found
    assert ("Heading 4", "Campaign: Campaign campaign-1") in found
    assert ("Heading 5", "Follow-ups") in found
    assert found[-1] == ("Heading 1", "Sources")
    assert "List Bullet" in {p.style.name for p in word.paragraphs if p.style}
    use_cases = word.tables[0]
    assert [c.text for c in use_cases.rows[0].cells] == [
        "Use case",
        "Pain point",
        "Capability",
        "Desired outcome",
    ]
    assert [p.text for p in word.paragraphs if p.style and p.style.name == "Quote"]


@pytest.mark.parametrize("document", plan(), ids=lambda d: str(d["id"]))
def test_every_card_of_every_entity_is_there(document: Document) -> None:
    config = ENTITIES[document["entity"]]
    found = {text for _, text in headings(opened([document]))}
    cards = config.cards_of(config.kind_of(document["data"]))
    assert {card.label for card in cards} <= found
    assert {"Assumptions", "Worth asking", "Sources"} <= found


def test_quotes_are_links_to_their_pages_and_marks_lead_to_them() -> None:
    word = opened(plan())
    targets = [r.target_ref for r in word.part.rels.values() if r.is_external]
    assert [t for t in targets if t.startswith(f"{PAGE}#:~:text=")]
    assert all(t.startswith(OWN_LINKS) for t in targets)
    body = word.element.body
    anchors = {e.get(f"{W}anchor") for e in body.iter(f"{W}hyperlink")} - {None}
    bookmarks = {e.get(f"{W}name") for e in body.iter(f"{W}bookmarkStart")}
    assert anchors == bookmarks == {f"source_{n}" for n in range(1, len(plan()) + 1)}
    assert "never found" not in words(word)


def test_properties_name_the_plan_and_not_the_library() -> None:
    properties = opened(plan()).core_properties
    assert properties.title == "Company company-1"
    assert properties.author == properties.last_modified_by == "Blossomer"
    assert properties.comments == ""
    assert properties.created == properties.modified == AT
    long = opened([document_of(ENTITIES["company"], "a", name="x" * 200)])
    assert long.core_properties.title == "x" * 200
    assert opened([]).core_properties.title == "Plan"


def test_the_same_documents_make_the_same_text() -> None:
    def parts(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    assert parts(docx(plan(), AT)) == parts(docx(plan(), AT))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str, levels: list[str]) -> None:
    word = opened(plan(text, name=f"n{text}"[:200]))
    assert one_line(text) in " ".join(words(word).split()) or not one_line(text)
    if one_line(text):
        assert [h for h, _ in headings(word)] == levels
    xml = etree.tostring(word.element.body).decode()
    assert "w:fldSimple" not in xml
    assert "w:instrText" not in xml
    targets = [r.target_ref for r in word.part.rels.values() if r.is_external]
    assert all(t.startswith(OWN_LINKS) for t in targets)


def test_line_breaks_of_an_email_are_kept() -> None:
    document = next(d for d in plan() if d["data"].get("campaign_type") == "email")
    document["data"]["email_content"]["segments"] = [
        {"id": "1", "type": "intro", "text": "One\ntwo\n\nthree"}
    ]
    quotes = [p.text for p in opened([document]).paragraphs if p.style and p.style.name == "Quote"]
    assert quotes == ["One\ntwo", "three"]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_plan())
def test_any_plan_can_be_written(documents: list[Document]) -> None:
    text = " ".join(words(opened(documents)).split())
    assert [d["name"] for d in documents if one_line(d["name"]) not in text] == []


def test_the_library_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, blossomer.services.export.formats; print('docx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
