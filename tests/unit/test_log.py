"""What may stand in a log, and what may not."""

import asyncio
import json
import logging

import pydantic
import pytest
from sqlalchemy.exc import IntegrityError

from blossomer.errors import UserError
from blossomer.log import (
    begin_background,
    bind_request,
    bind_user,
    get_logger,
    ids_of,
    no_ids,
    own_ids,
    scrub_text,
)
from tests.support.logged import Logged, logging_as_in_production


def test_production_logs_one_json_object_a_line_with_the_request_id(logged: Logged) -> None:
    unbind = bind_request("request-1")
    get_logger("blossomer.x").info("generation.completed", seconds=4.2)
    logging.getLogger("some.library").warning("plain %s", "words")
    unbind()
    get_logger("blossomer.x").info("after")
    first, second, third = logged.lines()
    assert (first["event"], first["seconds"], first["level"]) == (
        "generation.completed",
        4.2,
        "info",
    )
    assert first["request_id"] == second["request_id"] == "request-1"
    assert second["event"] == "plain words"
    assert "request_id" not in third


def test_secrets_and_long_texts_are_not_logged(logged: Logged) -> None:
    get_logger("blossomer.x").info(
        "something",
        cookie="session=abc",
        headers={"Authorization": "Bearer abcdefghijk", "accept": "json"},
        database="postgresql://app:hunter2@db/x",
        prompt="You are a careful analyst",
        page_text="words " * 500,
        detail="y" * 5_000,
    )
    (line,) = logged.lines()
    text = json.dumps(line)
    for secret in ("session=abc", "abcdefghijk", "hunter2", "careful analyst", "words words"):
        assert secret not in text
    assert line["headers"]["accept"] == "json"
    assert len(line["detail"]) < 600


def test_an_exception_keeps_its_stack_and_loses_its_secrets(logged: Logged) -> None:
    try:
        raise ValueError("refused with key sk-abcdefghij123456")
    except ValueError as error:
        get_logger("blossomer.x").error("broke", exc_info=error)
    (line,) = logged.lines()
    assert "ValueError" in line["exception"]
    assert "test_log.py" in line["exception"]
    assert "sk-abcdefghij123456" not in line["exception"]


@pytest.mark.parametrize(
    "message",
    [
        "Error processing event queue entry for Event(token='t', payload={'password': 'hunter2'})",
        "Received event from session abc with no associated token. Event data: {'p': 'hunter2'}",
        "Event data must be a dictionary, but received hunter2 of type str",
    ],
)
def test_what_reflex_says_about_events_loses_their_values(logged: Logged, message: str) -> None:
    try:
        raise KeyError("hunter2")
    except KeyError:
        logging.getLogger("reflex.state").exception(message)
    (line,) = logged.lines()
    assert "hunter2" not in json.dumps(line)
    assert message[:20] in line["event"]
    assert "KeyError" in line["event"]
    assert "test_log.py" in line["event"]


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abc.def-ghi_jkl",
        "Basic YWxpY2U6c2VjcmV0",
        "sk-proj-abcdefghijk",
        "AIzaSyA1234567890abcdefghijklmn",
        "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
        "https://x.example/cb?code=abc123secret&x=1",
        "redis://:hunter2hunter2@cache:6379",
    ],
)
def test_secrets_are_known_by_their_looks(secret: str) -> None:
    hidden = scrub_text(f"before {secret} after")
    assert "[hidden]" in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")
    for part in ("abc.def-ghi_jkl", "proj-abcdefghijk", "SyA123", "c2lnbmF0dXJl", "abc123secret",
                 "hunter2hunter2", "YWxpY2U6"):  # fmt: skip
        assert part not in hidden


def test_the_name_of_basic_analysis_is_no_secret() -> None:
    assert scrub_text("written by basic analysis") == "written by basic analysis"


MARK = "Only the page says this"


def raised(error: BaseException) -> BaseException:
    """The same, with a way that it took."""
    try:
        raise error
    except BaseException as caught:
        return caught


