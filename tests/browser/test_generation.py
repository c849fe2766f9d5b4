"""From a website to a company overview, as a visitor sees it."""

from __future__ import annotations

from urllib.parse import unquote

from playwright.async_api import expect

from blossomer.entities.evidence import is_verified
from tests.browser.company_page import CARDS, LABELS, PATH, CompanyPage
from tests.browser.conftest import Visit, until
from tests.browser.held_model import HeldModel
from tests.browser.server import Server
from tests.support.fault_site import FaultSite
from tests.support.fixture_site import FixtureSite

FIRST = CARDS[0]


async def test_the_first_card_can_be_read_while_the_model_is_not_half_done(
    company: CompanyPage, website: FixtureSite, model: HeldModel
) -> None:
    model.seconds = 1.0  # in forty pieces, so that the held answer is held where it should be
    await company.open("/")
    with model.held_after(FIRST):
        await company.submit(website.base_url)
        await expect(company.page).to_have_url(company.url + PATH)
        await expect(company.statements(FIRST)).to_have_text(await _answer(model, FIRST))
        assert model.sent_share(0) < 0.5
        assert not model.records[0].finished
        await expect(company.card(FIRST).get_by_text("Not checked yet")).to_have_count(3)

        # What is done is done, what is going on goes on, and nothing is ahead of the truth.
        for label in ("Reading the website", "Weighing what it says"):
            await expect(company.stage(label)).to_have_attribute("aria-current", "false")
        await expect(company.stage("Writing the overview")).to_have_attribute(
            "aria-current", "step"
        )
        await expect(company.stage("Reading the website")).to_contain_text("Read 6 of 6 pages")
        await expect(company.stage("Weighing what it says")).to_contain_text("words")
        await expect(company.card(CARDS[-1]).get_by_text("Waiting")).to_be_visible()
        assert await company.texts(CARDS[-1]) == []
    await company.wait_written()

    assert await company.all_texts() == {key: model.answer_of(0)[key] for key in CARDS}
    draft = await company.draft()
    assert {key: draft["data"][key] for key in CARDS} == await company.all_texts()
    assert draft["data"]["company_url"] == website.base_url
    await company.reload()
    assert await company.all_texts() == {key: model.answer_of(0)[key] for key in CARDS}


async def test_reading_is_shown_while_it_lasts(
    company: CompanyPage, broken_website: FaultSite, model: HeldModel
) -> None:
    await company.open()
    await company.submit(f"{broken_website.base_url}/hang")
    await expect(company.stage("Reading the website")).to_have_attribute("aria-current", "step")
    for label in ("Weighing what it says", "Writing the overview", "Checking every quote"):
        await expect(company.stage(label)).to_have_attribute("aria-current", "false")
    assert model.records == []
    await company.page.get_by_role("button", name="Cancel").click()
    await expect(company.page.get_by_role("heading", name="No company yet")).to_be_visible()


async def test_every_statement_says_where_it_comes_from(
    opened: CompanyPage, website: FixtureSite
) -> None:
    draft = await opened.draft()
    evidence = [entry for entry in draft["data"]["evidence"] if entry["verified"]]
    assert evidence
    for entry in evidence[:4]:
        item = opened.card(entry["field"]).get_by_role("listitem").filter(has_text=entry["text"])
        quote = item.get_by_role("figure").filter(has_text=entry["quote"]).first
        await expect(quote).to_be_hidden()
        await item.locator("summary").click()
        await expect(quote).to_be_visible()
        link = quote.get_by_role("link")
        address = await link.get_attribute("href") or ""
        page, _, fragment = address.partition("#:~:text=")
        assert page == entry["page_url"]
        first, _, last = fragment.partition(",")
        assert entry["quote"].startswith(unquote(first))
        assert entry["quote"].endswith(unquote(last))
        assert await link.get_attribute("rel") == "noopener noreferrer nofollow"
        assert await link.get_attribute("target") == "_blank"

    proven = {(entry["field"], entry["text"]) for entry in evidence}
    for key in CARDS:
        for text in await opened.texts(key):
            item = opened.card(key).get_by_role("listitem").filter(has_text=text)
            word = "Quoted" if (key, text) in proven else "Inferred"
            await expect(item.get_by_text(word, exact=True)).to_be_visible()


async def test_the_quote_link_finds_the_quote_on_the_page(opened: CompanyPage) -> None:
    item = opened.page.locator("li:has(summary)").first
    await item.locator("summary").click()
    async with opened.page.context.expect_page() as event:
        await item.get_by_role("link").first.click()
    page = await event.value
    quote = await item.locator("blockquote").first.inner_text()
    assert is_verified(quote, await page.locator("body").inner_text())


async def test_provenance_names_the_pages_that_were_read(
    opened: CompanyPage, website: FixtureSite
) -> None:
    panel = opened.page.get_by_test_id("provenance")
    await expect(panel).to_contain_text("Written by")
    await expect(panel).to_contain_text("paced")
    await panel.locator("summary").click()
    for entry in (await opened.draft())["data"]["provenance"]["website"]["pages"]:
        await expect(panel.locator(f'a[href="{entry["url"]}"]')).to_be_visible()
    await expect(panel.get_by_role("heading", name="Pages read")).to_be_visible()
    await expect(panel.get_by_role("heading", name="Assumptions")).to_be_visible()
    await expect(panel.get_by_role("heading", name="Worth asking")).to_be_visible()


