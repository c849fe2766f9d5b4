"""A fetch ends within its limits, with the document or with words, whatever the server does."""

from __future__ import annotations

import gzip
import socket
import ssl
import zlib

import pytest

from blossomer.errors import UserError
from blossomer.services.website import fetch as fetch_module
from blossomer.services.website.decoding import BoundedDecoder
from blossomer.services.website.fetch import XML_TYPES, Fetched, Fetcher, as_html
from blossomer.services.website.guard import AddressGuard
from tests.support.certificates import self_signed
from tests.support.fault_site import FAULTS, Answer, FaultSite, compressed
from tests.support.played_network import PlayedResolver

CODES = {
    "/gigantic": "page_too_large",
    "/bomb": "page_too_large",
    "/drip": "website_timeout",
    "/drip-headers": "website_timeout",
    "/hang": "website_timeout",
    "/cut": "connection_lost",
    "/cut-chunked": "connection_lost",
    "/reset": "connection_lost",
    "/not-http": "connection_lost",
    "/endless-headers": "connection_lost",
    "/loop": "redirect_loop",
    "/redirect-self": "redirect_loop",
    "/redirects/6": "redirect_loop",
    "/redirect-metadata": "address_not_allowed",
    "/redirect-loopback": "address_not_allowed",
    "/redirect-file": "address_not_allowed",
    "/redirect-userinfo": "address_not_allowed",
    "/redirect-nowhere": "redirect_loop",
    "/pdf": "not_html",
    "/image": "not_html",
    "/json": "not_html",
    "/brotli": "website_error",
    "/bad-gzip": "website_error",
    "/status/304": "website_error",
    "/status/400": "website_error",
    "/status/401": "website_forbidden",
    "/status/403": "website_forbidden",
    "/status/404": "page_not_found",
    "/status/410": "page_not_found",
    "/status/429": "website_busy",
    "/status/500": "website_error",
    "/status/503": "website_error",
}
SHORT = {"/drip", "/drip-headers", "/hang"}
WITHOUT_ERROR = {"/loop-back", "/empty", "/few-words", "/shell", "/shell-noscript"}


async def failure(fetcher: Fetcher, url: str, *, seconds: float = 20) -> UserError:
    with pytest.raises(UserError) as caught:
        await fetcher.fetch(url, seconds=seconds)
    return caught.value


@pytest.mark.parametrize("path", CODES)
async def test_every_fault_has_its_own_words(site: FaultSite, fetcher: Fetcher, path: str) -> None:
    error = await failure(fetcher, site.base_url + path, seconds=0.3 if path in SHORT else 20)
    assert error.code == CODES[path]
    assert "Paste a description of the company instead." in error.action
    assert error.status in {400, 422, 502, 504}
    assert error.message.endswith(".")


def test_no_fault_of_the_site_is_left_out() -> None:
    assert set(FAULTS) - set(CODES) == WITHOUT_ERROR


async def test_five_redirects_are_followed(site: FaultSite, fetcher: Fetcher) -> None:
    fetched = await fetcher.fetch(f"{site.base_url}/redirects/4")
    assert b"Berth planning" in fetched.body
    assert fetched.address.url == site.base_url
    assert len(site.requests) == 6


async def test_a_huge_page_is_not_read_to_its_end(site: FaultSite, fetcher: Fetcher) -> None:
    assert (await failure(fetcher, f"{site.base_url}/gigantic")).code == "page_too_large"
    # What was sent beyond the limit of one megabyte lies in the buffers of the two sockets.
    assert site.bytes_sent["/gigantic"] < 20_000_000


async def test_an_announced_size_over_the_limit_is_enough(
    site: FaultSite, fetcher: Fetcher
) -> None:
    site.pages["/big"] = Answer("x", headers={"Content-Length": "5000000"})
    assert (await failure(fetcher, f"{site.base_url}/big")).code == "page_too_large"


async def test_a_cut_is_possible_where_the_beginning_is_enough(
    site: FaultSite, fetcher: Fetcher
) -> None:
    fetched = await fetcher.fetch(f"{site.base_url}/gigantic", limit=5_000, cut=True)
    assert len(fetched.body) == 5_000
    assert not fetched.complete


