"""Somebody who signs in on this machine, over HTTP, as a browser would."""

from __future__ import annotations

import re

import httpx

COOKIE = "blossomer"


async def sign_in(url: str, email: str, *, address: str = "", keep_alive: bool = True) -> str:
    """Sign in at a running server with its local issuer; returns the ``Cookie`` header.

    Args:
        url: Of the server, or of a proxy in front of several.
        email: Who signs in.
        address: From where, for a server that trusts the proxy in front of it.
        keep_alive: Whether one connection is used for all requests.
    """
    headers = {"X-Forwarded-For": address} if address else {}
    limits = httpx.Limits() if keep_alive else httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=url, follow_redirects=True, timeout=20, headers=headers, limits=limits
    ) as client:
        form = await client.get("/auth/login/google", params={"mode": "signin"})
        form.raise_for_status()
        ticket = re.search(r'name="form" value="([^"]+)"', form.text)
        assert ticket, form.text[:500]
        await client.post(
            str(form.url),
            data={"form": ticket[1], "email": email, "name": "", "answer": "go"},
            headers={"Origin": url},
        )
        secret = client.cookies.get(COOKIE)
        assert secret, "no session began"
    return f"{COOKIE}={secret}"


async def sign_out(url: str, cookie: str) -> None:
    """End a session."""
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        answer = await client.post("/auth/logout", headers={"Cookie": cookie, "Origin": url})
        assert answer.status_code == 303, answer.text
