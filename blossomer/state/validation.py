"""The gate in front of every event handler: sender and arguments are checked before all else.

Every public method of a state class can be called by any client with any payload, and Reflex does
not enforce annotations. A handler that is not behind this gate fails a test. What happens behind it
is timed, and logged under an id of its own.
"""

from __future__ import annotations

import copy
import functools
import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from pydantic import ConfigDict, TypeAdapter, ValidationError
from reflex.istate.proxy import MutableProxy, StateProxy
from reflex.utils.exceptions import ImmutableStateError

from blossomer import metrics
from blossomer.entities.base import well_formed
from blossomer.log import own_ids
from blossomer.services.runtime import get_runtime
from blossomer.tracing import span

log = structlog.get_logger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., Any])

NOT_UNDERSTOOD = "That request was not understood. Reload the page and try again."

GATED = "__arguments_validated__"
"""Attribute that marks a handler as gated; the tests look for it."""


def validated(handler: Handler) -> Handler:
    """Verify the sender, and validate the arguments by their annotations, strictly, before a call.

    Args:
        handler: A coroutine function or asynchronous generator whose first parameter is a state
            with a ``notice``. Every other parameter needs an annotation that bounds it, for
            example ``Annotated[str, Field(max_length=100)]`` or a Pydantic model.

    Returns:
        The handler behind the gate. Invalid arguments change nothing and show one message.

    Raises:
        TypeError: At import, when a parameter has no annotation or the handler is not async.
    """
    parameters = list(inspect.signature(handler, eval_str=True).parameters.values())[1:]
    for parameter in parameters:
        if parameter.annotation is parameter.empty:
            raise TypeError(f"{handler.__qualname__}: parameter {parameter.name} has no annotation")
    adapters = {p.name: _strict(p.annotation) for p in parameters}
    signature = inspect.signature(handler)

    def checked(state: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
        try:
            bound = signature.bind(state, *args, **kwargs)
            bound.apply_defaults()
            given = list(bound.arguments.items())[1:]
            return {name: adapters[name].validate_python(plain(value)) for name, value in given}
        except (TypeError, ValidationError) as error:
            reasons = (
                [e["type"] for e in error.errors()] if isinstance(error, ValidationError) else []
            )
            log.warning("event_refused", reasons=reasons or "arguments")
            metrics.EVENTS_REFUSED.labels("arguments").inc()
            return None

    async def let_in(state: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The arguments, or what to tell the page instead of running the handler."""
        if isinstance(state, StateProxy):
            # A background handler may change nothing yet; it verifies its sender by itself.
            return checked(state, args, kwargs)
        if (refusal := await _admission(state, handler.__name__)) is not None:
            return _Refused(refusal)
        if not _is_in_time(state):
            metrics.LIMITS_REFUSED.labels("user_events").inc()
            metrics.EVENTS_REFUSED.labels("too_many").inc()
            return _Refused(None)
        arguments = checked(state, args, kwargs)
        if arguments is None:
            with suppress(ImmutableStateError):
                state.notice = NOT_UNDERSTOOD
        return arguments

    @functools.wraps(handler)
    async def gated(self: Any, *args: Any, **kwargs: Any) -> Any:
        with _observed(self, handler):
            arguments = await let_in(self, args, kwargs)
            if not isinstance(arguments, dict):
                return arguments.answer if arguments else None
            try:
                return await handler(self, **arguments)
            finally:
                await _noted()

    @functools.wraps(handler)
    async def gated_generator(self: Any, *args: Any, **kwargs: Any) -> Any:
        with _observed(self, handler):
            arguments = await let_in(self, args, kwargs)
            if isinstance(arguments, _Refused):
                yield arguments.answer
            elif arguments is not None:
                async with aclosing(handler(self, **arguments)) as events:
                    async for event in events:
                        await _noted()
                        yield event

    if inspect.iscoroutinefunction(handler):
        gate: Any = gated
    elif inspect.isasyncgenfunction(handler):
        gate = gated_generator
    else:
        raise TypeError(f"{handler.__qualname__} must be asynchronous")
    setattr(gate, GATED, True)
    return gate  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Refused:
    answer: Any


@contextmanager
def _observed(state: Any, handler: Callable[..., Any]) -> Iterator[None]:
    """Time a handler, and give its lines in the log an id."""
    name = handler.__qualname__
    if isinstance(state, StateProxy):
        # In the background, for as long as a page is open: what it does is seen for itself.
        with own_ids(handler=name):
            yield
        return
    started = time.perf_counter()
    try:
        with own_ids(handler=name), span(f"event {name}", kind="server", handler=name):
            yield
    finally:
        metrics.EVENTS.labels(name).observe(time.perf_counter() - started)


def _is_in_time(state: Any) -> bool:
    """Whether a state that knows whose it is (``member.py``) takes one more event of theirs."""
    keeps_up = getattr(state, "_keeps_up", None)
    return keeps_up is None or keeps_up()


async def _noted() -> None:
    """Wait, before the page hears that its change is on the way, until others could carry it out.

    This worker may die at any moment.
    """
    if (workspace := get_runtime().workspace) is not None:
        await workspace.saver.noted()


async def _admission(state: Any, handler: str) -> Any:
    """Ask a state that knows whose it is (``member.py``) whether the sender may act on it."""
    admit = getattr(state, "_admit", None)
    return None if admit is None else await admit(handler)


def _strict(annotation: Any) -> TypeAdapter[Any]:
    """An adapter that does not turn one type into another; models bring their own configuration."""
    try:
        return TypeAdapter(annotation, config=ConfigDict(strict=True))
    except Exception as error:  # pydantic refuses a config for models: they carry one themselves
        if getattr(error, "code", "") != "type-adapter-config-unused":
            raise
        return TypeAdapter(annotation)


def plain(value: Any) -> Any:
    """A copy without the proxies in which Reflex hands over dictionaries, lists and dataclasses.

    Texts become well-formed: a browser may send halves of surrogate pairs, for which a whole edit
    would otherwise be refused.
    """
    if isinstance(value, MutableProxy):
        value = value.__wrapped__
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return copy.deepcopy(value)


def bare(value: Any) -> Any:
    """The value itself without its proxy, not copied: to be read, and never to be changed.

    For what is read at every edit and is too much to be copied each time.
    """
    return value.__wrapped__ if isinstance(value, MutableProxy) else value
