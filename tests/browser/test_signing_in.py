"""Signing in as people do it: with a mouse, with a keyboard alone, without a script."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.accessibility import AXE, objections_to
from tests.browser.conftest import Visit
from tests.browser.server import Server

LOCAL = "Continue on this machine"


async def who(page: Page) -> str | None:
    """The address of whoever is signed in."""
    session = await page.evaluate("fetch('/auth/session').then((answer) => answer.json())")
    return session["user"]["email"] if session["signed_in"] else None


async def test_from_a_deep_link_to_the_place_it_names(
    visitor: BrowserContext, server: Server
) -> None:
    page = await visitor.new_page()
    await page.goto(f"{server.url}/app/company?tab=a")
    assert urlsplit(page.url).path.rstrip("/") == "/auth"
    await expect(page.get_by_test_id("local-sign-in")).to_contain_text("for this machine")
    await page.get_by_role("link", name="Create an account").click()
    await expect(page.get_by_role("heading", name="Create your account")).to_be_visible()
    await page.get_by_role("link", name=LOCAL).click()
    await expect(page.get_by_text("Local to this machine")).to_be_visible()
    await page.get_by_label("E-mail address").fill("grace@example.com")
    await page.get_by_label("Name").fill("Grace")
    await page.get_by_role("button", name="Create account").click()
    await page.wait_for_url(re.compile("/handler/keep|/app/company"))
    assert "tab" in page.url
    assert await who(page) == "grace@example.com"
    assert await page.evaluate("document.cookie") == "", "no script can read the cookie"
    await page.goto(f"{server.url}/playground/company")
    assert urlsplit(page.url).path.rstrip("/") == "/app/company"
    await page.goto(f"{server.url}/auth?mode=signin")
    assert urlsplit(page.url).path.rstrip("/") == "/app/company"


async def test_a_keyboard_is_enough(visitor: BrowserContext, server: Server) -> None:
    page = await visitor.new_page()
    await page.goto(f"{server.url}/auth?mode=signin")
    await page.get_by_role("link", name=LOCAL).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("E-mail address")).to_be_focused()
    await page.keyboard.type("keys@example.com")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/handler/keep|/app/company"))
    assert await who(page) == "keys@example.com"


async def test_the_local_form_needs_no_script(visit: Visit, server: Server) -> None:
    without = await visit(java_script_enabled=False)
    page = await without.new_page()
    await page.goto(f"{server.url}/auth/login/google")
    await page.get_by_label("E-mail address").fill("plain@example.com")
    async with page.expect_response("**/handler/oauth-callback*") as answer:
        await page.get_by_role("button", name="Sign in").click()
    assert (await answer.value).status == 303
    names = {cookie["name"]: cookie for cookie in await without.cookies()}
    assert names["blossomer"]["httpOnly"]
    assert names["blossomer"]["sameSite"] == "Lax"


async def test_who_changes_their_mind_can_start_again(
    visitor: BrowserContext, server: Server
) -> None:
    page = await visitor.new_page()
    await page.goto(f"{server.url}/auth?mode=signin&next=/app/company%3Ftab%3Da")
    await page.get_by_role("link", name=LOCAL).click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_test_id("cause")).to_contain_text("You cancelled the sign-in")
    await page.get_by_role("link", name="Try again").click()
    await expect(page.get_by_role("link", name=LOCAL)).to_be_visible()
    assert "next=%2Fapp%2Fcompany%3Ftab%3Da" in page.url


async def test_an_old_link_of_a_provider_says_what_to_do(
    visitor: BrowserContext, server: Server
) -> None:
    page = await visitor.new_page()
    await page.goto(f"{server.url}/handler/oauth-callback?code=old&state=old")
    await expect(page.get_by_test_id("cause")).to_contain_text("not started in this browser")
    await expect(page.get_by_role("link", name="Start page", exact=True)).to_be_visible()


async def test_the_pages_have_no_barrier(visitor: BrowserContext, server: Server) -> None:
    page = await visitor.new_page()
    found = {}
    for mode in ("signin", "signup"):
        await page.goto(f"{server.url}/auth?mode={mode}")
        await expect(page.get_by_role("link", name=LOCAL)).to_be_visible()
        found[mode] = await objections_to(page)
    await page.goto(f"{server.url}/handler/error?cause=identity_unavailable")
    await expect(page.get_by_test_id("cause")).to_be_visible()
    found["failure"] = await objections_to(page)
    for width in (1440, 360):
        for theme in ("light", "dark"):
            await page.set_viewport_size({"width": width, "height": 800})
            await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            await page.goto(f"{server.url}/auth/login/google")
            # Its policy allows no script, so what waits in the page cannot be used here.
            await page.evaluate(AXE)
            result = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            found[f"local form {width} {theme}"] = [
                violation["id"] for violation in result["violations"]
            ] + ["too wide"] * wide
    assert {state: objections for state, objections in found.items() if objections} == {}


async def test_the_documentation_is_a_link_that_works(
    visitor: BrowserContext, server: Server
) -> None:
    page = await visitor.new_page()
    await page.goto(f"{server.url}/")
    await page.get_by_role("link", name="API", exact=True).click()
    await expect(page.get_by_role("heading", name="Blossomer API")).to_be_visible()
