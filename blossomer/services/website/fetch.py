"""Bringing one document from a website, within limits that hold against a hostile server.

Limits are on time (per read and in total), bytes (as sent and as decompressed), redirects and
kinds of content. Which addresses may be reached is decided in ``guard.py``; what the bytes mean in
``extract.py``.
"""

from __future__ import annotations

import asyncio
import html
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from blossomer.errors import UserError
from blossomer.services.website import failures
from blossomer.services.website.address import WebAddress, join_address, parse_address
from blossomer.services.website.decoding import BoundedDecoder
from blossomer.services.website.guard import AddressGuard, GuardedTransport, direct_transport

BOT_NAME = "BlossomerBot"
"""The name that robots.txt rules are looked up by."""

MAX_REDIRECTS = 5
PAGE_SECONDS = 10.0
"""Most time for one document with all its redirects: a page that takes longer is not waited for."""

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
XML_TYPES = frozenset({"application/xml", "text/xml", "text/plain"})

_TIMEOUT = httpx.Timeout(8.0, connect=5.0, pool=None)
_CHUNK = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document as it came.

    Args:
        address: Where it was found, after redirects.
        body: Bytes after decompression.
        content_type: Media type in lower case without parameters; empty when not sent.
        charset: Encoding that the header names, if any.
        complete: False when the body was cut at the limit because the caller allowed that.
    """

    address: WebAddress
    body: bytes
    content_type: str = ""
    charset: str | None = None
    complete: bool = True


class Fetcher:
    """Fetches documents of the outside web. One fetcher serves one read of one website.

    Args:
        guard: Decides which addresses may be reached.
        max_bytes: Most bytes of one body after decompression.
        user_agent: Sent as it is.
        allowed_hosts: ``host:port`` pairs with ports other than 80 and 443.
        tls: Certificates to trust; None for the usual ones.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        max_bytes: int,
        user_agent: str = f"{BOT_NAME}/1.0",
        allowed_hosts: frozenset[str] = frozenset(),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        context = tls or httpx.create_ssl_context(trust_env=False)
        self._max_bytes = max_bytes
        self._allowed_hosts = allowed_hosts
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(guard, lambda: direct_transport(context)),
            follow_redirects=False,
            trust_env=False,
            timeout=_TIMEOUT,
            # Keeps nothing: a website must not recognise the reader from page to page.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            headers={
                "User-Agent": user_agent,
                "Accept": "text/html,application/xhtml+xml,text/plain;q=0.8,*/*;q=0.1",
                "Accept-Language": "en,*;q=0.5",
                "Accept-Encoding": "gzip, deflate",
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def fetch(
        self,
        url: str,
        *,
        types: frozenset[str] | None = HTML_TYPES,
        seconds: float = PAGE_SECONDS,
        limit: int | None = None,
        cut: bool = False,
    ) -> Fetched:
        """Fetch one document, following redirects.

        Args:
            url: Where to begin.
            types: Media types to accept; None for all. A missing type counts as HTML.
            seconds: Most time in total.
            limit: Most bytes; None for the fetcher's own limit.
            cut: Return the first ``limit`` bytes of a longer body instead of refusing it.

        Raises:
            UserError: For everything that the outside world can do wrong.
        """
        address = parse_address(url, allowed_hosts=self._allowed_hosts)
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(address, types, limit or self._max_bytes, cut)
        except TimeoutError:
            raise failures.website_timeout(address.host) from None

    async def _follow(
        self, address: WebAddress, types: frozenset[str] | None, limit: int, cut: bool
    ) -> Fetched:
        start = address.host
        seen = {address.url}
        while True:
            async with self._request(address) as response:
                if response.status_code not in _REDIRECTS:
                    return await self._read(response, address, types, limit, cut)
                location = response.headers.get("location", "")
            target = join_address(address.url, location, allowed_hosts=self._allowed_hosts)
            if target is None:
                raise failures.address_not_allowed()
            if target.url in seen or len(seen) > MAX_REDIRECTS:
                raise failures.redirect_loop(start)
            seen.add(target.url)
            address = target

    @asynccontextmanager
    async def _request(self, address: WebAddress) -> AsyncIterator[httpx.Response]:
        """One request, with every failure of the network in words."""
        host = address.host
        try:
            async with self._client.stream("GET", address.url) as response:
                yield response
        except httpx.TimeoutException:
            raise failures.website_timeout(host) from None
        except httpx.ConnectError as error:
            raise _connect_failure(host, error) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            raise failures.connection_lost(host) from None

    async def _read(
        self,
        response: httpx.Response,
        address: WebAddress,
        types: frozenset[str] | None,
        limit: int,
        cut: bool,
    ) -> Fetched:
        host = address.host
        if not response.is_success:
            raise failures.unexpected_status(host, response.status_code, _retry_after(response))
        content_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if types is not None and content_type and content_type not in types:
            raise failures.not_html(host)
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit and not cut:
            raise failures.page_too_large(host)
        body = bytearray()
        try:
            decoder = BoundedDecoder(response.headers.get("content-encoding", ""), limit)
            async for chunk in response.aiter_raw(_CHUNK):
                body += decoder.decode(chunk)
                if decoder.exceeded:
                    break
        except ValueError:
            raise failures.unreadable_answer(host) from None
        if decoder.exceeded and not cut:
            raise failures.page_too_large(host)
        complete = not decoder.exceeded
        return Fetched(address, bytes(body), content_type, response.charset_encoding, complete)


def as_html(fetched: Fetched) -> tuple[bytes, str | None]:
    """The body as HTML with the charset of the header; plain text is wrapped in paragraphs."""
    if fetched.content_type != "text/plain":
        return fetched.body, fetched.charset
    try:
        text = fetched.body.decode(fetched.charset or "utf-8", errors="replace")
    except LookupError:
        text = fetched.body.decode("utf-8", errors="replace")
    blocks = (block.strip() for block in text.replace("\r\n", "\n").split("\n\n"))
    paragraphs = "".join(f"<p>{html.escape(block)}</p>" for block in blocks if block)
    return f"<html><body><main>{paragraphs}</main></body></html>".encode(), "utf-8"


def _connect_failure(host: str, error: httpx.ConnectError) -> UserError:
    """Tell a broken certificate from a closed door: both are one kind of error to httpx."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return failures.tls_failure(host)
        cause = cause.__cause__ or cause.__context__
    return failures.connection_refused(host)


def _retry_after(response: httpx.Response) -> int | None:
    value = response.headers.get("retry-after", "")
    # A date is allowed too; a number is what servers send, and a day is the most that helps.
    return min(int(value), 86_400) if value.isdecimal() and len(value) < 8 else None
