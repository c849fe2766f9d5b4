"""An e-mail written on its page: parts, plain text, subjects, findings, preview, copying."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.accessibility import objections_to
from tests.browser.company_page import CompanyPage
from tests.browser.conftest import put
from tests.browser.server import Server
from tests.support.campaign import IDS, documents

PATH = f"/playground/campaigns/{IDS['campaign']}"
MINE = "Most sites still plan the season by hand, on a board in the hall."
READ_CLIPBOARD = "navigator.clipboard.readText()"


class EmailPage(CompanyPage):
    """A tab with the campaign's page."""

    @property
    def parts(self) -> Locator:
        """The inputs of the parts, in their order."""
        return self.card("email").locator("textarea")

    def part(self, number: int) -> Locator:
        """One part with everything around its input."""
        return self.card("email").locator("ol > li[data-part]").nth(number - 1)

    async def texts_of_parts(self) -> list[str]:
        """What stands in the inputs."""
        return [await one.input_value() for one in await self.parts.all()]

    def button(self, name: str) -> Locator:
        """A button of the e-mail's card."""
        return self.card("email").get_by_role("button", name=name, exact=True)

    @property
    def findings(self) -> Locator:
        """What is said of the first e-mail."""
        return self.card("email").get_by_test_id("findings")

    async def email(self) -> dict[str, Any]:
        """The e-mail as the browser keeps it."""
        found = await self.drafts()
        content: dict[str, Any] = found[f"draft_campaign_{IDS['campaign']}"]["data"][
            "email_content"
        ]
        return content

    async def wait_text(self, number: int, text: str) -> None:
        """Wait until the browser keeps a part with this text."""
        await self.page.wait_for_function(
            "([key, at, text]) => JSON.parse(localStorage.getItem(key))"
            ".data.email_content.segments[at].text === text",
            arg=[f"draft_campaign_{IDS['campaign']}", number - 1, text],
        )

    async def wait_kept(self) -> None:
        """Wait until everything is in the browser."""
        await expect(self.save_state).to_have_text("Saved in this browser")


@pytest.fixture
async def email(visitor: BrowserContext, basic_server: Server) -> AsyncIterator[EmailPage]:
    """A tab with an e-mail campaign that was written earlier, on a server without a model."""
    await visitor.grant_permissions(["clipboard-read", "clipboard-write"])
    page = EmailPage(await visitor.new_page(), basic_server.url)
    await put(
        page,
        {
            f"draft_{entity}_{document['id']}": json.dumps(document)
            for entity, document in documents().items()
        },
    )
    await page.open(PATH)
    await expect(page.parts).to_have_count(6)
    yield page


async def reloaded(email: EmailPage) -> None:
    """Load the page again, which must change nothing."""
    before = await email.texts_of_parts()
    await email.reload()
    await expect(email.parts).to_have_count(len(before))
    assert await email.texts_of_parts() == before


async def test_a_part_is_written_where_it_stands(email: EmailPage) -> None:
    before = await email.email()
    await email.parts.nth(1).fill(MINE)
    await email.parts.nth(2).focus()
    await email.wait_text(2, MINE)
    await expect(email.part(2).get_by_text("Edited by you")).to_be_visible()
    before["segments"][1]["text"] = MINE
    assert await email.email() == before
    await reloaded(email)


async def test_ctrl_enter_saves_and_the_cursor_stays(email: EmailPage) -> None:
    await email.parts.nth(1).fill(MINE)
    await email.page.keyboard.press("Control+Enter")
    await expect(email.part(2).get_by_text("Edited by you")).to_be_visible()
    await expect(email.parts.nth(1)).to_be_focused()
    await email.page.keyboard.type(" More.")
    await expect(email.parts.nth(1)).to_have_value(MINE + " More.")
    await email.page.keyboard.press("Tab")
    await email.wait_text(2, MINE + " More.")


