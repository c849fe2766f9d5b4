"""How fast a user's events may come over all their pages, and under which ids they are logged."""

from __future__ import annotations

from typing import Any

import pytest
import reflex as rx

from blossomer.log import ids_of
from blossomer.services.allowances import Allowances
from blossomer.services.identity.model import Identity
from blossomer.services.runtime import Runtime
from blossomer.state.account import AccountState
from blossomer.state.member import TOO_FAST
from tests.support.logged import Logged


@pytest.fixture
def at_the_page(monkeypatch: pytest.MonkeyPatch) -> list[Identity | None]:
    """Who is verified to be at a page, as the last item."""
    people: list[Identity | None] = [None]

    async def identify(_state: AccountState) -> Identity | None:
        return people[-1]

    monkeypatch.setattr(AccountState, "_identify", identify)
    return people


async def page() -> AccountState:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    return await root.get_state(AccountState)


async def send(state: Any, handler: str, **arguments: Any) -> Any:
    return await getattr(AccountState, handler).fn(state, **arguments)


async def test_one_event_too_many_of_a_user_is_not_run_and_the_page_says_so(
    runtime: Runtime, at_the_page: list[Identity | None]
) -> None:
    passed = 0.0
    runtime.user_events = Allowances(1, clock=lambda: passed)
    ada, bob = (Identity(name, None, None, "free") for name in ("ada", "bob"))
    tabs = [await page(), await page()]
    ran = []
    for number in range(14):
        at_the_page.append(ada)
        await send(tabs[number % 2], "tell_failure", reference="abc")
        ran.append("quote abc" in tabs[number % 2].notice)
        tabs[number % 2].notice = ""
    assert ran == [True] * 10 + [False] * 4
    await send(tabs[0], "tell_failure", reference="abc")
    assert tabs[0].notice == TOO_FAST

    at_the_page.append(bob)
    another = await page()
    await send(another, "tell_failure", reference="abc")
    assert "quote abc" in another.notice
    # Visitors have no name: their address is counted, where they connect.
    at_the_page.append(None)
    visitor = await page()
    for _ in range(30):
        await send(visitor, "tell_failure", reference="abc")
        assert "quote abc" in visitor.notice

    passed += 1.0
    at_the_page.append(ada)
    await send(tabs[0], "tell_failure", reference="abc")
    assert "quote abc" in tabs[0].notice


async def test_each_event_is_logged_under_an_id_of_its_own_and_its_verified_user(
    runtime: Runtime, at_the_page: list[Identity | None], logged: Logged
) -> None:
    del runtime
    for person in (Identity("ada", None, None, "free"), None, None):
        at_the_page.append(person)
        await send(await page(), "tell_failure", reference={"password": "hunter2"})
    first, second, third = (line for line in logged.lines() if line["event"] == "event_refused")
    assert [line.get("user_id") for line in (first, second, third)] == ["ada", None, None]
    assert len({line["request_id"] for line in (first, second, third)}) == 3
    assert first["handler"].endswith(".tell_failure")
    assert "hunter2" not in logged.text


async def test_a_handler_that_breaks_says_whose_event_it_was(
    runtime: Runtime, at_the_page: list[Identity | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_page.append(Identity("ada", None, None, "free"))

    del runtime
    monkeypatch.setattr(AccountState, "_elsewhere", lambda _self: (_ for _ in ()).throw(KeyError))
    with pytest.raises(KeyError) as caught:
        await send(await page(), "load")
    ids = ids_of(caught.value)
    assert ids["user_id"] == "ada"
    assert ids["handler"].endswith(".load")
    assert ids["request_id"]
