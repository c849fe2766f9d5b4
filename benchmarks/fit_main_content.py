"""Fits the weights of the main-content chooser on reviewed pages, cross-validated first.

``python -m benchmarks.fit_main_content`` writes ``blossomer/services/website/block_weights.py``.
Needed only after a change of ``blocks.py`` or ``block_features.py``. The model is plain logistic
regression: each feature of a block has one weight, a block is kept when the sum is positive. Every
page counts the same, its blocks by their words, with an L2 penalty of one half (chosen by
cross-validation among 0.03 to 1.7).
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.extraction import WORD, ReviewedPage, reviewed_pages, word_scores
from blossomer.services.website.block_features import block_features
from blossomer.services.website.blocks import visible_blocks
from blossomer.services.website.main_content import join_blocks
from blossomer.services.website.parse import decode, parse

EPOCHS = 12
FOLDS = 5
PENALTY = 0.5
FEWEST_PAGES = 4
"""A feature seen on fewer pages says more about those pages than about pages."""

SMALLEST_WEIGHT = 0.02
OUTPUT = Path("blossomer/services/website/block_weights.py")


@dataclass
class Example:
    """A page's blocks with their features, labels and shares of the page's words."""

    page: ReviewedPage
    features: list[list[str]]
    kept: list[bool]
    shares: list[float]


def make_example(page: ReviewedPage) -> Example:
    """Label each block: kept when most of its word triples stand in the reviewed content."""
    blocks = visible_blocks(parse(decode(page.html)))
    words = WORD.findall(page.main_content.lower())
    triples = set(zip(words, words[1:], words[2:], strict=False))
    running = f" {' '.join(words)} "
    kept, counts = [], []
    for block in blocks:
        own = WORD.findall(block.text.lower())
        counts.append(len(own))
        if len(own) < 4:
            kept.append(bool(own) and f" {' '.join(own)} " in running)
        else:
            parts = list(zip(own, own[1:], own[2:], strict=False))
            kept.append(sum(part in triples for part in parts) * 2 >= len(parts))
    total = max(50, sum(counts))
    return Example(
        page, [sorted(f) for f in block_features(blocks)], kept, [n / total for n in counts]
    )


def fit(examples: list[Example]) -> dict[str, float]:
    """Logistic regression by stochastic gradient descent with averaged last epochs."""
    pages = Counter(f for e in examples for f in {f for fs in e.features for f in fs})
    weights = {name: 0.0 for name, count in pages.items() if count >= FEWEST_PAGES}
    weights["bias"] = 0.0
    rows = [
        ([name for name in features if name in weights] + ["bias"], kept, share)
        for example in examples
        for features, kept, share in zip(
            example.features, example.kept, example.shares, strict=True
        )
    ]
    generator = random.Random(0)
    sums, averaged = dict.fromkeys(weights, 0.0), 0
    for epoch in range(EPOCHS):
        generator.shuffle(rows)
        rate = 0.5 / (1 + epoch)
        shrink_every = 500
        for number, (names, kept, share) in enumerate(rows):
            score = sum(weights[name] for name in names)
            step = (
                rate
                * share
                * ((1.0 if kept else 0.0) - 1 / (1 + math.exp(-max(-30.0, min(30.0, score)))))
            )
            for name in names:
                weights[name] += step
            if number % shrink_every == 0:
                factor = 1 - rate * 2 * PENALTY * shrink_every / len(rows)
                for name in weights:
                    weights[name] *= max(0.0, factor) if name != "bias" else 1.0
                if epoch >= EPOCHS // 2:
                    averaged += 1
                    for name, value in weights.items():
                        sums[name] += value
    return {name: value / averaged for name, value in sums.items()}


def score(example: Example, weights: dict[str, float]) -> tuple[float, float, float]:
    """Precision, recall and F1 of one page under these weights."""
    blocks = visible_blocks(parse(decode(example.page.html)))
    chosen = [
        block
        for block, names in zip(blocks, example.features, strict=True)
        if weights["bias"] + sum(weights.get(name, 0.0) for name in names) > 0
    ]
    return word_scores(join_blocks(chosen), example.page.main_content)


def main() -> int:
    """Cross-validate, then fit on everything and write the weights."""
    pages = reviewed_pages()
    if not pages:
        print("The reviewed pages are absent; nothing to fit.")
        return 0
    examples = [make_example(page) for page in pages]
    order = list(range(len(examples)))
    random.Random(1).shuffle(order)
    results = {}
    for fold in range(FOLDS):
        held_out = set(order[fold::FOLDS])
        weights = fit([e for i, e in enumerate(examples) if i not in held_out])
        results.update({i: score(examples[i], weights) for i in held_out})
    columns = [sum(r[k] for r in results.values()) / len(results) for k in range(3)]
    print(f"{FOLDS}-fold, pages never seen: precision {columns[0]:.3f}, recall {columns[1]:.3f}, "
          f"F1 {columns[2]:.4f}")  # fmt: skip
    weights = fit(examples)
    if "--dry-run" not in sys.argv:
        lines = [
            f'    "{name}": {value:.2f},'
            for name, value in sorted(weights.items())
            if abs(value) >= SMALLEST_WEIGHT and name != "bias"
        ]
        OUTPUT.write_text(
            '"""What each feature of a block is worth when main content is chosen.\n\n'
            "Written by ``python -m benchmarks.fit_main_content``; not edited by hand. Positive: "
            "speaks for main\ncontent. The features are defined in ``block_features.py``.\n"
            '"""\n\nfrom __future__ import annotations\n\n'
            f"BIAS = {weights['bias']:.2f}\n\n"
            "WEIGHTS: dict[str, float] = {\n" + "\n".join(lines) + "\n}\n"
        )
        print(f"{len(lines)} weights written to {OUTPUT}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