async def test_parts_are_added_removed_and_brought_back(email: EmailPage) -> None:
    before = await email.texts_of_parts()
    await email.button("Add a part after Why now, part 2").click()
    await expect(email.parts).to_have_count(7)
    await expect(email.parts.nth(2)).to_be_focused()
    await email.page.keyboard.type(MINE)
    await email.part(3).get_by_label("Kind of part 3").select_option("emphasis")
    await expect(email.part(3)).to_have_attribute("data-part", "emphasis")
    await expect(email.part(3)).to_contain_text("Makes the one point")
    await email.button("Remove Greeting, part 1").click()
    await expect(email.parts).to_have_count(6)
    assert await email.texts_of_parts() == [before[1], MINE, *before[2:]]
    await email.page.locator("h1").first.click()
    await email.page.keyboard.press("Control+z")
    await expect(email.parts).to_have_count(7)
    await email.wait_kept()
    assert await email.texts_of_parts() == [*before[:2], MINE, *before[2:]]
    await reloaded(email)


async def test_parts_are_moved_by_keys_and_by_buttons(email: EmailPage) -> None:
    before = await email.texts_of_parts()
    await email.parts.nth(2).focus()
    await email.page.keyboard.press("Alt+ArrowUp")
    await expect(email.parts.nth(1)).to_have_value(before[2])
    await expect(email.parts.nth(1)).to_be_focused()
    await email.page.keyboard.press("Alt+ArrowDown")
    await expect(email.parts.nth(2)).to_have_value(before[2])
    await expect(email.parts.nth(2)).to_be_focused()
    await email.button("Move Greeting, part 1 down").press("Enter")
    await expect(email.parts.nth(1)).to_have_value(before[0])
    await expect(email.button("Move Greeting, part 2 down")).to_be_focused()
    await email.wait_kept()
    assert await email.texts_of_parts() == [before[1], before[0], *before[2:]]
    await reloaded(email)


async def test_a_part_is_dragged_with_the_mouse(email: EmailPage) -> None:
    # All of it in the window: a page that scrolls under a pressed button begins no dragging.
    await email.page.set_viewport_size({"width": 1280, "height": 1_600})
    before = await email.texts_of_parts()
    await email.part(5).get_by_title("Drag to another place").drag_to(email.part(2))
    await expect(email.parts.nth(1)).to_have_value(before[4])
    await email.wait_kept()
    assert await email.texts_of_parts() == [
        before[0], before[4], *before[1:4], before[5],
    ]  # fmt: skip


async def test_plain_text_and_back(email: EmailPage) -> None:
    before = await email.email()
    await email.button("Plain text").click()
    whole = email.card("email").get_by_label("E-mail as plain text")
    text = await whole.input_value()
    assert text == "\n\n".join(segment["text"] for segment in before["segments"])
    await email.button("Parts").click()
    await expect(email.parts).to_have_count(6)
    assert await email.email() == before
    await email.button("Plain text").click()
    await whole.fill(text.replace("By Monday", "By Tuesday") + "\n\nPS. One more thing.")
    await email.button("Parts").click()
    await expect(email.parts).to_have_count(7)
    await email.wait_kept()
    after = (await email.email())["segments"]
    assert [s["id"] for s in after[:6]] == [s["id"] for s in before["segments"]]
    assert [s["type"] for s in after[:6]] == [s["type"] for s in before["segments"]]
    assert after[2]["text"].startswith("By Tuesday")
    await reloaded(email)


async def test_one_of_three_subjects_is_chosen_and_none_is_lost(email: EmailPage) -> None:
    subjects = email.card("subjects")
    await subjects.get_by_role("radio").nth(2).click()
    await expect(subjects.get_by_role("radio").nth(2)).to_be_checked()
    await expect(subjects.get_by_role("radio").nth(2)).to_be_focused()
    await expect(subjects.get_by_label("Subject that is used")).to_have_value(
        "who fills in, and when"
    )
    await subjects.get_by_label("Subject not used").first.fill("gaps by monday")
    await subjects.get_by_label("Subject not used").first.press("Enter")
    await email.page.wait_for_function(
        "key => localStorage.getItem(key).includes('gaps by monday')",
        arg=f"draft_campaign_{IDS['campaign']}",
    )
    content = await email.email()
    assert content["subject"] == "who fills in, and when"
    assert content["alternative_subjects"] == ["gaps on monday", "gaps by monday"]
    await expect(email.page.get_by_test_id("preview-subject")).to_have_text(content["subject"])


