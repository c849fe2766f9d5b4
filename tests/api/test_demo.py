"""Generating over REST: the entity, the same as a stream, the count, and every kind of failure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from blossomer.api.sse import prefers_events
from blossomer.entities.company import CONFIG
from blossomer.entities.evidence import is_verified
from blossomer.errors import UserError
from blossomer.services.client_address import anonymous_key
from tests.api.conftest import ADDRESS, Api, OpenApi
from tests.support.certificates import self_signed
from tests.support.fake_models import FakeProviders, PacedModel, answer_from_prompt, company_answer
from tests.support.fault_site import Answer, FaultSite, html_page
from tests.support.fixture_site import FixtureSite
from tests.support.ports import unused_port

GENERATE = "/demo/companies/generate-ai"
PASTED = (
    "Quayline plans berths for container terminals before the ships arrive. Harbour masters see "
    "every delay on one screen and move cranes in time. Prices start at 900 euros a month for each "
    "terminal that is connected. Terminals in Bremen, Porto and Gdansk work with it every day. "
    "Planners import the arrivals of the next week from a spreadsheet or from the port's own "
    "system, and the plan changes by itself when a ship is late. "
) * 3


def sse(body: str) -> list[tuple[str, Any]]:
    events = []
    for block in body.split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if line[:1] not in (":", "")
        )
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens in another thread, which can set no event here."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def providers() -> Iterator[FakeProviders]:
    with FakeProviders() as fake:
        yield fake


async def test_all_six_cards_with_sources_from_the_site_s_own_words(
    open_api: OpenApi, fixture_site: FixtureSite
) -> None:
    async with open_api(fetch_allow_hosts=fixture_site.host_port) as api, api.client() as client:
        answer = await client.post(GENERATE, json={"website_url": fixture_site.base_url})
    assert answer.status_code == 200, answer.text
    data = answer.json()
    CONFIG.data_model.model_validate(data)
    assert all(data[card.key] for card in CONFIG.cards)
    assert data["company_url"].rstrip("/") == fixture_site.base_url
    assert any(entry["verified"] for entry in data["evidence"])
    assert data["provenance"]["note"].startswith("Basic analysis: no model configured")
    assert data["provenance"]["website"]["pages"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_model_s_answer_is_signed_and_every_verified_quote_stands_on_its_page(
    open_api: OpenApi, fixture_site: FixtureSite
) -> None:
    with PacedModel(answer_from_prompt, 0.1) as model:
        settings = model.settings(fetch_allow_hosts=fixture_site.host_port, website_cache_hours=0)
        async with open_api(settings) as api, api.client() as client:
            website = await api.runtime.reader.read(fixture_site.base_url)
            answer = await client.post(GENERATE, json={"website_url": fixture_site.base_url})
    data = answer.json()
    assert answer.status_code == 200, answer.text
    signed = data["provenance"]
    assert (signed["writer"], signed["model"]) == ("model", "openai/paced")
    assert signed["input_tokens"] > 0
    assert signed["prompt_version"]
    texts = {page.url: page.visible_text for page in website.pages}
    verified = [entry for entry in data["evidence"] if entry["verified"]]
    assert verified
    assert all(is_verified(entry["quote"], texts[entry["page_url"]]) for entry in verified)


async def test_a_pasted_description_needs_no_website(api: Api) -> None:
    async with api.client() as client:
        answer = await client.post(GENERATE, json={"pasted_text": PASTED})
    assert answer.status_code == 200, answer.text
    assert answer.json()["provenance"]["website"]["reader"] == "pasted text"


async def test_when_every_provider_is_down_the_result_is_labelled(
    open_api: OpenApi, providers: FakeProviders
) -> None:
    providers.reset()
    for name in ("openai", "anthropic"):
        providers.fail(name, 401)
    settings = providers.settings("openai", "anthropic", website_cache_hours=0)
    async with open_api(settings) as api, api.client() as client:
        answer = await client.post(GENERATE, json={"pasted_text": PASTED})
    assert answer.status_code == 200, answer.text
    assert answer.json()["provenance"]["note"].startswith(
        "Basic analysis: every model was unavailable"
    )


async def test_the_next_provider_s_answer_is_used_when_the_first_fails(
    open_api: OpenApi, providers: FakeProviders
) -> None:
    providers.reset()
    providers.fail("openai", 401)
    providers.reply("anthropic", json.dumps(company_answer({})))
    settings = providers.settings("openai", "anthropic", website_cache_hours=0)
    async with open_api(settings) as api, api.client() as client:
        answer = await client.post(GENERATE, json={"pasted_text": PASTED})
    assert answer.json()["provenance"]["provider"] == "anthropic"


async def test_the_same_generation_as_server_sent_events(
    open_api: OpenApi, fixture_site: FixtureSite
) -> None:
    with PacedModel(answer_from_prompt, 0.5) as model:
        settings = model.settings(fetch_allow_hosts=fixture_site.host_port, website_cache_hours=0)
        async with open_api(settings) as api, api.client(accept="text/event-stream") as client:
            answer = await client.post(GENERATE, json={"website_url": fixture_site.base_url})

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["ratelimit-remaining"] == "4"
    events = sse(answer.text)
    names = [name for name, _ in events]
    assert names[0] == "stage"
    assert names[-1] == "completed"
    assert names.count("completed") + names.count("failed") == 1
    stages = list(dict.fromkeys(data["key"] for name, data in events if name == "stage"))
    assert stages == ["read", "assess", "write", "verify"]
    partials = [data for name, data in events if name == "partial"]
    assert len(partials) >= 2
    assert all(set(partial) == {"data", "writing"} for partial in partials)
    CONFIG.data_model.model_validate(events[-1][1])


async def test_a_stream_that_fails_before_it_begins_is_an_ordinary_error(api: Api) -> None:
    async with api.client(accept="text/event-stream") as client:
        answer = await client.post(GENERATE, json={"website_url": "not an address"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_url"


async def test_a_stream_that_fails_later_says_so_as_its_last_event(
    open_api: OpenApi,
) -> None:
    with FaultSite() as site:
        url = f"{site.base_url}/missing"
        async with (
            open_api(fetch_allow_hosts=site.host_port) as api,
            api.client(accept="text/event-stream") as client,
        ):
            answer = await client.post(GENERATE, json={"website_url": url})
    assert answer.status_code == 200
    name, data = sse(answer.text)[-1]
    assert name == "failed"
    assert set(data["error"]) == {"code", "message", "action", "request_id"}


@pytest.mark.parametrize(
    ("accept", "events"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; q=0.9, */*;q=0.1", True),
        ("application/json, text/event-stream", True),
        ("application/json, text/event-stream;q=0.5", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=x", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_events_come_to_those_who_prefer_them(accept: str, events: bool) -> None:
    assert prefers_events(accept) is events


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
async def test_the_model_stops_when_the_client_goes_away(open_api: OpenApi, accept: str) -> None:
    """Driven as a server drives it, since an HTTP client in this process cannot hang up."""
    body = json.dumps({"pasted_text": PASTED}).encode()
    hung_up = asyncio.Event()
    sent: list[dict[str, Any]] = []

    with PacedModel(answer_from_prompt, 60) as model:
        async with open_api(model.settings()) as api:
            requests = iter([{"type": "http.request", "body": body, "more_body": False}])

            async def receive() -> dict[str, Any]:
                for message in requests:
                    return message
                await hung_up.wait()
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                sent.append(message)

            scope = {
                "type": "http", "method": "POST", "path": GENERATE, "raw_path": GENERATE.encode(),
                "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
                "client": (ADDRESS, 1), "server": ("localhost", 3000),
                "headers": [(b"content-type", b"application/json"), (b"accept", accept.encode()),
                            (b"content-length", str(len(body)).encode())],
            }  # fmt: skip
            request = asyncio.create_task(api.app(scope, receive, send))  # type: ignore[arg-type]
            await until(lambda: bool(model.records) or request.done())
            assert model.records, sent
            hung_up.set()
            await asyncio.wait_for(request, timeout=10)
            await until(lambda: model.records[0].ended_at is not None)
    assert not model.records[0].finished
    assert b"completed" not in b"".join(message.get("body", b"") for message in sent)


async def test_the_sixth_generation_in_an_hour_is_refused(api: Api) -> None:
    async with api.client() as client:
        for left in (4, 3, 2, 1, 0):
            answer = await client.post(GENERATE, json={"pasted_text": PASTED})
            assert answer.status_code == 200
            assert answer.headers["ratelimit-limit"] == "5"
            assert answer.headers["ratelimit-remaining"] == str(left)
        answer = await client.post(GENERATE, json={"pasted_text": PASTED})
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limited"
    assert 3_500 < int(answer.headers["retry-after"]) <= 3_600
    assert answer.headers["ratelimit-remaining"] == "0"
    async with api.client("203.0.113.99") as other:
        assert (await other.post(GENERATE, json={"pasted_text": PASTED})).status_code == 200


async def test_failed_generations_are_given_back(api: Api) -> None:
    async with api.client() as client:
        for _ in range(7):
            answer = await client.post(GENERATE, json={"pasted_text": "Too short."})
            assert answer.status_code == 422
            assert answer.headers["ratelimit-remaining"] == "5"
        for _ in range(7):
            await client.post(GENERATE, json={"nonsense": 1})
        answer = await client.post(GENERATE, json={"pasted_text": PASTED})
    assert answer.status_code == 200


async def test_page_and_api_share_one_count(api: Api) -> None:
    key = anonymous_key(ADDRESS)
    for _ in range(4):
        await api.runtime.limits.take(key)
    async with api.client() as client:
        assert (await client.post(GENERATE, json={"pasted_text": PASTED})).status_code == 200
        assert (await client.post(GENERATE, json={"pasted_text": PASTED})).status_code == 429
    with pytest.raises(UserError):
        await api.runtime.limits.take(key)


@pytest.mark.parametrize(
    ("hops", "spoofed", "same_client"),
    [
        (0, lambda n: f"198.51.100.{n}", True),
        (1, lambda n: f"198.51.100.{n}, 203.0.113.50", True),
        (1, lambda n: f"203.0.113.{n}", False),
        (2, lambda n: f"198.51.100.{n}, 203.0.113.50, 10.0.0.2", True),
        (2, lambda n: f"198.51.100.{n}", True),
        (1, lambda n: f"2001:db8:1:2::{n}", True),
        (1, lambda n: f"2001:db8:1:{n}::1", False),
    ],
)
async def test_a_forged_forwarded_header_does_not_buy_a_new_count(
    open_api: OpenApi, hops: int, spoofed: Any, same_client: bool
) -> None:
    async with (
        open_api(trusted_proxy_hops=hops, anonymous_generations_per_hour=1) as api,
        api.client("10.0.0.9") as client,
    ):
        statuses = []
        for n in (1, 2):
            headers = {"X-Forwarded-For": spoofed(n)}
            answer = await client.post(GENERATE, json={"pasted_text": PASTED}, headers=headers)
            statuses.append(answer.status_code)
    assert statuses == ([200, 429] if same_client else [200, 200])


async def test_a_count_that_cannot_be_reached_starts_nothing(open_api: OpenApi) -> None:
    address = f"redis://127.0.0.1:{unused_port()}/0"
    async with open_api(redis_url=address) as api, api.client() as client:
        answer = await client.post(GENERATE, json={"pasted_text": PASTED})
        assert (await client.get("/health")).status_code == 200
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "limits_unavailable"
    assert "retry-after" in answer.headers


async def refused(api: Api, website_url: str, status: int, code: str) -> None:
    """An error with words and a way out, no analysis, and nothing counted."""
    async with api.client() as client:
        answer = await client.post(GENERATE, json={"website_url": website_url})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["action"]
    assert answer.headers["ratelimit-remaining"] == "5"


@pytest.fixture(scope="module")
def fault_site() -> Iterator[FaultSite]:
    with FaultSite() as site:
        site.pages["/forbidden"] = Answer("no", 403)
        site.pages["/gone"] = Answer("no", 404)
        site.pages["/failing"] = Answer("no", 500)
        yield site


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/forbidden", 422, "website_forbidden"),
        ("/gone", 422, "page_not_found"),
        ("/failing", 502, "website_error"),
        ("/pdf", 422, "not_html"),
        ("/image", 422, "not_html"),
        ("/loop", 502, "redirect_loop"),
        ("/redirect-self", 502, "redirect_loop"),
        ("/gigantic", 422, "page_too_large"),
        ("/bomb", 422, "page_too_large"),
        ("/bad-gzip", 502, "website_error"),
        ("/cut", 502, "connection_lost"),
        ("/reset", 502, "connection_lost"),
        ("/not-http", 502, "connection_lost"),
        ("/hang", 504, "website_timeout"),
        ("/drip", 504, "website_timeout"),
        ("/redirect-metadata", 400, "address_not_allowed"),
        ("/redirect-loopback", 400, "address_not_allowed"),
    ],
)
async def test_what_you_get_for_a_website_that_cannot_be_read(
    open_api: OpenApi, fault_site: FaultSite, path: str, status: int, code: str
) -> None:
    slow = path in ("/hang", "/drip")
    async with open_api(
        fetch_allow_hosts=fault_site.host_port,
        website_time_budget_seconds=0.5 if slow else 20,
        website_max_bytes=1_000_000,
    ) as api:
        await refused(api, fault_site.base_url + path, status, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('<div id="root"></div><script src="/app.js"></script>', "needs_javascript"),
        ("<p>Coming soon.</p>", "too_little_text"),
        ("", "too_little_text"),
    ],
)
async def test_what_you_get_for_a_site_with_nothing_to_read(
    open_api: OpenApi, body: str, code: str
) -> None:
    with FaultSite() as site:
        site.pages.clear()
        site.pages["/"] = Answer(html_page("App", body))
        async with open_api(fetch_allow_hosts=site.host_port) as api:
            await refused(api, site.base_url, 422, code)


@pytest.mark.parametrize(
    ("website_url", "status", "code"),
    [
        ("no-such-name.example", 422, "host_not_found"),
        ("private.example", 400, "address_not_allowed"),
        ("metadata.example", 400, "address_not_allowed"),
        ("mixed.example", 400, "address_not_allowed"),
        ("http://127.0.0.1/", 400, "address_not_allowed"),
        ("http://127.0.0.1:5432", 400, "invalid_url"),
        ("http://169.254.169.254/latest/meta-data/", 400, "address_not_allowed"),
        ("http://[::1]/", 400, "address_not_allowed"),
        ("http://2130706433/", 400, "invalid_url"),
        ("http://localhost", 400, "address_not_allowed"),
        ("http://localhost:3000", 400, "invalid_url"),
    ],
)
async def test_what_you_get_for_an_address_that_may_not_be_read(
    open_api: OpenApi, website_url: str, status: int, code: str
) -> None:
    names = {
        "private.example": ["10.0.0.5"],
        "metadata.example": ["169.254.169.254"],
        "mixed.example": ["93.184.215.14", "127.0.0.1"],
        "localhost": ["127.0.0.1"],
    }
    async with open_api(names=names) as api:
        await refused(api, website_url, status, code)


async def test_what_you_get_when_nothing_listens(open_api: OpenApi) -> None:
    address = f"127.0.0.1:{unused_port()}"
    async with open_api(fetch_allow_hosts=address) as api:
        await refused(api, f"http://{address}", 502, "connection_refused")


async def test_what_you_get_for_a_certificate_that_is_not_valid(open_api: OpenApi) -> None:
    server, _ = self_signed("127.0.0.1")
    with FaultSite(tls=server) as site:
        async with open_api(fetch_allow_hosts=site.host_port) as api:
            await refused(api, site.base_url, 502, "tls_failure")


async def test_a_hostile_site_changes_nothing(open_api: OpenApi) -> None:
    with FixtureSite("hostile") as site:
        async with open_api(fetch_allow_hosts=site.host_port) as api, api.client() as client:
            answer = await client.post(GENERATE, json={"website_url": site.base_url})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        data = answer.json()
        assert data["company_url"].rstrip("/") == site.base_url
        shown = json.dumps([data[card.key] for card in CONFIG.cards])
        assert "<script" not in shown
        assert "javascript:" not in shown
