"""From bytes to one parsed tree: encoding detection and bounds against hostile HTML.

Every other module of the extraction works on the tree made here, so that a page is parsed once.
"""

from __future__ import annotations

import codecs
import re

from lxml import etree

MAX_CHARACTERS = 5_000_000
MAX_TAGS = 60_000
"""Largest part of a page that is read. The 165 real pages of the benchmark have at most 13,000 tags
and 2.6 million characters; the walk over 60,000 elements stays under a few seconds."""

MAX_ATTRIBUTES = 1_000
"""Most attributes of one tag. No real page comes near; libxml2 needs quadratic time for them."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
_NOT_TEXT = frozenset({"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode"})
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252"})
_TAG = re.compile(
    # Never fails after its first letter and never looks back, so scanning a page is linear.
    r"<(?:!--|(?P<name>/?[a-zA-Z][^\s/>]{0,40})"
    r"(?:[^>=]++|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))?+)*+(?:>|\Z))"
)
_VALUE = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_RAW_END = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title")
}


def decode(html: bytes, encoding: str | None = None) -> str:
    """Turn the bytes of a page into text; never fails.

    Tried in this order, as browsers do: byte order mark, the charset of the HTTP header, the meta
    element, UTF-8, Windows-1252.

    Args:
        html: Body of the response, decompressed.
        encoding: Charset of the HTTP header, if it named one.
    """
    html = html[: 2 * MAX_CHARACTERS]
    for mark, name in _BOMS:
        if html.startswith(mark):
            return html[len(mark) :].decode(name, "replace")[:MAX_CHARACTERS]
    meta = _META_CHARSET.search(html[:4_096])
    named = [encoding or "", meta[1].decode("ascii", "replace") if meta else ""]
    for name in (*filter(None, map(_known_encoding, named)), "utf-8"):
        try:
            # Strict, because a wrong label is common and Windows-1252 is then the better guess.
            return html.decode(name)[:MAX_CHARACTERS]
        except (UnicodeDecodeError, ValueError):
            # A page cut or damaged in one place is still UTF-8 if nearly all of it is.
            text = html.decode(name, "replace")
            if text.count("\ufffd") <= len(text) / 1_000:
                return text[:MAX_CHARACTERS]
    return html.decode("cp1252", "replace")[:MAX_CHARACTERS]


def _known_encoding(name: str) -> str:
    try:
        known = codecs.lookup(name.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return ""
    if known in _NOT_TEXT:
        return ""
    if known.startswith(("utf-16", "utf-32")):
        # Without a byte order mark a page that says so in ASCII is not UTF-16.
        return ""
    # The web's Latin-1 is Windows-1252 (WHATWG Encoding Standard), and often mislabelled UTF-8.
    return "" if known in _LATIN else known


def parse(html: str) -> etree._Element:
    """Parse a page of any quality. The tree always has a body, and no comments.

    Args:
        html: Text of the page; what lies beyond ``MAX_CHARACTERS`` or ``MAX_TAGS`` is not read.
    """
    html = _bounded(html[:MAX_CHARACTERS].replace("\x00", ""))
    # libxml2 wants bytes: a str with an XML declaration is refused.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root: etree._Element | None
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, AssertionError, ValueError):
        root = None
    if root is None or root.tag != "html":
        root = etree.Element("html")
    if root.find("body") is None:
        etree.SubElement(root, "body")
    return root


def _bounded(html: str) -> str:
    """Cut the page after ``MAX_TAGS`` tags, and empty and hide tags with too many attributes."""
    pieces: list[str] = []
    done = position = tags = 0
    while tag := _TAG.search(html, position):
        if tag["name"] is None:
            end = html.find("-->", tag.end())
            position = len(html) if end == -1 else end
            continue
        tags += 1
        if tags > MAX_TAGS:
            return "".join(pieces) + html[done:position]
        start, position = tag.span()
        if position - start > MAX_ATTRIBUTES and (
            len(_VALUE.sub(" ", tag[0]).replace("/", " ").split()) > MAX_ATTRIBUTES
        ):
            # Hidden, because one of the attributes that are lost may have said so.
            pieces += [html[done:start], f"<{tag['name']} hidden>"]
            done = position
        raw_end = _RAW_END.get(tag["name"].lower())
        if raw_end:
            closing = raw_end.search(html, position)
            position = closing.start() if closing else len(html)
    return "".join(pieces) + html[done:] if pieces else html
