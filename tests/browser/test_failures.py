"""What goes wrong is said in words, with what to do, and nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.company_page import CARDS, CompanyPage
from tests.browser.conftest import Complaints, Visit, until
from tests.browser.held_model import HeldModel
from tests.browser.server import Server
from tests.support.fault_site import FaultSite
from tests.support.fixture_site import FixtureSite

FAULTS = {
    "{broken}/status/403": "website_forbidden",
    "{broken}/status/404": "page_not_found",
    "{broken}/status/500": "website_error",
    "{broken}/pdf": "not_html",
    "{broken}/loop": "redirect_loop",
    "{broken}/redirect-metadata": "address_not_allowed",
    "{spa}/": "needs_javascript",
    "{thin}/": "too_little_text",
    "http://127.0.0.1:9/": "connection_refused",
    "http://no-such-host.invalid/": "host_not_found",
    "http://169.254.169.254/": "address_not_allowed",
    "http://10.0.0.7/": "address_not_allowed",
}


@pytest.fixture
def addresses(broken_website: FaultSite, other_websites: dict[str, FixtureSite]) -> dict[str, str]:
    """Each address that cannot be read, and the code of what is said."""
    places = {"broken": broken_website.base_url} | {
        name: site.base_url for name, site in other_websites.items()
    }
    return {address.format(**places): code for address, code in FAULTS.items()}


@pytest.fixture
async def limited_server(tmp_path: Path, allowed_hosts: str) -> AsyncIterator[Server]:
    """The product with the usual limit, of which nothing is used up."""
    server = Server(tmp_path / "data", {"FETCH_ALLOW_HOSTS": allowed_hosts})
    await server.start()
    assert await server.models() == []
    yield server
    await server.stop()


async def test_every_website_that_cannot_be_read_is_explained(
    company: CompanyPage, addresses: dict[str, str], model: HeldModel
) -> None:
    await company.open()
    for address, code in addresses.items():
        await company.submit(address)
        shown = company.failure.or_(company.page.locator("form").get_by_role("alert")).first
        await expect(shown).to_be_visible()
        await expect(company.page.get_by_role("button", name="Start free")).to_be_enabled()
        if await company.failure.count():
            await expect(company.failure).to_have_attribute("data-code", code)
            action = company.failure.locator("p").nth(1)
            assert len(await action.inner_text()) > 20
            await company.failure.get_by_role("button", name="Dismiss").click()
            await expect(company.failure).to_have_count(0)
        # The form still holds what was typed.
        await expect(company.page.get_by_label("Website")).to_have_value(address)
        assert "Traceback" not in await company.page.locator("body").inner_text()
    assert model.records == []
    assert await company.drafts() == {}


async def test_what_is_no_address_is_told_at_the_form(company: CompanyPage) -> None:
    await company.open("/")
    for typed in ("", "not a website", "javascript:alert(1)", "file:///etc/passwd"):
        await company.submit(typed)
        alert = company.page.locator("form").get_by_role("alert")
        await expect(alert).to_contain_text("Enter")
        await expect(company.page.get_by_label("Website")).to_have_value(typed)


async def test_a_failure_leaves_the_earlier_company_and_can_be_tried_again(
    opened: CompanyPage, broken_website: FaultSite
) -> None:
    before, stored = await opened.all_texts(), await opened.drafts()
    await opened.page.get_by_text("Another company").click()
    await opened.submit(f"{broken_website.base_url}/status/500")
    await expect(opened.failure).to_have_attribute("data-code", "website_error")
    assert await opened.all_texts() == before
    assert await opened.drafts() == stored
    asked = broken_website.paths.count("/status/500")
    await opened.failure.get_by_role("button", name="Try again").click()
    await until(lambda: broken_website.paths.count("/status/500") > asked)
    await expect(opened.failure).to_have_attribute("data-code", "website_error")
    assert await opened.drafts() == stored


async def test_from_a_failure_a_description_leads_on(
    company: CompanyPage, other_websites: dict[str, FixtureSite]
) -> None:
    await company.open()
    await company.submit(other_websites["thin"].base_url)
    await expect(company.failure).to_contain_text("Paste a description")
    await company.submit(
        other_websites["thin"].base_url,
        pasted_text="Quayline audits freight invoices for manufacturers. Every line is checked "
        "against the carrier's contract before it is paid. Plans start at 290 euros a month.",
    )
    await company.wait_written()
    assert (await company.draft())["data"]["company_url"] == other_websites["thin"].base_url


async def test_a_hostile_website_changes_nothing(
    company: CompanyPage, hostile_website: FixtureSite, model: HeldModel
) -> None:
    attack = "<img src=x onerror=alert('model')> </script><script>alert(1)</script> {{ 7*7 }}"
    model.replacements |= {
        "company_name": attack,
        "description": attack,
        CARDS[0]: [attack, "[click](javascript:alert(1))", "**bold** <b>bold</b>"],
    }
    requests: list[str] = []
    company.page.on("request", lambda request: requests.append(request.url))
    await company.open()
    await company.submit(hostile_website.base_url)
    await company.wait_written()
    await expect(company.name).to_have_text(attack)
    await expect(company.statements(CARDS[0])).to_have_text(model.replacements[CARDS[0]])
    assert await company.page.locator("img, iframe, main script").count() == 0
    assert await company.page.locator("a[href^='javascript:']").count() == 0
    assert company.page.url.startswith(company.url)
    assert [url for url in requests if not url.startswith((company.url, "data:", "blob:"))] == []
    # Instructions that no visitor sees never reach the model.
    for hidden in ("PWNED-DISPLAY", "PWNED-CLASS", "PWNED-HIDDEN", "PWNED-COMMENT", "PWNED-ALT"):
        assert hidden not in model.records[0].prompt


async def test_a_hostile_website_changes_nothing_without_a_model_either(
    visit: Visit, basic_server: Server, hostile_website: FixtureSite
) -> None:
    company = CompanyPage(await (await visit()).new_page(), basic_server.url)
    await company.open()
    await company.submit(hostile_website.base_url)
    await company.wait_written()
    text = await company.page.locator("main").inner_text()
    assert "PWNED" not in text
    assert await company.page.locator("img, iframe, main script").count() == 0
    assert await company.page.locator("a[href^='javascript:']").count() == 0


async def test_an_unknown_company_is_not_another_one(opened: CompanyPage) -> None:
    await opened.page.goto(f"{opened.url}/playground/company?id=nope")
    await expect(
        opened.page.get_by_role("heading", name="This company is not here")
    ).to_be_visible()
    assert await opened.page.locator("[data-card]").count() == 0
    await opened.page.get_by_role("link", name="Show the newest").click()
    await expect(opened.page.locator("[data-card]").first).to_be_visible()


async def test_an_unknown_address_leads_home(company: CompanyPage, complaints: Complaints) -> None:
    complaints.expect("status of 404")
    answer = await company.page.goto(f"{company.url}/nowhere")
    assert answer is not None
    assert answer.status == 404
    await expect(company.page.get_by_role("heading", name="no page at this")).to_be_visible()
    await company.page.get_by_role("link", name="Start page", exact=True).click()
    await expect(company.page).to_have_url(f"{company.url}/")
    await expect(company.page.get_by_role("button", name="Start free")).to_be_visible()


async def test_links_of_the_public_pages_lead_where_they_say(company: CompanyPage) -> None:
    await company.open("/")
    await company.page.get_by_role("link", name="API").click()
    await expect(company.page.get_by_role("heading", name="Blossomer API")).to_be_visible()


async def test_what_was_typed_is_seen_again_after_a_failure(
    company: CompanyPage, broken_website: FaultSite
) -> None:
    await company.open("/")
    await company.page.get_by_text("Add context").click()
    await company.page.get_by_label("What should we know?").fill("We sell to carriers.")
    await company.submit(f"{broken_website.base_url}/status/500")
    await expect(company.failure).to_be_visible()
    context = company.page.get_by_label("What should we know?")
    await expect(context).to_be_visible()
    await expect(context).to_have_value("We sell to carriers.")
    await expect(company.page.get_by_label("Description of the company")).to_be_hidden()


async def test_a_page_that_cannot_be_drawn_says_so(opened: CompanyPage) -> None:
    # What React does when a component throws: it tells the nearest boundary above it.
    await opened.page.evaluate(
        """() => {
          const main = document.querySelector("main");
          let fiber = main[Object.keys(main).find((key) => key.startsWith("__reactFiber"))];
          while (!("didCatch" in (fiber.stateNode?.state ?? {}))) fiber = fiber.return;
          fiber.stateNode.setState({ didCatch: true, error: new Error("of the test") });
        }"""
    )
    heading = opened.page.get_by_role("heading", name="This page could not be shown")
    await expect(heading).to_be_visible()
    await opened.page.get_by_role("link", name="Load again").click()
    await expect(opened.name).to_be_visible()


async def test_six_generations_in_an_hour_are_one_too_many(
    limited_server: Server, visit: Visit, website: FixtureSite
) -> None:
    for _ in range(4):
        assert (await limited_server.generate(website_url=website.base_url)).status_code == 200
    company = CompanyPage(await (await visit()).new_page(), limited_server.url)
    await company.open()
    await company.submit(website.base_url)
    await company.wait_written()
    before = await company.drafts()
    await company.page.get_by_text("Another company").click()
    await expect(company.page.get_by_text("0 of 5 analyses left this hour")).to_be_visible()
    await company.submit(website.base_url)
    await expect(company.failure).to_have_attribute("data-code", "rate_limited")
    await expect(company.failure).to_contain_text("The next one is free in")
    assert await company.drafts() == before
    refused = await limited_server.generate(website_url=website.base_url)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3600
