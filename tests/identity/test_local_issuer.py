"""The local issuer: the protocol of Stack Auth, kept as strictly, and only where it may be."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from blossomer.api.local_issuer import create_local_issuer
from blossomer.api.local_issuer.accounts import LocalAccounts, Person
from blossomer.services.identity.sign_in import challenge_of
from blossomer.settings import Settings
from tests.identity.conftest import App, OpenApp, fields, sign_in, who
from tests.support.production import PRODUCTION

BASE = "/local-issuer/api/v1"
AUTHORIZE = f"{BASE}/auth/oauth/authorize/google"
BACK = "http://localhost:3000/handler/oauth-callback"
VERIFIER = "v" * 64
HEADERS = {"x-stack-project-id": "local", "x-stack-access-type": "client"}
CLIENT = {"client_id": "local", "client_secret": "__stack_public_client__"}
FORGED = jwt.encode({}, ec.generate_private_key(ec.SECP256R1()), "ES256", headers={"kid": "k"})
ORIGIN = {"Origin": "http://localhost:3000"}


@pytest.fixture
async def app(open_app: OpenApp) -> AsyncIterator[App]:
    async with open_app() as app:
        yield app


@pytest.fixture
async def browser(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with app.browser() as browser:
        yield browser


def query(**other: Any) -> dict[str, str]:
    values = {
        **CLIENT,
        "redirect_uri": BACK,
        "scope": "legacy",
        "state": "some-state",
        "grant_type": "authorization_code",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "response_type": "code",
        **other,
    }
    return {name: value for name, value in values.items() if value is not None}


async def code_for(browser: httpx.AsyncClient, email: str = "ada@example.com") -> str:
    page = await browser.get(AUTHORIZE, params=query())
    answer = await browser.post(
        AUTHORIZE, data={**fields(page.text), "email": email, "answer": "go"}, headers=ORIGIN
    )
    assert answer.status_code == 303, answer.text
    target = urlsplit(answer.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == BACK
    back = parse_qs(target.query)
    assert back["state"] == ["some-state"]
    return back["code"][0]


async def exchange(browser: httpx.AsyncClient, code: str, /, **other: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **CLIENT,
        **other,
    }
    return await browser.post(f"{BASE}/auth/oauth/token", data=form)


def known_error(answer: httpx.Response) -> str:
    assert answer.status_code >= 400
    code = answer.json()["code"]
    assert answer.headers["x-stack-known-error"] == code
    assert answer.json()["error"]
    return str(code)


async def tokens(browser: httpx.AsyncClient, email: str = "ada@example.com") -> dict[str, Any]:
    answer = await exchange(browser, await code_for(browser, email))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# The protocol


async def test_a_code_becomes_tokens_with_the_claims_of_stack_auth(
    browser: httpx.AsyncClient,
) -> None:
    given = await tokens(browser)
    keys = (await browser.get(f"{BASE}/projects/local/.well-known/jwks.json")).json()
    (key,) = keys["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert len(key["kid"]) == 12
    claims = jwt.decode(
        given["access_token"],
        jwt.PyJWK(key),
        algorithms=["ES256"],
        audience="local",
        issuer="http://localhost/local-issuer/api/v1/projects/local",
    )
    assert set(claims) == {
        "sub", "iss", "aud", "iat", "exp", "project_id", "branch_id", "refresh_token_id", "role",
        "name", "email", "email_verified", "selected_team_id", "signed_up_at", "is_anonymous",
        "is_restricted", "restricted_reason", "requires_totp_mfa",
    }  # fmt: skip
    assert claims["exp"] - claims["iat"] == 600
    assert (claims["email"], claims["name"]) == ("ada@example.com", "ada")
    assert jwt.get_unverified_header(given["access_token"])["kid"] == key["kid"]


async def test_the_same_address_is_the_same_person(browser: httpx.AsyncClient) -> None:
    def subject(given: dict[str, Any]) -> str:
        claims = jwt.decode(given["access_token"], options={"verify_signature": False})
        return str(claims["sub"])

    ids = [
        subject(await tokens(browser, e)) for e in ("ada@example.com", "ADA@Example.com ", "b@c")
    ]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0] == Person("ada@example.com", "whatever").id


async def test_a_code_serves_once(browser: httpx.AsyncClient) -> None:
    code = await code_for(browser)
    assert (await exchange(browser, code)).status_code == 200
    assert known_error(await exchange(browser, code)) == "INVALID_AUTHORIZATION_CODE"


@pytest.mark.parametrize(
    "other",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"code_verifier": "v" * 42},
        {"code_verifier": "v" * 129},
        {"code_verifier": "é" * 64},
        {"code_verifier": challenge_of(VERIFIER)},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": "http://127.0.0.1:3000/handler/oauth-callback"},
        {"redirect_uri": ""},
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_code_is_worth_nothing_to_whoever_has_caught_it(
    browser: httpx.AsyncClient, other: dict[str, str]
) -> None:
    code = await code_for(browser)
    assert known_error(await exchange(browser, code, **other)) == "INVALID_AUTHORIZATION_CODE"
    assert known_error(await exchange(browser, code)) == "INVALID_AUTHORIZATION_CODE", "used up"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"client_id": "other"}, "INVALID_OAUTH_CLIENT_ID_OR_SECRET"),
        ({"client_secret": ""}, "INVALID_OAUTH_CLIENT_ID_OR_SECRET"),
        ({"grant_type": "password"}, "SCHEMA_ERROR"),
        ({"grant_type": "refresh_token"}, "REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED"),
        (
            {"grant_type": "refresh_token", "refresh_token": "x"},
            "REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED",
        ),
        ({"code": ""}, "INVALID_AUTHORIZATION_CODE"),
        ({"code": "x" * 10_000}, "INVALID_AUTHORIZATION_CODE"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_wrong_request_for_tokens(
    browser: httpx.AsyncClient, other: dict[str, str], expected: str
) -> None:
    assert known_error(await exchange(browser, "none", **other)) == expected


async def test_json_is_no_form(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(f"{BASE}/auth/oauth/token", json={"grant_type": "refresh_token"})
    assert known_error(answer) == "BODY_PARSING_ERROR"


async def test_a_session_is_renewed_until_it_ends(browser: httpx.AsyncClient) -> None:
    given = await tokens(browser)
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"], **CLIENT}
    renewed = (await browser.post(f"{BASE}/auth/oauth/token", data=refresh)).json()
    assert renewed["refresh_token"]
    other_way = await browser.post(
        f"{BASE}/auth/sessions/current/refresh",
        headers={**HEADERS, "x-stack-refresh-token": given["refresh_token"]},
    )
    access = other_way.json()["access_token"]
    me = await browser.get(f"{BASE}/users/me", headers={**HEADERS, "x-stack-access-token": access})
    assert me.json()["primary_email"] == "ada@example.com"
    out = await browser.delete(
        f"{BASE}/auth/sessions/current", headers={**HEADERS, "x-stack-access-token": access}
    )
    assert out.status_code == 200
    for token in (given["refresh_token"], renewed["refresh_token"]):
        answer = await browser.post(
            f"{BASE}/auth/oauth/token", data={**refresh, "refresh_token": token}
        )
        assert known_error(answer) == "REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED"
        assert answer.status_code == 401
    me = await browser.get(f"{BASE}/users/me", headers={**HEADERS, "x-stack-access-token": access})
    assert known_error(me) == "UNPARSABLE_ACCESS_TOKEN"


async def test_a_deleted_person_s_sessions_end_and_a_new_one_may_begin(
    browser: httpx.AsyncClient,
) -> None:
    first, second, other = (
        await tokens(browser),
        await tokens(browser),
        await tokens(browser, "o@x"),
    )
    gone = await browser.delete(
        f"{BASE}/users/me", headers={**HEADERS, "x-stack-access-token": first["access_token"]}
    )
    assert gone.json() == {"success": True}

    async def renew(given: dict[str, Any]) -> int:
        form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"], **CLIENT}
        return (await browser.post(f"{BASE}/auth/oauth/token", data=form)).status_code

    assert [await renew(given) for given in (first, second, other)] == [401, 401, 200]
    assert await renew(await tokens(browser)) == 200


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "ACCESS_TYPE_REQUIRED"),
        ({"x-stack-access-type": "client"}, "CURRENT_PROJECT_NOT_FOUND"),
        ({**HEADERS, "x-stack-project-id": "other"}, "CURRENT_PROJECT_NOT_FOUND"),
        (HEADERS, "USER_AUTHENTICATION_REQUIRED"),
        ({**HEADERS, "x-stack-access-token": "nonsense"}, "UNPARSABLE_ACCESS_TOKEN"),
    ],
)
async def test_a_call_without_its_headers(
    browser: httpx.AsyncClient, headers: dict[str, str], expected: str
) -> None:
    for method, path in (
        ("GET", "/users/me"),
        ("DELETE", "/users/me"),
        ("DELETE", "/auth/sessions/current"),
    ):
        assert known_error(await browser.request(method, BASE + path, headers=headers)) == expected


# The page


async def test_the_page_says_that_it_is_local_and_needs_nothing_but_itself(
    browser: httpx.AsyncClient,
) -> None:
    page = await browser.get(AUTHORIZE, params=query())
    assert page.status_code == 200
    for words in ("Local to this machine", "without a password", "No Stack Auth project"):
        assert words in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "script" not in policy
    assert "<script" not in page.text
    assert "prefers-color-scheme: dark" in page.text
    assert "--color-accent" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "listens on the network" not in page.text
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


async def test_the_page_warns_where_others_can_reach_it(open_app: OpenApp) -> None:
    async with open_app(host="0.0.0.0") as app, app.browser() as browser:
        page = await browser.get(AUTHORIZE, params=query())
    assert "listens on the network" in page.text


async def test_signing_up_says_so(browser: httpx.AsyncClient) -> None:
    page = await browser.get(AUTHORIZE, params=query(mode="signup"))
    assert "Create an account on this machine" in page.text


FOREIGN = [
    "https://evil.example/handler/oauth-callback",
    "http://localhost:3000.evil.example/handler/oauth-callback",
    "http://localhost:3001/handler/oauth-callback",
    "http://localhost:3000@evil.example/handler/oauth-callback",
    "http://user@localhost:3000/handler/oauth-callback",
    "ftp://localhost:3000/handler/oauth-callback",
    "//localhost:3000/handler/oauth-callback",
    "/handler/oauth-callback",
    "http://localhost:3000/handler/oauth-callback/",
    "http://localhost:3000/handler/oauth-callback?x=1",
    "http://localhost:3000/handler/oauth-callback#x",
    "http://localhost:3000/handler/../evil",
    "http://localhost:3000/",
    "javascript:alert(1)",
    "http://[::1/handler/oauth-callback",
    "",
]


@pytest.mark.parametrize("redirect_uri", FOREIGN)
async def test_nobody_is_sent_to_a_foreign_address(
    browser: httpx.AsyncClient, redirect_uri: str
) -> None:
    answer = await browser.get(AUTHORIZE, params=query(redirect_uri=redirect_uri))
    assert known_error(answer) == "REDIRECT_URL_NOT_WHITELISTED"
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"client_id": "other"}, "INVALID_OAUTH_CLIENT_ID_OR_SECRET"),
        ({"client_secret": None}, "INVALID_OAUTH_CLIENT_ID_OR_SECRET"),
        ({"scope": "openid"}, "SCHEMA_ERROR"),
        ({"state": None}, "SCHEMA_ERROR"),
        ({"state": "x" * 501}, "SCHEMA_ERROR"),
        ({"code_challenge": None}, "SCHEMA_ERROR"),
        ({"code_challenge": "short"}, "SCHEMA_ERROR"),
        ({"code_challenge_method": "plain"}, "SCHEMA_ERROR"),
        ({"code_challenge_method": None}, "SCHEMA_ERROR"),
        ({"response_type": "token"}, "SCHEMA_ERROR"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_request_without_pkce_or_state_is_refused(
    browser: httpx.AsyncClient, other: dict[str, Any], expected: str
) -> None:
    assert known_error(await browser.get(AUTHORIZE, params=query(**other))) == expected


async def test_an_unknown_provider(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(AUTHORIZE.replace("google", "evil"), params=query())
    assert known_error(answer) == "OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED"


async def submit(
    browser: httpx.AsyncClient, page: httpx.Response, headers: dict[str, str] = ORIGIN, **form: str
) -> httpx.Response:
    data = {**fields(page.text), "email": "ada@example.com", "answer": "go", **form}
    return await browser.post(AUTHORIZE, data=data, headers=headers)


async def test_a_form_of_another_browser_or_another_site_signs_nobody_in(
    app: App, browser: httpx.AsyncClient
) -> None:
    page = await browser.get(AUTHORIZE, params=query())
    async with app.browser() as other:
        assert (await submit(other, page)).status_code == 400
        await other.get(AUTHORIZE, params=query())
        assert (await submit(other, page)).status_code == 400
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:4000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ):
        answer = await submit(browser, page, headers)
        assert answer.status_code == 403
        assert "Start the sign-in again" in answer.text
    for changed in ("", "x", fields(page.text)["form"][:-4] + "AAA="):
        assert (await submit(browser, page, form=changed)).status_code == 400
    assert (await submit(browser, page)).status_code == 303


async def test_a_form_lasts_ten_minutes(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await browser.get(AUTHORIZE, params=query())
    later = time.time() + 601
    monkeypatch.setattr("blossomer.api.local_issuer.form.time.time", lambda: later)
    answer = await submit(browser, page)
    assert answer.status_code == 400
    assert "open for too long" in answer.text


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.com", "a b@c", "a@b@c", "<a@b>", "a@b,c@d", "x" * 400]
)
async def test_what_is_no_address_is_asked_for_again(
    browser: httpx.AsyncClient, email: str
) -> None:
    page = await browser.get(AUTHORIZE, params=query())
    answer = await submit(browser, page, email=email, name='"><script>')
    assert answer.status_code == 422
    assert "Enter an e-mail address" in answer.text
    assert "<script" not in answer.text
    assert (await submit(browser, answer)).status_code == 303, "the form can be sent again"


async def test_saying_no_is_told_in_stack_auth_s_way(browser: httpx.AsyncClient) -> None:
    page = await browser.get(AUTHORIZE, params=query())
    answer = await submit(browser, page, answer="cancel", email="")
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["errorCode"] == ["OAUTH_PROVIDER_ACCESS_DENIED"]
    assert "code" not in back


async def test_a_foreign_page_that_points_its_name_here_gets_nothing(app: App) -> None:
    """DNS rebinding: the page is of evil.example, and so is the Host header."""
    async with app.browser(origin="http://evil.example:3000") as browser:
        answer = await browser.get(AUTHORIZE, params=query())
        assert answer.status_code == 400
        assert "<form" not in answer.text
        assert (await exchange(browser, "x")).status_code == 400
        for path in ("/users/me", "/auth/sessions/current"):
            answer = await browser.delete(BASE + path, headers=HEADERS)
            assert answer.status_code == 400
    for name in ("http://127.0.0.1:3000", "http://[::1]:3000", "http://laptop:8080"):
        async with app.browser(origin=name) as browser:
            page = await browser.get(
                AUTHORIZE, params=query(redirect_uri=f"{name}/handler/oauth-callback")
            )
            assert page.status_code == 200, name


# Where it is, and what it keeps


def test_there_is_none_in_production_and_none_beside_stack_auth() -> None:
    for values in (PRODUCTION, {"stack_project_id": "p"}):
        assert create_local_issuer(Settings(_env_file=None, **values)) is None  # type: ignore[call-arg]


async def test_its_addresses_are_nothing_where_there_is_none(open_app: OpenApp, stack: Any) -> None:
    async with open_app(**stack.settings) as app, app.browser() as browser:
        for path in (AUTHORIZE, f"{BASE}/projects/local/.well-known/jwks.json"):
            answer = await browser.get(path)
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == "not_found"


async def test_sessions_and_their_ends_survive_a_restart(open_app: OpenApp) -> None:
    async with open_app() as app, app.browser() as browser:
        assert (await sign_in(browser)).headers["location"].startswith("/handler/keep")
        cookies = dict(browser.cookies)
        ended = await tokens(browser)
        await browser.delete(
            f"{BASE}/auth/sessions/current",
            headers={**HEADERS, "x-stack-access-token": ended["access_token"]},
        )
        going_on = await tokens(browser)
    async with open_app() as app, app.browser() as browser:
        browser.cookies.update(cookies)
        assert (await who(browser))["signed_in"]
        statuses = [
            (
                await browser.post(
                    f"{BASE}/auth/oauth/token",
                    data={
                        "grant_type": "refresh_token",
                        "refresh_token": given["refresh_token"],
                        **CLIENT,
                    },
                )
            ).status_code
            for given in (ended, going_on)
        ]
    assert statuses == [401, 200]


async def test_a_fault_of_it_is_told_in_words(open_app: OpenApp, tmp_path: Any) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "local-issuer").write_text("a file where a folder should be")
    async with open_app() as app, app.browser() as browser:
        answer = await browser.get("/auth/session", headers={"Authorization": f"Bearer {FORGED}"})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "identity_unavailable"


def test_what_it_keeps_is_its_owner_s_alone_and_nothing_is_kept_before_it_is_needed(
    tmp_path: Any,
) -> None:
    folder = tmp_path / "data" / "local-issuer"
    accounts = LocalAccounts(folder)
    assert not folder.exists()
    session = accounts.new_session(Person("a@b", "A"))
    accounts.refresh_token(session)
    accounts.end_session(session.id)
    files = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert files == {"key.pem": 0o600, "ended.json": 0o600}


async def test_codes_last_a_minute_serve_once_and_do_not_pile_up(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    accounts = LocalAccounts(tmp_path, lambda: now[0])
    person = Person("a@b", "A")
    challenge = challenge_of(VERIFIER)
    code = accounts.new_code(person, redirect_uri=BACK, challenge=challenge)
    now[0] += 59
    assert await accounts.redeem(code, redirect_uri=BACK, code_verifier=VERIFIER) == person
    assert await accounts.redeem(code, redirect_uri=BACK, code_verifier=VERIFIER) is None
    code = accounts.new_code(person, redirect_uri=BACK, challenge=challenge)
    now[0] += 61
    assert await accounts.redeem(code, redirect_uri=BACK, code_verifier=VERIFIER) is None
    monkeypatch.setattr("blossomer.api.local_issuer.accounts.MOST_CODES", 5)
    for _ in range(20):
        code = accounts.new_code(person, redirect_uri=BACK, challenge=challenge)
        assert await accounts.redeem(code, redirect_uri=BACK, code_verifier=VERIFIER)
    assert len(accounts._used) <= 5


async def test_servers_with_the_same_secret_take_each_other_s_codes_and_tokens(
    tmp_path: Any,
) -> None:
    used: set[str] = set()

    async def first(name: str, _seconds: float) -> bool:
        is_new = name not in used
        used.add(name)
        return is_new

    one, two = (
        LocalAccounts(tmp_path / name, secret="s" * 40, first=first) for name in ("one", "two")
    )
    person = Person("a@b", "A")
    code = one.new_code(person, redirect_uri=BACK, challenge=challenge_of(VERIFIER))
    assert await two.redeem(code, redirect_uri=BACK, code_verifier=VERIFIER) == person
    assert await one.redeem(code, redirect_uri=BACK, code_verifier=VERIFIER) is None
    session = one.new_session(person)
    assert two.session_of(one.refresh_token(session)) == session
    assert one.key_set == two.key_set
    assert two.claims_of(one.access_token(session)) is not None
    other = LocalAccounts(tmp_path / "three", secret="t" * 40)
    assert other.session_of(one.refresh_token(session)) is None
    assert other.key_set != one.key_set


def test_workers_with_the_same_folder_know_what_has_ended(tmp_path: Any) -> None:
    one, two = LocalAccounts(tmp_path), LocalAccounts(tmp_path)
    first, second = one.new_session(Person("a@b", "A")), one.new_session(Person("c@d", "C"))
    tokens = [one.refresh_token(first), one.refresh_token(second)]
    assert [two.session_of(token) for token in tokens] == [first, second]
    one.end_session(first.id)
    assert two.session_of(tokens[0]) is None
    two.delete_person(second.person.id)
    assert [one.session_of(token) for token in tokens] == [None, None]


def test_refresh_tokens_last_a_year_and_ended_ones_are_forgotten_then(tmp_path: Any) -> None:
    now = [1_000.0]
    accounts = LocalAccounts(tmp_path, lambda: now[0])
    old = accounts.new_session(Person("a@b", "A"))
    token = accounts.refresh_token(old)
    assert accounts.session_of(token) == old
    accounts.end_session(secrets.token_hex(16))
    now[0] += 366 * 86_400
    assert accounts.session_of(token) is None
    accounts.end_session("another")
    assert list(accounts._ends["sessions"]) == ["another"]
