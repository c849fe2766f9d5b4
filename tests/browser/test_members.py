"""Signed-in users over the websocket: what tabs see of each other, and what nobody else does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.browser.company_page import CARDS
from tests.browser.server import Server
from tests.support.fixture_site import FixtureSite
from tests.support.member import sign_in, sign_out
from tests.support.socket_page import SocketPage
from tests.unit.state.test_handlers import ALL, ARGUMENTS

APP = "/app/company"
SECRET = "Only Ada may read this"


class Member:
    """A user of one server, with a company of their own.

    Args:
        server: The server.
        cookie: Of their session.
        company: Id of their company.
    """

    def __init__(self, server: Server, cookie: str, company: str) -> None:
        self.server, self.cookie, self.company = server, cookie, company

    def page(self, path: str = "", **options: Any) -> SocketPage:
        """A tab of theirs, not yet open."""
        path = path or f"{APP}/{self.company}"
        return SocketPage(self.server.url, path, cookie=self.cookie, **options)


async def member(server: Server, website: FixtureSite) -> Member:
    """Somebody new, whose company has been written and kept."""
    cookie = await sign_in(server.url, f"{uuid4().hex}@example.com")
    async with SocketPage(server.url, APP, cookie=cookie) as page:
        await page.loaded("empty")
        await page.start(website.base_url)
        await page.go_where_sent(what="the new company's address")
        company = page.path.rpartition("/")[2]
        await page.loaded()
        await page.send("keep")
        await page.until(lambda p: p.get("save_state") == "saved", what="the company is kept")
    return Member(server, cookie, company)


@pytest.fixture(scope="session")
async def ada(basic_server: Server, website: FixtureSite) -> Member:
    """A user, who has written something that nobody else may read."""
    ada = await member(basic_server, website)
    async with ada.page() as page:
        await page.loaded()
        await page.edit_first(CARDS[0], SECRET)
        await page.until(lambda p: p.get("save_state") == "saved")
    return ada


@pytest.fixture(scope="session")
async def bob(basic_server: Server, website: FixtureSite) -> Member:
    """Another user."""
    return await member(basic_server, website)


@pytest.fixture
async def carol(basic_server: Server, website: FixtureSite) -> Member:
    """Somebody whom no other test knows."""
    return await member(basic_server, website)


@pytest.fixture
async def ten_tabs(carol: Member) -> AsyncIterator[list[SocketPage]]:
    """Ten tabs of one user that all show the same company."""
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(carol.page()) for _ in range(10)]
        for tab in tabs:
            await tab.loaded()
        yield tabs


async def test_another_tab_shows_a_saved_change_within_two_seconds(ada: Member) -> None:
    async with ada.page() as first, ada.page() as second:
        await first.loaded()
        await second.loaded()
        await first.edit_first(CARDS[1], "Written in the first tab")
        began = time.perf_counter()
        await second.until(lambda p: "Written in the first tab" in p.texts(CARDS[1]))
        assert time.perf_counter() - began < 2.0
        await first.until(lambda p: p.get("save_state") == "saved")


async def test_two_hundred_edits_from_ten_tabs_are_all_there(
    carol: Member, ten_tabs: list[SocketPage]
) -> None:
    # There are fewer fields than tabs, so that some write the same one; the history has them all.
    async def edit(number: int, tab: SocketPage) -> None:
        card = CARDS[number % len(CARDS)]
        for step in range(20):
            await tab.edit_first(card, f"Tab {number}, edit {step}")

    await asyncio.gather(*(edit(number, tab) for number, tab in enumerate(ten_tabs)))
    for tab in ten_tabs:
        await tab.until(lambda p: p.get("save_state") == "saved", what="everything saved")
    export = await exported(carol)
    written = {
        text
        for version in export["versions"]
        for change in version["changes"]
        if change["path"][0] == "data" and isinstance(change["value"], list)
        for text in change["value"]
        if isinstance(text, str)
    }
    expected = {f"Tab {number}, edit {step}" for number in range(10) for step in range(20)}
    assert expected - written == set()
    (company,) = export["companies"]
    for index, card in enumerate(CARDS):
        tabs = [number for number in range(10) if number % len(CARDS) == index]
        assert company["analysis_data"][card][0] in {f"Tab {tab}, edit 19" for tab in tabs}
        async with carol.page() as fresh:
            await fresh.loaded()
            assert fresh.texts(card) == company["analysis_data"][card]


async def exported(who: Member) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=who.server.url, timeout=30) as client:
        answer = await client.get("/auth/export", headers={"Cookie": who.cookie})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def test_another_users_company_is_not_found(ada: Member, bob: Member) -> None:
    async with bob.page(f"{APP}/{ada.company}") as page:
        await page.loaded("not_found")
        assert page.get("cards") == {}
        assert ada.company not in {choice["id"] for choice in page.get("choices")}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind.get_full_name(), name) for kind, name in ALL], ids=str
)
async def test_no_event_gives_one_user_anything_of_another(
    ada: Member, bob: Member, kind: str, name: str
) -> None:
    """Every handler, with Ada's ids in every argument, from a tab of Bob's that names her page."""
    before = await exported(ada)
    async with bob.page(f"{APP}/{ada.company}") as page:
        await page.loaded("not_found")
        for forged in (ada.company, f"draft_company_{ada.company}", True, 0, {"id": ada.company}):
            await page.send(name, state=kind, **dict.fromkeys(ARGUMENTS.get(name, ()), forged))
        await page.send("dismiss_notice")
        await asyncio.sleep(0.2)
        assert not any(SECRET in packet for packet in page.heard)
    after = await exported(ada)
    assert {**after, "exported_at": "", "sessions": []} == {
        **before,
        "exported_at": "",
        "sessions": [],
    }


async def test_what_belongs_to_another_cannot_be_deleted_chosen_or_built_upon(
    ada: Member, bob: Member
) -> None:
    before = await exported(ada)
    async with bob.page(f"/app/accounts/new?company={ada.company}") as page:
        await page.loaded("empty")
        assert ada.company not in page.get("chosen_parents").values()
        await page.send("choose_parent", entity="company", document_id=ada.company)
        await page.send("ask_to_delete", entity="company", document_id=ada.company, name="Not mine")
        await page.until(lambda p: p.get("deleting")["id"] == ada.company)
        await page.send("delete", confirmed=True)
        await page.until(lambda p: p.get("deleting")["id"] == "")
        await page.send("undo_delete")
        await page.send("dismiss_notice")
        await asyncio.sleep(0.2)
        assert ada.company not in page.get("chosen_parents").values()
        assert not any(SECRET in packet for packet in page.heard)
    after = await exported(ada)
    assert after["companies"] == before["companies"]
    async with ada.page() as page:
        await page.loaded()


async def test_no_path_of_the_api_gives_one_user_anything_of_another(
    ada: Member, bob: Member
) -> None:
    async with httpx.AsyncClient(base_url=ada.server.url, timeout=30) as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
        asked = 0
        for path, methods in paths.items():
            for method in methods.keys() & {"get", "post", "delete"}:
                if "logout" in path or "delete-account" in path or "{" in path:
                    continue
                for cookie in (bob.cookie, "", "blossomer=" + "A" * 43):
                    answer = await client.request(
                        method,
                        path,
                        params={"id": ada.company, "user_id": ada.company},
                        headers={"Cookie": cookie, "Origin": ada.server.url},
                        json={"id": ada.company, "company_id": ada.company}
                        if method == "post"
                        else None,
                    )
                    assert SECRET not in answer.text
                    assert answer.status_code < 500
                    asked += 1
        assert asked >= 15


async def test_a_tabs_token_opens_nothing_without_its_session(ada: Member, bob: Member) -> None:
    async with ada.page() as hers:
        await hers.loaded()
        assert SECRET in hers.texts(CARDS[0])
    stolen = hers.token
    for cookie in ("", bob.cookie, "blossomer=" + "A" * 43, "blossomer="):
        async with SocketPage(
            ada.server.url, f"{APP}/{ada.company}", cookie=cookie, token=stolen
        ) as page:
            await page.until(lambda p: p.redirected or p.get("phase") == "not_found")
            await page.send("export", form="json")
            await page.send("edit", key=CARDS[1])
            await page.send("dismiss_notice")
            await asyncio.sleep(0.2)
            assert not any(SECRET in packet for packet in page.heard)


async def test_after_signing_out_a_tab_holds_nothing_and_its_cookie_opens_nothing(
    carol: Member,
) -> None:
    async with carol.page() as page:
        await page.loaded()
        await page.edit_first(CARDS[1], SECRET)
        await page.until(lambda p: p.get("save_state") == "saved")
        await sign_out(carol.server.url, carol.cookie)
        await page.until(lambda p: p.redirected, what="the way out")
        assert page.get("cards") == {}
        assert page.get("account")["name"] == ""
    async with carol.page(token=page.token) as again:
        await again.until(lambda p: p.redirected, what="the way to sign in")
        assert again.redirected[-1].startswith("/auth?mode=signin")
        assert not any(SECRET in packet for packet in again.heard)
    async with httpx.AsyncClient(base_url=carol.server.url) as client:
        answer = await client.get("/auth/export", headers={"Cookie": carol.cookie})
        assert answer.status_code == 401


async def test_a_signed_in_page_never_takes_drafts_from_the_browser(ada: Member) -> None:
    async with ada.page() as page:
        await page.loaded()
        before = page.texts(CARDS[1])
        message = {
            "request": "x",
            "available": True,
            "unreadable": 0,
            "entries": [],
            "document": "{}",
        }
        await page.send("drafts_read", message=message)
        await page.send(
            "drafts_changed", message={"key": f"draft_company_{ada.company}", "document": ""}
        )
        await page.send("dismiss_notice")
        await asyncio.sleep(0.2)
        assert page.texts(CARDS[1]) == before
        assert page.get("phase") == "ready"
