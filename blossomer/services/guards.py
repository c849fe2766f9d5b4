"""Which page somebody may see, in both directions: the one table of guards. Pure; no input, output.

The server asks before it serves a page's HTML (``api/page_guard.py``), and a page asks when it
opens without a load. What a page *shows* is guarded again with every event.
"""

from __future__ import annotations

import re
from posixpath import normpath
from urllib.parse import parse_qs, quote, unquote, urlencode

HOME = "/app/company"
"""Where somebody is who is signed in and has not asked for a place."""
SIGN_IN = "/auth"
PLAYGROUND_HOME = "/playground/company"

_PLACES = ("/app", "/playground", "/account-settings")
"""Where one may want to be after signing in. No other path is ever redirected to."""
LONGEST_PATH = 512
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]|[^\x00-\x7f]|//|/\.{1,2}(?:/|$)")


def redirect_for(path: str, query: str, *, signed_in: bool) -> str | None:
    """Where somebody must go instead, or None when they may stay.

    Args:
        path: The path they ask for, percent-decoded.
        query: Its query, without the question mark, as it came.
        signed_in: Whether they are.
    """
    place = _normal(path)
    if signed_in:
        if _is_within(place, "/playground"):
            # The same list; an id there is a browser's draft, which the app does not know.
            section = place.split("/")[2:3]
            return f"/app/{quote(section[0], safe='')}" if section else HOME
        if place == "/app":
            return HOME
        if place == SIGN_IN:
            return safe_return_path(_next_in(query))
        return None
    if _is_within(place, "/app") or _is_within(place, "/account-settings"):
        return sign_in_path(f"{place}?{query}" if query else place)
    if place == "/playground":
        return PLAYGROUND_HOME
    return None


def is_guarded(path: str) -> bool:
    """Whether it matters for a path who asks for it."""
    place = _normal(path)
    return place == SIGN_IN or any(_is_within(place, root) for root in _PLACES)


def sign_in_path(wanted: str = "", *, mode: str = "signin") -> str:
    """The page to sign in on, from which one comes back to a place.

    Args:
        wanted: Path and query; left out when it is no place to come back to.
        mode: ``signin`` or ``signup``.
    """
    query = {"mode": mode}
    if safe_return_path(wanted, default=""):
        query["next"] = wanted
    return f"{SIGN_IN}?{urlencode(query)}"


def safe_return_path(wanted: object, default: str = HOME) -> str:
    """A path and query of our own to which a browser may be sent, or the default.

    Browsers drop tabs and line breaks, take a backslash for a slash, and read ``//host`` as another
    server; a proxy may decode once more. So what looks odd in any of its readings is not followed.

    Args:
        wanted: What a client asks for; anything.
        default: The answer to everything else than a place of ours.
    """
    if not isinstance(wanted, str) or not 0 < len(wanted) <= LONGEST_PATH:
        return default
    path, _, query = wanted.partition("?")
    for _reading in range(3):
        if _UNSAFE.search(path) or "#" in path or "?" in path or ":" in path:
            return default
        path, before = unquote(path, errors="replace"), path
        if path == before:
            break
    else:
        return default
    if not any(_is_within(path, root) for root in _PLACES):
        return default
    # In the query a percent sign is fine; a raw control character or a fragment is not.
    if re.search(r"[^\x21-\x7e]|[\\#]", query):
        return default
    return wanted


def _normal(path: str) -> str:
    """The path as pages are found by it: any number of slashes, the first name in any case."""
    _, first, *others = normpath(f"/{path.lstrip('/')}").split("/")
    return "/".join(("", first.casefold(), *others))


def _next_in(query: str) -> str:
    try:
        return parse_qs(query, max_num_fields=20).get("next", [""])[0]
    except ValueError:
        return ""


def _is_within(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}/")
