"""The provider's public keys: fetched, kept, and asked for again when a new one appears.

Their form is that of RFC 7517. What a token must look like is in ``verifier.py``.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from jwt.algorithms import ECAlgorithm
from jwt.exceptions import PyJWTError

from blossomer.log import get_logger
from blossomer.services.identity import causes

log = get_logger(__name__)

KEYS_LAST_SECONDS = 3600.0
SECONDS_BETWEEN_FETCHES = 30.0
"""Anybody can send tokens with invented key ids; each must not become a request to the provider."""
SECONDS_BETWEEN_FIRST_FETCHES = 2.0
"""While there are no keys at all nobody can sign in, so it is tried more often."""
FETCH_SECONDS = 5.0
MOST_BYTES = 64_000
MOST_KEYS = 20


class KeySet:
    """The keys of one provider.

    Keys that are older than an hour still serve while newer ones are being fetched, and go on
    serving when that fails: the provider being down for a while must not sign people out.

    Args:
        url: Where they are published.
        http: With which they are fetched.
        clock: Seconds that only ever grow.
    """

    def __init__(
        self, url: str, http: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._http = http
        self._clock = clock
        self._keys: dict[str, EllipticCurvePublicKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, key_id: str) -> EllipticCurvePublicKey:
        """The key with that id.

        Raises:
            UserError: ``invalid_token`` (401) when the provider has no such key,
                ``identity_unavailable`` (503) when its keys cannot be had.
        """
        known = self._keys.get(key_id)
        if known is not None:
            if self._clock() - self._fetched_at > KEYS_LAST_SECONDS and self._may_fetch():
                self._fetch_soon()
            return known
        if self._fetching is not None or self._may_fetch():
            # Whoever waits may give up; the others, and the fetch itself, go on.
            await asyncio.shield(self._fetch_soon())
        if not self._keys:
            wait = self._tried_at + SECONDS_BETWEEN_FIRST_FETCHES - self._clock()
            raise causes.identity_unavailable(retry_after=max(1, round(wait)))
        found = self._keys.get(key_id)
        if found is None:
            raise causes.invalid_token()
        return found

    async def close(self) -> None:
        """End a fetch that is under way."""
        fetching = self._fetching
        if fetching is not None:
            fetching.cancel()
            await asyncio.wait({fetching})

    def _may_fetch(self) -> bool:
        pause = SECONDS_BETWEEN_FETCHES if self._keys else SECONDS_BETWEEN_FIRST_FETCHES
        return self._clock() - self._tried_at >= pause

    def _fetch_soon(self) -> asyncio.Task[None]:
        if self._fetching is None:
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return self._fetching

    def _fetched(self, _task: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _fetch(self) -> None:
        """Replace the keys by those that are published now; on a failure keep what is there."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                keys = usable_keys(json.loads(await self._document()))
            if not keys:
                raise ValueError("no key for ES256 in it")
        except (httpx.HTTPError, TimeoutError, ValueError, RecursionError) as error:
            log.warning("identity.keys_unavailable", reason=f"{type(error).__name__}: {error}")
            return
        self._keys = keys
        self._fetched_at = self._clock()

    async def _document(self) -> bytes:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with self._http.stream(
            "GET", self._url, headers=headers, follow_redirects=False, timeout=FETCH_SECONDS
        ) as answer:
            if answer.status_code != 200:
                raise ValueError(f"status {answer.status_code}")
            body = b""
            async for chunk in answer.aiter_bytes(8_192):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise ValueError("too large")
            return body


def usable_keys(document: Any) -> dict[str, EllipticCurvePublicKey]:
    """The keys of a set that can verify ES256, by id; whatever else is in it is left out."""
    entries = document.get("keys") if isinstance(document, dict) else None
    found = {}
    for entry in (entries if isinstance(entries, list) else [])[:MOST_KEYS]:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        if entry.get("kty") != "EC" or entry.get("crv") != "P-256":
            continue
        if entry.get("use", "sig") != "sig" or entry.get("alg", "ES256") != "ES256":
            continue
        public = {name: entry.get(name) for name in ("kty", "crv", "x", "y")}
        try:
            key = ECAlgorithm.from_jwk(json.dumps(public))
        except (PyJWTError, ValueError, TypeError):
            continue
        if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
            found[entry["kid"]] = key
    return found
