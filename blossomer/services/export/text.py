"""Foreign text on its way into a file: what no file may hold is dropped, and links are checked.

Names, statements and quotes come from models, websites and imported files. Each format escapes
them in its own way; this is what all of them need first.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

MOST_LINK = 2_000
"""Longest link. Word refuses longer ones (2,083 characters) and browsers cut them."""

_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, lone surrogates and non-characters, which XML 1.0 (section 2.2) cannot hold; the marks
# that turn the direction of everything after them, which let a text rearrange its neighbours
# (CVE-2021-42574); and the byte order mark. Marks for one letter (200E, 200F) and joiners stay.
_DROPPED = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_NO_LETTER = re.compile(r"[\W_]+")
_MOST_NAME = 60


def plain(text: object) -> str:
    """A text that every format can hold: line feeds end lines, no other control, trimmed."""
    cleaned = _DROPPED.sub("", _LINE_ENDS.sub("\n", str(text))).replace("\t", " ")
    return "\n".join(line.strip() for line in cleaned.split("\n")).strip()


def one_line(text: object) -> str:
    """``plain`` without line breaks, for headings and cells."""
    return " ".join(plain(text).split())


def paragraphs(text: object) -> list[str]:
    """``plain``, divided where lines are blank."""
    return [part.strip() for part in re.split(r"\n{2,}", plain(text)) if part.strip()]


def safe_link(url: object) -> str:
    """A web address that cannot end the place it is put into; nothing when it is none.

    Args:
        url: From a document. Only http and https are accepted; brackets, quotes, spaces and
            everything beyond ASCII come out percent-encoded.
    """
    text = plain(url)
    try:
        parts = urlsplit(text)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    link = quote(text, safe="/:?#@!$&*+,;=%~-._[]")
    return link if is_web and len(link) <= MOST_LINK else ""


def short_url(url: object) -> str:
    """An address without its scheme and trailing slash, for reading."""
    return one_line(url).removeprefix("https://").removeprefix("http://").rstrip("/")


def moment(text: object) -> str:
    """An ISO 8601 moment for a person, in UTC; nothing when it is none."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return ""
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    try:
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except OverflowError:  # the first or last day there is, in another zone
        return ""


def slug(name: object) -> str:
    """A part of a file's name: letters and digits of any script with hyphens; may be empty."""
    words = _NO_LETTER.sub("-", unicodedata.normalize("NFKC", plain(name))).strip("-").lower()
    return words[:_MOST_NAME].strip("-")
