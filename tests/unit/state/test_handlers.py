"""What any client may call: the list is short, and nothing on it acts on unvalidated arguments."""

import inspect
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import reflex as rx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reflex_base.registry import RegistrationContext

from blossomer.components.app_shell import frontend_failure, kind_of_failure
from blossomer.state.account import AccountState
from blossomer.state.editing import STALE_PAGE
from blossomer.state.entity_page import EntityPageState
from blossomer.state.keeping import KeepingState
from blossomer.state.sign_in import SignInState
from blossomer.state.validation import GATED, NOT_UNDERSTOOD, validated

OF_ALL = {"dismiss_notice", "greet", "tell_failure"}
OURS: dict[type[rx.State], set[str]] = {
    AccountState: OF_ALL | {"load"},
    SignInState: {"open_failure", "open_sign_in"},
    KeepingState: OF_ALL | {"discard_work", "drafts_read", "drafts_written", "keep_work", "load"},
    EntityPageState: OF_ALL
    | {
        "accept",
        "add_part",
        "add_row",
        "add_values",
        "ask_to_delete",
        "cancel",
        "change_choices",
        "check_typing",
        "choose",
        "choose_parent",
        "choose_text",
        "clear_filters",
        "count_left",
        "count_text",
        "decline",
        "delete",
        "discard",
        "discard_edit",
        "dismiss_deletion",
        "dismiss_error",
        "dismiss_mending",
        "dismiss_suggestions",
        "drafts_changed",
        "drafts_read",
        "drafts_written",
        "drag_part",
        "drag_row",
        "drop_part",
        "drop_row",
        "edit",
        "export",
        "export_list",
        "filter_list",
        "follow",
        "import_plan",
        "keep",
        "keep_editing",
        "last_step",
        "leave_choices",
        "leave_deletion",
        "leave_edit",
        "load",
        "load_list",
        "look_at_family",
        "mend",
        "move_part",
        "move_row",
        "next_step",
        "note_copied",
        "pick",
        "preview",
        "preview_as",
        "remove_part",
        "remove_row",
        "remove_value",
        "rewrite",
        "run_generation",
        "run_mend",
        "run_suggestions",
        "save_again",
        "save_edit",
        "save_text",
        "search_list",
        "set_kind",
        "show_earlier",
        "show_plain",
        "start",
        "still_right",
        "stop_suggesting",
        "suggest",
        "touch",
        "try_again",
        "undo",
        "undo_delete",
        "use_earlier",
        "write_again",
    },
}
ALL = [(state, name) for state, names in OURS.items() for name in sorted(names)]
IN_BACKGROUND = {"follow", "run_generation", "run_mend"}
IN_BACKGROUND = {"follow", "run_generation", "run_mend", "run_suggestions"}
REFLEX = {
    "handle_frontend_exception",
    "hydrate",
    "hydrate_and_load",
    "on_load_internal",
    "set_is_hydrated",
    "update_vars_internal",
}

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "accept": ("key",),
    "add_part": ("card", "after"),
    "add_values": ("row_id", "attribute", "text"),
    "ask_to_delete": ("entity", "document_id", "name"),
    "check_typing": ("card", "place", "text"),
    "choose": ("document_id",),
    "choose_parent": ("entity", "document_id"),
    "choose_text": ("card", "number"),
    "count_text": ("row_id", "attribute", "text"),
    "decline": ("key",),
    "delete": ("confirmed",),
    "dismiss_suggestions": ("entity",),
    "drafts_changed": ("message",),
    "drafts_read": ("message",),
    "drafts_written": ("message",),
    "drag_part": ("address",),
    "drag_row": ("row_id",),
    "drop_part": ("card", "address"),
    "drop_row": ("row_id",),
    "edit": ("key",),
    "export": ("form", "whole"),
    "export_list": ("form",),
    "filter_list": ("name", "value"),
    "follow": ("entity",),
    "import_plan": ("message",),
    "leave_deletion": ("stay_open",),
    "leave_edit": ("stay_open",),
    "load": ("entity",),
    "load_list": ("entity",),
    "mend": ("mail", "finding"),
    "move_part": ("card", "address", "step", "focus", "text"),
    "move_row": ("row_id", "step"),
    "note_copied": ("mail", "part", "version"),
    "pick": ("name", "value"),
    "preview": ("mail",),
    "preview_as": ("reader",),
    "remove_part": ("card", "address"),
    "remove_row": ("row_id",),
    "remove_value": ("row_id", "attribute", "value"),
    "rewrite": ("key",),
    "search_list": ("box", "text"),
    "run_suggestions": ("entity",),
    "save_edit": ("form",),
    "save_text": ("card", "place", "text"),
    "set_kind": ("card", "address", "kind"),
    "show_plain": ("card", "plain_text"),
    "start": ("form",),
    "stop_suggesting": ("entity",),
    "suggest": ("entity",),
    "tell_failure": ("reference",),
    "undo": ("focused",),
    "use_earlier": ("version", "key"),
}


