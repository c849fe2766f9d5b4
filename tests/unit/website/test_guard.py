"""Only public addresses are ever connected to, whatever they are written as or hidden behind."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence

import httpx
import pytest

from blossomer.errors import UserError
from blossomer.services.website.address import parse_address
from blossomer.services.website.fetch import Fetcher
from blossomer.services.website.guard import AddressGuard, GuardedTransport, is_public
from tests.support.certificates import self_signed
from tests.support.fault_site import Answer, FaultSite
from tests.support.played_network import PUBLIC_ADDRESS, PlayedNetwork, PlayedResolver

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255
192.0.0.1 192.0.0.9 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1
192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::a00:1 64:ff9b:1::1 64:ff9b:1::808:808
100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
2002:7f00:1:: 2002:a9fe:a9fe:: 2002:808:808:: 2620:4f:8000::1 3fff::1 4000::1 5f00::1 fc00::1
fd00:ec2::254 fd20:ce::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1
"""

PUBLIC = """
1.1.1.1 8.8.8.8 93.184.215.14 100.63.255.255 100.128.0.1 168.63.129.17 172.15.255.255 172.32.0.1
192.0.1.1 198.17.255.255 198.20.0.1 223.255.255.255
2001:200::1 2001:4860:4860::8888 2606:4700::1 2a00:1450:4001::1 64:ff9b::808:808
"""

# What a person or a page may write, and what is not public about it.
SPELLINGS = """
127.0.0.1 127.1 127.0.1 127.0.0.1. 2130706433 0x7f000001 0x7F.0.0.1 0177.0.0.1 017700000001
0x7f.1 00127.0.0.1 127.0.0.1:80 127.0.0.1:443 ①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127｡0｡0｡1
0 0.0.0.0 0x0 10.0.0.1 10.1 167772161 192.168.1.1 172.16.0.1 169.254.169.254 2852039166 0xa9fea9fe
0251.0376.0251.0376 169.254.43518 100.100.100.200 192.0.0.192 168.63.129.16 255.255.255.255
[::] [::1] [::1]:80 [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
[64:ff9b::127.0.0.1] [64:ff9b:1::1] [2002:7f00:1::] [2001:0:4136:e378:8000:63bf:3fff:fdd2]
[fd00:ec2::254] [fe80::1] [fe80::1%25eth0] [fec0::1] [ff02::1] [::ffff:169.254.169.254]
localhost localhost. LOCALHOST foo.localhost localhost:80 localhost.localdomain
metadata metadata.google.internal metadata.google.internal. instance-data.ec2.internal
kubernetes.default.svc.cluster.local printer.local router.lan db.corp intranet nas.home.arpa
1.0.0.127.in-addr.arpa example.onion
127.0.0.1%00.example.com 127.0.0.1%2eexample.com example.com@127.0.0.1 127.0.0.1#@example.com
example.com:80@127.0.0.1 127.0.0.1\\@example.com [::1]@example.com 127.0.0.1:22 127.0.0.1:6379
example.com:22 example.com:5432
"""


async def libc_resolver(host: str, port: int) -> Sequence[str]:
    """What this machine makes of a numeric host, without asking any server."""
    found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
    return [str(entry[4][0]) for entry in found]


async def get(guard: AddressGuard, network: httpx.AsyncBaseTransport, url: str) -> httpx.Response:
    transport = GuardedTransport(guard, lambda: network)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        return await client.get(url)


def test_the_tables_are_as_long_as_they_should_be() -> None:
    assert len(NOT_PUBLIC.split()) >= 60
    assert len(SPELLINGS.split()) >= 60


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("spelling", SPELLINGS.split())
async def test_no_spelling_reaches_a_private_address(
    spelling: str,
    play_network: Callable[[dict[str, int]], PlayedNetwork],
    no_trust: ssl.SSLContext,
) -> None:
    network = play_network({})
    async with Fetcher(AddressGuard(libc_resolver), max_bytes=1_000, tls=no_trust) as fetcher:
        for scheme in ("", "http://", "https://"):
            with pytest.raises(UserError) as caught:
                await fetcher.fetch(scheme + spelling)
            assert caught.value.code in {"invalid_url", "address_not_allowed"}
    assert network.connected == []


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
async def test_a_name_that_leads_to_a_private_address_is_refused(
    address: str,
    play_network: Callable[[dict[str, int]], PlayedNetwork],
    no_trust: ssl.SSLContext,
) -> None:
    network = play_network({})
    resolver = PlayedResolver({"rebind.example.com": [PUBLIC_ADDRESS, address]})
    async with Fetcher(AddressGuard(resolver), max_bytes=1_000, tls=no_trust) as fetcher:
        with pytest.raises(UserError) as caught:
            await fetcher.fetch("https://rebind.example.com/")
    assert caught.value.code == "address_not_allowed"
    assert address not in caught.value.message + caught.value.action
    assert network.connected == []


@pytest.mark.parametrize(
    "host", ["localhost", "metadata.google.internal", "db.corp", "grafana", "x.local"]
)
async def test_local_names_are_refused_without_being_looked_up(host: str) -> None:
    resolver = PlayedResolver({host: [PUBLIC_ADDRESS]})
    with pytest.raises(UserError) as caught:
        await AddressGuard(resolver).addresses(host, 80)
    assert caught.value.code == "address_not_allowed"
    assert resolver.asked == []


