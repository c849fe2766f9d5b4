"""What a page says about itself outside its text: title, meta tags, JSON-LD, links, language.

Everything here comes from the site and is unchecked: bounded in size, never trusted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from blossomer.services.website.text import clean_text

MAX_JSON_CHARACTERS = 300_000
MAX_JSON_OBJECTS = 200
MAX_JSON_DEPTH = 20
MAX_META = 200
MAX_META_CHARACTERS = 2_000
MAX_LINKS = 2_000
MAX_URL_CHARACTERS = 2_000
"""Bounds against hostile pages; real ones stay well below each."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*\Z")
_ESCAPED_SURROGATE = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
_JSON_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$"
)


def read_meta(root: etree._Element) -> dict[str, str]:
    """Meta tags by lower-case name or property; the first of a name wins.

    Args:
        root: The parsed page.
    """
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop") or ""
        content = element.get("content")
        name = clean_text(name[:100]).lower()
        if name and content and name not in found and len(found) < MAX_META:
            found[name] = clean_text(content[:MAX_META_CHARACTERS])
    return found


def read_title(root: etree._Element) -> str:
    """Text of the page's title element; titles inside drawings are not it."""
    for element in root.iter("title"):
        parent = element.getparent()
        if parent is not None and parent.tag in {"head", "html", "body"}:
            title = clean_text("".join(map(str, element.itertext()))[:MAX_META_CHARACTERS])
            if title:
                return title
    return ""


def read_language(root: etree._Element) -> str:
    """Language code of the html element, lower case; empty when it has none or nonsense."""
    code = (root.get("lang") or root.get("xml:lang") or "").strip().lower().replace("_", "-")
    return code if _LANGUAGE.match(code) else ""


def read_json_ld(root: etree._Element) -> tuple[dict[str, Any], ...]:
    """The JSON-LD objects of a page, lists and ``@graph`` flattened; what is malformed is left out.

    Args:
        root: The parsed page.
    """
    found: list[dict[str, Any]] = []
    for script in root.iter("script"):
        kind = (script.get("type") or "").split(";")[0].strip().lower()
        text = script.text or ""
        if kind != "application/ld+json" or len(text) > MAX_JSON_CHARACTERS:
            continue
        try:
            value = json.loads(_JSON_WRAPPING.sub("", text), strict=False)
            if _ESCAPED_SURROGATE.search(text):
                # Half of a pair would break everything that writes UTF-8 further on.
                value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="ignore"))
        except (ValueError, RecursionError):
            continue
        if _depth(value) <= MAX_JSON_DEPTH:
            found.extend(_objects(value))
    return tuple(found[:MAX_JSON_OBJECTS])


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for entry in value:
            yield from _objects(entry)
    elif isinstance(value, dict):
        graph = value.get("@graph")
        rest = {name: entry for name, entry in value.items() if name != "@graph"}
        if set(rest) - {"@context", "@id"}:
            yield rest
        if isinstance(graph, list | dict):
            yield from _objects(graph)


def _depth(value: object) -> int:
    depth, layer = 0, [value]
    while layer and depth <= MAX_JSON_DEPTH:
        depth += 1
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def read_links(root: etree._Element, url: str) -> tuple[tuple[str, str], ...]:
    """Links of the page to the same site: absolute address and text, in order, each address once.

    The same site is the same host, with or without ``www.``, or a host below it. Links in hidden
    menus count too: they only say which pages exist.

    Args:
        root: The parsed page.
        url: Address of the page, against which relative links are resolved.
    """
    base = next((href for element in root.iter("base") if (href := element.get("href"))), "")
    base = _join(url, base) or url
    site = _site(url)
    found: dict[str, str] = {}
    targets: dict[str, str] = {}
    for element in root.iter("a"):
        href = element.get("href")
        if not href or href.startswith("#") or len(href) > MAX_URL_CHARACTERS:
            continue
        target = targets.get(href)
        if target is None:
            target = targets[href] = _same_site(_join(base, href), site)
        if not target or (target not in found and len(found) == MAX_LINKS):
            continue
        if not found.get(target):
            words = clean_text(" ".join(map(str, element.itertext()))[:MAX_META_CHARACTERS])
            found[target] = words[:300]
    return tuple(found.items())


def _same_site(target: str, site: str) -> str:
    host = _site(target)
    return target if host and (host == site or host.endswith(f".{site}")) else ""


def _join(base: str, href: str) -> str:
    """The absolute http(s) address of a link without its fragment, or nothing."""
    try:
        target = urljoin(base, clean_text(href)).partition("#")[0]
        parts = urlsplit(target)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    return target if is_web and len(target) <= MAX_URL_CHARACTERS else ""


def _site(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