WITH_ARGUMENTS = [
    (state, name)
    for state, name in ALL
    if name in ARGUMENTS
    and name not in IN_BACKGROUND
    and (state, name) not in {(AccountState, "load"), (KeepingState, "load")}
]


def registered() -> dict[str, Any]:
    handlers = RegistrationContext.get().event_handlers
    found = {}
    for name, registered_handler in handlers.items():
        handler = getattr(registered_handler, "handler", registered_handler)
        found[name] = handler.fn
    return found


def test_only_the_listed_handlers_can_be_called() -> None:
    expected = {f"{state.get_full_name()}.{name}" for state, name in ALL}
    found = {name for name in registered() if name.rpartition(".")[2] not in {*REFLEX, "setvar"}}
    assert found == expected


def test_every_handler_of_ours_is_behind_the_gate() -> None:
    ungated = [
        name
        for name, function in registered().items()
        if name.rpartition(".")[2] not in {*REFLEX, "setvar"}
        and not getattr(function, GATED, False)
    ]
    assert ungated == []


def test_every_state_knows_whose_it_is() -> None:
    # The gate asks _admit; a state without it would act for anybody.
    assert [state for state in OURS if not hasattr(state, "_admit")] == [SignInState]


def test_the_handlers_around_signing_in_take_nothing() -> None:
    for name in OURS[SignInState]:
        parameters = inspect.signature(getattr(SignInState, name).fn).parameters
        assert list(parameters) == ["self"]


async def page(kind: type[rx.State] = EntityPageState) -> Any:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    return await root.get_state(kind)


def visible(state: rx.State) -> str:
    return json.dumps(state.dict(), default=str, sort_keys=True)


WRONG = [None, 5, 1.5, True, "x" * 500_000, [], ["a"], {"a": {}}, {"a": "b"}, {"request": "a"}]


@pytest.mark.parametrize(("kind", "name"), WITH_ARGUMENTS)
@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: repr(value)[:30])
async def test_wrong_arguments_change_nothing(kind: type[rx.State], name: str, wrong: Any) -> None:
    state = await page(kind)
    before = visible(state)
    call: Callable[..., Awaitable[Any]] = getattr(kind, name).fn
    await call(state, **dict.fromkeys(ARGUMENTS[name], wrong))
    # To be told so is all that may come of it.
    state.notice = ""
    if kind is EntityPageState:
        state.form_problem = ""
    assert visible(state) == before


@pytest.mark.parametrize(("kind", "name"), WITH_ARGUMENTS)
async def test_missing_and_unknown_arguments_are_refused_in_words(
    kind: type[rx.State], name: str
) -> None:
    state = await page(kind)
    call: Callable[..., Awaitable[Any]] = getattr(kind, name).fn
    await call(state, nonsense=1)
    assert state.notice == NOT_UNDERSTOOD


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    handler=st.sampled_from(WITH_ARGUMENTS),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
)
async def test_nothing_a_client_sends_raises(
    handler: tuple[type[rx.State], str], value: Any
) -> None:
    kind, name = handler
    state = await page(kind)
    call: Callable[..., Awaitable[Any]] = getattr(kind, name).fn
    await call(state, **dict.fromkeys(ARGUMENTS[name], value))


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, name in ALL if name not in IN_BACKGROUND]
)
@pytest.mark.parametrize("value", ["company", "overview", "capabilities", {}, True, 1])
async def test_nothing_raises_that_comes_before_the_page_has_loaded(
    kind: type[rx.State], name: str, value: Any
) -> None:
    state = await page(kind)
    call: Callable[..., Awaitable[Any]] = getattr(kind, name).fn
    arguments = ARGUMENTS[name] if (kind, name) in WITH_ARGUMENTS else ()
    await call(state, **dict.fromkeys(arguments, value))


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


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("TypeError: Cannot read properties of undefined (reading 'Acme sells')", "TypeError"),
        ('Unexpected token A, "Acme sells" is not valid JSON', "unknown"),
        ("[Reflex Frontend Exception]\n Uncaught SyntaxError: Acme sells\nat x", "SyntaxError"),
        ("Minified React error #31; visit https://react.dev/errors/31?args[]=Acme%20sells",
         "React error #31"),
        ("AcmesellsError", "unknown"),
        ("", "unknown"),
    ],
)  # fmt: skip
def test_of_a_failure_in_a_browser_the_kind_is_logged_and_not_the_words(
    words: str, kind: str
) -> None:
    assert kind_of_failure(words) == kind
