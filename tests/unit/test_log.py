"""What may stand in a log, and what may not."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from blossomer.log import bind_request, configure_logging, get_logger, scrub_text
from blossomer.settings import Settings
from tests.support.production import PRODUCTION


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Configure logging as in production; returns the lines so far."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(
        Settings(_env_file=None, **PRODUCTION)  # type: ignore[call-arg]
    )

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    yield lines
    root.handlers[:], root.level = handlers, level


def test_production_logs_one_json_object_a_line_with_the_request_id(logged: Any) -> None:
    unbind = bind_request("request-1")
    get_logger("blossomer.x").info("generation.completed", seconds=4.2)
    logging.getLogger("some.library").warning("plain %s", "words")
    unbind()
    get_logger("blossomer.x").info("after")
    first, second, third = logged()
    assert (first["event"], first["seconds"], first["level"]) == (
        "generation.completed",
        4.2,
        "info",
    )
    assert first["request_id"] == second["request_id"] == "request-1"
    assert second["event"] == "plain words"
    assert "request_id" not in third


def test_secrets_and_long_texts_are_not_logged(logged: Any) -> None:
    get_logger("blossomer.x").info(
        "something",
        cookie="session=abc",
        headers={"Authorization": "Bearer abcdefghijk", "accept": "json"},
        database="postgresql://app:hunter2@db/x",
        prompt="You are a careful analyst",
        page_text="words " * 500,
        detail="y" * 5_000,
    )
    (line,) = logged()
    text = json.dumps(line)
    for secret in ("session=abc", "abcdefghijk", "hunter2", "careful analyst", "words words"):
        assert secret not in text
    assert line["headers"]["accept"] == "json"
    assert len(line["detail"]) < 600


def test_an_exception_keeps_its_stack_and_loses_its_secrets(logged: Any) -> None:
    try:
        raise ValueError("refused with key sk-abcdefghij123456")
    except ValueError as error:
        get_logger("blossomer.x").error("broke", exc_info=error)
    (line,) = logged()
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
def test_what_reflex_says_about_events_loses_their_values(logged: Any, message: str) -> None:
    try:
        raise KeyError("hunter2")
    except KeyError:
        logging.getLogger("reflex.state").exception(message)
    (line,) = logged()
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
