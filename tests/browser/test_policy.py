"""Every page that is built passes its own content security policy, for visitors and for members."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, expect

from blossomer.launcher.pages import ready_pages
from tests.browser.server import Server
from tests.support.member import COOKIE, sign_in

VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violated(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


def built_pages() -> list[str]:
    """The addresses of all pages, from what is built; and one that is not there."""
    folder = Path(os.environ.get("PAGES_DIR") or ready_pages()) / "build" / "client"
    found = [str(file.relative_to(folder).parent) for file in folder.rglob("index.html")]
    return [*sorted(f"/{path}".removesuffix("/.") or "/" for path in found), "/not-there"]


@pytest.mark.parametrize("signed_in", [False, True], ids=["visitor", "member"])
async def test_no_page_breaks_its_policy(
    visitor: BrowserContext, server: Server, complaints, signed_in: bool
) -> None:
    complaints.expect("status of 404")
    if signed_in:
        cookie = await sign_in(server.url, f"{uuid4().hex}@example.com")
        secret = cookie.partition("=")[2]
        await visitor.add_cookies([{"name": COOKIE, "value": secret, "url": server.url}])
    broken: list[str] = []
    await visitor.expose_binding("__violated", lambda source, what: broken.append(what))
    await visitor.add_init_script(VIOLATIONS)
    page = await visitor.new_page()
    shown = set[str]()
    addresses = built_pages()
    assert len(addresses) > 12
    for address in addresses:
        # The playground is for visitors, the app for members: each is sent away from the other.
        if address.startswith("/playground/" if signed_in else "/app/"):
            continue
        answer = await page.goto(server.url + address)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
        assert "unsafe" not in scripts
        assert "*" not in policy
        await expect(page.locator("h1").first).to_be_visible()
        shown.add(address)
    assert broken == []
    assert {"/", "/auth"} & shown
    assert any(address.startswith("/app/" if signed_in else "/playground/") for address in shown)
