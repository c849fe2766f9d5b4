"""The main content of a page: which visible blocks to keep, and how they are written down.

The choice is a weighted sum of the features of ``block_features.py``. Hidden text cannot get in,
because the blocks hold none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from blossomer.services.website.block_features import block_features
from blossomer.services.website.block_weights import BIAS, WEIGHTS
from blossomer.services.website.blocks import Block, Container, visible_blocks
from blossomer.services.website.parse import decode, parse

_WEIGHTED = frozenset(WEIGHTS)

REPEATED_LENGTH = 20
"""Characters from which a block that comes again word for word is left out: carousels and layouts
for small and large screens hold the same text several times. Shorter ones are table cells."""


def choose_main(blocks: Sequence[Block]) -> list[Block]:
    """The blocks that are the page's own message, in reading order, each once.

    Args:
        blocks: All visible blocks of one page.
    """
    chosen = [
        block
        for block, features in zip(blocks, block_features(blocks), strict=True)
        if _score(features) > 0 and not _is_site_link(block)
    ]
    if not chosen:
        # A page of a few plain sentences gives the features little to go by.
        chosen = [block for block in blocks if block.is_sentence]
    seen: set[str] = set()
    result = []
    for block in chosen:
        if block.text in seen:
            continue
        if len(block.text) > REPEATED_LENGTH:
            seen.add(block.text)
        result.append(block)
    # Headings with nothing under them at the end are those of the footer.
    last = max((i for i, block in enumerate(result) if not block.level), default=len(result) - 1)
    return result[: last + 1]


def _score(features: set[str]) -> float:
    # Rounded, because a set has no order and sums of floats depend on it.
    return round(BIAS + sum(map(WEIGHTS.__getitem__, features & _WEIGHTED)), 6)


def _is_site_link(block: Block) -> bool:
    """Whether this is only a link in a navigation or footer, even on a page of nothing else."""
    if block.link_words < block.words:
        return False
    node: Container | None = block.container
    while node is not None:
        if node.tag in {"nav", "footer"} or node.role in {"navigation", "contentinfo"}:
            return True
        node = node.parent
    return False


def join_blocks(blocks: Iterable[Block]) -> str:
    """Write blocks as light markdown: ``# `` headings, ``- `` items, and paragraphs.

    Args:
        blocks: In reading order.
    """
    pieces: list[str] = []
    previous: Block | None = None
    for block in blocks:
        if previous is not None:
            together = previous.kind == block.kind and block.kind in {
                "item",
                "cell",
                "term",
                "code",
            }
            pieces.append("\n" if together else "\n\n")
        pieces.append(_line(block))
        previous = block
    return "".join(pieces)


def _line(block: Block) -> str:
    if block.kind == "heading":
        return f"{'#' * block.level} {block.text}"
    if block.kind in {"item", "cell"}:
        return f"- {block.text}"
    if block.kind == "quote":
        return f"> {block.text}"
    # Text that begins like a mark of ours must not read as one.
    return f"\\{block.text}" if block.text.startswith(("# ", "- ", "> ")) else block.text


def main_text(html: bytes | str) -> str:
    """The main content of a page as light markdown; empty when it has none.

    Args:
        html: The page.
    """
    text = html if isinstance(html, str) else decode(html)
    return join_blocks(choose_main(visible_blocks(parse(text))))
