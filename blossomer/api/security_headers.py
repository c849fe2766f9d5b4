"""The headers that tell a browser what an answer may do, and how long it may keep it.

The content security policy names the inline scripts of the built pages by their hashes, so that a
script that came in with someone's text does not run even if all else failed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from blossomer.api.errors import is_api_path
from blossomer.settings import Settings
from blossomer.web_origins import allowed_origins

_INLINE_SCRIPT = re.compile(
    r"<script(?P<attributes>(?:\s[^>]*)?)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE
)
_HAS_SOURCE = re.compile(r"\ssrc\s*=", re.IGNORECASE)
_HASHED_ASSET = re.compile(r"^/assets/[^?]*-[\w-]{8,}\.[\w.]+$")
_FALLBACK_PAGES = ("404.html", "__spa-fallback.html")

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "browsing-topics=()",
}
_NOTHING_ALLOWED = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """Decides the headers of every answer.

    Args:
        settings: For the websocket's address, and for HTTPS in production.
        pages: Folder of the built pages; read when the first page is served.
    """

    def __init__(self, settings: Settings, pages: Path) -> None:
        self._pages = pages
        self._fixed = dict(_ALWAYS)
        self._is_https = settings.environment == "production" and settings.public_url.startswith(
            "https://"
        )
        if self._is_https:
            self._fixed["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        # 'self' covers the same-origin websocket, except in older versions of Safari. A policy
        # cannot name an IPv6 address; browsers complain about one on every page.
        sockets = [
            f"ws{origin.removeprefix('http')}"
            for origin in allowed_origins(settings)
            if "[" not in origin
        ]
        self._connect = " ".join(["'self'", *sockets])
        self._page_ends = ("upgrade-insecure-requests",) if self._is_https else ()

    def for_answer(self, path: str, content_type: str) -> dict[str, str]:
        """The headers of one answer; what the answer itself sets goes first.

        Args:
            path: Path of the request.
            content_type: Of the answer, or empty.
        """
        is_page = content_type.startswith("text/html") and not is_api_path(path)
        policy = self._page_policy(path) if is_page else _NOTHING_ALLOWED
        return {
            **self._fixed,
            "Content-Security-Policy": policy,
            "Cache-Control": cache_control(path, content_type),
        }

    def _page_policy(self, path: str) -> str:
        scripts = dict.fromkeys(
            script
            for file in self._files_for(path)
            for script in _script_hashes(file, file.stat().st_mtime_ns)
        )
        return "; ".join(
            (
                "default-src 'self'",
                " ".join(["script-src 'self'", *scripts]),
                # Styles that React sets on elements are inline by nature.
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data:",
                "font-src 'self' data:",
                f"connect-src {self._connect}",
                "object-src 'none'",
                "frame-src 'none'",
                "worker-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                *self._page_ends,
            )
        )

    def _files_for(self, path: str) -> list[Path]:
        """The files that may be served for a path: its own page, and those that stand in for it."""
        parts = [part for part in path.split("/") if part not in ("", ".", "..")]
        own = self._pages.joinpath(*parts)
        candidates = [own / "index.html"]
        if parts:
            candidates += [own, own.with_name(f"{own.name}.html")]
        candidates += [self._pages / name for name in _FALLBACK_PAGES]
        return [file for file in candidates if file.suffix == ".html" and file.is_file()]


def cache_control(path: str, content_type: str) -> str:
    """How long an answer may be kept.

    Args:
        path: Path of the request.
        content_type: Of the answer, or empty.
    """
    if is_api_path(path):
        return "no-store"
    if _HASHED_ASSET.match(path):
        return "public, max-age=31536000, immutable"
    if content_type.startswith(("image/", "font/")):
        return "public, max-age=3600"
    return "no-cache"


@lru_cache(maxsize=256)
def _script_hashes(file: Path, _modified: int) -> tuple[str, ...]:
    """Sources of all inline scripts of a page, as a content security policy names them."""
    return inline_script_hashes(file.read_text(encoding="utf-8"))


def inline_script_hashes(html: str) -> tuple[str, ...]:
    """``'sha256-…'`` of every inline script (Content Security Policy Level 3, section 2.3.1)."""
    return tuple(
        f"'sha256-{base64.b64encode(hashlib.sha256(match['code'].encode()).digest()).decode()}'"
        for match in _INLINE_SCRIPT.finditer(html)
        if not _HAS_SOURCE.search(match["attributes"])
    )
