"""Logging: readable lines in development, JSON in production, and never a secret or page text.

Code logs an event name and facts: ``log.info("generation.completed", seconds=4.2)``. Whose work it
is and in which request (their ids) is bound once in a context variable and appears on every line.

Of an exception the log has the type and the way it took, and its words only where those come from
the system or from Python itself: other words may quote what was being worked on.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any, cast
from uuid import uuid4

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
_QUOTING_LOGGERS = re.compile(r"^(reflex|socketio|engineio|asyncio)")
"""Libraries whose messages are put together from what was being worked on."""
_END_OF_TEMPLATE = re.compile(r"[:({\['\"]|(?<=received )")
_FRAMES_KEPT = 12
_OWN_WORDS = (OSError, ImportError, NameError, AttributeError, TypeError, ArithmeticError)
"""Exceptions whose words name files, modules and types, and no values."""
_MOST_OF_A_GROUP = 5
_LONGEST_CODE = 60
_IDS = "_log_ids"
_OURS = __name__.partition(".")[0]


def get_logger(name: str) -> FilteringBoundLogger:
    """The logger of a module.

    Args:
        name: ``__name__`` of the module.
    """
    return cast(FilteringBoundLogger, structlog.stdlib.get_logger(name))


def bind_request(request_id: str) -> Callable[[], None]:
    """Put a request id on every line logged from here on in this task, and nobody's yet.

    Returns:
        A function that takes it off again, and with it whatever the request has bound: a task may
        serve the next one of another user.
    """
    before = structlog.contextvars.get_contextvars()
    _set_ids({"request_id": request_id})
    return lambda: _set_ids(before)


def bind_user(user_id: str) -> None:
    """Put the id of a verified user on every line from here on, as long as what is going on lasts.

    Args:
        user_id: An empty one, of a visitor, takes an earlier one off.
    """
    if user_id:
        structlog.contextvars.bind_contextvars(user_id=user_id)
    else:
        structlog.contextvars.unbind_contextvars("user_id")


@contextmanager
def own_ids(**ids: str) -> Iterator[None]:
    """Begin something of its own, such as an event: a new request id, and nobody's yet.

    What is raised inside carries the ids with it (``ids_of``), to whoever logs it outside.

    Args:
        ids: What else it is known by; one named ``request_id`` is used instead of a new one.
    """
    before = structlog.contextvars.get_contextvars()
    _set_ids({"request_id": uuid4().hex, **ids})
    try:
        yield
    except Exception as error:
        with suppress(AttributeError):
            setattr(error, _IDS, structlog.contextvars.get_contextvars())
        raise
    finally:
        _set_ids(before)


@contextmanager
def no_ids() -> Iterator[None]:
    """Forget whose work it is while the block lasts."""
    before = structlog.contextvars.get_contextvars()
    _set_ids({})
    try:
        yield
    finally:
        _set_ids(before)


def ids_of(error: BaseException) -> dict[str, Any]:
    """Whose work failed and in which request, when it was raised inside of ``own_ids``."""
    return dict(getattr(error, _IDS, {}))


def begin_background(**ids: str) -> None:
    """Say what a task of its own does; it forgets the request that happened to start it.

    Args:
        ids: For example ``user_id`` and ``run_id``.
    """
    _set_ids({name: value for name, value in ids.items() if value})


def _set_ids(ids: dict[str, Any]) -> None:
    # Set and not reset with tokens: a generator may be closed in another context.
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**ids)


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
    # Exceptions are turned to text before the scrubbing, which knows texts only.
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_COMMON,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            format_exception,
            scrub_event,
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    level = logging.getLevelNamesMapping()[settings.log_level]
    # What libraries say below a warning quotes prompts, rows and messages; it is for their authors.
    root.setLevel(max(logging.WARNING, level))
    logging.getLogger(_OURS).setLevel(level)
    install_record_scrubbing()
    structlog.configure(
        processors=[*_COMMON, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def format_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Turn an exception to text without the words that may quote (a structlog processor)."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = exception_text(error)
    return event


def exception_text(error: BaseException) -> str:
    """The way an exception took and what it is, and what it came from.

    The lines of the source stand there; the exception's words only if they are of Python itself.
    """
    parts: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = "".join(traceback.format_tb(link.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{_named(link)}")
        if isinstance(link, BaseExceptionGroup):
            parts.extend(exception_text(each) for each in link.exceptions[:_MOST_OF_A_GROUP])
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n\nwhich came from:\n\n".join(parts)


def _named(error: BaseException) -> str:
    kind = type(error)
    is_builtin = kind.__module__ == "builtins"
    name = kind.__qualname__ if is_builtin else f"{kind.__module__}.{kind.__qualname__}"
    code = getattr(error, "code", None) or getattr(error, "sqlstate", None)
    if isinstance(code, str | int):
        name = f"{name} [{str(code)[:_LONGEST_CODE]}]"
    if is_builtin and isinstance(error, _OWN_WORDS):
        return f"{name}: {error}"
    return name


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
        if _QUOTING_LOGGERS.match(record.name or "") and record.levelno != logging.INFO:
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
        format_exception,
        scrub_event,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    cache_logger_on_first_use=False,
)
