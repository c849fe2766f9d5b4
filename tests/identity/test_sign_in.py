"""State and PKCE: an answer of the provider belongs to one browser, one sign-in, once."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from blossomer.errors import UserError
from blossomer.services.guards import HOME
from blossomer.services.identity.cipher import Cipher, kept_secret, server_secret
from blossomer.services.identity.cookies import Cookies
from blossomer.services.identity.sign_in import SIGN_IN_SECONDS, SignIn, challenge_of
from blossomer.services.identity.stack import StackClient
from blossomer.settings import Settings
from tests.support.production import PRODUCTION

BACK = "http://localhost:3000/handler/oauth-callback"


class Clock:
    def __init__(self) -> None:
        self.seconds = time.time()

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sign_in(clock: Clock) -> SignIn:
    return make(clock)


def make(clock: Clock, secret: str = "s" * 32) -> SignIn:
    client = StackClient(
        httpx.AsyncClient(),
        Settings(_env_file=None),  # type: ignore[call-arg]
        api_url="https://id.example",
        browser_url="https://id.example",
        project_id="p",
    )
    return SignIn(client, Cipher(secret, "sign-in under way"), clock)


def begin(sign_in: SignIn, cookie: str = "", wanted: object = "/app/x") -> tuple[str, str, str]:
    """State, challenge and cookie of a new sign-in."""
    url, cookie = sign_in.begin(
        "google", mode="signin", wanted=wanted, redirect_uri=BACK, cookie=cookie
    )
    query = parse_qs(urlsplit(url).query)
    return query["state"][0], query["code_challenge"][0], cookie


async def refused(sign_in: SignIn, cookie: str, state: str) -> str:
    with pytest.raises(UserError) as caught:
        await sign_in.accept(cookie, state)
    return caught.value.code


async def test_what_comes_back_is_what_was_begun(sign_in: SignIn) -> None:
    state, challenge, cookie = begin(sign_in)
    attempt, left = await sign_in.accept(cookie, state)
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    assert challenge == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert 43 <= len(attempt.verifier) <= 128
    assert (attempt.return_path, attempt.redirect_uri, left) == ("/app/x", BACK, "")


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B.
    assert (
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


async def test_nothing_about_it_can_be_read_or_guessed_from_the_cookie(sign_in: SignIn) -> None:
    state, _, cookie = begin(sign_in)
    attempt, _ = await sign_in.accept(cookie, state)
    raw = base64.urlsafe_b64decode(cookie)
    for hidden in (state, attempt.verifier, "/app/x"):
        assert hidden not in cookie
        assert hidden.encode() not in raw
    assert len({begin(sign_in)[0] for _ in range(50)}) == 50


async def test_without_the_cookie_of_this_browser_nothing_is_accepted(
    sign_in: SignIn, clock: Clock
) -> None:
    state, _, cookie = begin(sign_in)
    assert await refused(sign_in, "", state) == "sign_in_not_started"
    for foreign in (
        "x",
        "x" * 50_000,
        cookie[:-2],
        cookie[::-1],
        make(clock, "t" * 32)._sealed([]),
    ):
        assert await refused(sign_in, foreign, state) == "sign_in_not_started"
    # The cookie of another server, or of another purpose.
    assert await refused(make(clock, "t" * 32), cookie, state) == "sign_in_not_started"
    other = Cipher("s" * 32, "refresh tokens").seal(json.dumps([{"state": state}]))
    assert await refused(sign_in, other, state) == "sign_in_not_started"


async def test_the_state_of_somebody_else_is_refused(sign_in: SignIn) -> None:
    """Login CSRF: an attacker's answer in the victim's browser."""
    attackers, _, _ = begin(sign_in)
    _, _, victims_cookie = begin(sign_in)
    for state in (attackers, "", "é", "x" * 5_000, "\x00"):
        assert await refused(sign_in, victims_cookie, state) == "sign_in_mismatch"


async def test_a_state_serves_once_even_with_a_copied_cookie(sign_in: SignIn) -> None:
    state, _, cookie = begin(sign_in)
    await sign_in.accept(cookie, state)
    assert await refused(sign_in, cookie, state) == "sign_in_mismatch"


async def test_it_lasts_ten_minutes(sign_in: SignIn, clock: Clock) -> None:
    first, _, cookie = begin(sign_in)
    clock.seconds += SIGN_IN_SECONDS - 1
    second, _, cookie = begin(sign_in, cookie)
    await sign_in.accept(cookie, first)
    clock.seconds += 2
    assert await sign_in.accept(cookie, second)
    state, _, cookie = begin(sign_in)
    clock.seconds += SIGN_IN_SECONDS + 1
    assert await refused(sign_in, cookie, state) == "sign_in_expired"


async def test_three_tabs_may_sign_in_at_once_and_the_cookie_stays_small(sign_in: SignIn) -> None:
    longest = "/app/" + "x" * 507
    cookie, states = "", []
    for _ in range(4):
        state, _, cookie = begin(sign_in, cookie, longest)
        states.append(state)
        assert len(cookie) < 3_900
    assert await refused(sign_in, cookie, states[0]) == "sign_in_mismatch"
    _, left = await sign_in.accept(cookie, states[2])
    _, left = await sign_in.accept(left, states[3])
    attempt, left = await sign_in.accept(left, states[1])
    assert (attempt.return_path, left) == (longest, "")


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "", None, 5, "/auth"])
async def test_it_leads_back_to_a_place_of_ours(sign_in: SignIn, wanted: object) -> None:
    state, _, cookie = begin(sign_in, wanted=wanted)
    assert (await sign_in.accept(cookie, state))[0].return_path == HOME


@pytest.mark.parametrize("code", ["", "x" * 2_001])
async def test_a_code_that_is_none_is_not_sent_on(sign_in: SignIn, code: str) -> None:
    state, _, cookie = begin(sign_in)
    attempt, _ = await sign_in.accept(cookie, state)
    with pytest.raises(UserError) as caught:
        await sign_in.finish(attempt, code)
    assert caught.value.code == "sign_in_code_refused"


async def test_memory_of_used_states_is_bounded(
    sign_in: SignIn, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blossomer.services.identity.sign_in.MOST_REMEMBERED", 5)
    for _ in range(20):
        state, _, cookie = begin(sign_in)
        await sign_in.accept(cookie, state)
    assert len(sign_in._used) <= 5
    clock.seconds += SIGN_IN_SECONDS + 1
    state, _, cookie = begin(sign_in)
    await sign_in.accept(cookie, state)
    assert len(sign_in._used) == 1


async def test_a_cookie_of_another_version_of_the_program_is_no_failure(
    sign_in: SignIn,
) -> None:
    other = Cipher("s" * 32, "sign-in under way").seal(json.dumps([{"state": "s", "new": 1}]))
    assert await refused(sign_in, other, "s") == "sign_in_not_started"


# Names of cookies, and the secret


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites() -> None:
    plain = Cookies(Settings(_env_file=None))  # type: ignore[call-arg]
    assert plain.set(plain.session, "abc", 60) == (
        "blossomer=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"
    )
    secure = Cookies(Settings(_env_file=None, **PRODUCTION))  # type: ignore[call-arg]
    for name in (secure.session, secure.sign_in):
        assert name.startswith("__Host-")
        made = secure.set(name, "abc", 60)
        assert made.endswith("; HttpOnly; SameSite=Lax; Secure")
        assert "Domain" not in made
    assert "Max-Age=0" in secure.set(secure.session, "", 60)


def test_of_two_cookies_of_one_name_the_first_counts() -> None:
    cookies = Cookies(Settings(_env_file=None))  # type: ignore[call-arg]
    assert cookies.read("blossomer=first; blossomer=second", "blossomer") == "first"
    assert cookies.read("xblossomer=a; blossomer-sign-in=b", "blossomer") == ""


def test_the_secret_is_made_once_and_is_the_owner_s_alone(tmp_path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "new" / "folder")  # type: ignore[call-arg]
    secret = server_secret(settings)
    file = tmp_path / "new" / "folder" / "secret.key"
    assert len(secret) >= 43
    assert server_secret(settings) == secret
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]
    given = Settings(_env_file=None, secret_key="k" * 32)  # type: ignore[call-arg]
    assert server_secret(given) == "k" * 32


def test_two_servers_that_start_at_once_have_one_secret(tmp_path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(kept_secret, [tmp_path / "secret.key"] * 8))
    assert len(secrets) == 1


def test_what_was_sealed_for_one_purpose_is_not_opened_for_another() -> None:
    one, other = Cipher("s" * 32, "one"), Cipher("s" * 32, "other")
    assert one.open(one.seal("text")) == "text"
    assert other.open(one.seal("text")) is None
    assert Cipher("t" * 32, "one").open(one.seal("text")) is None
    for nonsense in ("", "x", "é", "A" * 100, "A" * 100_000):
        assert one.open(nonsense) is None
