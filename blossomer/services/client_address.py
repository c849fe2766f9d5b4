"""Who is asking, as far as the network can tell: one function for the pages and for the API.

The address is a key for limits, never an identity. Nothing here reads a request object: the two
doors hand over the socket's peer and the header values.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

UNKNOWN = "unknown"
ANONYMOUS = "anonymous"
"""Begins the keys of addresses; those of users begin with a tier."""


def client_address(peer: str | None, forwarded_for: Sequence[str], hops: int) -> str:
    """The address of the client, believing exactly the proxies that are known to be there.

    Each proxy appends the address it was called from to ``X-Forwarded-For``. With ``hops`` proxies
    of our own in front, the entry that the outermost of them wrote is the ``hops``-th from the
    right; everything left of it was sent by the client and may be invented.

    Args:
        peer: Address of the other end of the socket, or None when there is none.
        forwarded_for: Values of all ``X-Forwarded-For`` headers, in the order received.
        hops: Number of trusted proxies (``TRUSTED_PROXY_HOPS``); 0 ignores the headers.

    Returns:
        An address in canonical form. The peer's when the header is shorter than ``hops`` or holds
        no address at that place, which means that the request did not come through the proxies.
    """
    if hops > 0:
        entries = [entry.strip() for value in forwarded_for for entry in value.split(",")]
        if len(entries) >= hops and (address := _parse(entries[-hops])) is not None:
            return str(address)
    address = _parse(peer or "")
    return str(address) if address is not None else (peer or UNKNOWN)


_ENCRYPTED = {"http": "https", "https": "https", "ws": "wss", "wss": "wss"}
_PLAIN = {"http": "http", "https": "http", "ws": "ws", "wss": "ws"}


def client_scheme(scheme: str, forwarded_proto: Sequence[str], hops: int) -> str:
    """The scheme that the client used, as far as the proxies that are known to be there say it.

    A proxy says it in ``X-Forwarded-Proto``. Some set the header, some append to it, some pass it
    on; so the outermost proxy's entry is the ``hops``-th from the right, or the first of a shorter
    list. A client that invents one only misleads itself.

    Args:
        scheme: That of the connection to this server: ``http``, ``https``, ``ws`` or ``wss``.
        forwarded_proto: Values of all ``X-Forwarded-Proto`` headers, in the order received.
        hops: Number of trusted proxies (``TRUSTED_PROXY_HOPS``); 0 ignores the headers.

    Returns:
        One of the same four. Where HTTPS ends at a proxy that does not say so, the connection's.
    """
    entries = [
        entry for value in forwarded_proto for part in value.split(",") if (entry := part.strip())
    ]
    if hops <= 0 or not entries:
        return scheme
    said = entries[-min(hops, len(entries))].lower()
    if said in ("https", "wss"):
        return _ENCRYPTED.get(scheme, scheme)
    return _PLAIN.get(scheme, scheme) if said in ("http", "ws") else scheme


def anonymous_key(address: str) -> str:
    """The key under which an address without an account is counted.

    A household or a server is given a whole /64 of IPv6, so that is counted as one; otherwise
    every visitor would have 2**64 keys.

    Args:
        address: As returned by ``client_address``.
    """
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return f"{ANONYMOUS}:{IPv6Network((parsed, 64), strict=False)}"
    return f"{ANONYMOUS}:{parsed or address}"


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address as proxies write it: bare, with a port, or in brackets with a port."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
