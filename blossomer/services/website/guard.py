"""Which network addresses may be connected to, and the transport that holds every request to it.

The check is made on the resolved addresses, never on the text of a host, and the connection goes
to a checked address: a name cannot change its mind between check and use.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Protocol

import httpx

from blossomer.services.website.address import WEB_PORTS, WebAddress, bracketed
from blossomer.services.website.failures import address_not_allowed, host_not_found

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_ADDRESSES_TRIED = 3
"""A host with several addresses gets a few tries, not one per address."""

# IANA's special-purpose registries, and what they do not list. `ipaddress.is_global` is asked as
# well, but it lets through multicast, 192.0.0.9, 6to4, NAT64 and more, differently per version.
_NOT_PUBLIC_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; metadata of Alibaba Cloud
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform service, on a public address
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; metadata of Oracle Cloud
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside, perhaps a private one
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_LOCAL_NAMES = (
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "in-addr.arpa",
    "ip6.arpa",
    "onion",
)
"""Names of private networks. They are refused unasked: the answer must not tell which exist."""


class Resolver(Protocol):
    """Finds the IP addresses of a host."""

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses as text.

        Raises:
            OSError: When the name does not exist or cannot be resolved.
        """
        ...


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the operating system."""
    # The dot makes the name absolute: a search domain must not turn it into an internal one.
    query = f"{host}." if "." in host else host
    found = await asyncio.get_running_loop().getaddrinfo(query, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: IPAddress) -> bool:
    """Whether an address is public unicast.

    Forms of IPv6 that carry an IPv4 address (mapped, compatible, 6to4, Teredo) are never public:
    no website is reached through them. NAT64 is judged by the address inside, since networks with
    DNS64 give every IPv4 website such an address.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC_V4)
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(address.packed[-4:]))
    return (
        address in _GLOBAL_UNICAST_V6
        and address.is_global
        and address.scope_id is None
        and not any(address in network for network in _NOT_PUBLIC_V6)
    )


class AddressGuard:
    """Resolves hosts once and lets only public addresses through.

    One guard lives as long as one read: each name is resolved at most once in that time.

    Args:
        resolver: Finds addresses.
        allowed_hosts: ``host:port`` pairs whose addresses are not checked.
    """

    def __init__(self, resolver: Resolver, allowed_hosts: frozenset[str] = frozenset()) -> None:
        self._resolver = resolver
        self._allowed_hosts = allowed_hosts
        self._checked: dict[tuple[str, int], tuple[str, ...]] = {}

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The checked addresses of a host, IPv4 first.

        Raises:
            UserError: ``address_not_allowed`` when any address is not public, ``host_not_found``.
        """
        known = self._checked.get((host, port))
        if known is not None:
            return known
        allowed = f"{bracketed(host)}:{port}" in self._allowed_hosts
        if not allowed and (port not in WEB_PORTS.values() or _is_local_name(host)):
            raise address_not_allowed()
        found = [_ip_address(text) for text in await self._resolve(host, port)]
        if not found:
            raise host_not_found(host)
        if not allowed and not all(is_public(address) for address in found):
            raise address_not_allowed()
        # Machines without a working IPv6 route are far more common than sites without IPv4.
        ordered = tuple(str(address) for address in sorted(found, key=lambda ip: ip.version))
        self._checked[(host, port)] = ordered[:MAX_ADDRESSES_TRIED]
        return self._checked[(host, port)]

    async def check(self, address: WebAddress) -> None:
        """Refuse an address that is fetched by somebody else, before they are asked to.

        Raises:
            UserError: As ``addresses``.
        """
        await self.addresses(address.host, address.port)

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        literal = _literal(host)
        if literal is not None:
            return [literal]
        try:
            return await self._resolver(host, port)
        except (OSError, UnicodeError):
            raise host_not_found(host) from None


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects each request to a checked address of its host; ``Host`` and TLS keep the name.

    Since every request passes here, every hop of a redirect is checked.

    Args:
        guard: Decides.
        connect: Makes the transport that really connects. There is one per host and port, because
            a pool keyed by IP address would hand the TLS session of one name to another.
    """

    def __init__(
        self, guard: AddressGuard, connect: Callable[[], httpx.AsyncBaseTransport]
    ) -> None:
        self._guard = guard
        self._connect = connect
        self._transports: dict[tuple[str, str, int], httpx.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first checked address that accepts a connection."""
        url = request.url
        # The ASCII form: `url.host` would decode an internationalised name.
        host = url.raw_host.decode("ascii").strip("[]")
        port = url.port or WEB_PORTS[url.scheme]
        addresses = await self._guard.addresses(host, port)
        key = (url.scheme, host, port)
        transport = self._transports.get(key)
        if transport is None:
            transport = self._transports[key] = self._connect()
        extensions = dict(request.extensions)
        if _literal(host) is None:
            extensions["sni_hostname"] = host
        for number, address in enumerate(addresses, start=1):
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions=extensions,
            )
            try:
                return await transport.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise host_not_found(host)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()


def direct_transport(context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """A transport that ignores proxies and other hints of the environment."""
    return httpx.AsyncHTTPTransport(verify=context, trust_env=False, retries=0)


def _ip_address(text: str) -> IPAddress:
    return ipaddress.ip_address(text)


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _is_local_name(host: str) -> bool:
    if _literal(host) is not None:
        return False
    return "." not in host or any(
        host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES
    )
