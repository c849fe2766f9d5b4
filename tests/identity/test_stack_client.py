"""What the client says to Stack Auth, and the words for everything it may answer."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from blossomer.services.identity import causes
from blossomer.services.identity import stack as stack_module
from blossomer.services.identity.sign_in import challenge_of
from blossomer.services.identity.stack import StackClient
from blossomer.settings import Settings
from tests.identity.conftest import refusal
from tests.support.fake_stack import PROJECT, PUBLIC_CLIENT, FakeStack

BACK = "http://localhost:3000/handler/oauth-callback"
VERIFIER = "v" * 64


@pytest.fixture
async def client(stack: FakeStack) -> AsyncIterator[StackClient]:
    async with httpx.AsyncClient() as http:
        yield make_client(stack, http)


def make_client(stack: FakeStack, http: httpx.AsyncClient, **settings: Any) -> StackClient:
    return StackClient(
        http,
        Settings(_env_file=None, **stack.settings, **settings),  # type: ignore[call-arg]
        api_url=stack.url,
        browser_url=stack.url,
        project_id=PROJECT,
    )


def code(stack: FakeStack) -> str:
    return stack.grant(redirect_uri=BACK, challenge=challenge_of(VERIFIER))


def test_the_browser_is_sent_with_everything_the_protocol_wants(stack: FakeStack) -> None:
    client = make_client(stack, httpx.AsyncClient())
    url = client.authorize_url("github", redirect_uri=BACK, state="s", challenge="c", mode="signup")
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == stack.url
    assert parts.path == "/api/v1/auth/oauth/authorize/github"
    assert parse_qs(parts.query) == {
        "client_id": [PROJECT],
        "client_secret": [PUBLIC_CLIENT],
        "redirect_uri": [BACK],
        "error_redirect_uri": [BACK],
        "scope": ["legacy"],
        "state": ["s"],
        "grant_type": ["authorization_code"],
        "code_challenge": ["c"],
        "code_challenge_method": ["S256"],
        "response_type": ["code"],
        "type": ["authenticate"],
    }


def test_the_publishable_key_is_used_where_there_is_one(stack: FakeStack) -> None:
    client = make_client(stack, httpx.AsyncClient(), stack_publishable_client_key="pck_1")
    url = client.authorize_url("google", redirect_uri=BACK, state="s", challenge="c", mode="signin")
    assert parse_qs(urlsplit(url).query)["client_secret"] == ["pck_1"]


async def test_a_code_becomes_tokens_once(client: StackClient, stack: FakeStack) -> None:
    granted = code(stack)
    tokens = await client.exchange(granted, redirect_uri=BACK, code_verifier=VERIFIER)
    assert tokens.refresh in stack.sessions
    assert stack.headers["content-type"] == "application/x-www-form-urlencoded"
    assert stack.headers["x-stack-project-id"] == PROJECT
    assert stack.headers["x-stack-access-type"] == "client"
    again = await refusal(client.exchange(granted, redirect_uri=BACK, code_verifier=VERIFIER))
    assert again.code == "sign_in_code_refused"


async def test_a_code_is_worth_nothing_without_its_verifier(
    client: StackClient, stack: FakeStack
) -> None:
    for verifier in ("w" * 64, ""):
        error = await refusal(
            client.exchange(code(stack), redirect_uri=BACK, code_verifier=verifier)
        )
        assert error.code == "sign_in_code_refused"


async def test_a_session_is_renewed_asked_about_and_ended(
    client: StackClient, stack: FakeStack
) -> None:
    refresh = stack.new_session()
    tokens = await client.refresh(refresh)
    assert tokens.refresh == refresh
    assert (await client.current_user(tokens.access))["id"] == stack.person.id
    assert stack.headers["x-stack-access-token"] == tokens.access
    await client.sign_out(tokens.access)
    assert (await refusal(client.refresh(refresh))).code == "session_ended"


async def test_an_account_is_deleted(client: StackClient, stack: FakeStack) -> None:
    tokens = await client.refresh(stack.new_session())
    await client.delete_user(tokens.access)
    assert stack.deleted == [stack.person.id]


def failing(code: str, status: int = 400) -> dict[str, Any]:
    return {"status": status, "body": f'{{"code": "{code}", "error": "SECRET detail"}}'.encode()}


FAULTS: dict[str, tuple[dict[str, Any], str, int]] = {
    "closed": ({"down": True}, "identity_unavailable", 503),
    "500": ({"status": 500}, "identity_error", 502),
    "502 with HTML": ({"status": 502, "body": b"<html>"}, "identity_error", 502),
    "503": ({"status": 503}, "identity_unavailable", 503),
    "429": ({"status": 429}, "identity_unavailable", 503),
    "a redirect": (
        {"status": 307, "answer_headers": {"Location": "https://evil.example"}},
        "identity_error",
        502,
    ),
    "404 without JSON": ({"status": 404, "body": b"no such page"}, "identity_error", 502),
    "no JSON": ({"status": 200, "body": b"OK"}, "identity_error", 502),
    "not UTF-8": ({"status": 200, "body": b"\xff\xfe"}, "identity_error", 502),
    "an array": ({"status": 200, "body": b"[]"}, "identity_error", 502),
    "brackets": ({"status": 200, "body": b"[" * 90_000}, "identity_error", 502),
    "no tokens": ({"status": 200, "body": b"{}"}, "identity_error", 502),
    "tokens are numbers": (
        {"status": 200, "body": b'{"access_token": 1, "refresh_token": 2}'},
        "identity_error",
        502,
    ),
    "endless": ({"status": 200, "body": b" " * 200_000}, "identity_error", 502),
    "wrong key": (failing("INVALID_PUBLISHABLE_CLIENT_KEY", 401), "identity_misconfigured", 502),
    "wrong project": (failing("PROJECT_NOT_FOUND", 404), "identity_misconfigured", 502),
    "address not registered": (
        failing("REDIRECT_URL_NOT_WHITELISTED"),
        "identity_misconfigured",
        502,
    ),
    "second factor": (
        failing("MULTI_FACTOR_AUTHENTICATION_REQUIRED"),
        "sign_in_needs_second_factor",
        403,
    ),
    "no new people": (failing("SIGN_UP_NOT_ENABLED"), "sign_up_closed", 403),
    "address taken": (
        failing("CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE", 409),
        "sign_in_email_taken",
        409,
    ),
    "OAuth's own form": (
        {"status": 400, "body": b'{"error": "access_denied"}'},
        "sign_in_cancelled",
        400,
    ),
    "something new": (failing("SOMETHING_NEW"), "sign_in_failed", 400),
    "a code that is no text": (
        {"status": 400, "body": b'{"code": {"a": 1}}'},
        "identity_error",
        502,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_every_failure_has_words_and_none_of_the_provider_s_own(
    client: StackClient, stack: FakeStack, name: str
) -> None:
    fault, expected, status = FAULTS[name]
    for attribute, value in fault.items():
        setattr(stack, attribute, value)
    error = await refusal(client.exchange("c", redirect_uri=BACK, code_verifier=VERIFIER))
    assert (error.code, error.status) == (expected, status)
    assert "SECRET" not in f"{error.message}{error.action}"
    assert causes.cause_of(error.code).message == error.message, "the page says the same"


async def test_how_long_to_wait_is_passed_on_within_reason(
    client: StackClient, stack: FakeStack
) -> None:
    stack.status = 429
    for given, expected in (("9", 9), ("0", 1), ("999999", 300), ("soon", 30), ("-5", 30)):
        stack.answer_headers = {"Retry-After": given}
        assert (await refusal(client.refresh("r"))).retry_after == expected


async def test_a_provider_that_hangs_is_not_waited_for(
    client: StackClient, stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_module, "ANSWER_SECONDS", 0.2)
    stack.hang = True
    began = time.monotonic()
    assert (await refusal(client.refresh("r"))).code == "identity_timeout"
    assert time.monotonic() - began < 2


async def test_nobody_there(stack: FakeStack) -> None:
    async with httpx.AsyncClient() as http:
        client = StackClient(
            http,
            Settings(_env_file=None),  # type: ignore[call-arg]
            api_url="http://127.0.0.1:9",
            browser_url="",
            project_id="p",
        )
        assert (await refusal(client.refresh("r"))).code == "identity_unavailable"


def test_every_cause_has_words_under_its_own_code() -> None:
    for code, error in causes.CAUSES.items():
        assert error.code == code
        assert error.message.endswith(".")
        assert error.action.endswith(".")
    assert causes.cause_of("<script>").code == "sign_in_failed"
    assert causes.provider_failure("<script>").code == "sign_in_failed"
