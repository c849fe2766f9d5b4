"""A page from bytes: facts, sections, encodings, and whatever bytes may come."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blossomer.services.website.extract import extract_page
from blossomer.services.website.model import Page
from blossomer.services.website.parse import decode

URL = "https://tidemark.example/start"


@pytest.fixture(scope="module")
def page() -> Page:
    html = (Path(__file__).parent / "pages" / "company.html").read_bytes()
    return extract_page(html, URL, kind="home")


def test_what_the_page_says_about_itself(page: Page) -> None:
    assert (page.url, page.kind, page.language) == (URL, "home", "en-gb")
    assert page.title == "Tidemark | Tank inspection planning"
    assert page.description == "Tidemark plans tank inspections for terminals."
    assert page.meta["og:site_name"] == "Tidemark"


def test_json_ld_is_flattened_and_broken_parts_left_out(page: Page) -> None:
    assert [entry["@type"] for entry in page.json_ld] == ["Organization", "WebSite", "Product"]


def test_links_are_absolute_of_the_same_site_and_each_once(page: Page) -> None:
    assert page.links == (
        ("https://tidemark.example/", "Home"),
        ("https://tidemark.example/pricing", "Pricing"),
        ("https://www.tidemark.example/customers", "Customers"),
        ("https://tidemark.example/privacy", "Privacy policy"),
    )


def test_prompt_text_is_the_main_content_as_light_markdown(page: Page) -> None:
    lines = page.prompt_text.splitlines()
    assert lines[0] == "# Plan every tank inspection before the inspector calls"
    assert "- A plan for 300 tanks in ten minutes" in lines
    for boilerplate in ("cookies", "All rights reserved", "Privacy policy", "Ignore all earlier"):
        assert boilerplate not in page.prompt_text
    assert "cookies" in page.visible_text


def test_sections_have_roles(page: Page) -> None:
    roles = {section.heading: section.role for section in page.sections}
    assert roles["What terminals get"] == "text"
    assert roles["What planners say"] == "testimonial"
    assert roles["Single site"] == "pricing"
    assert roles["Group"] == "pricing"
    assert roles["Frequently asked questions"] == "faq"


def test_a_testimonial_keeps_who_speaks(page: Page) -> None:
    (voice,) = [section for section in page.sections if section.role == "testimonial"]
    said = " ".join((*voice.paragraphs, *voice.items))
    assert "nobody had to cancel a ship" in said
    assert "Ingrid Haugen, Head of Maintenance at Bergen Terminal" in said


def test_every_line_for_the_prompt_stands_in_the_visible_text(page: Page) -> None:
    for line in page.prompt_text.splitlines():
        assert line.lstrip("#->\\ ") in page.visible_text


@pytest.mark.parametrize(
    ("html", "encoding"),
    [
        ("<p>Grüße</p>".encode("cp1252"), None),
        ("<p>Grüße</p>".encode("cp1252"), "iso-8859-1"),
        ("<p>Grüße</p>".encode(), "iso-8859-1"),
        ("<p>Grüße</p>".encode(), None),
        ("<p>Grüße</p>".encode("utf-8-sig"), "windows-1252"),
        ("<p>Grüße</p>".encode("utf-16"), None),
        ("<p>Grüße</p>".encode("mac-roman"), "macintosh"),
        (b'<meta charset="mac-roman">' + "<p>Grüße</p>".encode("mac-roman"), None),
        ("<p>Grüße</p>".encode(), "no-such-charset"),
        ("<p>Grüße</p>".encode(), "base64"),
    ],
)
def test_encodings(html: bytes, encoding: str | None) -> None:
    assert extract_page(html, URL, encoding=encoding).visible_text == "Grüße"


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    html = ("<p>" + "Grüße " * 500 + "</p>").encode() + b"\xff"
    assert "Grüße" in decode(html)


@pytest.mark.parametrize("html", [b"", b" ", b"\x00", b"<!--", b"\xff\xfe", b"<html>"])
def test_an_empty_page_has_no_main_content(html: bytes) -> None:
    assert extract_page(html, URL).prompt_text == ""


HOSTILE = {
    "nesting": b"<div>" * 300_000 + b"end",
    "attributes": b"<p " + b" ".join(b"a%d=1" % i for i in range(200_000)) + b">end",
    "quoted attributes": b"<p " + b" ".join(b'a%d=">"' % i for i in range(100_000)) + b">end",
    "slashes": b"<p " + b"".join(b"a%d/" % i for i in range(100_000)) + b">end",
    "brackets": b"<" * 1_000_000,
    "rules": b"<style>" + b".a{display:none}" * 20_000 + b"</style>" + b"<p class=a>x" * 2_000,
    "classes": b'<p hidden class="' + b"-_" * 200_000 + b'">end',
    "accents": b"a" + "\u0301\u0316".encode() * 100_000,
    "json": b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>end",
    "chained controls": b"".join(
        b'<div id=i%d hidden><a href="#i%d">x</a></div>' % (i, i + 1) for i in range(3_000)
    ),
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_end(html: bytes) -> None:
    # Each of these took minutes, or the stack, without the bounds of the extraction.
    assert extract_page(html, URL).url == URL


_PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<div hidden>", "<a href='", "'>", '"', "<script>", "</script>", "<style>",
        ".a{display:none}", "</style>", "<details>", "<br>", "<li>", "<h1>", "<h2 class=a>", "<!--",
        "<table><td>", "style='color:#fff;background:#fff", "€9 per month", "“Great tool.”", "FAQ?",
        "<script type=application/ld+json>{\"@graph\":[1,{}]}", "<base href='//[::1'>", "\x00",
        "<svg><title>", "<select><option>", "<meta charset=utf-16>", "&#x110000;", "\ud800",
        "<![CDATA[",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=8), max_size=40), st.sampled_from([None, "x", "utf-7"]))
def test_no_page_makes_it_fail(pieces: list[str], encoding: str | None) -> None:
    html = "".join(pieces).encode("utf-8", "surrogatepass")
    result = extract_page(html, URL, encoding=encoding)
    assert set(result.prompt_text.split()) - set(result.visible_text.split()) <= {
        "#", "##", "###", "####", "-", ">",
    } | {word for word in result.prompt_text.split() if word.startswith("\\")}  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(html: bytes) -> None:
    assert extract_page(html, "not a url").url == "not a url"


def test_half_of_a_surrogate_pair_in_json_ld_is_dropped() -> None:
    html = (
        b'<script type="application/ld+json">{"name": "Ac\\ud800me \\ud83d\\ude9a", '
        b'"\\udfff": "\\uDFFF"}</script>'
    )
    assert extract_page(html, URL, kind="home").json_ld == ({"name": "Acme 🚚", "": ""},)