async def test_the_connection_goes_to_the_checked_address_under_the_sites_name(
    site: FaultSite,
) -> None:
    resolver = PlayedResolver({"acme.example.com": [PUBLIC_ADDRESS]})
    network = PlayedNetwork({f"{PUBLIC_ADDRESS}:443": site.port})
    response = await get(AddressGuard(resolver), network, "https://acme.example.com/pricing")
    assert response.status_code == 200
    assert network.connected == [f"{PUBLIC_ADDRESS}:443"]
    assert site.requests[0].headers["host"] == "acme.example.com"
    assert network.requests[0].extensions["sni_hostname"] == "acme.example.com"


async def test_a_name_that_changes_its_address_is_not_followed(site: FaultSite) -> None:
    resolver = PlayedResolver({"rebind.example.com": [PUBLIC_ADDRESS]})
    network = PlayedNetwork({f"{PUBLIC_ADDRESS}:80": site.port})
    guard = AddressGuard(resolver)
    await get(guard, network, "http://rebind.example.com/")
    resolver.table["rebind.example.com"] = ["127.0.0.1"]
    await get(guard, network, "http://rebind.example.com/pricing")
    # The same read keeps the address it checked; a new read checks again.
    assert network.connected == [f"{PUBLIC_ADDRESS}:80"] * 2
    assert resolver.asked == ["rebind.example.com"]
    with pytest.raises(UserError) as caught:
        await get(AddressGuard(resolver), network, "http://rebind.example.com/")
    assert caught.value.code == "address_not_allowed"


@pytest.mark.parametrize(
    "path",
    ["/redirect-metadata", "/redirect-loopback", "/redirect-file", "/redirect-userinfo"],
)
async def test_every_hop_of_a_redirect_is_checked(
    site: FaultSite, fetcher: Fetcher, path: str
) -> None:
    with pytest.raises(UserError) as caught:
        await fetcher.fetch(site.base_url + path)
    assert caught.value.code == "address_not_allowed"
    assert "169.254" not in caught.value.message
    assert site.paths == [path]


async def test_a_redirect_to_a_name_with_a_private_address_is_refused(site: FaultSite) -> None:
    site.pages["/go"] = Answer(status=301, headers={"Location": "https://wiki.example.com/"})
    allowed = frozenset({site.host_port})
    guard = AddressGuard(PlayedResolver({"wiki.example.com": ["10.0.0.5"]}), allowed)
    async with Fetcher(guard, max_bytes=1_000, allowed_hosts=allowed) as fetcher:
        with pytest.raises(UserError) as caught:
            await fetcher.fetch(f"{site.base_url}/go")
    assert caught.value.code == "address_not_allowed"
    assert "10.0.0.5" not in caught.value.message


async def test_an_allowed_pair_opens_that_port_alone(site: FaultSite) -> None:
    guard = AddressGuard(libc_resolver, frozenset({site.host_port}))
    assert await guard.addresses("127.0.0.1", site.port) == ("127.0.0.1",)
    for port in (80, 443, site.port + 1):
        with pytest.raises(UserError) as caught:
            await guard.addresses("127.0.0.1", port)
        assert caught.value.code == "address_not_allowed"


async def test_a_host_with_a_dead_address_is_reached_by_its_next_one(site: FaultSite) -> None:
    name = f"two.example.com:{site.port}"
    resolver = PlayedResolver({"two.example.com": ["::1", "127.0.0.2", "127.0.0.1"]})
    guard = AddressGuard(resolver, frozenset({name}))
    async with Fetcher(guard, max_bytes=100_000, allowed_hosts=frozenset({name})) as fetcher:
        fetched = await fetcher.fetch(f"http://{name}/")
    assert b"Berth planning" in fetched.body


async def test_an_address_for_somebody_else_to_fetch_is_checked_too() -> None:
    guard = AddressGuard(PlayedResolver({"acme.example.com": ["192.168.1.1"]}))
    with pytest.raises(UserError) as caught:
        await guard.check(parse_address("acme.example.com"))
    assert caught.value.code == "address_not_allowed"


async def test_the_certificate_is_checked_against_the_name_not_the_address() -> None:
    server, client = self_signed("shop.example.com")
    with FaultSite(tls=server, host="shop.example.com") as site:
        allowed = frozenset({site.host_port, f"other.example.com:{site.port}"})
        resolver = PlayedResolver(
            {"shop.example.com": ["127.0.0.1"], "other.example.com": ["127.0.0.1"]}
        )
        guard = AddressGuard(resolver, allowed)
        async with Fetcher(guard, max_bytes=100_000, allowed_hosts=allowed, tls=client) as fetcher:
            fetched = await fetcher.fetch(site.base_url)
            assert b"Berth planning" in fetched.body
            # The open connection to the same address must not serve another name.
            with pytest.raises(UserError) as caught:
                await fetcher.fetch(f"https://other.example.com:{site.port}/")
            assert caught.value.code == "tls_failure"
