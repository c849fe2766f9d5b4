"""The fixture sites as a reader gives them."""

from __future__ import annotations

from blossomer.entities.base import Coverage
from blossomer.services.website.extract import extract_page
from blossomer.services.website.model import PageKind, Website
from tests.support.fixture_site import SITES

KINDS: dict[str, PageKind] = {
    "index": "home",
    "product": "product",
    "pricing": "pricing",
    "preise": "pricing",
    "customers": "customers",
    "solutions": "solutions",
    "about": "about",
}


def read(site: str, base: str = "https://quayline.example") -> Website:
    """All pages of a fixture site, home first."""
    files = [SITES / site / f"{name}.html" for name in KINDS]
    pages = tuple(
        extract_page(
            file.read_bytes(),
            base + ("/" if file.stem == "index" else f"/{file.stem}"),
            kind=KINDS[file.stem],
        )
        for file in files
        if file.is_file()
    )
    return Website(base, pages, Coverage(reader="built-in"))
