"""What Prometheus gets, and who else does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.entities.company import CONFIG
from blossomer.launcher.counting import counting_together
from blossomer.services.llm.breaker import Breaker
from tests.api.conftest import Api, OpenApi
from tests.api.test_demo import GENERATE, PASTED
from tests.api.test_errors import error_of
from tests.support.fake_models import PacedModel, answer_from_prompt, model_settings
from tests.support.fixture_site import FixtureSite
from tests.support.production import PRODUCTION

Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def values_in(text: str) -> Values:
    """Every sample by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def grown(before: Values, after: Values, name: str, **labels: str) -> float:
    """By how much a sample has grown."""
    key = (name, tuple(sorted(labels.items())))
    assert key in after, f"{name} {labels}\n" + "\n".join(str(k) for k in after if k[0] == name)
    return after[key] - before.get(key, 0.0)


async def scraped(api: Api) -> Values:
    async with api.client("127.0.0.1") as monitor:
        answer = await monitor.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return values_in(answer.text)


async def test_requests_are_counted_by_route_and_status_and_never_by_address(api: Api) -> None:
    before = await scraped(api)
    async with api.client() as client:
        await client.get("/docs")
        await client.post(GENERATE, json={"nonsense": 1})
        await client.get("/demo/4b5f-an-id-of-somebody")
        await client.get("/auth/login/google")
        await client.post(GENERATE, content=b"x" * 300_000)
        await client.request("MAKEUPMETHODS", "/docs")
    after = await scraped(api)
    count = "blossomer_http_requests_total"
    assert grown(before, after, count, method="GET", route="/docs", status="200") == 1
    assert grown(before, after, count, method="POST", route=GENERATE, status="422") == 1
    login = "/auth/login/{provider}"
    assert grown(before, after, count, method="GET", route=login, status="303") == 1
    assert grown(before, after, count, method="POST", route="unrouted", status="413") == 1
    seconds = "blossomer_http_request_seconds_count"
    assert grown(before, after, seconds, method="GET", route="/docs") == 1
    assert not [key for key in after if "somebody" in str(key) or "MAKEUP" in str(key)]


async def test_generations_tokens_and_pages_are_counted(
    open_api: OpenApi, fixture_site: FixtureSite
) -> None:
    with PacedModel(answer_from_prompt, 0.05) as model:
        settings = model.settings(
            fetch_allow_hosts=fixture_site.host_port, website_cache_hours=0, openai_api_key="k"
        )
        async with open_api(settings) as api:
            before = await scraped(api)
            async with api.client() as client:
                answer = await client.post(GENERATE, json={"website_url": fixture_site.base_url})
                assert answer.status_code == 200, answer.text
                await client.post(GENERATE, json={"pasted_text": "Too short."})
            after = await scraped(api)
            made_by = answer.json()["provenance"]
    name, entity = "blossomer_generations_total", CONFIG.entity
    done = {"entity": entity, "model": "openai/paced", "outcome": "completed"}
    assert grown(before, after, name, **done) == 1
    failed = {"entity": entity, "model": "", "outcome": "failed"}
    assert grown(before, after, name, **failed) == 1
    code = {"entity": entity, "code": "pasted_text_too_short"}
    assert grown(before, after, "blossomer_generation_failures_total", **code) == 1
    seconds = {"entity": entity, "outcome": "completed"}
    assert grown(before, after, "blossomer_generation_seconds_count", **seconds) == 1
    tokens = "blossomer_llm_tokens_total"
    for direction in ("input", "output"):
        used = grown(before, after, tokens, model="openai/paced", direction=direction)
        assert used == made_by[f"{direction}_tokens"]
    answered = {"model": "openai/paced", "outcome": "answered"}
    assert grown(before, after, "blossomer_llm_attempts_total", **answered) == 1
    pages = len(made_by["website"]["pages"])
    assert grown(before, after, "blossomer_website_pages_total", outcome="read") >= pages
    assert grown(before, after, "blossomer_generations_open") == 0


async def test_what_limits_refuse_is_counted(open_api: OpenApi) -> None:
    async with open_api(anonymous_generations_per_hour=1, api_requests_per_minute=3) as api:
        before = await scraped(api)
        async with api.client() as client:
            for _ in range(3):
                await client.post(GENERATE, json={"pasted_text": PASTED})
            await client.get("/docs")
        after = await scraped(api)
    name = "blossomer_limits_refused_total"
    assert grown(before, after, name, limit="generations") == 2
    assert grown(before, after, name, limit="requests") == 1