async def test_without_a_model_the_site_itself_fills_the_cards(
    visit: Visit, basic_server: Server, website: FixtureSite
) -> None:
    context = await visit()
    company = CompanyPage(await context.new_page(), basic_server.url)
    await company.open("/")
    await company.submit(website.base_url)
    await company.wait_written()
    await expect(company.page.get_by_role("note")).to_contain_text("Basic analysis")
    await expect(company.page.get_by_test_id("provenance")).to_contain_text("basic analysis")
    for key, texts in (await company.all_texts()).items():
        assert texts, LABELS[key]

    quotes = (await company.draft())["data"]["evidence"]
    assert quotes
    reader = await context.new_page()
    visible = {}
    for url in {entry["page_url"] for entry in quotes}:
        await reader.goto(url)
        # A menu or a disclosure that is shut is visible to who opens it.
        await reader.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        visible[url] = await reader.locator("body").inner_text()
    for entry in quotes:
        assert entry["verified"], entry
        assert is_verified(entry["quote"], visible[entry["page_url"]]), entry


async def test_a_reload_does_not_lose_what_is_being_written(
    company: CompanyPage, website: FixtureSite, model: HeldModel
) -> None:
    await company.open()
    with model.held_after(FIRST):
        await company.submit(website.base_url)
        await expect(company.statements(FIRST)).to_have_text(await _answer(model, FIRST))
        await company.reload()
        await expect(company.progress).to_be_visible()
        await expect(company.statements(FIRST)).to_have_text(model.answer_of(0)[FIRST])
    await company.wait_written()
    assert await company.all_texts() == {key: model.answer_of(0)[key] for key in CARDS}
    await company.reload()
    assert await company.all_texts() == {key: model.answer_of(0)[key] for key in CARDS}
    assert len(model.records) == 1


async def test_an_impatient_visitor_starts_it_once(
    company: CompanyPage, website: FixtureSite, model: HeldModel
) -> None:
    await company.open("/")
    with model.held_after(FIRST):
        await company.page.get_by_label("Website").fill(website.base_url)
        await company.page.get_by_role("button", name="Start free").dblclick()
        await expect(company.statements(FIRST)).to_have_text(await _answer(model, FIRST))
    await company.wait_written()
    assert len(model.records) == 1
    assert len(await company.drafts()) == 1


async def test_enter_pressed_twice_starts_it_once(
    company: CompanyPage, website: FixtureSite, model: HeldModel
) -> None:
    await company.open()
    field = company.page.get_by_label("Website")
    await field.fill(website.base_url)
    await field.evaluate("input => { input.form.requestSubmit(); input.form.requestSubmit(); }")
    await company.wait_written()
    assert len(model.records) == 1
    assert len(await company.drafts()) == 1


async def test_cancel_stops_the_model_and_brings_back_what_was_there(
    opened: CompanyPage, website: FixtureSite, model: HeldModel
) -> None:
    before, stored = await opened.all_texts(), await opened.drafts()
    await opened.page.get_by_text("Another company").click()
    with model.held_after(FIRST):
        await opened.submit(website.base_url)
        await expect(opened.statements(FIRST)).to_have_text(await _answer(model, FIRST))
        await opened.page.get_by_role("button", name="Cancel").click()
        await expect(opened.page.get_by_role("button", name="Edit name and")).to_be_visible()
        assert await opened.all_texts() == before
        await until(lambda: model.records[0].ended_at is not None)
        assert not model.records[0].finished
    assert await opened.drafts() == stored
    await opened.reload()
    assert await opened.all_texts() == before


async def test_a_second_company_leaves_the_first_as_it_is(
    opened: CompanyPage, website: FixtureSite, model: HeldModel
) -> None:
    [(key, first)] = (await opened.drafts()).items()
    await opened.page.get_by_text("Another company").click()
    await opened.submit(website.base_url)
    await opened.wait_written()
    drafts = await opened.drafts()
    assert len(drafts) == 2
    assert drafts[key] == first
    await opened.page.get_by_label("Your companies").select_option(first["id"])
    await expect(opened.page).to_have_url(f"{opened.url}{PATH}?id={first['id']}")
    await expect(opened.page.get_by_label("Your companies")).to_have_value(first["id"])


async def test_a_pasted_description_works_instead_of_a_site(
    company: CompanyPage, model: HeldModel
) -> None:
    text = (
        "Ferrule makes stock control software for bicycle workshops. Mechanics scan a part and "
        "the shop sees at once what is missing for tomorrow's repairs. It costs 39 euros a month "
        "for each workshop, and chains of five or more get their own manager who helps them move."
    )
    await company.open()
    await company.submit("", pasted_text=text)
    await company.wait_written()
    assert text[:60] in model.records[0].prompt
    await company.page.get_by_test_id("provenance").locator("summary").click()
    assert await company.all_texts() == {key: model.answer_of(0)[key] for key in CARDS}


async def _answer(model: HeldModel, key: str) -> list[str]:
    """What the model has begun to answer for a card, once it has."""
    await until(lambda: bool(model.texts))
    return list(model.answer_of(0)[key])
