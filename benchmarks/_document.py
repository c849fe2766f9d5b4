"""Writes docs/performance.md: the last figures, and what a reader needs to understand them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Figure, table_rows

FILE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"

ABOVE = """\
# Performance

Written by the package `benchmarks/` when it is run with `--write`; `make bench` prints the same
without writing it. A figure belongs to the machine and the load below, and everything ran on that
one machine at once: server, database, website, model, browser. A load average above the number of
cores can mean that other work took part of them; times with many at once suffer most from it. On a
virtual machine it is said too how much of the processors' time others on the same host took during
each benchmark: while they take a third, a worker that needs nine tenths of a core falls behind.
"""

BELOW = """\
## How it is measured

The server is started as `make run` starts it, production build and embedded database included, with
a folder of its own. The website of the tests and the model are processes of their own. The model
writes a company overview evenly over 5 s, 40 pieces a second, in OpenAI's wire format, and notes
when each field had been sent. Nothing is cached between generations.

- **Generation.** *Reading* lasts from the request until the website has been read, its pages made
  text. *Overhead* is what remains of the total when reading and the model's own time are taken
  away: prompt, router, validation, verification of quotes, and waiting for a processor. With many
  at once reading is long because all of them read at the same time in one process.
- **Page.** From the moment the model has sent a field's last character to the frame in which its
  card stands finished, in Chromium. A card counts as finished when the next field has begun, which
  alone takes one or two pieces of 25 ms.
- **First visit.** Headers and bodies as the browser's own tools count them, compressed, plus the
  websocket's messages, with an empty cache.
- **Edit.** From the click to the new text on the card, and until the page says that it is saved and
  the browser's storage holds it. Looked at in every frame, so a frame's 17 ms are in it.
- **Idle visitor.** What a browser sends while it opens the company page is recorded once and
  repeated on 200 websockets; the growth of the server's resident memory is divided by 200.

## How streams are kept cheap

A model sends an event for every few characters, 40 to 100 a second. LiteLLM and the provider's
library need more than a millisecond of processor time for each, and a page is drawn ten times a
second. `blossomer/services/llm/merged_events.py` therefore sits below them, as a hook of LiteLLM's
HTTP client, and merges the events that arrived in the same moment: 30 ms while few streams are
open, longer when they are many, so that all streams of a process together stay below 330 events a
second. Fifty streams of 5 s at once needed 12 s of processor time without it and needed 3.4 s with
it. What it does not recognise as a plain piece of text passes unchanged: errors, ends, usage,
broken events.
"""


def write_document(machine: str, figures: Sequence[Figure], texts: Mapping[str, str]) -> None:
    """Write it.

    Args:
        machine: The machine and its load in one line.
        figures: All figures.
        texts: What benchmarks without figures printed, by name.
    """
    parts = [ABOVE, f"{machine}.\n", _table(figures)]
    for name, text in texts.items():
        parts.append(f"{name.replace('_', ' ').capitalize()}:\n\n```\n{text.strip()}\n```\n")
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text("\n".join([*parts, BELOW]), "utf-8")


def _table(figures: Sequence[Figure]) -> str:
    head, *rows = table_rows(figures)
    lines = [head, ("---", "---:", "---", "---", "---"), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
