"""The whole product at work on two workers, as an operator sees it: limits, figures, and log.

The log is the most talkative one. Of what is secret, and of what people, pages and models say,
nothing may stand in it, whatever goes well or wrong; nor may it in the figures.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.test_metrics import Values, values_in
from tests.browser.company_page import CARDS
from tests.browser.server import Server
from tests.support.fake_models import PacedModel, answer_from_prompt
from tests.support.fixture_site import FixtureSite
from tests.support.member import COOKIE, sign_in
from tests.support.redis import RedisServer
from tests.support.socket_page import PAGE, ROOT, SocketPage
from tests.unit.state.visitor import Browser

GENERATE = "/demo/companies/generate-ai"
HOUR = 3
VISITOR, ANOTHER = "203.0.113.7", "198.51.100.9"

TYPED = "Marzipan-typed-by-a-person"
WRITTEN = "Marzipan-written-by-a-model"
EDITED = "Marzipan-edited-by-a-person"
FORGED = "Marzipan-sent-by-a-stranger"
OF_THE_PAGE = "Quayline"
MODEL_KEY = "sk-marzipan-key-of-the-model"
TOKEN = "marzipan-token-of-the-figures"
SECRET = "marzipan-secret-key-of-this-server-0123456789"
BEARER = "eyJtYXJ6aXBhbg.eyJtYXJ6aXBhbg.bWFyemlwYW4"
MARKS = (TYPED, WRITTEN, EDITED, FORGED, OF_THE_PAGE, MODEL_KEY, TOKEN, SECRET, BEARER, "arzipan")


class Model(PacedModel):
    """Writes at once, with a mark in each answer; fails when the prompt says so."""

    def __init__(self) -> None:
        super().__init__(self._marked, 0.05)

    def _marked(self, body: Mapping[str, Any]) -> str:
        if "please fail" in str(body["messages"]):
            return f"I cannot, {WRITTEN}."
        answer = json.loads(answer_from_prompt(body))
        if "description" in answer:
            answer["description"] += f" {WRITTEN}."
        return json.dumps(answer)


@dataclass
class Watched:
    """A server behind one proxy, and what is around it."""

    server: Server
    model: Model
    site: FixtureSite

    def program(self, address: str = VISITOR, **headers: str) -> httpx.AsyncClient:
        """A program whose requests come through the proxy."""
        given = {"X-Forwarded-For": f"10.9.9.9, {address}", **headers}
        return httpx.AsyncClient(base_url=self.server.url, headers=given, timeout=60)

    async def figures(self) -> Values:
        """What Prometheus gets."""
        async with self.program(Authorization=f"Bearer {TOKEN}") as monitor:
            answer = await monitor.get("/metrics")
        assert answer.status_code == 200, answer.text
        assert not [mark for mark in MARKS if mark in answer.text]
        return values_in(answer.text)


@pytest.fixture(scope="module")
def site() -> Iterator[FixtureSite]:
    with FixtureSite() as site:
        yield site


@pytest.fixture(scope="module")
async def watched(
    tmp_path_factory: pytest.TempPathFactory, site: FixtureSite
) -> AsyncIterator[Watched]:
    folder: Path = tmp_path_factory.mktemp("watched")
    with Model() as model, RedisServer() as redis:
        server = Server(
            folder / "data",
            {
                "LOG_LEVEL": "DEBUG",
                "FETCH_ALLOW_HOSTS": site.host_port,
                "LLM_MODELS": "openai/paced",
                "OPENAI_BASE_URL": model.base_url,
                "OPENAI_API_KEY": MODEL_KEY,
                "SECRET_KEY": SECRET,
                "METRICS_TOKEN": TOKEN,
                "REDIS_URL": redis.url,
                "WORKERS": "2",
                "TRUSTED_PROXY_HOPS": "1",
                "ANONYMOUS_GENERATIONS_PER_HOUR": str(HOUR),
                "LLM_TOKENS_PER_DAY": "1000000",
            },
        )
        await server.start()
        yield Watched(server, model, site)
        await server.stop()


def visitor(watched: Watched, address: str) -> SocketPage:
    return SocketPage(
        watched.server.url, "/playground/company", forwarded_for=f"10.9.9.9, {address}"
    )


async def with_drafts(page: SocketPage) -> None:
    """Answer for the browser, which has no drafts."""
    await page.until(lambda p: (p.get("drafts_request") or {}).get("id"))
    await page.send("drafts_read", message=Browser().read(page.get("drafts_request")))
    await page.loaded("empty")


async def test_both_doors_count_the_same_visitor_whatever_the_visitor_says_of_itself(
    watched: Watched,
) -> None:
    body = {"website_url": watched.site.base_url, "user_inputted_context": TYPED}
    async with visitor(watched, VISITOR) as page, watched.program() as program:
        await with_drafts(page)
        await page.start(watched.site.base_url, user_inputted_context=TYPED)
        await page.until(lambda p: WRITTEN in str(p.get("description")), what="the company")
        answer = await program.post(GENERATE, json=body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["ratelimit-remaining"] == str(HOUR - 2)
        forged = {"X-Forwarded-For": f"8.8.8.8, {VISITOR}", "X-Real-IP": "8.8.8.8"}
        answer = await program.post(GENERATE, json=body, headers=forged)
        assert answer.headers["ratelimit-remaining"] == "0"
        assert (await program.post(GENERATE, json=body)).status_code == 429
    async with visitor(watched, VISITOR) as page:
        await with_drafts(page)
        await page.start(watched.site.base_url)
        await page.until(lambda p: p.failure == "rate_limited")
    async with visitor(watched, ANOTHER) as page:
        await with_drafts(page)
        await page.start(watched.site.base_url)
        await page.until(lambda p: WRITTEN in str(p.get("description")), what="the company")


async def work_of_a_member(watched: Watched, cookie: str) -> str:
    """Generate, edit, fail: what people do, with words that are theirs; the company's address."""
    async with SocketPage(watched.server.url, "/app/company", cookie=cookie) as page:
        await page.loaded("empty")
        await page.start(watched.site.base_url, user_inputted_context=TYPED)
        await page.go_where_sent(what="the new company's address")
        company = page.path
        await page.loaded()
        await page.edit_first(CARDS[0], EDITED)
        await page.until(lambda p: p.get("save_state") == "saved")
        await page.send("write_again")
        await page.send("export", form="markdown")
        await page.go("/app/accounts/new")
        await page.loaded("empty")
        await page.start(watched.site.base_url, "account", name=f"{TYPED}: please fail")
        await page.until(lambda p: p.get("generating") is True)
        await page.go_where_sent(what="basic analysis")
        await page.until(lambda p: p.get("generating") is False)
    return company


