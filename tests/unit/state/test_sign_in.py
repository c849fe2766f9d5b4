"""The pages around signing in: what they show follows from settings and address, safely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from blossomer.services.identity import causes
from blossomer.services.identity.model import Identity
from blossomer.services.runtime import build_runtime, get_runtime, set_runtime
from blossomer.settings import Settings
from blossomer.state.sign_in import SignInState
from blossomer.state.validation import NOT_UNDERSTOOD

ADA = Identity("ada", "ada@example.com", "Ada", "free")


@pytest.fixture
def configure() -> Iterator[Callable[..., None]]:
    def configured(**values: Any) -> None:
        set_runtime(build_runtime(Settings(_env_file=None, **values)))  # type: ignore[call-arg]

    configured()
    yield configured
    set_runtime(None)


async def at(path: str, **query: str) -> SignInState:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    url = f"{path}?{urlencode(query)}"
    root.router = RouterData.from_router_data(
        {
            "pathname": path,
            "asPath": url,
            "query": query,
            "headers": {"origin": "http://localhost:3000", "cookie": "blossomer=abc"},
        }
    )
    return await root.get_state(SignInState)


async def opened(**query: str) -> SignInState:
    state = await at("/auth", **query)
    assert await SignInState.open_sign_in.fn(state) is None  # type: ignore[attr-defined]
    assert state.ready
    return state


async def test_on_this_machine_there_is_one_way_in_and_it_says_so(
    configure: Callable[..., None],
) -> None:
    configure(auth_providers="google,github")
    state = await opened()
    assert state.is_local
    assert [(way.label, way.href) for way in state.ways] == [
        ("Continue on this machine", "/auth/login/google?mode=signin")
    ]


async def test_with_stack_auth_there_is_a_button_for_each_provider(
    configure: Callable[..., None],
) -> None:
    configure(stack_project_id="p", auth_providers="github,google,microsoft")
    state = await opened(mode="signup", next="/app/accounts?q=a&b=c")
    assert not state.is_local
    assert state.is_new
    assert [way.label for way in state.ways] == [
        "Continue with GitHub",
        "Continue with Google",
        "Continue with Microsoft",
    ]
    for way, provider in zip(state.ways, ("github", "google", "microsoft"), strict=True):
        target = urlsplit(way.href)
        assert target.path == f"/auth/login/{provider}"
        assert parse_qs(target.query) == {"mode": ["signup"], "next": ["/app/accounts?q=a&b=c"]}
    other = urlsplit(state.other_href)
    assert parse_qs(other.query) == {"mode": ["signin"], "next": ["/app/accounts?q=a&b=c"]}


@pytest.mark.parametrize("wanted", ["//evil.example", "javascript:alert(1)", "/auth", "x" * 5_000])
async def test_no_link_leads_away(configure: Callable[..., None], wanted: str) -> None:
    state = await opened(next=wanted)
    assert [way.href for way in state.ways] == ["/auth/login/google?mode=signin"]
    assert state.other_href == "/auth?mode=signup"
    failed = await at("/handler/error", cause="sign_in_expired", next=wanted)
    await SignInState.open_failure.fn(failed)  # type: ignore[attr-defined]
    assert failed.again_href == "/auth?mode=signin"


@pytest.mark.parametrize("cause", sorted(causes.CAUSES))
async def test_every_cause_has_its_words(configure: Callable[..., None], cause: str) -> None:
    state = await at("/handler/error", cause=cause, next="/app/x")
    await SignInState.open_failure.fn(state)  # type: ignore[attr-defined]
    assert state.message == causes.CAUSES[cause].message
    assert state.action == causes.CAUSES[cause].action
    assert state.again_href == "/auth?mode=signin&next=%2Fapp%2Fx"


@pytest.mark.parametrize("cause", ["", "unknown", "<script>alert(1)</script>", "x" * 9_000])
async def test_an_unknown_cause_is_not_repeated(configure: Callable[..., None], cause: str) -> None:
    state = await at("/handler/error", cause=cause)
    await SignInState.open_failure.fn(state)  # type: ignore[attr-defined]
    assert state.message == "The sign-in service did not sign you in."


class Sessions:
    """Sessions that know one person, or nothing."""

    def __init__(self, identity: Identity | None, *, down: bool = False) -> None:
        self._identity = identity
        self._down = down

    async def identify(self, cookie: str | None) -> Identity | None:
        assert cookie == "blossomer=abc"
        if self._down:
            raise causes.database_unavailable()
        return self._identity


async def test_who_is_signed_in_goes_on(configure: Callable[..., None]) -> None:
    get_runtime().sessions = Sessions(ADA)  # type: ignore[assignment]
    state = await at("/auth", next="/app/accounts")
    event = await SignInState.open_sign_in.fn(state)  # type: ignore[attr-defined]
    assert "/app/accounts" in str(event.args)
    assert not state.ready


@pytest.mark.parametrize("sessions", [Sessions(None), Sessions(None, down=True)])
async def test_who_is_not_or_perhaps_not_sees_the_page(
    configure: Callable[..., None], sessions: Sessions
) -> None:
    get_runtime().sessions = sessions  # type: ignore[assignment]
    assert (await opened()).ways


@pytest.mark.parametrize("name", ["open_sign_in", "open_failure"])
async def test_arguments_that_nobody_asked_for_change_nothing(
    configure: Callable[..., None], name: str
) -> None:
    state = await at("/auth")
    await getattr(SignInState, name).fn(state, message="<b>", ready=True)
    assert state.notice == NOT_UNDERSTOOD
    assert not state.ready
    assert state.message == ""
