"""Logging: readable lines in development, JSON in production, and never a secret or page text.

Code logs an event name and facts: ``log.info("generation.completed", seconds=4.2)``. What belongs
to a request (its id) is bound once in a context variable and appears on every line.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from blossomer.settings import Settings

_COMMON: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]

_HIDDEN = "[hidden]"
_LONGEST_VALUE = 500

_SECRET_NAME = re.compile(
    r"authori[sz]ation|cookie|passw|secret|token$|api_?key|credential|session_id|private", re.I
)
_BULKY_NAME = re.compile(r"^(html|body|payload|prompt|system|user_text|page_text|text|data)$", re.I)
_SECRET_VALUES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Bearer and basic credentials, provider keys, JSON web tokens, passwords inside addresses.
    (re.compile(r"\b(bearer)\s+[\w.~+/=-]{8,}", re.I), rf"\1 {_HIDDEN}"),
    # Base64, as opposed to a word, such as the second of "basic analysis".
    (re.compile(r"\b(basic)\s+(?=[a-z]*(?-i:[A-Z0-9+/=]))[\w+/=-]{8,}", re.I), rf"\1 {_HIDDEN}"),
    (re.compile(r"\b(sk|pk|fc|rk|gsk)-[\w-]{8,}"), _HIDDEN),
    (re.compile(r"\bAIza[\w-]{20,}"), _HIDDEN),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"), _HIDDEN),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s@/]+@", re.I), rf"\1:{_HIDDEN}@"),
    (re.compile(r"([?&](?:key|token|code|state|api_key)=)[^&\s]+", re.I), rf"\1{_HIDDEN}"),
)
_REFLEX_LOGGERS = re.compile(r"^(reflex|socketio|engineio)")
_END_OF_TEMPLATE = re.compile(r"[:({\['\"]|(?<=received )")
_FRAMES_KEPT = 12


def get_logger(name: str) -> FilteringBoundLogger:
    """The logger of a module.

    Args:
        name: ``__name__`` of the module.
    """
    return cast(FilteringBoundLogger, structlog.stdlib.get_logger(name))


def bind_request(request_id: str) -> Callable[[], None]:
    """Put a request id on every line logged from here on in this task.

    Returns:
        A function that takes it off again.
    """
    tokens = structlog.contextvars.bind_contextvars(request_id=request_id)
    return lambda: structlog.contextvars.reset_contextvars(**tokens)


def current_request_id() -> str:
    """The request id of this task, or an empty string."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def configure_logging(settings: Settings) -> None:
    """Send everything that is logged, by us and by libraries, through one scrubbed stream.

    Safe to call more than once; the last call wins.
    """
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.environment == "production"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    # Exceptions are turned to text before the scrubbing, since their messages quote values.
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_COMMON,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            scrub_event,
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for noisy in ("httpx", "httpcore", "litellm", "LiteLLM", "asyncio", "watchfiles"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    install_record_scrubbing()
    structlog.configure(
        processors=[*_COMMON, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        cache_logger_on_first_use=False,
    )


def scrub_event(_logger: Any, _method: str, event: EventDict) -> MutableMapping[str, Any]:
    """Hide secrets and cut bulky values in one log line (a structlog processor)."""
    return {key: _scrub(key, value) for key, value in event.items()}


def scrub_text(text: str) -> str:
    """Hide what looks like a secret in a text."""
    for pattern, replacement in _SECRET_VALUES:
        text = pattern.sub(replacement, text)
    return text


def _scrub(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name):
        return _HIDDEN
    if name == "exception":
        return scrub_text(value) if isinstance(value, str) else _scrub("", value)
    if _BULKY_NAME.match(name) and isinstance(value, str | bytes | list | dict):
        return f"[{len(value)} long]"
    if isinstance(value, str):
        text = scrub_text(value)
        return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
    if isinstance(value, dict):
        return {key: _scrub(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub("", item) for item in value]
    return value


def install_record_scrubbing() -> None:
    """Keep cookies and event payloads out of what Reflex logs, whichever handler writes it.

    For an unknown event, or an argument of the wrong type, Reflex logs the whole event with its
    values and all headers. A record factory sees every record before any handler does.
    """
    current = logging.getLogRecordFactory()
    if getattr(current, "scrubs_reflex", False):
        return

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = current(*args, **kwargs)
        if _REFLEX_LOGGERS.match(record.name or "") and record.levelno != logging.INFO:
            _without_values(record)
        return record

    factory.scrubs_reflex = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)


def _without_values(record: logging.LogRecord) -> None:
    """Keep what happened and where; drop what was in it.

    The messages are built with f-strings, so the fixed part ends where a value, a colon or a
    bracket begins. Of an exception, its type and the places it passed are kept, not its words.
    """
    words = record.getMessage()
    end = _END_OF_TEMPLATE.search(words)
    message = words[: end.start()].rstrip() if end else words
    if record.exc_info and record.exc_info[0] is not None:
        frames = traceback.extract_tb(record.exc_info[2])[-_FRAMES_KEPT:]
        places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        message = f"{message} <{record.exc_info[0].__name__}> {places}"
    record.msg, record.args = message, ()
    record.exc_info, record.exc_text, record.stack_info = None, None, None


# Until ``configure_logging`` is called (scripts, tests): plain lines through the standard library.
# The default of structlog would print the values of local variables with every exception.
structlog.configure(
    processors=[
        *_COMMON,
        structlog.processors.format_exc_info,
        scrub_event,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    cache_logger_on_first_use=False,
)