async def harm_of_a_stranger(watched: Watched, cookie: str, company: str) -> None:
    """Send what no page sends, in every way that gets somewhere."""
    unknown = {"name": f"{PAGE}.nothing", "payload": {"text": FORGED}}
    hostile = [
        {"name": f"{PAGE}.edit", "payload": {"key": {"password": FORGED}}},
        {"name": f"{PAGE}.edit", "payload": {"wrong": FORGED}},
        {"name": f"{PAGE}.start", "payload": {"form": FORGED}},
        {"name": f"{PAGE}.save_edit", "payload": {"form": {"row-1": [FORGED]}}},
        {"name": f"{PAGE}.drafts_read", "payload": {"message": {"request": FORGED}}},
        {"name": f"{PAGE}.edit", "payload": {"key": FORGED}, "token": FORGED, "more": FORGED},
        {
            "name": f"{ROOT}.reflex___state____frontend_event_exception_state"
            ".handle_frontend_exception",
            "payload": {
                "info": f'Unexpected token, "{FORGED}" is not valid JSON',
                "component_stack": f"at {FORGED}",
            },
        },
        {
            "name": f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
            "payload": {"vars": {FORGED: FORGED}},
        },
        unknown,
    ]
    async with SocketPage(watched.server.url, company, cookie=cookie) as page:
        await page.loaded()
        for event in hostile:
            await page.send_packet(f"42/_event,{json.dumps(['event', event])}")
        for kind in ("parse", FORGED):
            error = {"message": FORGED, "type": kind, "description": FORGED, "context": FORGED}
            await page.send_packet(f"42/_event,{json.dumps(['client_error', error])}")
        await page.send_packet(f'42/_event,["event",["{FORGED}"]]')
        await page.send_packet(f"42/_event,{{{FORGED}")
        await page.send("dismiss_notice")
        await page.until(lambda p: p.get("notice") == "")
    async with watched.program(ANOTHER, Authorization=f"Bearer {BEARER}") as program:
        await program.get(f"/api/usage?days={FORGED}&token={FORGED}")
        await program.post(GENERATE, content=f'{{"website_url": "{FORGED}'.encode())
        await program.post(GENERATE, json={"website_url": FORGED, FORGED: FORGED})
        await program.post(GENERATE, json={"company": FORGED, "pasted_text": FORGED})
        await program.get("/auth/login/google", params={"next": f"/{FORGED}"})
        await program.get("/handler/oauth-callback", params={"code": FORGED, "state": FORGED})
        await program.get("/app/company", headers={"Cookie": f"{COOKIE}={FORGED}; other={FORGED}"})
        await program.post(
            "/api/import", content=f'{{"x": "{FORGED}"}}', headers={"Cookie": cookie}
        )


