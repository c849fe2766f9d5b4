"""One page of a list, and one of a search, of a user with 10,000 target accounts.

The database is the embedded one, asked as the serving role, row-level security included, from the
call of the store to its answer. Accounts have about 6 KB of JSON each, and a second user has as
many in the same tables.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from benchmarks._statistics import percentiles
from benchmarks.figures import Figure
from blossomer.db import tables
from blossomer.db.embedded import start_embedded
from blossomer.db.engine import create_engine, open_session
from blossomer.db.entity_tables import table_of
from blossomer.db.migrate import migrate
from blossomer.db.roles import prepare_database
from blossomer.db.store import DatabaseStore
from blossomer.entities import entity_config
from blossomer.entities.listing import ListQuery
from tests.support.documents import entity_data, entity_document

ACCOUNT = entity_config("account")
DATA = entity_data(ACCOUNT)
ACCOUNTS = 10_000
COMPANIES = 20
CALLS = 300
GOAL_MS = 150.0
AT_ONCE = 200
"""Rows of one statement while the tables are filled."""

_SYLLABLES = [a + b for a in "bcdfgklmnprstvw" for b in ("a", "e", "i", "o", "u", "en", "or")]


def run() -> list[Figure]:
    """Measure."""
    folder = Path(tempfile.mkdtemp(prefix="bl-"))
    folder.chmod(0o711)
    server = start_embedded(folder)
    try:
        urls = prepare_database(server)
        migrate(urls.owner, urls.app)
        return asyncio.run(_measure(urls.app))
    finally:
        server.stop()
        shutil.rmtree(folder)


async def _measure(url: str) -> list[Figure]:
    chance = random.Random(7)
    words = _Words(chance)
    engine = create_engine(url)
    try:
        sizes, companies = await _fill(DatabaseStore(engine, "somebody"), engine, chance, words)
        await _fill(DatabaseStore(engine, "somebody-else"), engine, chance, words)
        store = DatabaseStore(engine, "somebody")
        pages = await _times(store, _pages(chance, companies))
        searches = await _times(store, _searches(chance, words, companies))
    finally:
        await engine.dispose()
    return [
        Figure("lists: JSON of an account, median", statistics.median(sizes) / 1000, "KB"),
        *percentiles(f"lists: one page of {ACCOUNTS:,} accounts", pages, "ms", GOAL_MS),
        *percentiles(f"lists: one search in {ACCOUNTS:,} accounts", searches, "ms", GOAL_MS),
    ]


async def _times(store: DatabaseStore, queries: Iterator[ListQuery]) -> list[float]:
    """Milliseconds of each call; the first ones, in which caches fill, are not counted."""
    times = []
    for query in itertools.islice(queries, CALLS + 10):
        began = time.perf_counter()
        await store.search(ACCOUNT, query, with_basis=True)
        times.append((time.perf_counter() - began) * 1000)
    return times[10:]


def _pages(chance: random.Random, companies: list[str]) -> Iterator[ListQuery]:
    while True:
        yield ListQuery(
            sort=chance.choice(["updated", "created", "name"]),
            descending=chance.random() < 0.5,
            offset=chance.choice([0, 0, 25, 500, 9_950]),
            parents={"company": chance.choice(companies)} if chance.random() < 0.3 else {},
            confidence=chance.choice(["", "", "high", "medium", "low"]),
            status=chance.choice(["", "", "saved"]),
        )


def _searches(chance: random.Random, words: _Words, companies: list[str]) -> Iterator[ListQuery]:
    """One to three words, whole or begun, some that are everywhere and some that are nowhere."""
    while True:
        text = [_cut(chance, words.some(1)[0]) for _ in range(chance.randint(1, 3))]
        common = chance.choice([[], [], ["profile"], ["pro"], ["nowhere-to-be-found"]])
        yield ListQuery(
            text=" ".join([*text[: 3 - len(common)], *common]),
            sort=chance.choice(["updated", "name"]),
            offset=chance.choice([0, 0, 25]),
            parents={"company": chance.choice(companies)} if chance.random() < 0.2 else {},
        )


def _cut(chance: random.Random, word: str) -> str:
    return word[: chance.randint(2, len(word))]


async def _fill(
    store: DatabaseStore, engine: Any, chance: random.Random, words: _Words
) -> tuple[list[int], list[str]]:
    """Give a user companies and accounts; sizes of the accounts' JSON, and ids of the companies."""
    async with open_session(engine, store.user_id) as session:
        session.add(tables.User(id=store.user_id))
        await session.commit()
    company = entity_config("company")
    companies = [
        (await store.create(company, entity_document(company, f"Company {number}")))["id"]
        for number in range(COMPANIES)
    ]
    sizes = []
    for _ in range(ACCOUNTS // AT_ONCE):
        rows = [_account(store.user_id, chance, words, companies) for _ in range(AT_ONCE)]
        sizes += [len(json.dumps(row[ACCOUNT.data_column]).encode()) for row in rows]
        async with store.transaction() as session:
            await session.execute(insert(table_of(ACCOUNT)), rows)
    return sizes, companies


def _account(
    user_id: str, chance: random.Random, words: _Words, companies: list[str]
) -> dict[str, Any]:
    name = " ".join(words.some(4)).capitalize()
    data = {**DATA, "name": name}
    for card in ACCOUNT.cards:
        if card.shape == "texts":
            data[card.key] = [_sentence(chance, words) for _ in range(4)]
    data["buying_signals"] = [
        {**data["buying_signals"][0], "title": _sentence(chance, words)[:80]} for _ in range(5)
    ]
    data["evidence"] = [
        {
            "field": "strengths",
            "text": _sentence(chance, words),
            "quote": _sentence(chance, words),
            "page_url": "https://acme.example/pricing",
            "verified": True,
        }
        for _ in range(4)
    ]
    data["confidence"] = {
        card.key: chance.choice(["high", "medium", "low"]) for card in ACCOUNT.cards
    }
    data["basis"] = {"company": {card.key: uuid4().hex[:12] for card in ACCOUNT.cards}}
    return {
        "id": uuid4(),
        "user_id": user_id,
        "company_id": UUID(chance.choice(companies)),
        "name": name,
        ACCOUNT.data_column: data,
    }


def _sentence(chance: random.Random, words: _Words) -> str:
    return " ".join(words.some(chance.randint(9, 20))).capitalize() + "."


class _Words:
    """Made-up words, a few of them frequent and most of them rare, as in any language (Zipf)."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._words = [
            "".join(chance.choices(_SYLLABLES, k=chance.randint(1, 5))) for _ in range(8_000)
        ]
        self._weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(8_000)))

    def some(self, number: int) -> list[str]:
        """So many of them, frequent ones more often."""
        return self._chance.choices(self._words, cum_weights=self._weights, k=number)


if __name__ == "__main__":
    from benchmarks.figures import print_table

    print_table(run())
