"""Signing in and out over HTTP: what a browser gets, and what an attacker does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from starlette.staticfiles import StaticFiles

from blossomer.api.page_guard import PageGuard
from blossomer.db.roles import DatabaseUrls
from blossomer.services.identity import causes
from tests.identity.conftest import App, OpenApp, follow, sign_in, who
from tests.support.fake_stack import FakeStack, Person
from tests.support.production import PRODUCTION

ORIGIN = {"Origin": "http://localhost:3000"}
NOBODY = {"signed_in": False, "user": None}


@pytest.fixture
async def app(open_app: OpenApp) -> AsyncIterator[App]:
    async with open_app() as app:
        yield app


@pytest.fixture
async def browser(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with app.browser() as browser:
        yield browser


@pytest.fixture
async def at_stack(open_app: OpenApp, stack: FakeStack) -> AsyncIterator[App]:
    """The application with Stack Auth."""
    async with open_app(**stack.settings) as app:
        yield app


def cause(answer: httpx.Response) -> str:
    """Why a sign-in has failed; that page exists and says so."""
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert target.path == "/handler/error"
    assert "no-store" in answer.headers["cache-control"]
    code = parse_qs(target.query)["cause"][0]
    assert code in causes.CAUSES
    return code


async def at_the_provider(browser: httpx.AsyncClient, query: str = "") -> str:
    """Go to Stack Auth; the address at which it sends the browser back."""
    answer = await browser.get(f"/auth/login/google{query}")
    async with httpx.AsyncClient() as outside:
        back = await outside.get(answer.headers["location"])
    return str(back.headers["location"])


# The way


async def test_the_way_in(app: App, browser: httpx.AsyncClient) -> None:
    assert await who(browser) == NOBODY
    start = await browser.get("/auth/login/google?mode=signup&next=/app/accounts?q%3Da")
    assert start.status_code == 303
    assert start.headers["cache-control"] == "no-store"
    assert start.headers["location"].startswith("/local-issuer/api/v1/auth/oauth/authorize/google?")
    assert "HttpOnly; SameSite=Lax" in start.headers["set-cookie"]
    answer = await sign_in(browser, query="?next=/app/accounts?q%3Da")
    assert answer.headers["location"] == "/handler/keep?next=%2Fapp%2Faccounts%3Fq%3Da"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    session, state = answer.headers.get_list("set-cookie")
    assert "HttpOnly; SameSite=Lax" in session
    assert "Max-Age=2592000" in session
    assert "Max-Age=0" not in session
    assert state.startswith("blossomer-sign-in=")
    user = (await who(browser))["user"]
    assert (user["email"], user["name"], user["tier"]) == ("ada@example.com", "Ada", "free")


async def test_the_way_in_with_stack_auth(at_stack: App, stack: FakeStack) -> None:
    async with at_stack.browser() as browser:
        answer = await browser.get(await at_the_provider(browser, "?next=/app/x"))
        assert answer.headers["location"] == "/handler/keep?next=%2Fapp%2Fx"
        assert (await who(browser))["user"]["id"] == stack.person.id


async def test_over_https_the_cookies_are_of_this_host_alone(
    open_app: OpenApp, stack: FakeStack
) -> None:
    settings = {**PRODUCTION, **stack.settings}
    async with (
        open_app(**settings) as app,
        app.browser(origin="https://app.example.com") as browser,
    ):
        start = await browser.get("/auth/login/google")
        sent = parse_qs(urlsplit(start.headers["location"]).query)
        assert sent["redirect_uri"] == ["https://app.example.com/handler/oauth-callback"]
        back = await at_the_provider(browser)
        answer = await browser.get(back)
    for cookie in answer.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-blossomer")
        assert cookie.endswith("; HttpOnly; SameSite=Lax; Secure")
        assert "Path=/;" in cookie
        assert "Domain" not in cookie


@pytest.mark.parametrize("host", ["app.example.com", "www.example.com"])
async def test_behind_a_proxy_one_comes_back_to_the_name_one_has_used(
    open_app: OpenApp, stack: FakeStack, host: str
) -> None:
    further = {"extra_origins": "https://www.example.com"}
    async with (
        open_app(**{**PRODUCTION, **stack.settings, **further}) as app,
        app.browser(origin="http://10.0.0.5:3000") as browser,
    ):
        sent = {"Host": host, "X-Forwarded-Proto": "https"}
        start = await browser.get("/auth/login/google", headers=sent)
        refused = await browser.get("/auth/login/google", headers=sent | {"Host": "evil.example"})
    asked = parse_qs(urlsplit(start.headers["location"]).query)
    assert asked["redirect_uri"] == [f"https://{host}/handler/oauth-callback"]
    assert refused.status_code == 421


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("//evil.example", "/app/company"),
        ("https://evil.example", "/app/company"),
        ("/\\evil.example", "/app/company"),
        ("/%2f/evil.example", "/app/company"),
        ("/auth/logout", "/app/company"),
        ("", "/app/company"),
        ("/app/campaigns", "/app/campaigns"),
    ],
)
async def test_one_comes_back_to_a_place_of_ours(
    browser: httpx.AsyncClient, wanted: str, expected: str
) -> None:
    answer = await sign_in(browser, query=str(httpx.URL("", params={"next": wanted})))
    target = urlsplit(answer.headers["location"])
    assert (target.path, parse_qs(target.query)["next"]) == ("/handler/keep", [expected])


async def test_no_token_ever_reaches_the_browser(at_stack: App, stack: FakeStack) -> None:
    seen = []
    async with at_stack.browser() as browser:

        async def look(answer: httpx.Response) -> None:
            seen.append(f"{answer.headers}{(await answer.aread()).decode()}")

        browser.event_hooks["response"] = [look]
        await browser.get(await at_the_provider(browser))
        await browser.get("/auth/session")
        await browser.post("/auth/logout", headers=ORIGIN)
    (refresh,) = stack.sessions or [""]
    text = "".join(seen)
    assert "eyJ" not in text
    assert not refresh or refresh not in text


# Attacks on the way


async def test_login_csrf_an_attacker_s_answer_in_the_victim_s_browser(
    at_stack: App, stack: FakeStack
) -> None:
    async with at_stack.browser() as attacker, at_stack.browser() as victim:
        attackers = await at_the_provider(attacker)
        assert cause(await victim.get(attackers)) == "sign_in_not_started"
        assert await who(victim) == NOBODY
        await at_the_provider(victim)
        assert cause(await victim.get(attackers)) == "sign_in_mismatch"
        assert await who(victim) == NOBODY
        # The victim's own sign-in is still good, and so is the attacker's.
        assert (await attacker.get(attackers)).headers["location"].startswith("/handler/keep")


async def test_an_answer_serves_once(at_stack: App, stack: FakeStack) -> None:
    async with at_stack.browser() as browser, at_stack.browser() as thief:
        back = await at_the_provider(browser)
        stolen = dict(browser.cookies)
        assert (await browser.get(back)).headers["location"].startswith("/handler/keep")
        # The same address again: whoever is signed in just goes on.
        again = await browser.get(back)
        assert again.headers["location"] == "/app/company"
        thief.cookies.update(stolen)
        assert cause(await thief.get(back)) == "sign_in_mismatch"
        assert await who(thief) == NOBODY
    assert len(stack.sessions) == 1


async def test_a_code_that_was_caught_is_worth_nothing_in_another_sign_in(
    at_stack: App, stack: FakeStack
) -> None:
    """PKCE: the code belongs to the verifier of the browser that has begun."""
    async with at_stack.browser() as victim, at_stack.browser() as attacker:
        caught = parse_qs(urlsplit(await at_the_provider(victim)).query)["code"][0]
        own = parse_qs(urlsplit(await at_the_provider(attacker)).query)["state"][0]
        answer = await attacker.get(
            "/handler/oauth-callback", params={"code": caught, "state": own}
        )
        assert cause(answer) == "sign_in_code_refused"
        assert await who(attacker) == NOBODY


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "sign_in_not_started"),
        ("code=x", "sign_in_not_started"),
        ("state=x", "sign_in_not_started"),
        ("code=x&state=" + "x" * 10_000, "sign_in_not_started"),
        ("code=%00&state=%00", "sign_in_not_started"),
        ("error=access_denied", "sign_in_cancelled"),
        ("error=server_error&errorCode=OAUTH_PROVIDER_ACCESS_DENIED", "sign_in_cancelled"),
        ("error=server_error&errorCode=SIGN_UP_NOT_ENABLED", "sign_up_closed"),
        ("error=server_error&errorCode=" + "x" * 5_000, "sign_in_failed"),
        ("error=server_error", "sign_in_failed"),
        ("error=<script>", "sign_in_failed"),
        ("error=temporarily_unavailable", "identity_unavailable"),
    ],
)
async def test_an_answer_that_is_none_is_told_in_words(
    browser: httpx.AsyncClient, query: str, expected: str
) -> None:
    assert cause(await browser.get(f"/handler/oauth-callback?{query}")) == expected


async def test_who_changes_their_mind_is_told_so(app: App, browser: httpx.AsyncClient) -> None:
    from tests.identity.conftest import fields

    page = await follow(browser, await browser.get("/auth/login/google?next=/app/accounts"))
    answer = await browser.post(
        page.url, data={**fields(page.text), "answer": "cancel"}, headers=ORIGIN
    )
    answer = await follow(browser, answer)
    assert cause(answer) == "sign_in_cancelled"
    assert "next=%2Fapp%2Faccounts" in answer.headers["location"], "one may think better of it"


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "unreachable": ({"down": True}, "identity_unavailable"),
    "broken": ({"status": 500}, "identity_error"),
    "nonsense": ({"status": 200, "body": b"<html>"}, "identity_error"),
    "busy": ({"status": 429}, "identity_unavailable"),
    "wrong key": (
        {"status": 401, "body": b'{"code": "INVALID_PUBLISHABLE_CLIENT_KEY"}'},
        "identity_misconfigured",
    ),
    "bad token": (
        {"status": 200, "body": b'{"access_token": "x.y.z", "refresh_token": "r"}'},
        "invalid_token",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_provider_that_fails_is_told_in_words_and_one_can_try_again(
    at_stack: App, stack: FakeStack, name: str
) -> None:
    async with at_stack.browser() as browser:
        back = await at_the_provider(browser, "?next=/app/accounts")
        fault, expected = FAULTS[name]
        for attribute, value in fault.items():
            setattr(stack, attribute, value)
        answer = await browser.get(back)
        assert cause(answer) == expected
        assert "next=%2Fapp%2Faccounts" in answer.headers["location"]
        stack.recover()
        again = await browser.get(await at_the_provider(browser))
        assert again.headers["location"].startswith("/handler/keep")


@pytest.mark.parametrize(
    ("person", "expected"),
    [(Person(restricted=True), "account_restricted"), (Person(anonymous=True), "invalid_token")],
)
async def test_accounts_that_may_not_sign_in(
    at_stack: App, stack: FakeStack, person: Person, expected: str
) -> None:
    stack.person = person
    async with at_stack.browser() as browser:
        assert cause(await browser.get(await at_the_provider(browser))) == expected
        assert await who(browser) == NOBODY


async def test_only_the_providers_of_the_setting_are_offered(browser: httpx.AsyncClient) -> None:
    for provider in ("github", "microsoft", "evil", "%2e%2e", "google%00"):
        assert cause(await browser.get(f"/auth/login/{provider}")) == "unknown_provider"


async def test_trying_again_and_again_is_slowed_down(app: App) -> None:
    async with app.browser(address="198.51.100.1") as browser:
        for _ in range(20):
            answer = await browser.get("/auth/login/google")
            assert not answer.headers["location"].startswith("/handler/error")
        assert cause(await browser.get("/auth/login/google")) == "too_many_sign_ins"
        for _ in range(20):
            assert cause(await browser.get("/handler/oauth-callback")) == "sign_in_mismatch"
        assert cause(await browser.get("/handler/oauth-callback")) == "too_many_sign_ins"
    async with app.browser(address="198.51.100.2") as browser:
        answer = await browser.get("/auth/login/google")
        assert not answer.headers["location"].startswith("/handler/error")


# Sessions


async def test_session_fixation_a_cookie_from_before_is_not_the_one_from_after(
    app: App, browser: httpx.AsyncClient
) -> None:
    async with app.browser() as attacker:
        await sign_in(attacker, email="mallory@example.com")
        planted = attacker.cookies["blossomer"]
        browser.cookies.set("blossomer", planted, domain="localhost.local")
        await sign_in(browser, email="ada@example.com")
        assert browser.cookies["blossomer"] != planted
        # What was planted has ended, for whoever planted it too.
        assert await who(attacker) == NOBODY
    async with app.browser() as forged:
        forged.cookies.set("blossomer", "A" * 43, domain="localhost.local")
        await sign_in(forged)
        assert forged.cookies["blossomer"] != "A" * 43


async def test_a_stolen_cookie_after_signing_out(app: App, browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    async with app.browser() as thief:
        thief.cookies.update(dict(browser.cookies))
        assert (await who(thief))["signed_in"]
        answer = await browser.post("/auth/logout", headers=ORIGIN)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert answer.headers["cache-control"] == "no-store"
        assert all("Max-Age=0" in c for c in answer.headers.get_list("set-cookie"))
        assert await who(browser) == NOBODY
        assert await who(thief) == NOBODY


FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:3000.evil.example"},
    {"Origin": "http://localhost:3001"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Referer": "http://localhost:3000/"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", ["/auth/logout", "/auth/delete-account"])
async def test_a_foreign_page_can_neither_sign_out_nor_delete(
    browser: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    await sign_in(browser)
    answer = await browser.post(path, data={"confirm": "delete"}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "foreign_origin"
    assert (await who(browser))["signed_in"]


@pytest.mark.parametrize(
    "headers", [ORIGIN, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:3000"}]
)
async def test_our_own_pages_can(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    await sign_in(browser)
    assert (await browser.post("/auth/logout", headers=headers)).headers["location"] == "/"
    assert await who(browser) == NOBODY


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/delete-account"])
async def test_a_link_or_a_picture_does_nothing(browser: httpx.AsyncClient, path: str) -> None:
    await sign_in(browser)
    answer = await browser.get(path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert (await who(browser))["signed_in"]


async def test_signing_out_without_being_signed_in(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/auth/logout", headers=ORIGIN)).status_code == 303
    browser.cookies.set("blossomer", "x" * 5_000)
    assert (await browser.post("/auth/logout", headers=ORIGIN)).status_code == 303


async def test_deleting_the_account(
    app: App, browser: httpx.AsyncClient, database: DatabaseUrls
) -> None:
    await sign_in(browser, email="leaving@example.com")
    user_id = (await who(browser))["user"]["id"]
    for form in ({"x": "delete"}, {"confirm": ""}, {"confirm": "yes"}):
        answer = await browser.post("/auth/delete-account", data=form, headers=ORIGIN)
        assert cause(answer) == "confirmation_missing"
    answer = await browser.post("/auth/delete-account", json={"confirm": "x"}, headers=ORIGIN)
    assert answer.json()["error"]["code"] == "invalid_form"
    answer = await browser.post("/auth/delete-account", data={"confirm": "delete"}, headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await who(browser) == NOBODY
    with psycopg.connect(database.app) as connection:
        connection.execute("SELECT set_config('app.user_id', %s, true)", [user_id])
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)
    again = await browser.post("/auth/delete-account", data={"confirm": "delete"}, headers=ORIGIN)
    assert cause(again) == "sign_in_required"


async def test_a_program_gets_the_failure_itself(app: App) -> None:
    async with app.browser(Accept="application/json") as program:
        answer = await program.post(
            "/auth/delete-account", data={"confirm": "delete"}, headers=ORIGIN
        )
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "sign_in_required"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("Bearer nonsense", "invalid_token"),
        ("Bearer ", "invalid_token"),
        ("Bearer", "invalid_token"),
        ("", "invalid_token"),
        ("Basic YTpi", "invalid_token"),
        ("Token abc", "invalid_token"),
        ("Bearer " + "x" * 20_000, "invalid_token"),
    ],
)
async def test_a_wrong_token_is_refused_even_beside_a_good_cookie(
    browser: httpx.AsyncClient, authorization: str, code: str
) -> None:
    await sign_in(browser)
    answer = await browser.get("/auth/session", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["action"]


async def test_a_program_is_known_by_its_token(at_stack: App, stack: FakeStack) -> None:
    async with at_stack.browser() as program:
        for scheme in ("Bearer", "bearer"):
            answer = await program.get(
                "/auth/session", headers={"Authorization": f"{scheme} {stack.token()}"}
            )
            assert answer.json()["user"]["id"] == stack.person.id
        expired = stack.token(exp=1)
        answer = await program.get("/auth/session", headers={"Authorization": f"Bearer {expired}"})
        assert answer.json()["error"]["code"] == "token_expired"


async def test_keys_that_cannot_be_had_are_an_explained_503(
    at_stack: App, stack: FakeStack
) -> None:
    stack.down = True
    async with at_stack.browser() as program:
        answer = await program.get(
            "/auth/session", headers={"Authorization": f"Bearer {stack.token()}"}
        )
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "identity_unavailable"
    assert int(answer.headers["retry-after"]) >= 1


# Guards


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_no_wrong_page_is_ever_served(
    app: App, browser: httpx.AsyncClient, method: str
) -> None:
    async def place(path: str) -> str | None:
        answer = await browser.request(method, path)
        if answer.status_code == 200:
            return None
        assert answer.status_code == 303
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["vary"] == "Cookie"
        assert "a page" not in answer.text
        return str(answer.headers["location"])

    assert await place("/app/accounts?q=a") == "/auth?mode=signin&next=%2Fapp%2Faccounts%3Fq%3Da"
    assert await place("/account-settings") == "/auth?mode=signin&next=%2Faccount-settings"
    assert await place("/playground/company") is None
    assert await place("/auth?mode=signin") is None
    await sign_in(browser)
    assert await place("/app/accounts?q=a") is None
    assert await place("/account-settings") is None
    assert await place("/playground/company?id=1") == "/app/company"
    assert await place("/auth?mode=signin&next=/app/accounts") == "/app/accounts"
    assert await place("/auth/?next=//evil.example") == "/app/company"
    assert await place("/") is None


async def test_pages_of_the_app_are_not_kept_by_the_browser(browser: httpx.AsyncClient) -> None:
    assert "no-store" not in (await browser.get("/playground/company")).headers["cache-control"]
    await sign_in(browser)
    page = await browser.get("/app/company")
    assert page.headers["cache-control"] == "no-store"
    assert "Cookie" in page.headers["vary"]


@pytest.mark.parametrize("host", ["localhost:3000", "app.example.com", "evil.example"])
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/auth?mode=signin&next=%2Fapp", "/auth/?mode=signin&next=%2Fapp"),
        ("/handler/error?cause=a", "/handler/error/?cause=a"),
        ("//handler", "/handler/"),
    ],
)
async def test_the_slash_at_the_end_is_added_whatever_the_proxy_calls_us(
    host: str, path: str, place: str, tmp_path: Any
) -> None:
    for name in ("auth", "handler", "handler/error"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "index.html").write_text("a page")
    guard = PageGuard(StaticFiles(directory=tmp_path, html=True), lambda: None)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(guard), base_url=f"http://{host}"
    ) as browser:
        request = browser.build_request("GET", "/")
        request.url = httpx.URL(f"http://{host}").copy_with(raw_path=path.encode())
        answer = await browser.send(request)
    assert answer.status_code == 307
    assert answer.headers["location"] == place


async def test_while_it_cannot_be_known_who_it_is_the_page_may_load(
    app: App, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(_: object) -> None:
        raise causes.database_unavailable()

    monkeypatch.setattr(app.sessions, "identify", unavailable)
    for path in ("/app/company", "/playground/company", "/auth", "/account-settings"):
        assert (await browser.get(path)).status_code == 200
    answer = await browser.get("/auth/session")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "database_unavailable"


async def test_the_sign_in_page_is_a_page_and_what_is_under_it_is_not(
    browser: httpx.AsyncClient,
) -> None:
    for path in ("/auth", "/auth/", "/auth?mode=signup", "/handler/error", "/handler/keep"):
        assert (await browser.get(path)).text == "<h1>a page</h1>", path
    for path in ("/auth/nothing", "/auth/login", "/auth//", "/handler/oauth-callback/"):
        answer = await browser.get(path)
        assert answer.status_code == 404, path
        assert answer.json()["error"]["code"] == "not_found"


async def test_a_server_without_a_database_has_no_accounts(tmp_path: Any) -> None:
    from blossomer.api.app import create_api
    from blossomer.services.runtime import build_runtime, set_runtime
    from blossomer.settings import Settings

    settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
    set_runtime(build_runtime(settings))
    try:
        transport = httpx.ASGITransport(create_api(settings))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost:3000"
        ) as browser:
            assert await who(browser) == NOBODY
            for path in ("/auth/login/google", "/handler/oauth-callback"):
                assert cause(await browser.get(path)) == "sign_in_unavailable"
            assert (await browser.post("/auth/logout", headers=ORIGIN)).status_code == 303
            token = await browser.get("/auth/session", headers={"Authorization": "Bearer x"})
            assert token.json()["error"]["code"] == "sign_in_unavailable"
    finally:
        set_runtime(None)
