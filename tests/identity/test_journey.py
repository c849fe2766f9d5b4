"""The whole way in and out over real HTTP, on the product as it starts, with either issuer."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser.server import Server
from tests.identity.conftest import fields, who
from tests.support.fake_stack import FakeStack

NOBODY = {"signed_in": False, "user": None}


@dataclass
class Product:
    """A running server and the provider that it uses; None for its own."""

    server: Server
    stack: FakeStack | None

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.server.url, headers={"Accept": "text/html"}, timeout=30
        )


@pytest.fixture(scope="module", params=["local issuer", "Stack Auth"])
def issuer(request: pytest.FixtureRequest) -> Iterator[FakeStack | None]:
    if request.param == "local issuer":
        yield None
        return
    with FakeStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bl-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
async def product(issuer: FakeStack | None, folder: Path) -> AsyncIterator[Product]:
    settings = {name.upper(): value for name, value in (issuer.settings if issuer else {}).items()}
    server = Server(folder / str(issuer is None), settings)
    await server.start()
    yield Product(server, issuer)
    await server.stop()


@pytest.fixture
async def browser(product: Product) -> AsyncIterator[httpx.AsyncClient]:
    async with product.browser() as browser:
        yield browser


async def sign_in(
    product: Product, browser: httpx.AsyncClient, email: str, query: str = ""
) -> httpx.Response:
    """Go the whole way; the answer of our callback."""
    answer = await browser.get(f"/auth/login/google{query}")
    assert answer.status_code == 303
    provider = str(answer.headers["location"])
    if product.stack is None:
        page = await browser.get(provider)
        answer = await browser.post(
            page.url,
            data={**fields(page.text), "email": email, "name": "Ada", "answer": "go"},
            headers={"Origin": product.server.url},
        )
    else:
        assert product.stack.person.email == email
        assert provider.startswith(product.stack.url)
        async with httpx.AsyncClient() as outside:
            answer = await outside.get(provider)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{product.server.url}/handler/oauth-callback?")
    return await browser.get(answer.headers["location"])


async def test_the_way_in_through_and_out(product: Product, browser: httpx.AsyncClient) -> None:
    origin = {"Origin": product.server.url}

    # A deep link of the app leads to the sign-in page, and is kept.
    answer = await browser.get("/app/accounts?q=a")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth?mode=signin&next=%2Fapp%2Faccounts%3Fq%3Da"
    page = await browser.get(answer.headers["location"], follow_redirects=True)
    assert page.status_code == 200
    assert "<html" in page.text
    assert await who(browser) == NOBODY

    answer = await sign_in(product, browser, "ada@example.com", "?next=/app/accounts?q%3Da")
    assert answer.headers["location"] == "/handler/keep?next=%2Fapp%2Faccounts%3Fq%3Da"
    user = (await who(browser))["user"]
    assert (user["email"], user["name"], user["tier"]) == ("ada@example.com", "Ada", "free")

    # The other direction.
    for path, place in (("/playground/company?id=1", "/app/company"), ("/auth", "/app/company")):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, place)

    # It survives the server.
    await product.server.restart()
    assert (await who(browser))["user"] == user

    # A second browser of the same person; signing out in one leaves the other.
    async with product.browser() as second, product.browser() as thief:
        await sign_in(product, second, "ada@example.com")
        assert (await who(second))["user"] == user
        thief.cookies.update(dict(browser.cookies))
        assert (await who(thief))["signed_in"]
        answer = await browser.post("/auth/logout", headers=origin)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert await who(browser) == NOBODY
        assert await who(thief) == NOBODY
        assert (await who(second))["user"] == user
        assert (await browser.get("/app/company")).headers["location"].startswith("/auth")

        # Back again: the same account. Then it goes, with all of its sessions.
        await sign_in(product, browser, "ada@example.com")
        assert (await who(browser))["user"] == user
        answer = await browser.post(
            "/auth/delete-account", data={"confirm": "delete"}, headers=origin
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert await who(browser) == NOBODY
        assert await who(second) == NOBODY

    # The account may begin anew.
    await sign_in(product, browser, "ada@example.com")
    assert (await who(browser))["user"]["id"] == user["id"]
    if product.stack is not None:
        assert product.stack.deleted == [user["id"]]
        assert len(product.stack.sessions) == 1
        async with product.browser() as another:
            await is_renewed_until_it_is_refused(product, product.stack, another)


async def is_renewed_until_it_is_refused(
    product: Product, stack: FakeStack, browser: httpx.AsyncClient
) -> None:
    """With access tokens that last for a second; those of the local issuer last for minutes."""
    stack.access_seconds = 1
    await sign_in(product, browser, "ada@example.com")
    stack.asked.clear()
    await asyncio.sleep(1.1)
    assert (await who(browser))["signed_in"]
    assert stack.asked.count("POST /api/v1/auth/oauth/token") == 1
    stack.sessions.clear()
    await asyncio.sleep(5.1)
    assert await who(browser) == NOBODY
    stack.access_seconds = 600


async def test_no_secret_is_in_the_log_of_the_server(
    product: Product, browser: httpx.AsyncClient
) -> None:
    answer = await sign_in(product, browser, "ada@example.com")
    await who(browser)
    log = product.server.log()
    assert "/handler/oauth-callback" in log
    for hidden in [*browser.cookies.values(), str(answer.url.query.decode())]:
        assert hidden not in log
    assert "eyJ" not in log
    assert "Traceback" not in log


async def test_the_first_line_says_who_signs_people_in(product: Product) -> None:
    line = next(line for line in product.server.log().splitlines() if "is ready at" in line)
    if product.stack is None:
        assert "identity: local sign-in;" in line
    else:
        project = product.stack.settings["stack_project_id"]
        assert f"identity: Stack Auth project {project} at {product.stack.url};" in line
