"""The text of a page that a visitor sees; quotes are verified against it.

What counts as hidden is decided in ``hidden.py``, block by block in ``blocks.py``. Content of a
closed ``<details>``, of tabs and of other slides counts as visible; alternative texts of pictures,
form values and everything in the head do not.
"""

from __future__ import annotations

from collections.abc import Iterable

from blossomer.services.website.blocks import Block, visible_blocks
from blossomer.services.website.parse import decode, parse


def visible_text(html: bytes | str) -> str:
    """All that a visitor can see, one block a line, NFKC-normalised.

    Args:
        html: The page.
    """
    text = html if isinstance(html, str) else decode(html)
    return text_of(visible_blocks(parse(text)))


def text_of(blocks: Iterable[Block]) -> str:
    """The text of blocks, one a line.

    Args:
        blocks: In reading order.
    """
    return "\n".join(block.text for block in blocks)
