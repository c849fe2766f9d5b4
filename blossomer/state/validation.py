"""The gate in front of every event handler: arguments are validated before anything happens.

Every public method of a state class can be called by any client with any payload, and Reflex does
not enforce annotations. A handler that is not behind this gate fails a test.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from pydantic import ConfigDict, TypeAdapter, ValidationError
from reflex.istate.proxy import MutableProxy
from reflex.utils.exceptions import ImmutableStateError

log = structlog.get_logger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., Any])

NOT_UNDERSTOOD = "That request was not understood. Reload the page and try again."

GATED = "__arguments_validated__"
"""Attribute that marks a handler as gated; the tests look for it."""


def validated(handler: Handler) -> Handler:
    """Validate a handler's arguments by its annotations, strictly, before calling it.

    Args:
        handler: A coroutine function whose first parameter is a state with a ``notice``. Every
            other parameter needs an annotation that bounds it, for example
            ``Annotated[str, Field(max_length=100)]`` or a Pydantic model.

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
            log.warning(
                "event_refused", handler=handler.__qualname__, reasons=reasons or "arguments"
            )
            return None

    if not inspect.iscoroutinefunction(handler):
        raise TypeError(f"{handler.__qualname__} must be asynchronous")

    @functools.wraps(handler)
    async def gated(self: Any, *args: Any, **kwargs: Any) -> Any:
        arguments = checked(self, args, kwargs)
        if arguments is None:
            with suppress(ImmutableStateError):  # a background handler has nobody to tell
                self.notice = NOT_UNDERSTOOD
            return None
        return await handler(self, **arguments)

    setattr(gated, GATED, True)
    return gated  # type: ignore[return-value]


def _strict(annotation: Any) -> TypeAdapter[Any]:
    """An adapter that does not turn one type into another; models bring their own configuration."""
    try:
        return TypeAdapter(annotation, config=ConfigDict(strict=True))
    except Exception as error:  # pydantic refuses a config for models: they carry one themselves
        if getattr(error, "code", "") != "type-adapter-config-unused":
            raise
        return TypeAdapter(annotation)


def plain(value: Any) -> Any:
    """A copy without the proxies in which Reflex hands over dictionaries, lists and dataclasses."""
    if isinstance(value, MutableProxy):
        value = value.__wrapped__
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return copy.deepcopy(value)
