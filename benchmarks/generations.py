"""What the product adds to the time of website and model, for 1, 10 and 50 generations at once.

Over the API's first door, as server-sent events, since these tell when reading was over. The model
writes for 5 s by the clock, whatever else happens, and notes its own times. Five seconds are short
for a whole document, which makes the product's share look large; so the goal for 50 at once is
measured a second time with 25 s, which is 2,000 tokens at 80 a second.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks._product import MODEL_SECONDS, Product, product
from benchmarks.figures import Figure

AT_ONCE = (1, 10, 50)
SINGLE_RUNS = 5
USUAL_SECONDS = 25.0
MOST_AT_ONCE = 1.25
"""The goal: so many times as long as one may 50 at once take."""

DOOR = "/demo/companies/generate-ai"


@dataclass(frozen=True)
class Run:
    """One generation, times in seconds.

    Args:
        total: From the request to the whole answer.
        fetch: Until the website had been read.
        model: The model's own time.
        by_model: The result was written by the model, not by basic analysis.
    """

    total: float
    fetch: float
    model: float
    by_model: bool

    @property
    def overhead(self) -> float:
        """What neither website nor model have used."""
        return self.total - self.fetch - self.model

    @property
    def goal(self) -> float:
        """The most that the total may be."""
        return 1.05 * (self.fetch + self.model) + 0.3


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    figures: list[Figure] = []
    async with product() as running:
        singles = [(await _generations(running, 1))[0][0] for _ in range(SINGLE_RUNS)]
        middle = sorted(singles, key=lambda each: each.total - each.goal)[len(singles) // 2]
        whole = statistics.median([await _whole_answer(running) for _ in range(3)])
        figures += [
            Figure("generation: reading the website, median of 5", middle.fetch, "s"),
            Figure(
                "generation: total of one, median of 5 (events)",
                middle.total,
                "s",
                f"at most 1.05 x (fetch + model) + 0.3 = {middle.goal:.2f}",
                middle.total <= middle.goal,
            ),
            Figure(
                "generation: total of one, median of 3 (one JSON answer)",
                whole,
                "s",
                f"at most {middle.goal:.2f}",
                whole <= middle.goal,
            ),
        ]
        for number in AT_ONCE:
            runs, processor = (singles, 0.0) if number == 1 else await _generations(running, number)
            figures += _of_many(number, runs, processor)
            if number == AT_ONCE[-1]:
                figures.append(_against_one(number, runs, middle.total, MODEL_SECONDS))
    async with product(USUAL_SECONDS) as running:
        one = (await _generations(running, 1))[0][0].total
        runs, _ = await _generations(running, AT_ONCE[-1])
        figures.append(_against_one(len(runs), runs, one, USUAL_SECONDS))
    return figures


def _against_one(number: int, runs: list[Run], one: float, seconds: float) -> Figure:
    """How much longer the slowest of many takes than one alone."""
    times = max(run.total for run in runs) / one
    return Figure(
        f"generation, {number} at once, model of {seconds:.0f} s: slowest, against one alone",
        times,
        "x",
        f"at most {MOST_AT_ONCE:g}",
        times <= MOST_AT_ONCE,
    )


def _of_many(number: int, runs: list[Run], processor: float) -> list[Figure]:
    overheads = [each.overhead for each in runs]
    name = f"generation, {number} at once" if number > 1 else "generation, 1 at once, 5 times"
    written = sum(each.by_model for each in runs)
    figures = [
        Figure(
            f"{name}: written by the model",
            written,
            f"of {len(runs)}",
            "all",
            written == len(runs),
        ),
        Figure(
            f"{name}: overhead over website and model, median",
            statistics.median(overheads),
            "s",
        ),
        Figure(f"{name}: overhead, worst", max(overheads), "s"),
    ]
    if number > 1:
        figures += [
            Figure(f"{name}: reading, median", statistics.median(each.fetch for each in runs), "s"),
            Figure(f"{name}: total, slowest", max(each.total for each in runs), "s"),
            Figure(f"{name}: server's processor time each", processor / number, "s"),
        ]
    return figures


async def _generations(running: Product, number: int) -> tuple[list[Run], float]:
    """So many at once, and the processor time that the server used for them."""
    seen = len(await running.model_records())
    used = running.processor_seconds()
    limits = httpx.Limits(max_connections=number)
    async with httpx.AsyncClient(base_url=running.url, timeout=180, limits=limits) as client:
        times = await asyncio.gather(
            *(_generation(client, running.website, f"visitor-{n}-") for n in range(number))
        )
    used = running.processor_seconds() - used
    # A generation that never got to the model has none; it counts as not written by it.
    model_times: dict[str, float] = {}
    for record in (await running.model_records())[seen:]:
        for n in range(number):
            if f"visitor-{n}-" in record["prompt"]:
                model_times[f"visitor-{n}-"] = record["ended_at"] - record["started_at"]
    return [
        Run(total, fetch, model_times.get(f"visitor-{n}-", 0.0), by_model)
        for n, (total, fetch, by_model) in enumerate(times)
    ], used


async def _generation(
    client: httpx.AsyncClient, website: str, visitor: str
) -> tuple[float, float, bool]:
    """Total, time until the website had been read, and whether the model wrote the result."""
    body = {"website_url": website, "user_inputted_context": f"We know this as {visitor}"}
    fetch, name, result = 0.0, "", dict[str, Any]()
    began = time.perf_counter()
    async with client.stream(
        "POST", DOOR, json=body, headers={"Accept": "text/event-stream"}
    ) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:") and name == "stage" and not fetch:
                if json.loads(line[5:])["key"] == "assess":
                    fetch = time.perf_counter() - began
            elif line.startswith("data:") and name == "completed":
                result = json.loads(line[5:])
    total = time.perf_counter() - began
    return total, fetch, result.get("provenance", {}).get("writer") == "model"


async def _whole_answer(running: Product) -> float:
    async with httpx.AsyncClient(base_url=running.url, timeout=60) as client:
        began = time.perf_counter()
        answer = await client.post(DOOR, json={"website_url": running.website})
        total = time.perf_counter() - began
    answer.raise_for_status()
    assert answer.json()["provenance"]["writer"] == "model"
    return total
