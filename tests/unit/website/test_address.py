"""What people may type as the address of a website, and how links compare."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blossomer.errors import UserError
from blossomer.services.website.address import (
    has_scheme,
    join_address,
    normalise_url,
    page_key,
    parse_address,
)

ALLOWED = frozenset({"127.0.0.1:8123", "fixture:8000"})


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("acme.com", "https://acme.com"),
        (" HTTPS://Acme.com/ ", "https://acme.com"),
        ("http://acme.com", "http://acme.com"),
        ("acme.com/path/", "https://acme.com/path/"),
        ("acme.com/Path?b=2&a=1#part", "https://acme.com/Path?b=2&a=1"),
        ("acme.com?q=1", "https://acme.com/?q=1"),
        ("www.acme.co.uk.", "https://www.acme.co.uk"),
        ("acme.com:443", "https://acme.com"),
        ("http://acme.com:80/", "http://acme.com"),
        ("https://acme.com:80/x", "https://acme.com:80/x"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("BÜCHER.example/preise/größe", "https://xn--bcher-kva.example/preise/gr%C3%B6%C3%9Fe"),
        ("日本語。jp", "https://xn--wgv71a119e.jp"),
        ("acme.com/a%20b", "https://acme.com/a%20b"),
        ("medium.com/@acme", "https://medium.com/@acme"),
        ("acme.com/#!/pricing", "https://acme.com"),
        ("\u200bacme.com\ufeff", "https://acme.com"),
        ("my_shop.acme.com", "https://my_shop.acme.com"),
        ("8.8.8.8", "https://8.8.8.8"),
        ("http://[2606:4700::0001]/", "http://[2606:4700::1]"),
        ("127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://127.0.0.1:8123/pricing", "http://127.0.0.1:8123/pricing"),
        ("fixture:8000", "http://fixture:8000"),
    ],
)
def test_what_a_person_types_becomes_one_canonical_address(typed: str, url: str) -> None:
    assert normalise_url(typed, allowed_hosts=ALLOWED) == url
    assert normalise_url(url, allowed_hosts=ALLOWED) == url


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "acme",
        "asdf",
        "what is this",
        "acme .com",
        "acme.com and more",
        "acme.com\nHost: evil",
        "acme.com\x00",
        "info@acme.com",
        "https://user:secret@acme.com/",
        "https://acme.com@evil.example/",
        "javascript:alert(1)",
        "JavaScript://acme.com/%0aalert(1)",
        "file:///etc/passwd",
        "ftp://acme.com",
        "gopher://acme.com",
        "data:text/html,hello",
        "mailto:info@acme.com",
        "http:acme.com",
        "http://",
        "https:///path",
        "//acme.com",
        "acme..com",
        ".acme.com",
        "-acme.com",
        "acme-.com",
        "a" * 64 + ".com",
        ".".join(["abcdefgh"] * 40) + ".com",
        "acme.com/" + "x" * 2_000,
        "acme.com:8080",
        "acme.com:99999",
        "acme.com:",
        "acme.com:80:80",
        "127.0.0.1:8124",
        "http://acme.com\\@evil.example/",
        "http://acme%2ecom/",
        "http://[::1",
        "http://[::1%25eth0]/",
        "http://[acme]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://1.2.3/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "💥",
        "http://xn--/",
    ],
)
def test_everything_else_is_refused_with_words(typed: str) -> None:
    with pytest.raises(UserError) as caught:
        normalise_url(typed, allowed_hosts=ALLOWED)
    error = caught.value
    assert (error.code, error.status) == ("invalid_url", 400)
    assert error.message.endswith(".")
    assert "acme.com" in error.action
    assert len(error.message) < 250


def test_a_port_is_allowed_only_for_the_pair_that_names_it() -> None:
    assert parse_address("127.0.0.1:8123", allowed_hosts=ALLOWED).port == 8123
    with pytest.raises(UserError):
        parse_address("127.0.0.1:8123")


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/pricing", "https://acme.com/pricing"),
        ("plans", "https://acme.com/product/plans"),
        ("../a b", "https://acme.com/a%20b"),
        ("//www.acme.com/x", "https://www.acme.com/x"),
        ("?page=2", "https://acme.com/product/index?page=2"),
        ("https:\\\\acme.com\\x", "https://acme.com/x"),
        ("\n/pricing\t", "https://acme.com/pricing"),
        ("javascript:void(0)", None),
        ("mailto:a@acme.com", None),
        ("tel:80", None),
        ("file:///etc/passwd", None),
        ("https://a:b@acme.com/", None),
        ("https://acme.com:8443/", None),
        ("http://[", None),
    ],
)
def test_links_are_resolved_as_a_browser_would(reference: str, url: str | None) -> None:
    address = join_address("https://acme.com/product/index", reference)
    assert (address.url if address else None) == url


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://acme.com", "http://www.acme.com/", True),
        ("https://acme.com/pricing", "https://acme.com/pricing/?utm_source=x", True),
        ("https://acme.com/about/index.html", "https://acme.com/about", True),
        ("https://acme.com/?b=2&a=1", "https://acme.com/?a=1&b=2", True),
        ("https://acme.com/?a=1", "https://acme.com/?a=2", False),
        ("https://acme.com/a", "https://acme.com/b", False),
        ("https://acme.com/a", "https://blog.acme.com/a", False),
    ],
)
def test_two_addresses_of_one_page_are_recognised(first: str, second: str, same: bool) -> None:
    assert (page_key(first) == page_key(second)) is same


def test_www_and_apex_are_one_site_and_other_hosts_are_not() -> None:
    def site_of(url: str) -> str:
        return parse_address(url, allowed_hosts=ALLOWED).site

    assert site_of("https://www.acme.com/x") == site_of("http://acme.com")
    assert site_of("https://docs.acme.com") != site_of("https://acme.com")
    assert site_of("127.0.0.1:8123") != site_of("127.0.0.1")


def test_a_typed_scheme_is_noticed() -> None:
    assert has_scheme("https://acme.com")
    assert not has_scheme("acme.com/?next=https://acme.com")


@given(st.text() | st.from_regex(r"(https?://)?[a-z0-9.\[\]:@%-]{0,30}(/.*)?", fullmatch=True))
def test_whatever_is_typed_gives_an_address_or_words(text: str) -> None:
    try:
        url = normalise_url(text)
    except UserError as error:
        assert error.code == "invalid_url"
        return
    assert normalise_url(url) == url
    # The client that fetches it must understand the same host and port.
    parsed = httpx.URL(url)
    address = parse_address(url)
    assert parsed.raw_host.decode().strip("[]") == address.host
    assert (parsed.port or {"http": 80, "https": 443}[parsed.scheme]) == address.port
    assert parsed.userinfo == b""


@given(st.text())
def test_whatever_a_page_links_to_gives_an_address_or_nothing(reference: str) -> None:
    address = join_address("https://acme.com/a/b?c", reference)
    assert address is None or address.scheme in {"http", "https"}
