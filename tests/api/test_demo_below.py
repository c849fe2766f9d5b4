"""Generating accounts, personas and campaigns over REST: what they are for comes with the body."""

from __future__ import annotations

from typing import Any

import pytest

from blossomer.api.examples import BODY_EXAMPLES, RESULT_EXAMPLES
from blossomer.entities import ENTITIES
from tests.api.conftest import Api, OpenApi
from tests.api.test_demo import PASTED, sse
from tests.support.fake_models import PacedModel, answer_from_prompt
from tests.support.fixture_site import FixtureSite

BELOW = [config for config in ENTITIES.values() if config.parents]
CAMPAIGN = {k: v for k, v in BODY_EXAMPLES["campaign"].items() if k != "website_url"}


def path(entity: str) -> str:
    return f"/demo/{ENTITIES[entity].path}/generate-ai"


@pytest.mark.parametrize("config", BELOW, ids=lambda config: config.entity)
async def test_each_is_written_for_what_the_body_carries(
    config: Any, open_api: OpenApi, fixture_site: FixtureSite
) -> None:
    body = {k: v for k, v in BODY_EXAMPLES[config.entity].items() if k != "website_url"}
    body["company"] = {**RESULT_EXAMPLES["company"], "company_url": fixture_site.base_url}
    with PacedModel(answer_from_prompt, 0.1) as model:
        settings = model.settings(fetch_allow_hosts=fixture_site.host_port, website_cache_hours=0)
        async with open_api(settings) as api, api.client() as client:
            answer = await client.post(path(config.entity), json=body)
    assert answer.status_code == 200, answer.text
    data = answer.json()
    config.data_model.model_validate(data)
    assert data["provenance"]["website"]["pages"], "the company's website was read"
    assert any(entry["verified"] for entry in data["evidence"])
    assert set(data["basis"]) == {"company", *(k for k in body if k in ("account", "persona"))}
    prompt = model.records[0].prompt
    assert RESULT_EXAMPLES["company"]["description"] in prompt
    if "account" in body:
        assert body["account"]["description"] in prompt
    assert answer.headers["ratelimit-remaining"] == "4"


async def test_the_stream_ends_with_the_campaign(open_api: OpenApi) -> None:
    with PacedModel(answer_from_prompt, 0.3) as model:
        async with (
            open_api(model.settings()) as api,
            api.client(accept="text/event-stream") as client,
        ):
            answer = await client.post(path("campaign"), json={**CAMPAIGN, "pasted_text": PASTED})
    events = sse(answer.text)
    assert events[-1][0] == "completed"
    assert events[-1][1]["campaign_type"] == "email"
    partials = [data["data"] for name, data in events if name == "partial"]
    assert any(partial.get("email_content", {}).get("segments") for partial in partials)


@pytest.mark.parametrize(
    ("entity", "body", "code"),
    [
        ("account", {}, "too_little_text"),
        ("persona", {"company": {"company_name": "Acme"}}, "too_little_text"),
        ("account", {"company": {"capabilities": "text"}}, "invalid_input"),
        ("account", {"company": "Acme"}, "invalid_input"),
        ("account", {"company": {"company_name": 7}}, "invalid_input"),
        ("account", {"persona": {}}, "invalid_input"),
        ("campaign", {**CAMPAIGN, "campaign_type": "fax"}, "invalid_input"),
        ("campaign", {**CAMPAIGN, "opening": ""}, "invalid_input"),
        ("account", {"company": {"company_url": "file:///etc/passwd"}}, "invalid_url"),
        ("account", {"company": {"company_url": "http://127.0.0.1/"}}, "address_not_allowed"),
    ],
)
async def test_what_cannot_be_written_is_refused_and_not_counted(
    api: Api, entity: str, body: dict[str, Any], code: str
) -> None:
    async with api.client() as client:
        answer = await client.post(path(entity), json=body)
        assert answer.json()["error"]["code"] == code, answer.text
        assert answer.json()["error"]["action"]
        answer = await client.post("/demo/companies/generate-ai", json={"pasted_text": PASTED})
        assert answer.headers["ratelimit-remaining"] == "4"