@pytest.mark.parametrize("chunk_size", [1, 100, 65_536, 10_000_000])
def test_a_bomb_is_defused_by_the_byte(chunk_size: int) -> None:
    bomb = gzip.compress(b"a" * 10_000_000)
    decoder = BoundedDecoder("gzip", limit=100_000)
    chunks = (bomb[start : start + chunk_size] for start in range(0, len(bomb), chunk_size))
    parts = []
    for chunk in chunks:
        parts.append(decoder.decode(chunk))
        if decoder.exceeded:
            break
    assert decoder.exceeded
    assert b"".join(parts) == b"a" * 100_000
    assert decoder.produced == decoder.limit + 1


def test_a_bomb_inside_many_small_members_is_counted_together() -> None:
    decoder = BoundedDecoder("gzip", limit=10_000)
    assert len(decoder.decode(gzip.compress(b"a" * 1_000) * 1_000)) == 10_000
    assert decoder.exceeded
    assert decoder.produced == decoder.limit + 1


def test_nothing_more_is_produced_once_the_limit_is_passed() -> None:
    decoder = BoundedDecoder("", limit=10)
    assert decoder.decode(b"a" * 10) == b"a" * 10
    assert not decoder.exceeded
    assert decoder.decode(b"b") == b""
    assert decoder.exceeded
    assert decoder.decode(b"c" * 1_000) == b""
    assert decoder.produced == 11


def _raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


TEXT = b"Tidewater plans berths. " * 400


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip, identity", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:100], mtime=0) + gzip.compress(TEXT[100:], mtime=0)),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"\0\0\0padding"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", _raw_deflate(TEXT)),
    ],
)
@pytest.mark.parametrize("chunk_size", [7, 65_536])
def test_what_servers_call_gzip_and_deflate_is_understood(
    encoding: str, body: bytes, chunk_size: int
) -> None:
    decoder = BoundedDecoder(encoding, limit=len(TEXT))
    chunks = (body[start : start + chunk_size] for start in range(0, len(body), chunk_size))
    assert b"".join(decoder.decode(chunk) for chunk in chunks) == TEXT


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip, br", "rot13"])
def test_encodings_that_were_not_asked_for_are_refused(encoding: str) -> None:
    with pytest.raises(ValueError, match=encoding):
        BoundedDecoder(encoding, limit=100)


async def test_a_compressed_page_arrives_whole(site: FaultSite, fetcher: Fetcher) -> None:
    text = "<p>" + "word " * 50_000 + "</p>"
    site.pages["/zipped"] = compressed(text)
    assert (await fetcher.fetch(f"{site.base_url}/zipped")).body.decode() == text


async def test_the_encoding_of_the_header_is_passed_on(site: FaultSite, fetcher: Fetcher) -> None:
    site.pages["/latin"] = Answer(
        "Größe".encode("latin-1"), headers={"Content-Type": "TEXT/HTML; charset=ISO-8859-1"}
    )
    fetched = await fetcher.fetch(f"{site.base_url}/latin")
    assert fetched.content_type == "text/html"
    assert fetched.body.decode(fetched.charset or "") == "Größe"


async def test_plain_text_becomes_paragraphs(site: FaultSite, fetcher: Fetcher) -> None:
    site.pages["/text"] = Answer(
        "One <b>line</b>\r\n\r\nTwo", headers={"Content-Type": "text/plain; charset=no-such"}
    )
    body, charset = as_html(await fetcher.fetch(f"{site.base_url}/text"))
    assert charset == "utf-8"
    assert b"<p>One &lt;b&gt;line&lt;/b&gt;</p><p>Two</p>" in body


async def test_html_stays_as_it_is(site: FaultSite, fetcher: Fetcher) -> None:
    fetched = await fetcher.fetch(site.base_url)
    assert as_html(fetched) == (fetched.body, "utf-8")
    assert isinstance(fetched, Fetched)