async def test_breakers_and_the_budget_are_looked_up(open_api: OpenApi, tmp_path: Path) -> None:
    values = {"openai_api_key": "k", "llm_models": "openai/a, openai/b", "data_dir": tmp_path}
    async with open_api(llm_tokens_per_day=1_000, breaker_failures=1, **values) as api:
        opened: Breaker = api.runtime.router._breakers["openai/b"]
        opened._rest(30)
        api.runtime.budget.spend(250)
        found = await scraped(api)

    def state(model: str) -> list[str]:
        return [
            dict(labels)["state"]
            for (name, labels), value in found.items()
            if name == "blossomer_breaker_state" and value and dict(labels)["model"] == model
        ]

    assert (state("openai/a"), state("openai/b")) == (["closed"], ["open"])
    retry = found["blossomer_breaker_retry_seconds", (("model", "openai/b"),)]
    assert 0 < retry <= 30
    assert found["blossomer_llm_tokens_left_today", ()] == 750
    assert found["blossomer_llm_tokens_per_day", ()] == 1_000


async def test_connections_of_the_database_are_counted(api: Api, engine: AsyncEngine) -> None:
    in_use = ("blossomer_database_connections_in_use", ())
    before = (await scraped(api))[in_use]
    async with engine.connect():
        assert (await scraped(api))[in_use] == before + 1
    assert (await scraped(api))[in_use] == before


TOKEN = "a-token-that-is-hard-to-guess"


@pytest.mark.parametrize(
    ("values", "peer", "headers", "is_open"),
    [
        ({}, "127.0.0.1", {}, True),
        ({}, "::1", {}, True),
        ({}, "203.0.113.7", {}, False),
        ({}, "10.0.0.7", {}, False),
        # A page of another site whose name its owner points at this machine.
        ({}, "127.0.0.1", {"Host": "evil.example:3000"}, False),
        # What a proxy on this machine forwards comes from elsewhere.
        ({"trusted_proxy_hops": 1}, "127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, False),
        ({"metrics_token": TOKEN}, "127.0.0.1", {}, False),
        ({"metrics_token": TOKEN}, "203.0.113.7", {"Authorization": f"Bearer {TOKEN}"}, True),
        ({"metrics_token": TOKEN}, "203.0.113.7", {"Authorization": f"bearer {TOKEN}"}, True),
        ({"metrics_token": TOKEN}, "203.0.113.7", {"Authorization": f"Bearer {TOKEN}x"}, False),
        ({"metrics_token": TOKEN}, "203.0.113.7", {"Authorization": f"Basic {TOKEN}"}, False),
        ({"metrics_token": TOKEN}, "203.0.113.7", {"Authorization": "Bearer ä"}, False),
        ({"metrics_token": TOKEN}, "203.0.113.7", {"Authorization": "Bearer "}, False),
        (PRODUCTION, "127.0.0.1", {}, False),
        (
            {**PRODUCTION, "metrics_token": TOKEN},
            "203.0.113.7",
            {"Authorization": f"Bearer {TOKEN}"},
            True,
        ),
    ],
)
async def test_who_may_read_them(
    open_api: OpenApi,
    values: Mapping[str, Any],
    peer: str,
    headers: dict[str, str],
    is_open: bool,
) -> None:
    sent = {name: value.encode() for name, value in headers.items()}
    async with open_api(**values) as api, api.client(peer) as client:
        if values.get("environment") == "production":
            sent.setdefault("Host", b"app.example.com")
        answer = await client.get("/metrics", headers=httpx.Headers(list(sent.items())))
    if is_open:
        assert answer.status_code == 200
        assert "blossomer_http_requests_total" in answer.text
    else:
        error_of(answer, 401, "metrics_closed")
        assert "blossomer_http" not in answer.text


WORKER = """
import sys, time
from blossomer import metrics
metrics.WEBSOCKETS.inc(int(sys.argv[1]))
metrics.SAVES.labels("saved").inc(5)
metrics.EVENTS.labels("Page.edit").observe(0.02)
print("ready", flush=True)
sys.stdin.read()
"""
SCRAPE = "from blossomer import metrics; print(metrics.render().decode())"


def test_several_workers_count_together_and_a_killed_one_holds_nothing_open(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}

    def scrape() -> Values:
        told = subprocess.run(
            [sys.executable, "-c", SCRAPE],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr
        return values_in(told.stdout)

    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(number)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in (3, 4)
    ]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == b"ready\n"
        together = scrape()
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        after = scrape()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            for stream in (worker.stdin, worker.stdout):
                assert stream is not None
                stream.close()
    saved = ("blossomer_saves_total", (("outcome", "saved"),))
    assert together["blossomer_websockets_open", ()] == 7
    assert together[saved] == after[saved] == 10
    assert after["blossomer_websockets_open", ()] == 4


def test_each_start_begins_with_an_empty_folder_and_one_worker_needs_none(tmp_path: Path) -> None:
    class Several:
        workers = 4

    several: Any = Several()
    environment = counting_together(several, tmp_path)
    folder = Path(environment["PROMETHEUS_MULTIPROC_DIR"])
    assert folder.is_relative_to(tmp_path)
    (folder / "counter_1.db").write_bytes(b"old")
    assert counting_together(several, tmp_path) == environment
    assert list(folder.iterdir()) == []
    assert counting_together(model_settings(), tmp_path) == {}
    assert not folder.exists()
