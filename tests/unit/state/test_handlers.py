"""What any client may call: the list is short, and nothing on it acts on unvalidated arguments."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import reflex as rx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reflex_base.registry import RegistrationContext

from blossomer.components.app_shell import frontend_failure
from blossomer.state.editing import STALE_PAGE
from blossomer.state.entity_page import EntityPageState
from blossomer.state.validation import GATED, NOT_UNDERSTOOD, validated

OURS = {
    "add_row",
    "cancel",
    "choose",
    "count_left",
    "delete",
    "discard",
    "discard_edit",
    "dismiss_error",
    "dismiss_notice",
    "download",
    "drafts_changed",
    "drafts_read",
    "drafts_written",
    "edit",
    "edit_closed",
    "follow",
    "greet",
    "keep",
    "keep_editing",
    "leave_edit",
    "load",
    "move_row",
    "remove_row",
    "rewrite",
    "run_generation",
    "save_again",
    "save_edit",
    "show_earlier",
    "start",
    "tell_failure",
    "touch",
    "try_again",
    "undo",
    "use_earlier",
}
REFLEX = {
    "handle_frontend_exception",
    "hydrate",
    "hydrate_and_load",
    "on_load_internal",
    "set_is_hydrated",
    "update_vars_internal",
}

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "choose": ("document_id",),
    "delete": ("confirmed",),
    "drafts_changed": ("message",),
    "drafts_read": ("message",),
    "drafts_written": ("message",),
    "edit": ("key",),
    "leave_edit": ("stay_open",),
    "load": ("entity",),
    "move_row": ("row_id", "step"),
    "remove_row": ("row_id",),
    "rewrite": ("key",),
    "save_edit": ("form",),
    "start": ("form",),
    "tell_failure": ("reference",),
    "undo": ("focused",),
    "use_earlier": ("version",),
}


def registered() -> dict[str, Any]:
    handlers = RegistrationContext.get().event_handlers
    found = {}
    for name, registered_handler in handlers.items():
        handler = getattr(registered_handler, "handler", registered_handler)
        found[name] = handler.fn
    return found


def test_only_the_listed_handlers_can_be_called() -> None:
    names = {name.rpartition(".")[2] for name in registered()}
    assert names - REFLEX - {"setvar"} == OURS


def test_every_handler_of_ours_is_behind_the_gate() -> None:
    ungated = [
        name
        for name, function in registered().items()
        if name.rpartition(".")[2] in OURS and not getattr(function, GATED, False)
    ]
    assert ungated == []


async def page() -> EntityPageState:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    return await root.get_state(EntityPageState)


def visible(state: EntityPageState) -> str:
    return json.dumps(state.dict(), default=str, sort_keys=True)


WRONG = [None, 5, 1.5, True, "x" * 500_000, [], ["a"], {"a": {}}, {"a": "b"}, {"request": "a"}]


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: repr(value)[:30])
async def test_wrong_arguments_change_nothing(name: str, wrong: Any) -> None:
    state = await page()
    before = visible(state)
    call: Callable[..., Awaitable[Any]] = getattr(EntityPageState, name).fn
    await call(state, **dict.fromkeys(ARGUMENTS[name], wrong))
    # To be told so is all that may come of it.
    state.form_problem = state.notice = ""
    assert visible(state) == before


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
async def test_missing_and_unknown_arguments_are_refused_in_words(name: str) -> None:
    state = await page()
    call: Callable[..., Awaitable[Any]] = getattr(EntityPageState, name).fn
    await call(state, nonsense=1)
    assert state.notice == NOT_UNDERSTOOD


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(ARGUMENTS)),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
)
async def test_nothing_a_client_sends_raises(name: str, value: Any) -> None:
    state = await page()
    call: Callable[..., Awaitable[Any]] = getattr(EntityPageState, name).fn
    await call(state, **dict.fromkeys(ARGUMENTS[name], value))


@pytest.mark.parametrize("name", sorted(OURS - {"follow", "run_generation"}))
@pytest.mark.parametrize("value", ["company", "overview", "capabilities", {}, True, 1])
async def test_nothing_raises_that_comes_before_the_page_has_loaded(name: str, value: Any) -> None:
    state = await page()
    call: Callable[..., Awaitable[Any]] = getattr(EntityPageState, name).fn
    await call(state, **dict.fromkeys(ARGUMENTS.get(name, ()), value))


async def test_saving_again_replaces_the_write_that_waits_and_is_told_to_the_browser() -> None:
    state = await page()
    state.entity, state.document_id = "company", "a"
    state._documents = {"a": {"id": "a", "entity": "company", "data": {}}}
    call: Callable[..., Awaitable[Any]] = EntityPageState.save_again.fn  # type: ignore[attr-defined]
    await call(state)
    first = state.drafts_operations[0]["id"]
    await call(state)
    assert [waiting["id"] == first for waiting in state.drafts_operations] == [False]


def test_a_handler_without_annotations_cannot_be_written() -> None:
    async def handler(self: Any, something) -> None:  # type: ignore[no-untyped-def]
        del self, something

    with pytest.raises(TypeError, match="something has no annotation"):
        validated(handler)


def test_a_handler_that_blocks_the_server_cannot_be_written() -> None:
    def handler(self: Any) -> None:
        del self

    with pytest.raises(TypeError, match="must be asynchronous"):
        validated(handler)


async def test_saving_from_a_page_that_the_server_has_forgotten_says_so() -> None:
    state = await page()
    await EntityPageState.save_edit.fn(state, form={"name": "Typed for an hour"})
    assert state.notice == STALE_PAGE


async def test_failures_that_browsers_report_cannot_flood_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number in range(50):
        frontend_failure(Exception(f"failure {number} " + "x" * 10_000))
    logged = capsys.readouterr()
    assert len(logged.out + logged.err) < 2_000