async def test_findings_appear_while_one_types(email: EmailPage) -> None:
    before = await email.email()
    await expect(email.findings.get_by_text("Must be changed")).to_have_count(0)
    await email.parts.nth(3).focus()
    await email.page.keyboard.press("Control+End")
    await email.page.keyboard.type(" Acme Corp cut costs by 73%.")
    await expect(email.findings).to_contain_text("“73%” stands in no source.")
    await expect(email.findings).to_contain_text("House rule: no invented proof")
    await expect(email.parts.nth(3)).to_be_focused()
    await expect(email.part(4)).to_contain_text(re.compile(r"\d findings"))
    await expect(email.findings.get_by_test_id("no-model")).to_be_visible()
    await expect(email.button("Fix with the model")).to_have_count(0)
    assert await email.email() == before  # only findings came of it so far


async def test_typing_fast_while_findings_arrive_loses_nothing(email: EmailPage) -> None:
    text = "".join(f"word {number} and more. " for number in range(20)).strip()
    await email.parts.nth(1).fill("")
    await email.page.keyboard.type(text, delay=12)
    await email.page.keyboard.press("Tab")
    await email.wait_text(2, text)


async def test_follow_ups_and_variant_have_days_lengths_and_findings(email: EmailPage) -> None:
    foot = email.card("follow_ups").locator("[data-mail=follow_ups-1]")
    await expect(foot).to_contain_text("2 days later (day 7)")
    await expect(foot).to_contain_text("/ 60 words")
    await foot.locator("summary").click()
    await expect(foot).to_contain_text("3 to 7 are right")
    await expect(email.card("variant").locator("[data-mail=variant]")).to_contain_text("points")


async def test_what_is_copied_pastes_as_text_with_its_lines(email: EmailPage) -> None:
    preview = email.page.get_by_test_id("preview")
    await preview.get_by_role("button", name="Copy body").click()
    await expect(preview.get_by_role("button", name="Copied")).to_be_visible()
    body = "\n\n".join(s["text"] for s in (await email.email())["segments"])
    assert await email.page.evaluate(READ_CLIPBOARD) == body
    await preview.get_by_label("Names in it").select_option("usual")
    await expect(preview.get_by_test_id("preview-body")).to_contain_text("Hi Thomas,")
    await preview.get_by_role("button", name="Copy both").click()
    await expect(preview.get_by_role("button", name="Copied")).to_be_visible()
    copied = await email.page.evaluate(READ_CLIPBOARD)
    assert copied.startswith("friday shift plans\n\nHi Thomas,\n\nPeak season")
    assert copied.endswith("\n\nBest,\nRuth Adler\nQuayline")
    assert "{{" not in copied
    await preview.get_by_label("E-mail").select_option("follow_ups-1")
    await preview.get_by_role("button", name="Copy body").click()
    await expect(preview.get_by_role("button", name="Copied")).to_be_visible()
    assert await email.page.evaluate(READ_CLIPBOARD) == "Hi Thomas,\n\nShall I close this?\n\nRuth"


async def test_copying_right_after_typing_copies_what_was_typed(email: EmailPage) -> None:
    await email.parts.nth(1).fill(MINE)
    preview = email.page.get_by_test_id("preview")
    await preview.get_by_role("button", name="Copy body").click()
    await expect(preview.get_by_role("button", name="Copied")).to_be_visible()
    await email.page.wait_for_function(
        f"async mine => (await {READ_CLIPBOARD}).includes(mine)", arg=MINE
    )


@pytest.mark.parametrize("mode", ["Parts", "Plain text"])
async def test_everybody_can_use_it(email: EmailPage, mode: str) -> None:
    await email.parts.nth(3).fill("Acme Corp cut costs by 73% with us.")
    await email.button(mode).click()
    await expect(email.findings).to_contain_text("73%")
    for details in await email.page.locator("[data-mail] summary").all():
        await details.click()
    await keep_looks(email.page, mode)
    assert await objections_to(email.page) == []


async def keep_looks(page: Page, name: str) -> None:
    """Pictures for whoever wants to look at the page; only where SCREENSHOTS names a folder."""
    if not (folder := os.environ.get("SCREENSHOTS")):
        return
    size = page.viewport_size
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for width in (360, 1440):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.wait_for_timeout(300)
            path = Path(folder) / f"{name.replace(' ', '-').lower()}-{theme}-{width}.png"
            await page.screenshot(path=path, full_page=True)
    if size is not None:
        await page.set_viewport_size(size)
