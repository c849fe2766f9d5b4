"""Signed-in users whose pages, tabs and connections do things in an order nobody planned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from tests.browser.company_page import CARDS
from tests.browser.held_model import HeldModel
from tests.browser.server import Server
from tests.browser.test_members import APP, Member, member
from tests.support.fixture_site import FixtureSite
from tests.support.member import sign_in
from tests.support.socket_page import SocketPage

CARD = CARDS[0]


@pytest.fixture
async def own_server(tmp_path: Path, allowed_hosts: str) -> AsyncIterator[Server]:
    """A server of one test, which may be restarted."""
    server = Server(tmp_path / "data", {"FETCH_ALLOW_HOSTS": allowed_hosts})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def dora(server: Server, website: FixtureSite, model: HeldModel) -> Member:
    """Somebody with one company, at a server with a model."""
    return await member(server, website)


async def test_a_page_that_missed_the_end_of_a_generation_shows_its_result(
    server: Server, website: FixtureSite, model: HeldModel
) -> None:
    cookie = await sign_in(server.url, f"{uuid4().hex}@example.com")
    first = SocketPage(server.url, APP, cookie=cookie)
    with model.held_after("description"):
        await first.open()
        await first.loaded("empty")
        await first.start(website.base_url)
        await first.until(lambda p: p.get("name"))
        await first.close()
    async with SocketPage(server.url, APP, cookie=cookie) as other:
        await other.until(lambda p: p.redirected, what="the generation's end")
    async with SocketPage(server.url, APP, cookie=cookie, token=first.token) as again:
        await again.go_where_sent(what="the new company's address")
        await again.until(lambda p: p.get("phase") == "ready" and not p.get("generating"))


async def test_an_open_modal_is_not_closed_by_what_another_tab_starts(
    dora: Member, website: FixtureSite, model: HeldModel
) -> None:
    async with dora.page() as first, dora.page() as second:
        await first.loaded()
        await second.loaded()
        await first.send("edit", key=CARD)
        await first.until(lambda p: p.get("editing") == CARD)
        row = first.get("edit_items")[0]["id"]
        with model.held_after("description"):
            await second.start(website.base_url)
            await second.until(lambda p: p.get("name"))
            assert first.get("editing") == CARD
            await first.send("save_edit", form={f"row-{row}": "Typed meanwhile"})
            # From here on it may show what is being written instead.
            await first.until(lambda p: p.get("editing") == "")
        assert first.get("notice") == ""
    async with dora.page() as later:
        await later.until(lambda p: "Typed meanwhile" in p.texts(CARD))


async def test_saving_the_description_keeps_a_name_that_another_tab_gave(dora: Member) -> None:
    async with dora.page() as first, dora.page() as second:
        await first.loaded()
        await second.loaded()
        shown = {"name": first.get("name"), "description": first.get("description")["text"]}
        for page in (first, second):
            await page.send("edit", key="overview")
            await page.until(lambda p: p.get("editing") == "overview")
        await second.send("save_edit", form={**shown, "name": "Renamed"})
        await first.until(lambda p: p.get("name") == "Renamed")
        await first.send("save_edit", form={**shown, "description": "Another"})
        await second.until(lambda p: p.get("description")["text"] == "Another")
        assert second.get("name") == "Renamed"


async def test_undoing_does_not_undo_what_another_tab_wrote_since(dora: Member) -> None:
    async with dora.page() as first, dora.page() as second:
        await first.loaded()
        await second.loaded()
        await first.edit_first(CARD, "Of the first tab")
        await second.until(lambda p: "Of the first tab" in p.texts(CARD))
        await second.edit_first(CARD, "Of the second tab")
        await first.until(lambda p: "Of the second tab" in p.texts(CARD))
        await first.send("undo", focused="BODY")
        await first.until(lambda p: "not undone" in p.get("notice"))
        assert "Of the second tab" in first.texts(CARD)
        assert not first.get("can_undo")


async def test_a_start_while_a_card_is_written_again_elsewhere_says_so(
    dora: Member, website: FixtureSite, model: HeldModel
) -> None:
    async with dora.page() as first, dora.page(f"{APP}/{uuid4()}") as second:
        await first.loaded()
        await second.loaded("not_found")
        with model.held_after(CARD):
            await first.send("rewrite", key=CARD)
            await first.until(lambda p: p.get("generating"))
            await second.start(website.base_url)
            await second.until(lambda p: p.get("error")["code"] == "busy")
            assert not second.get("generating")
        await first.until(lambda p: not p.get("generating"))


async def test_a_card_that_is_written_again_is_not_drawn_on_another_document(
    dora: Member, website: FixtureSite, model: HeldModel
) -> None:
    async with dora.page() as page:
        await page.loaded()
        await page.start(website.base_url)
        await page.until(lambda p: p.redirected, what="the second company's address")
        second = page.redirected[-1]
        await page.go(f"{APP}/{dora.company}")
        await page.until(lambda p: not p.get("generating"))
        assert page.get("document_id") == dora.company
        model.replacements = {CARD: ["Alpha one", "Alpha two", "Alpha three"]}
        with model.held_after(CARD):
            await page.send("rewrite", key=CARD)
            await page.until(lambda p: "Alpha one" in p.texts(CARD))
            await page.go(second)
            await page.until(lambda p: second.endswith(p.get("document_id") or "-"))
            await page.until(lambda p: not p.get("generating"))
            assert "Alpha one" not in page.texts(CARD)
        await page.go(f"{APP}/{dora.company}")
        await page.until(lambda p: "Alpha one" in p.texts(CARD))


async def test_a_page_that_was_elsewhere_while_its_change_was_saved_says_saved(
    dora: Member,
) -> None:
    database = dora.server.database_processes()
    async with dora.page() as page:
        await page.loaded()
        await page.send("edit", key=CARD)
        await page.until(lambda p: p.get("editing") == CARD)
        row = page.get("edit_items")[0]["id"]
        await page.send("count_left")
        _each(database, psutil.Process.suspend)
        try:
            await page.send("save_edit", form={f"row-{row}": "While it hung"})
            await page.until(lambda p: p.get("save_state") == "saving")
            await page.go("/account-settings")
            await asyncio.sleep(1)
        finally:
            _each(database, psutil.Process.resume)
        await asyncio.sleep(5)
        await page.go(f"{APP}/{dora.company}")
        await page.until(lambda p: p.get("save_state") == "saved")


async def test_the_token_of_a_duplicated_tab_opens_nothing_without_its_session(
    dora: Member,
) -> None:
    async with dora.page() as first:
        await first.loaded()
        async with dora.page(token=first.token) as second:
            await second.loaded()
            assert second.given_token, "the server gave the second tab a token of its own"
        name = first.get("name")
    stranger = SocketPage(dora.server.url, f"{APP}/{dora.company}", token=second.given_token)
    async with stranger:
        await stranger.until(lambda p: p.redirected, what="the way to the page to sign in on")
        assert name not in " ".join(stranger.heard)


async def test_a_page_that_was_opened_while_the_database_hung_loads_by_itself(
    own_server: Server, website: FixtureSite
) -> None:
    eve = await member(own_server, website)
    await own_server.restart()  # it knows no session now
    database = own_server.database_processes()
    async with eve.page() as page:
        _each(database, psutil.Process.suspend)
        try:
            await page.loaded("unavailable")
        finally:
            _each(database, psutil.Process.resume)
        await page.loaded()


async def test_a_page_cannot_begin_what_would_go_on_without_it(dora: Member) -> None:
    async with dora.page() as page:
        await page.loaded()
        before = dora.server.log().count("unknown event")
        await page.send("follow", entity="company")
        await page.send("run_generation")
        await page.send("touch")
        await page.until(lambda p: p.get("edit_touched"))
        assert dora.server.log().count("unknown event") == before + 2


def _each(processes: list[psutil.Process], do: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        if process.is_running():
            do(process)