def about_a_page() -> list[BaseException]:
    """Failures of kinds whose words quote what was being worked on."""
    errors: list[BaseException] = [
        ValueError(f"invalid literal: {MARK}"),
        KeyError(MARK),
        RuntimeError(MARK),
        IntegrityError(f"INSERT {MARK}", {"text": MARK}, ValueError(f"Failing row ({MARK})")),
        UserError("not_found", MARK, MARK),
        json.JSONDecodeError("Expecting value", MARK, 0),
    ]
    try:
        pydantic.TypeAdapter(int).validate_python(MARK)
    except pydantic.ValidationError as error:
        errors.append(error)
    wrapped = LookupError("outer")
    wrapped.__cause__ = ValueError(MARK)
    around = LookupError("outer")
    around.__context__ = KeyError(MARK)
    errors += [wrapped, around, ExceptionGroup(MARK, [ValueError(MARK)])]
    return errors


@pytest.mark.parametrize("error", about_a_page(), ids=lambda error: type(error).__name__)
def test_the_words_of_an_exception_are_not_logged_and_its_way_is(
    logged: Logged, error: BaseException
) -> None:
    log = get_logger("blossomer.x")
    log.error("broke", exc_info=raised(error))
    logging.getLogger("some.library").error("broke", exc_info=raised(error))
    try:
        raise raised(error)
    except BaseException:
        log.exception("broke")
    first, second, third = logged.lines()
    for line in (first, second, third):
        assert type(error).__name__ in line["exception"]
        assert "test_log.py" in line["exception"]
    assert MARK not in logged.text


def test_the_words_of_the_system_are_logged(logged: Logged) -> None:
    for error, words in (
        (ConnectionRefusedError(111, "Connection refused"), "[Errno 111] Connection refused"),
        (AttributeError("'NoneType' object has no attribute 'x'"), "no attribute"),
        (ModuleNotFoundError("No module named 'x'"), "No module named"),
    ):
        get_logger("blossomer.x").error("broke", exc_info=raised(error))
        assert words in logged.lines()[-1]["exception"]
    get_logger("blossomer.x").error("broke", exc_info=raised(UserError("not_found", "No.", "No.")))
    assert "UserError [not_found]" in logged.lines()[-1]["exception"]


async def test_an_exception_that_nobody_awaited_is_told_without_its_words(logged: Logged) -> None:
    async def fails() -> None:
        raise ValueError(MARK)

    context = {
        "message": "Task exception was never retrieved",
        "exception": raised(ValueError(MARK)),
        "task": await asyncio.wait({task := asyncio.create_task(fails())}) and task,
    }
    asyncio.get_running_loop().default_exception_handler(context)
    assert "never retrieved" in logged.text
    assert MARK not in logged.text


def test_at_the_most_talkative_level_libraries_stay_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with logging_as_in_production(monkeypatch, "DEBUG") as logged:
        get_logger("blossomer.x").debug("a detail")
        for name in ("openai", "sqlalchemy.engine", "httpcore", "psycopg", "mcp", "reflex.state"):
            library = logging.getLogger(name)
            assert not library.isEnabledFor(logging.DEBUG), name
            library.debug("Request options: %s", {"messages": MARK})
            library.info(MARK)
        events = [line["event"] for line in logged.lines()]
    assert events == ["a detail"]


def test_what_happens_inside_has_ids_of_its_own_and_what_is_around_keeps_its_own(
    logged: Logged,
) -> None:
    log = get_logger("blossomer.x")
    unbind = bind_request("request-1")
    bind_user("ada")
    with own_ids(handler="Page.edit"):
        log.info("inside")
        bind_user("bob")
        log.info("inside")
    log.info("outside")
    with no_ids():
        log.info("for everybody")
    begin_background(user_id="carol", run_id="")
    log.info("later")
    unbind()
    first, second, outside, everybody, later = logged.lines()
    assert first["handler"] == "Page.edit"
    assert first["request_id"] == second["request_id"] != "request-1"
    assert "user_id" not in first
    assert second["user_id"] == "bob"
    assert (outside["request_id"], outside["user_id"]) == ("request-1", "ada")
    assert "handler" not in outside
    assert {"request_id", "user_id"} & set(everybody) == set()
    assert later["user_id"] == "carol"
    assert {"request_id", "run_id"} & set(later) == set()
    begin_background()


def test_a_failure_says_whose_it_was_to_whoever_logs_it_outside() -> None:
    with pytest.raises(ValueError, match="x") as caught, own_ids(handler="Page.edit"):
        bind_user("ada")
        raise ValueError("x")
    ids = ids_of(caught.value)
    assert (ids["handler"], ids["user_id"]) == ("Page.edit", "ada")
    assert ids["request_id"]
    assert ids_of(ValueError("y")) == {}
