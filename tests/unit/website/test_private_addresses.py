"""No way of writing an address, and no way of leading to it, reaches what is not public."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence

import httpx
import pytest

from blossomer.errors import UserError
from blossomer.services.website import fetch as fetch_module
from blossomer.services.website.fetch import Fetcher
from blossomer.services.website.guard import AddressGuard
from blossomer.services.website.reader import WebsiteReader
from blossomer.settings import Settings
from tests.support.fake_firecrawl import FakeFirecrawl
from tests.support.played_network import PUBLIC_ADDRESS
from tests.support.private_addresses import HOSTS, WHOLE, all_spellings

START = "start.example.com"
REFUSED = {"invalid_url", "address_not_allowed"}

FIRST = ["127.0.0.1", "169.254.169.254", "10.0.0.5", "100.64.0.1", "198.18.0.1", "::1", "fd00::1",
         "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1%eth0"]  # fmt: skip
"""What a name may suddenly lead to."""


async def names_lead_home(host: str, port: int) -> Sequence[str]:
    """As a resolver: numbers as this machine reads them, and every other name is 127.0.0.1."""
    if host == START:
        return [PUBLIC_ADDRESS]
    try:
        found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
    except OSError:
        return ["127.0.0.1"]
    return [str(entry[4][0]) for entry in found]


class Outside(httpx.AsyncBaseTransport):
    """The network: notes who is reached, and answers with what it was told."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.location: bytes | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.reached.append(request.url.host)
        if self.location is not None and len(self.reached) == 1:
            return httpx.Response(302, headers=[(b"location", self.location)])
        body = httpx.ByteStream(b"<p>What nobody outside may read.</p>")
        return httpx.Response(200, headers={"content-type": "text/html"}, stream=body)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    network = Outside()
    monkeypatch.setattr(fetch_module, "direct_transport", lambda _context: network)
    return network


async def attempt(address: str, tls: ssl.SSLContext) -> str:
    """The code of what is said instead of reading an address; empty if it was read."""
    async with Fetcher(AddressGuard(names_lead_home), max_bytes=1_000, tls=tls) as fetcher:
        try:
            await fetcher.fetch(address)
        except UserError as error:
            assert not {"127.0.0.1", "169.254.169.254", "10.0.0"} & set(error.action.split())
            return error.code
    return ""


def test_there_are_enough_of_them_and_each_stands_once() -> None:
    hosts = [host for group in HOSTS.values() for host in group]
    assert len(hosts) + len(WHOLE) >= 200
    assert len(set(hosts)) == len(hosts)


@pytest.mark.parametrize("group", HOSTS)
async def test_no_spelling_is_read(group: str, outside: Outside, no_trust: ssl.SSLContext) -> None:
    read = {
        address: code
        for host in HOSTS[group]
        for address in (host, f"http://{host}/", f"https://{host}/x?y#z", f"HTTP://{host}")
        if (code := await attempt(address, no_trust)) not in REFUSED
    }
    assert read == {}
    assert outside.reached == []


async def test_no_other_scheme_is_read(outside: Outside, no_trust: ssl.SSLContext) -> None:
    codes = {address: await attempt(address, no_trust) for address in WHOLE}
    assert {address: code for address, code in codes.items() if code not in REFUSED} == {}
    assert outside.reached == []


async def test_no_redirect_leads_there(outside: Outside, no_trust: ssl.SSLContext) -> None:
    followed: dict[str, list[str]] = {}
    tried = 0
    for address in [*all_spellings(), *(f"//{h}/" for group in HOSTS.values() for h in group)]:
        if "://" not in address and not address.startswith("//"):
            continue  # as a redirect it is a path of the same site
        outside.reached.clear()
        outside.location = address.encode()
        code = await attempt(f"http://{START}/", no_trust)
        tried += 1
        # A browser's leniency may make another page of the same site of it, and nothing else.
        if outside.reached not in ([PUBLIC_ADDRESS], [PUBLIC_ADDRESS, PUBLIC_ADDRESS]):
            followed[address] = list(outside.reached)
        # What httpx cannot read is an answer that broke off; what is empty is the same page.
        elif len(outside.reached) == 1 and code not in {
            *REFUSED,
            "connection_lost",
            "redirect_loop",
        }:
            followed[address] = [code]
    assert followed == {}
    assert tried > 500


@pytest.mark.parametrize("inner", FIRST)
async def test_no_answer_of_a_name_server_leads_there(
    inner: str, outside: Outside, no_trust: ssl.SSLContext
) -> None:
    # Alone; among public ones in any place; and from the second question on (DNS rebinding).
    answers = [
        [inner],
        [PUBLIC_ADDRESS, inner],
        [inner, PUBLIC_ADDRESS],
        [PUBLIC_ADDRESS] * 9 + [inner],
    ]
    for answer in answers:

        async def resolver(_host: str, _port: int, answer: list[str] = answer) -> Sequence[str]:
            return answer

        async with Fetcher(AddressGuard(resolver), max_bytes=1_000, tls=no_trust) as fetcher:
            with pytest.raises(UserError) as caught:
                await fetcher.fetch("https://changing.example.com/")
        assert caught.value.code == "address_not_allowed"
    assert outside.reached == []

    asked = 0

    async def changing(_host: str, _port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return [PUBLIC_ADDRESS] if asked == 1 else [inner]

    # Within one read the checked address is kept, whatever the name says by then. A redirect to
    # the same name on the other port asks anew, and is refused.
    async with Fetcher(AddressGuard(changing), max_bytes=1_000, tls=no_trust) as fetcher:
        for path in ("/", "/pricing", "/about"):
            await fetcher.fetch(f"http://changing.example.com{path}")
        with pytest.raises(UserError) as caught:
            await fetcher.fetch("https://changing.example.com/")
    assert caught.value.code == "address_not_allowed"
    assert set(outside.reached) == {PUBLIC_ADDRESS}


async def test_the_name_is_not_looked_up_again_by_what_connects(
    outside: Outside, no_trust: ssl.SSLContext
) -> None:
    # The transport is given an address, never a name that it would have to look up.
    assert await attempt(f"https://{START}/", no_trust) == ""
    assert outside.reached == [PUBLIC_ADDRESS]


async def test_firecrawl_never_hears_of_them(
    make_settings: Callable[..., Settings], no_trust: ssl.SSLContext
) -> None:
    with FakeFirecrawl() as firecrawl:
        settings = make_settings(firecrawl_api_url=firecrawl.base_url)
        reader = WebsiteReader(settings, resolver=names_lead_home, tls=no_trust)
        for address in [host for group in HOSTS.values() for host in group]:
            with pytest.raises(UserError) as caught:
                await reader.read(address)
            assert caught.value.code in REFUSED, address
        assert firecrawl.asked == []