async def test_kinds_of_content_are_the_callers_choice(site: FaultSite, fetcher: Fetcher) -> None:
    site.pages["/sitemap.xml"] = Answer("<a/>", headers={"Content-Type": "application/xml"})
    url = f"{site.base_url}/sitemap.xml"
    assert (await failure(fetcher, url)).code == "not_html"
    assert (await fetcher.fetch(url, types=XML_TYPES)).body == b"<a/>"


async def test_the_reader_says_who_it_is_and_asks_for_what_it_can_read(
    site: FaultSite, fetcher: Fetcher
) -> None:
    await fetcher.fetch(site.base_url)
    headers = site.requests[0].headers
    assert headers["user-agent"] == "blossomerbot/1.0"
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["accept"].startswith("text/html")


async def test_cookies_are_never_sent_back(site: FaultSite, fetcher: Fetcher) -> None:
    site.pages["/"] = Answer("hello", headers={"Set-Cookie": "visitor=1; Path=/"})
    await fetcher.fetch(site.base_url)
    await fetcher.fetch(site.base_url)
    assert ["cookie" in request.headers for request in site.requests] == [False, False]


async def test_proxies_of_the_environment_are_ignored(
    site: FaultSite, monkeypatch: pytest.MonkeyPatch, no_trust: ssl.SSLContext
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    allowed = frozenset({site.host_port})
    guard = AddressGuard(PlayedResolver({}), allowed)
    async with Fetcher(guard, max_bytes=100_000, allowed_hosts=allowed, tls=no_trust) as fetcher:
        assert (await fetcher.fetch(site.base_url)).body


async def test_a_retry_after_of_the_website_is_passed_on(site: FaultSite, fetcher: Fetcher) -> None:
    site.pages["/busy"] = Answer(status=429, headers={"Retry-After": "120"})
    assert (await failure(fetcher, f"{site.base_url}/busy")).retry_after == 120
    site.pages["/busy"] = Answer(status=429, headers={"Retry-After": "Fri, 31 Dec 2027"})
    assert (await failure(fetcher, f"{site.base_url}/busy")).retry_after is None


async def test_a_name_that_does_not_exist(fetcher: Fetcher) -> None:
    error = await failure(fetcher, "https://no-such-company.example.com")
    assert (error.code, error.status) == ("host_not_found", 422)
    assert "no-such-company.example.com" in error.message


async def test_a_closed_port(no_trust: ssl.SSLContext) -> None:
    with socket.socket() as taken:
        # Bound and not listening: nobody else can take the port, and nobody answers on it.
        taken.bind(("127.0.0.1", 0))
        pair = f"127.0.0.1:{taken.getsockname()[1]}"
        guard = AddressGuard(PlayedResolver({}), frozenset({pair}))
        async with Fetcher(
            guard, max_bytes=1_000, allowed_hosts=frozenset({pair}), tls=no_trust
        ) as fetcher:
            error = await failure(fetcher, f"http://{pair}/")
    assert (error.code, error.status) == ("connection_refused", 502)


async def test_certificates_that_are_not_valid() -> None:
    trusted_name, client = self_signed("shop.example.com")
    expired, trusts_expired = self_signed("shop.example.com", expired=True)
    stranger, _ = self_signed("shop.example.com")
    for server, name, trust in (
        (stranger, "shop.example.com", client),
        (trusted_name, "else.example.com", client),
        (expired, "shop.example.com", trusts_expired),
        (None, "shop.example.com", client),
    ):
        with FaultSite(tls=server, host=name) as site:
            allowed = frozenset({site.host_port})
            guard = AddressGuard(PlayedResolver({name: ["127.0.0.1"]}), allowed)
            async with Fetcher(guard, max_bytes=1_000, allowed_hosts=allowed, tls=trust) as fetcher:
                error = await failure(fetcher, f"https://{site.host_port}/")
        assert (error.code, error.status) == ("tls_failure", 502)


async def test_a_connection_that_is_never_accepted(
    site: FaultSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> None:
        raise fetch_module.httpx.ConnectTimeout("")

    monkeypatch.setattr("httpx.AsyncHTTPTransport.handle_async_request", silent)
    assert (await failure(fetcher, site.base_url)).code == "website_timeout"
