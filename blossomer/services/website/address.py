"""Web addresses: as people type them, as pages link them, and how two of them compare.

One parser for all of it, so that what is checked is what is fetched. Text only: whether an address
may be connected to is decided in ``guard.py``, after its name is resolved.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

import httpx

from blossomer.errors import UserError
from blossomer.services.website.failures import invalid_url

MAX_URL_LENGTH = 2_000
WEB_PORTS = {"http": 80, "https": 443}

_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.\-]*)://)?(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?:#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:(?!\d{1,5}(?:[/?#]|$))", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*")
_INVISIBLE_EDGES = "\u200b\u200c\u200d\u2060\ufeff"
_TRACKING = re.compile(r"utm_|(?:fbclid|gclid|msclkid|mc_cid|mc_eid|ref|source)$")


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A checked address of the web.

    Args:
        scheme: ``http`` or ``https``.
        host: ASCII, lower case, no trailing dot; an IPv6 address without brackets.
        port: 80 or 443, or the port of an allowed ``host:port`` pair.
        target: Path and query, percent-encoded; empty for the root.
    """

    scheme: str
    host: str
    port: int
    target: str = ""

    @property
    def authority(self) -> str:
        """Host, and the port when it is not the scheme's own."""
        host = bracketed(self.host)
        return host if self.port == WEB_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and authority, without a slash at the end."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The canonical form. The root of a site has no slash at the end, as people write it."""
        return self.origin + self.target

    @property
    def site(self) -> str:
        """What two pages of one website have in common: the host without ``www.``, and the port.

        Both standard ports count as one, since most sites answer on both.
        """
        host = self.host.removeprefix("www.")
        return host if self.port in WEB_PORTS.values() else f"{bracketed(host)}:{self.port}"


def bracketed(host: str) -> str:
    """An IPv6 address in brackets, any other host as it is."""
    return f"[{host}]" if ":" in host else host


def normalise_url(text: str, *, allowed_hosts: frozenset[str] = frozenset()) -> str:
    """Turn what a person typed into a canonical http or https URL, without a fragment.

    ``https`` is assumed when no scheme is given, ``http`` for an allowed ``host:port`` pair.

    Args:
        text: For example ``acme.com``, `` HTTPS://Acme.com/ `` or ``bücher.example/preise``.
        allowed_hosts: ``host:port`` pairs that may have a port other than 80 and 443.

    Raises:
        UserError: ``invalid_url`` for anything that is not the address of a website.
    """
    return parse_address(text, allowed_hosts=allowed_hosts).url


def parse_address(text: str, *, allowed_hosts: frozenset[str] = frozenset()) -> WebAddress:
    """Like ``normalise_url``, as parts.

    Raises:
        UserError: ``invalid_url``.
    """
    typed = text.strip().strip(_INVISIBLE_EDGES).strip()
    if not typed:
        raise invalid_url("")
    if len(typed) > MAX_URL_LENGTH:
        raise invalid_url(typed, "it is too long")
    if any(not character.isprintable() or character in " \\" for character in typed):
        raise invalid_url(typed, "it contains spaces or characters that no address has")
    match = _ADDRESS.fullmatch(typed)
    if match is None:
        raise invalid_url(typed)
    scheme = (match["scheme"] or "").lower()
    if not scheme and _OTHER_SCHEME.match(typed) and "@" not in match["authority"]:
        raise invalid_url(typed, "only http and https can be read")
    if scheme and scheme not in WEB_PORTS:
        raise invalid_url(typed, "only http and https can be read")
    if "@" in match["authority"]:
        raise invalid_url(typed, "an e-mail address or a sign-in name is not part of it")
    host, port = _split_authority(match["authority"], typed)
    pair = f"{bracketed(host)}:{port}" if port else ""
    if not scheme:
        scheme = "http" if pair in allowed_hosts else "https"
        # A single word without a scheme is a company's name far more often than a host.
        if (
            "." not in host
            and ":" not in host
            and host != "localhost"
            and pair not in allowed_hosts
        ):
            raise invalid_url(typed, "it has no ending such as .com")
    port = port or WEB_PORTS[scheme]
    if port not in WEB_PORTS.values() and f"{bracketed(host)}:{port}" not in allowed_hosts:
        raise invalid_url(typed, "only the standard ports 80 and 443 can be read")
    return WebAddress(scheme, host, port, _target(match["rest"]))


def has_scheme(text: str) -> bool:
    """Whether a person typed ``http://`` or ``https://`` themselves."""
    return "://" in text.split("?", 1)[0]


def join_address(
    base: str, reference: str, *, allowed_hosts: frozenset[str] = frozenset()
) -> WebAddress | None:
    """Resolve a link or a redirect against the page it stands on.

    Returns:
        The address, or None when it is not one of the web. Spaces and line ends are treated as
        browsers treat them, since pages contain them.
    """
    cleaned = re.sub(r"[\t\r\n]", "", reference).strip().replace(" ", "%20").replace("\\", "/")
    try:
        return parse_address(urljoin(base, cleaned), allowed_hosts=allowed_hosts)
    except (UserError, ValueError):
        return None


def page_key(url: str) -> str:
    """What makes two URLs the same page for us.

    Scheme, ``www.``, a slash at the end, the names of index files and tracking parameters do not
    count.
    """
    parts = urlsplit(url)
    host = (parts.netloc or "").lower().removeprefix("www.")
    path = re.sub(r"/(?:index|default|home)\.(?:html?|php|aspx?)$", "/", parts.path).rstrip("/")
    query = urlencode(
        sorted(
            (key, value)
            for key, value in parse_qsl(parts.query, keep_blank_values=True)
            if not _TRACKING.match(key.lower())
        )
    )
    return f"{host}{path}?{query}" if query else f"{host}{path}"


def _split_authority(authority: str, typed: str) -> tuple[str, int | None]:
    if authority.startswith("["):
        literal, bracket, port = authority[1:].partition("]")
        try:
            host = str(ipaddress.IPv6Address(literal))
        except ValueError:
            raise invalid_url(typed) from None
        # A zone ("%eth0") names an interface of this machine, never a website.
        if not bracket or "%" in literal or (port and not port.startswith(":")):
            raise invalid_url(typed)
        return host, _port(port[1:], typed)
    name, colon, port = authority.partition(":")
    return _host(name, typed), _port(port, typed) if colon else None


def _port(text: str, typed: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise invalid_url(typed, "its port is not a number that exists")
    return int(text)


def _host(name: str, typed: str) -> str:
    # NFKC turns the many forms of digits and dots into the plain ones, as resolvers would.
    host = unicodedata.normalize("NFKC", name).replace("。", ".").lower().removesuffix(".")
    if not host.isascii():
        try:
            host = httpx.URL(scheme="https", host=host).raw_host.decode("ascii")
        except (httpx.InvalidURL, UnicodeError):
            raise invalid_url(typed) from None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise invalid_url(typed)
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are addresses to a resolver: only the plain form passes.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise invalid_url(typed) from None
    return host


def _target(rest: str) -> str:
    target = quote(rest, safe="/?%:@!$&'()*+,;=~-._[]|")
    if target.startswith("?"):
        target = "/" + target
    return "" if target == "/" else target
