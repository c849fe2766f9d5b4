"""The fault matrix: what fails, how, and what everybody sees of it. The one place where it stands.

Each cell is run by ``test_matrix.py``; how a part is made to fail is in ``scenes.py``. In every
cell somebody at a page and a program do the same four things while the part fails: the page edits
a company and has one written, the program edits one as a user and has one written without an
account. In every cell must hold, beside what stands here:

- what was acknowledged is in the database, once, and nothing else was made of it;
- a failure has words: what happened, and what to do; nobody waits for longer than a deadline;
- when the part is well again, everything works, and nobody has restarted or pressed anything but
  *Try again*; breakers are closed; failed generations have been given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.faults.people import BY_RULES, DONE, LOST, WAITS

PARTS = ("Postgres", "Redis", "OpenAI", "Anthropic", "Gemini", "website", "worker")
FAULTS = ("slow", "refused", "dies in the middle")


@dataclass(frozen=True, slots=True)
class Cell:
    """One part, one fault.

    Args:
        part: Of ``PARTS``.
        fault: Of ``FAULTS``.
        how: How it is made.
        page_edits: What the page says of an edit: a word of ``people.py`` or a failure's code.
        page_writes: What it says of a generation.
        program_edits: What a program is answered for an edit.
        program_writes: What it is answered for a generation: a word, or a failure's code with its
            status.
        health: What ``GET /health/ready`` says meanwhile: a part that is down, or the last error
            of a model; empty when it says nothing.
    """

    part: str
    fault: str
    how: str
    page_edits: str
    page_writes: str
    program_edits: str
    program_writes: str
    health: str = ""

    def is_seen(self, health: dict[str, Any]) -> bool:
        """Whether an answer of ``GET /health/ready`` says what has failed."""
        if not self.health:
            return True
        if self.health.endswith(" down"):
            part = health.get(self.health.removesuffix(" down"), {"status": "ok"})
            return bool(health["status"] == "down" and part["status"] != "ok") if health else False
        models = {model["provider"]: model for model in health.get("models", ())}
        # Without a model, basic analysis serves.
        model = models.get(self.part.lower(), {"last_error": None})
        return health.get("status") == "ok" and model["last_error"] == self.health

    def __str__(self) -> str:
        return f"{self.part} {self.fault}"


def _provider(part: str, fault: str, how: str, cause: str) -> Cell:
    """A model that fails: basic analysis writes, or what it cannot write is refused."""
    return Cell(part, fault, how, DONE, BY_RULES, DONE, "model_needed 503", cause)


def _providers(fault: str, how: str, cause: str) -> tuple[Cell, ...]:
    return tuple(_provider(part, fault, how, cause) for part in ("OpenAI", "Anthropic", "Gemini"))


MATRIX = (
    Cell(
        "Postgres",
        "slow",
        "it takes statements, and its answers do not come",
        WAITS,
        "database_unavailable",
        "database_unavailable",
        DONE,
        "database down",
    ),
    Cell(
        "Postgres",
        "refused",
        "connections break off, and none can be opened",
        WAITS,
        "database_unavailable",
        "database_unavailable",
        DONE,
        "database down",
    ),
    Cell(
        "Postgres",
        "dies in the middle",
        "killed under a generation when it has committed an edit, before it can say so; then cut "
        "off when it has committed what was generated, before it can say so",
        WAITS,
        DONE,
        "database_unavailable",
        DONE,
        "database down",
    ),
    Cell(
        "Redis",
        "slow",
        "stopped by SIGSTOP: it takes connections and answers nothing",
        LOST,
        LOST,
        DONE,
        "limits_unavailable 503",
        "redis down",
    ),
    Cell(
        "Redis",
        "refused",
        "ended; started again empty",
        LOST,
        LOST,
        DONE,
        "limits_unavailable 503",
        "redis down",
    ),
    Cell(
        "Redis",
        "dies in the middle",
        "killed under a generation and an edit that waits for the database; started again empty",
        WAITS,
        LOST,
        DONE,
        "limits_unavailable 503",
        "redis down",
    ),
    *_providers("slow", "it begins its answer and falls silent", "timeout"),
    *_providers("refused", "nobody takes the connection", "unreachable"),
    *_providers("dies in the middle", "the connection breaks off in its answer", "cut_stream"),
    Cell(
        "website",
        "slow",
        "it takes the request and does not answer",
        DONE,
        "website_timeout",
        DONE,
        "website_timeout 504",
    ),
    Cell(
        "website",
        "refused",
        "nobody takes the connection",
        DONE,
        "connection_refused",
        DONE,
        "connection_refused 502",
    ),
    Cell(
        "website",
        "dies in the middle",
        "the connection breaks off in its page",
        DONE,
        "connection_lost",
        DONE,
        "connection_lost 502",
    ),
    Cell(
        "worker",
        "slow",
        "stopped by SIGSTOP with all pages and connections on it, and left so",
        LOST,
        LOST,
        DONE,
        LOST,
    ),
    Cell(
        "worker",
        "refused",
        "told to stop, as by a rolling restart, under generations",
        LOST,
        "interrupted",
        DONE,
        "server_stopping 503",
    ),
    Cell(
        "worker",
        "dies in the middle",
        "killed under generations, with an edit that the database has not taken yet",
        WAITS,
        "interrupted",
        DONE,
        LOST,
    ),
)
