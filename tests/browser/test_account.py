"""The whole way of somebody with an account: in, through work that must not be lost, and out."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.browser.company_page import CARDS, CompanyPage
from tests.browser.conftest import Complaints, Visit
from tests.browser.held_model import HeldModel
from tests.browser.server import Server
from tests.support.fixture_site import FixtureSite
from tests.support.member import COOKIE, sign_in

APP = "/app/company"
FIRST = CARDS[0]
LOST_LINE = "ERR_CONNECTION_REFUSED|WebSocket connection|ERR_SOCKET_NOT_CONNECTED"
HANG_SECONDS = 10.0
SLOW_MILLISECONDS = 1_500


async def sign_in_by_hand(page: Page, email: str) -> None:
    """From any page with a way in, as a person does it."""
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_role("link", name="Continue on this machine").click()
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Sign in").click()


async def sign_out_by_hand(page: Page) -> None:
    await page.get_by_role("button", name="Your account").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()


async def new_member(context: BrowserContext, server: Server) -> CompanyPage:
    """A tab in the app of somebody new."""
    secret = (await sign_in(server.url, f"{uuid4().hex}@example.com")).partition("=")[2]
    await context.add_cookies([{"name": COOKIE, "value": secret, "url": server.url}])
    return CompanyPage(await context.new_page(), server.url, APP)


async def member_with_company(
    context: BrowserContext, server: Server, website: FixtureSite
) -> CompanyPage:
    """A tab in the app of somebody new, in which a company has just been written."""
    company = await new_member(context, server)
    await company.open()
    await company.submit(website.base_url)
    await company.wait_written()
    return company


@pytest.mark.parametrize("answer", ["Keep it", "Discard it"])
async def test_from_the_playground_into_an_account_and_back(
    visitor: BrowserContext, basic_server: Server, website: FixtureSite, answer: str
) -> None:
    email = f"{uuid4().hex}@example.com"
    playground = CompanyPage(await visitor.new_page(), basic_server.url)
    page = playground.page
    await playground.open("/")
    await playground.submit(website.base_url)
    await playground.wait_written()
    await playground.change_item(FIRST, 0, "Written before signing in.")
    await playground.wait_saved()

    await sign_in_by_hand(page, email)
    await expect(page.get_by_role("heading", name="Keep your playground work?")).to_be_visible()
    await page.get_by_role("button", name=answer).click()
    company = CompanyPage(page, basic_server.url, APP)
    if answer == "Keep it":
        await expect(company.statements(FIRST).first).to_have_text("Written before signing in.")
    else:
        await expect(page.get_by_role("heading", name="No company yet")).to_be_visible()
        await company.submit(website.base_url)
        await company.wait_written()
    assert await company.drafts() == {}
    await company.change_item(FIRST, 0, "Written with an account.")
    await company.wait_saved()
    address = page.url

    await sign_out_by_hand(page)
    await page.goto(address)
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.get_by_role("link", name="Continue on this machine").click()
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Sign in").click()
    # The deep link was kept, there is no question any more, and everything is there.
    await expect(company.statements(FIRST).first).to_have_text("Written with an account.")
    assert page.url == address
    assert await company.drafts() == {}


async def test_the_wrong_place_is_never_shown(
    visitor: BrowserContext, basic_server: Server
) -> None:
    page = await visitor.new_page()
    await page.goto(f"{basic_server.url}{APP}")
    await expect(page).to_have_url(re.compile(r"/auth/?\?mode=signin&next=%2Fapp%2Fcompany$"))
    company = await new_member(visitor, basic_server)
    await company.open("/playground/company")
    await expect(company.page).to_have_url(f"{basic_server.url}{APP}/")
    await expect(company.page.get_by_text("Playground", exact=True)).to_have_count(0)


async def test_undo_brings_back_the_last_edits_one_by_one(
    visitor: BrowserContext, basic_server: Server, website: FixtureSite
) -> None:
    company = await member_with_company(visitor, basic_server, website)
    before = await company.texts(FIRST)
    await company.change_item(FIRST, 0, "First change.")
    await company.change_item(FIRST, 0, "Second change.")
    await company.page.keyboard.press("Control+z")
    await expect(company.statements(FIRST).first).to_have_text("First change.")
    await company.page.keyboard.press("Control+z")
    await expect(company.statements(FIRST)).to_have_text(before)
    await company.wait_saved()
    await company.reload()
    await expect(company.statements(FIRST)).to_have_text(before)


async def test_an_earlier_version_can_be_had_back(
    visitor: BrowserContext, basic_server: Server, website: FixtureSite
) -> None:
    company = await member_with_company(visitor, basic_server, website)
    before = await company.texts(FIRST)
    await company.change_item(FIRST, 0, "Not so good.")
    await company.reload()
    await company.edit(FIRST)
    await company.modal.get_by_role("button", name="Earlier versions").click()
    version = company.modal.get_by_test_id("earlier").locator("ol > li").first
    await expect(version).to_contain_text("Written by Blossomer")
    await version.get_by_role("button", name="Use this").click()
    await expect(company.rows.first).to_have_value(before[0])
    await company.save()
    await expect(company.statements(FIRST)).to_have_text(before)


async def test_an_earlier_name_and_description_can_be_had_back(
    visitor: BrowserContext, basic_server: Server, website: FixtureSite
) -> None:
    company = await member_with_company(visitor, basic_server, website)
    for name, description in (("First name", "First words."), ("Second name", "Second words.")):
        await company.page.get_by_role("button", name="Edit name and description").click()
        await company.modal.get_by_label("Name").fill(name)
        await company.modal.get_by_label("Description").fill(description)
        await company.save()
    await company.page.get_by_role("button", name="Edit name and description").click()
    await company.modal.get_by_role("button", name="Earlier versions").click()
    versions = company.modal.get_by_test_id("earlier").locator("ol > li")
    for text in ("First name", "First words."):
        await versions.filter(has_text=text).get_by_role("button").click()
    await company.save()
    await expect(company.name).to_have_text("First name")
    await expect(company.page.get_by_text("First words.")).to_be_visible()


async def test_a_draft_can_be_discarded_or_kept(
    visitor: BrowserContext, basic_server: Server, website: FixtureSite
) -> None:
    company = await new_member(visitor, basic_server)
    page, draft = company.page, company.page.get_by_test_id("draft")
    await company.open()
    await company.submit(website.base_url)
    await company.wait_written()
    await draft.get_by_role("button", name="Discard").click()
    await expect(page.get_by_role("heading", name="No company yet")).to_be_visible()
    await company.submit(website.base_url)
    await company.wait_written()
    await company.change_item(FIRST, 0, "An edit keeps it.")
    await expect(draft).to_have_count(0)
    await company.wait_saved()
    await page.get_by_text("Another company").click()
    await company.submit(website.base_url)
    await expect(draft).to_be_visible()
    await company.reload()
    await expect(page.get_by_label("Your companies").locator("option")).to_have_count(2)


async def test_what_is_typed_as_soon_as_a_document_is_there_stays_on_a_slow_line(
    visitor: BrowserContext, basic_server: Server, website: FixtureSite
) -> None:
    company = await new_member(visitor, basic_server)
    await company.open()
    await company.page.route("**/*.js", _slowly)  # what the document's own page is made of
    await company.submit(website.base_url)
    await company.edit(FIRST)
    await company.rows.first.fill("Typed at once.")
    await company.page.wait_for_timeout(2 * SLOW_MILLISECONDS)
    await expect(company.rows.first).to_have_value("Typed at once.")
    await company.save()
    await expect(company.statements(FIRST).first).to_have_text("Typed at once.")


async def _slowly(route: Route) -> None:
    await asyncio.sleep(SLOW_MILLISECONDS / 1000)
    await route.continue_()


async def test_what_is_being_written_survives_reload_leaving_and_other_tabs(
    visit: Visit, server: Server, website: FixtureSite, model: HeldModel
) -> None:
    context = await visit()
    company = await new_member(context, server)
    await company.open()
    with model.held_after(FIRST):
        await company.submit(website.base_url)
        await expect(company.statements(FIRST)).to_have_count(3)
        await company.reload()
        await expect(company.progress).to_be_visible()
        await expect(company.statements(FIRST)).to_have_text(model.answer_of(0)[FIRST])
        await company.page.goto(f"{server.url}/account-settings")
        other = CompanyPage(await context.new_page(), server.url, APP)
        await other.open()
        await expect(other.statements(FIRST)).to_have_text(model.answer_of(0)[FIRST])
    await other.wait_written()
    await expect(other.page).to_have_url(re.compile(rf"{APP}/[0-9a-f-]{{36}}$"))
    assert await other.all_texts() == {key: model.answer_of(0)[key] for key in CARDS}
    await company.open()
    await company.wait_written()  # until it has looked, the tab shows what it showed last
    assert await company.all_texts() == {key: model.answer_of(0)[key] for key in CARDS}
    assert len(model.records) == 1


async def test_cancelling_keeps_nothing(
    visitor: BrowserContext, server: Server, website: FixtureSite, model: HeldModel
) -> None:
    company = await new_member(visitor, server)
    await company.open()
    with model.held_after(FIRST):
        await company.submit(website.base_url)
        await expect(company.statements(FIRST)).to_have_count(3)
        await company.page.get_by_role("button", name="Cancel").click()
        await expect(company.page.get_by_role("heading", name="No company yet")).to_be_visible()
    await company.reload()
    await expect(company.page.get_by_role("heading", name="No company yet")).to_be_visible()


async def test_a_card_written_again_keeps_what_a_person_wrote(
    visitor: BrowserContext, server: Server, website: FixtureSite, model: HeldModel
) -> None:
    company = await member_with_company(visitor, server, website)
    await company.change_item(FIRST, 1, "My own words, to the letter.")
    model.replacements[FIRST] = ["New: one.", "New: two.", "New: three."]
    await company.rewrite(FIRST)
    await expect(company.statements(FIRST)).to_have_text(
        ["New: one.", "My own words, to the letter.", "New: two."]
    )
    await company.reload()
    await expect(company.statements(FIRST).nth(1)).to_have_text("My own words, to the letter.")


@pytest.fixture(scope="module")
async def own_server(
    tmp_path_factory: pytest.TempPathFactory, running_model: HeldModel, allowed_hosts: str
) -> AsyncIterator[Server]:
    """A server that a test may do anything to, as long as it serves again afterwards."""
    server = Server(
        tmp_path_factory.mktemp("own") / "data",
        {
            "FETCH_ALLOW_HOSTS": allowed_hosts,
            "LLM_MODELS": "openai/paced",
            "OPENAI_BASE_URL": running_model.base_url,
            "OPENAI_API_KEY": "sk-test-not-a-real-key",
            "LLM_SILENCE_SECONDS": "60",
        },
    )
    await server.start()
    yield server
    await server.stop()


async def test_a_database_that_hangs_or_dies_loses_nothing_that_is_typed(
    visitor: BrowserContext,
    own_server: Server,
    website: FixtureSite,
    model: HeldModel,
    complaints: Complaints,
) -> None:
    complaints.expect(LOST_LINE)
    company = await member_with_company(visitor, own_server, website)
    await company.change_item(FIRST, 0, "Before.")
    await company.wait_saved()

    stopped = own_server.database_processes()
    for process in stopped:
        process.suspend()
    began = time.monotonic()
    await company.change_item(FIRST, 0, "Typed while it hung.")
    await expect(company.save_state).to_have_text("Not saved yet, trying again")
    await expect(company.page.get_by_test_id("unsaved")).to_contain_text("tried again by itself")
    await company.change_item(FIRST, 1, "Typed a little later.")
    other = CompanyPage(await visitor.new_page(), own_server.url, APP)
    await other.open()
    away = other.page.get_by_role("heading", name="Your work cannot be reached right now")
    await expect(away).to_be_visible()
    await asyncio.sleep(max(0.0, began + HANG_SECONDS - time.monotonic()))
    assert (await company.texts(FIRST))[:2] == ["Typed while it hung.", "Typed a little later."]
    for process in stopped:
        process.resume()
    await company.wait_saved()
    await expect(other.statements(FIRST).first).to_have_text("Typed while it hung.")

    # The process dies; who started the product starts it again.
    own_server.database_processes()[0].kill()
    await company.change_item(FIRST, 2, "Typed while it was dead.")
    await company.wait_saved()
    await company.reload()
    assert await company.texts(FIRST) == [
        "Typed while it hung.",
        "Typed a little later.",
        "Typed while it was dead.",
    ]


async def test_what_was_shown_as_saved_survives_the_death_of_everything(
    visitor: BrowserContext,
    own_server: Server,
    website: FixtureSite,
    model: HeldModel,
    complaints: Complaints,
) -> None:
    complaints.expect(LOST_LINE)
    company = await member_with_company(visitor, own_server, website)
    generator = random.Random(4)
    saved = 0
    for _ in range(2):
        deadline = time.monotonic() + generator.uniform(0.3, 1.2)
        while time.monotonic() < deadline:
            await company.change_item(FIRST, 0, f"Edit {saved + 1}")
            await company.wait_saved()
            saved += 1
        await company.edit(FIRST)
        await company.rows.first.fill(f"Edit {saved + 1}")
        await company.modal.get_by_role("button", name="Save").click()
        await own_server.kill()
        await own_server.start()
        await company.open(company.page.url.removeprefix(own_server.url))
        stored = int((await company.texts(FIRST))[0].removeprefix("Edit "))
        assert stored in (saved, saved + 1)
        saved = stored


async def test_a_generation_that_a_crash_interrupted_is_told_and_can_be_tried_again(
    visitor: BrowserContext,
    own_server: Server,
    website: FixtureSite,
    model: HeldModel,
    complaints: Complaints,
) -> None:
    complaints.expect(LOST_LINE)
    company = await new_member(visitor, own_server)
    await company.open()
    with model.held_after(FIRST):
        await company.submit(website.base_url)
        await expect(company.statements(FIRST)).to_have_count(3)
        await own_server.kill()
    await own_server.start()
    await company.open()
    await expect(company.failure).to_contain_text("interrupted", timeout=30_000)
    await company.failure.get_by_role("button", name="Try again").click()
    await company.wait_written()
    await company.reload()
    await expect(company.failure).to_have_count(0)
