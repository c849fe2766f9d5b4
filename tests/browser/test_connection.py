"""The line between page and server: lost, found again, and closed to strangers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.company_page import CompanyPage
from tests.browser.conftest import Complaints, Visit, put
from tests.browser.server import Server

CARD = "capabilities"


async def test_a_server_that_stops_and_starts_loses_nothing(
    visit: Visit, basic_server: Server, document: dict[str, Any], complaints: Complaints
) -> None:
    complaints.expect("ERR_CONNECTION_REFUSED|WebSocket connection|ERR_SOCKET_NOT_CONNECTED")
    company = CompanyPage(await (await visit()).new_page(), basic_server.url)
    await put(company, {f"draft_company_{document['id']}": json.dumps(document)})
    await company.open()
    texts = await company.all_texts()
    lost = company.page.get_by_text("Connection lost.")
    await basic_server.stop()
    await expect(lost).to_be_visible()
    assert await company.all_texts() == texts
    await basic_server.start()
    await expect(lost).to_have_count(0)
    await expect(company.statements(CARD)).to_have_text(texts[CARD])
    await company.change_item(CARD, 0, "Written after the restart.")
    await company.wait_saved()
    assert (await company.draft())["data"][CARD][0] == "Written after the restart."


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", ""]
)
async def test_a_strange_page_cannot_open_the_websocket(server: Server, origin: str) -> None:
    assert await _handshake(server, origin) == 403
    assert await _handshake(server, server.url) == 101


async def _handshake(server: Server, origin: str) -> int:
    """The status with which the server answers a websocket handshake."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        **({"Origin": origin} if origin else {}),
    }
    url = f"{server.url}/_event/?EIO=4&transport=websocket"
    async with (
        httpx.AsyncClient(timeout=20) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        return answer.status_code
