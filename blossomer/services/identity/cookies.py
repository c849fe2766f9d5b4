"""The cookies of a browser that is signed in, or signing in: names, attributes, reading.

A secret in a cookie is all that a browser ever gets; tokens stay on the server.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from blossomer.settings import Settings

LONGEST_HEADER = 16_384
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


class Cookies:
    """The names of this server's cookies, and how they are set.

    Over HTTPS the names begin with ``__Host-``: browsers then take such a cookie from this host
    alone, for all of its paths, and send it over HTTPS only (RFC 6265bis, section 4.1.3).

    Args:
        settings: For the scheme of PUBLIC_URL.
    """

    def __init__(self, settings: Settings) -> None:
        self._is_secure = settings.public_url.startswith("https://")
        prefix = "__Host-" if self._is_secure else ""
        self.session = f"{prefix}blossomer"
        self.sign_in = f"{prefix}blossomer-sign-in"

    def set(self, name: str, value: str, seconds: int) -> str:
        """The value of a ``Set-Cookie`` header.

        Args:
            name: One of the two.
            value: URL-safe; empty removes the cookie.
            seconds: How long the browser keeps it.
        """
        lasting = f"Max-Age={seconds if value else 0}"
        parts = [f"{name}={value}", "Path=/", lasting, "HttpOnly", "SameSite=Lax"]
        return "; ".join([*parts, "Secure"] if self._is_secure else parts)

    def read(self, header: str | None, name: str) -> str:
        """The value of a cookie in a ``Cookie`` header, or an empty string.

        Of several with the same name the first counts, which browsers send first since it is the
        more specific one. An endless header is not looked at.
        """
        if not header or len(header) > LONGEST_HEADER:
            return ""
        for part in header.split(";"):
            found, separator, value = part.strip().partition("=")
            if separator and found == name:
                return value
        return ""

    def session_hash(self, header: str | None) -> str | None:
        """The hash of the session's secret in a ``Cookie`` header, or None when there is none."""
        secret = self.read(header, self.session)
        return secret_hash(secret) if _SECRET.fullmatch(secret) else None


def new_secret() -> str:
    """A session's secret: 256 random bits in 43 characters."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is stored of a secret. It is random, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