async def test_nothing_that_is_secret_and_nobodys_words_are_in_the_log_or_the_figures(
    watched: Watched,
) -> None:
    cookie = await sign_in(watched.server.url, "ada@example.com")
    async with httpx.AsyncClient(base_url=watched.server.url) as browser:
        session = (await browser.get("/auth/session", headers={"Cookie": cookie})).json()
    user = session["user"]["id"]
    before = await watched.figures()
    company = await work_of_a_member(watched, cookie)
    await harm_of_a_stranger(watched, cookie, company)
    async with SocketPage(watched.server.url, company, cookie=cookie) as page:
        await page.loaded()
        during = await watched.figures()
    after = await watched.figures()

    assert during["blossomer_websockets_open", ()] >= 1
    async with asyncio.timeout(20):
        while (await watched.figures())["blossomer_websockets_open", ()]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    def more(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after.get(key, 0.0) - before.get(key, 0.0)

    assert more("blossomer_saves_total", outcome="saved") >= 1
    assert more("blossomer_save_seconds_count") >= 1
    edits = {
        dict(labels)["handler"]: value
        for (name, labels), value in after.items()
        if name == "blossomer_event_seconds_count"
    }
    assert [name for name in edits if name.endswith(".save_edit")]
    assert not [name for name in edits if name.endswith(".follow")]
    assert more("blossomer_events_refused_total", reason="unknown") >= 2
    assert more("blossomer_events_refused_total", reason="arguments") >= 3
    assert more("blossomer_database_transaction_seconds_count", outcome="done") >= 5
    completed = {"entity": "company", "model": "openai/paced", "outcome": "completed"}
    assert more("blossomer_generations_total", **completed) >= 1
    assert after["blossomer_llm_tokens_left_today", ()] < 1_000_000

    log = watched.server.log()
    assert [mark for mark in MARKS if mark in log] == []
    secret = cookie.partition("=")[2]
    assert secret not in log
    assert "postgresql://" not in log
    of_the_run = [line for line in log.splitlines() if "model_answered" in line and user in line]
    assert of_the_run, "a generation's lines name its user"
    assert all(re.search(r"run_id", line) for line in of_the_run)
    refused = [line for line in log.splitlines() if "event_refused" in line]
    assert len(refused) >= 3
    assert all(user in line and "request_id" in line and "handler" in line for line in refused)
    # Each event has an id of its own.
    ids = [re.search(r"request_id\W+(\w{32})", line) for line in refused]
    assert len({found[1] for found in ids if found}) == len(refused)
