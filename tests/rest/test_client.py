"""The product's whole journey by a typed client, which is generated from ``/openapi.json``.

Whatever the client cannot express, or reads as something else than it is, fails here.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.rest.conftest import Rest
from tests.support.fixture_site import FixtureSite

NAME = "blossomer_typed_client"


@pytest.fixture(scope="session")
async def generated(rest_server: Rest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # type: ignore[misc]
    """The name of the client's package."""
    folder = tmp_path_factory.mktemp("client")
    async with rest_server.client() as client:
        (folder / "openapi.json").write_text((await client.get("/openapi.json")).text)
    (folder / "config.yaml").write_text("post_hooks: []\n")
    tool = Path(sys.executable).with_name("openapi-python-client")
    done = await asyncio.to_thread(
        subprocess.run,
        [tool, "generate", "--path", "openapi.json", "--output-path", NAME, "--meta", "none",
         "--config", "config.yaml", "--fail-on-warning"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield NAME
    sys.path.remove(str(folder))


class Typed:
    """The client: its operations by tag and name, and its models."""

    def __init__(self, package: str, rest: Rest, token: str) -> None:
        self._package = package
        self.models: ModuleType = importlib.import_module(f"{package}.models")
        client = importlib.import_module(f"{package}.client")
        self._client = client.AuthenticatedClient(
            base_url="http://localhost:3000",
            token=token,
            raise_on_unexpected_status=True,
            httpx_args={"transport": httpx.ASGITransport(rest.app, client=("203.0.113.9", 1))},
        )

    async def answer(self, tag: str, operation: str, *arguments: Any, **named: Any) -> Any:
        """The whole answer."""
        module = importlib.import_module(f"{self._package}.api.{tag}.{operation}")
        return await module.asyncio_detailed(*arguments, client=self._client, **named)

    async def __call__(self, tag: str, operation: str, *arguments: Any, **named: Any) -> Any:
        """What it answers when all goes well."""
        answer = await self.answer(tag, operation, *arguments, **named)
        assert answer.status_code < 400, answer.content
        assert answer.parsed is not None, answer.content
        return answer.parsed

    async def close(self) -> None:
        await self._client.get_async_httpx_client().aclose()


async def test_the_main_journey(rest: Rest, generated: str, rest_site: FixtureSite) -> None:
    ada = await rest.somebody()
    typed = Typed(generated, rest, ada.token)
    who = await typed("identity", "session_auth_session_get")
    assert (who.signed_in, who.user.id, who.user.tier) == (True, ada.user_id, "free")
    company, campaign = await _everything_is_written(typed, rest_site.base_url)
    campaign = await _something_is_changed(typed, campaign)
    await _it_is_looked_around(typed, company, campaign)
    await _it_goes_and_comes_back(typed, company, campaign)
    await typed.close()


async def _everything_is_written(typed: Typed, website: str) -> tuple[Any, Any]:
    models = typed.models
    body = models.WriteCompany(inputs=models.CompanyInputs(website_url=website))
    company = await typed("companies", "write_company", body=body, idempotency_key="first")
    assert isinstance(company, models.CompanyDocument)
    assert company.data.company_name == "Quayline"
    assert any(evidence.verified for evidence in company.data.evidence)
    again = await typed("companies", "write_company", body=body, idempotency_key="first")
    assert again.id == company.id

    suggested = await typed(
        "companies", "suggest_below_company", company.id, body=models.SuggestionBody(most=2)
    )
    assert [each.state for each in suggested.documents] == ["done", "done"]
    wanted: dict[str, Any] = {"company": str(company.id), "limit": 1}
    page = await typed("target_accounts", "list_accounts", **wanted)
    assert page.total == 2
    last = await typed("target_accounts", "list_accounts", **wanted, cursor=page.next_cursor)
    assert last.next_cursor is None
    assert last.items[0].id != page.items[0].id

    body = models.WritePersona(
        inputs=models.PersonaInputs(name="Freight audit manager"),
        parents=models.PersonaPlace(account=page.items[0].id),
    )
    persona = await typed("personas", "write_persona", body=body)
    choices = models.CampaignInputs(
        campaign_type=models.CampaignInputsCampaignType.EMAIL,
        emphasis=models.CampaignInputsEmphasis.PAIN_POINT,
        opening=models.CampaignInputsOpening.COMPANY_RESEARCH,
        call_to_action=models.CampaignInputsCallToAction.INTEREST,
    )
    body = models.WriteCampaign(inputs=choices, parents=models.CampaignPlace(persona=persona.id))
    campaign = await typed("campaigns", "write_campaign", body=body)
    assert campaign.parents["account"] == str(page.items[0].id)
    assert campaign.data.email_content.segments
    return company, campaign


async def _something_is_changed(typed: Typed, campaign: Any) -> Any:
    """A change, one that comes too late, and what a person wrote when it is written again."""
    models = typed.models
    read = await typed.answer("campaigns", "get_campaign", campaign.id)
    etag = read.headers["etag"]
    patch = models.CampaignPatch(
        data=models.CampaignChanges(
            insights=["They check freight invoices by hand."],
            email_content=models.CampaignChangesEmailContent(subject="Late invoices"),
        )
    )
    patched = await typed("campaigns", "patch_campaign", campaign.id, body=patch, if_match=etag)
    assert patched.version == campaign.version + 1
    assert patched.data.email_content.subject == "Late invoices"
    assert patched.data.email_content.segments == read.parsed.data.email_content.segments
    late = await typed.answer("campaigns", "patch_campaign", campaign.id, body=patch, if_match=etag)
    assert late.status_code == 412
    assert late.parsed.error.code == "version_conflict"
    versions = await typed("campaigns", "get_campaign_versions", campaign.id)
    assert [entry.origin for entry in versions.items] == ["edited", "generated"]
    held = await typed("campaigns", "get_campaign_field_versions", campaign.id, "insights")
    assert held.items[0].value == ["They check freight invoices by hand."]
    kept = await typed("campaigns", "write_campaign_field_again", campaign.id, "insights")
    assert "They check freight invoices by hand." in kept.data.insights
    return kept


async def _it_is_looked_around(typed: Typed, company: Any, campaign: Any) -> None:
    relations = await typed("campaigns", "get_campaign_relations", campaign.id)
    assert [each.entity for each in relations.above] == ["company", "account", "persona"]
    below = (await typed("companies", "get_company_relations", company.id)).below
    totals = {entity: each.total for entity, each in below.additional_properties.items()}
    assert totals == {"account": 2, "persona": 1, "campaign": 1}
    kind = typed.models.ExportCompanyFormat.JSON
    file = await typed.answer("export_and_import", "export_company", company.id, format_=kind)
    assert file.status_code == 200
    assert len(json.loads(file.content)["documents"]) == 5


async def _it_goes_and_comes_back(typed: Typed, company: Any, campaign: Any) -> None:
    models = typed.models
    deleted = await typed("companies", "delete_company", company.id)
    assert deleted.below.additional_properties == {"account": 2, "persona": 1, "campaign": 1}
    gone = await typed.answer("campaigns", "get_campaign", campaign.id)
    assert (gone.status_code, gone.parsed.error.code) == (404, "not_found")
    restored = await typed("companies", "restore_company", company.id)
    assert restored.below == deleted.below
    assert await typed("campaigns", "get_campaign", campaign.id) == campaign

    content = models.CompanyContent(capabilities=["We do it ourselves."])
    body = models.NewCompany(name="Mine", data=content)
    mine = await typed("companies", "create_company", body=body)
    assert mine.data.provenance.writer == "person"
    listed = await typed("companies", "list_companies", q="mine")
    assert [row.id for row in listed.items] == [mine.id]


async def test_without_an_account(rest: Rest, generated: str, rest_site: FixtureSite) -> None:
    package = importlib.import_module(f"{generated}.client")
    models = importlib.import_module(f"{generated}.models")
    client = package.Client(
        base_url="http://localhost:3000",
        raise_on_unexpected_status=True,
        httpx_args={"transport": httpx.ASGITransport(rest.app, client=("203.0.113.9", 1))},
    )
    name = f"{generated}.api.generate_without_an_account.generate_company_without_account"
    answer = await importlib.import_module(name).asyncio_detailed(
        client=client, body=models.GenerateCompany(website_url=rest_site.base_url)
    )
    assert answer.parsed.company_name == "Quayline"
    await client.get_async_httpx_client().aclose()
