"""One HTML page in, one ``Page`` out: every field of it, from one parse.

Joins the parts of the extraction; the rules are in ``parse.py``, ``hidden.py``, ``blocks.py``,
``main_content.py``, ``sections.py`` and ``metadata.py``.
"""

from __future__ import annotations

from blossomer.services.website.blocks import visible_blocks
from blossomer.services.website.main_content import choose_main, join_blocks
from blossomer.services.website.metadata import (
    read_json_ld,
    read_language,
    read_links,
    read_meta,
    read_title,
)
from blossomer.services.website.model import Page, PageKind
from blossomer.services.website.parse import decode, parse
from blossomer.services.website.sections import sections_of
from blossomer.services.website.visible import text_of


def extract_page(
    html: bytes, url: str, *, kind: PageKind = "other", encoding: str | None = None
) -> Page:
    """Read everything that the analysis needs from the HTML of one page.

    Never fails, whatever the bytes are; a page without text gives empty texts. Time and memory are
    bounded (see ``parse.py``).

    Args:
        html: Body of the response, decompressed.
        url: Address after redirects.
        kind: What the page is likely to tell.
        encoding: Charset of the HTTP header, if it named one.
    """
    root = parse(decode(html, encoding))
    blocks = visible_blocks(root)
    main = choose_main(blocks)
    meta = read_meta(root)
    description = meta.pop("description", "")
    return Page(
        url=url,
        kind=kind,
        title=read_title(root) or meta.get("og:title", ""),
        description=description or meta.get("og:description", ""),
        prompt_text=join_blocks(main),
        visible_text=text_of(blocks),
        sections=sections_of(main),
        json_ld=read_json_ld(root),
        meta=meta,
        links=read_links(root, url),
        language=read_language(root),
    )
