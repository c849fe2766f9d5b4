"""Traces for OpenTelemetry: what took how long, within what. Nothing is imported without a setting.

A span has ids, counts and codes, never a page's, a prompt's or a person's words; of a failure its
type or code, never its message.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.settings import Settings

log = get_logger(__name__)

Value = str | int | float | bool

EXPORT_SECONDS = 3
"""Longest wait for a collector, which a server that is being stopped waits for too."""

_api: Any = None
_tracer: Any = None
_provider: Any = None
_current: ContextVar[Any] = ContextVar("blossomer_span", default=None)


class Span:
    """Something that takes time; use it in a ``with``. Does nothing unless traces are on.

    Unlike the library's own it may be open while an asynchronous generator yields: such a
    generator may be closed in another context than the one that it began in.
    """

    __slots__ = ("_attributes", "_before", "_inner", "_kind", "_name", "_span")

    def __init__(
        self, name: str, kind: str, attributes: dict[str, Value], *, inner: bool = False
    ) -> None:
        self._name, self._kind, self._attributes = name, kind, attributes
        self._inner = inner
        self._span: Any = None
        self._before: Any = None

    def __enter__(self) -> Span:
        if _tracer is None:
            return self
        self._before = _current.get()
        if self._inner and self._before is None:
            return self
        # Without one of ours there is nothing around it, whatever the library believes.
        around = self._before if self._before is not None else _api.INVALID_SPAN
        self._span = _tracer.start_span(
            self._name,
            context=_api.set_span_in_context(around),
            kind=_api.SpanKind[self._kind.upper()],
            attributes=self._attributes,
        )
        _current.set(self._span)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._span is None:
            return
        _current.set(self._before)
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            self._span.set_attribute("cancelled", True)
        elif error is not None:
            self.fail(error.code if isinstance(error, UserError) else type(error).__name__)
        self._span.end()

    def set(self, **attributes: Value) -> None:
        """Say more about it."""
        if self._span is not None:
            self._span.set_attributes(attributes)

    def rename(self, name: str) -> None:
        """Give it the name that could not be known before."""
        if self._span is not None:
            self._span.update_name(name)

    def fail(self, code: str) -> None:
        """It came to nothing.

        Args:
            code: Why: a code or the type of an exception, no words.
        """
        if self._span is not None:
            self._span.set_attribute("error.type", code)
            self._span.set_status(_api.Status(_api.StatusCode.ERROR, code))


def span(name: str, *, kind: str = "internal", inner: bool = False, **attributes: Value) -> Span:
    """Something that takes time, within what is going on.

    Args:
        name: What, of few different ones.
        kind: ``internal``, ``server`` or ``client``.
        inner: Whether it is left out when nothing is going on around it.
        attributes: What is known of it; see the module.
    """
    return Span(name, kind, attributes, inner=inner)


def open_tracing(settings: Settings, version: str) -> None:
    """Send spans to ``OTEL_EXPORTER_OTLP_ENDPOINT`` from now on; without it nothing happens."""
    global _api, _tracer, _provider  # noqa: PLW0603 - one per process is the point
    if not settings.otel_exporter_otlp_endpoint or _tracer is not None:
        return
    # Some tenths of a second and some megabytes, which a server without traces need not spend.
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    exporter = OTLPSpanExporter(
        endpoint=f"{settings.otel_exporter_otlp_endpoint}/v1/traces",
        headers=_headers(settings),
        timeout=EXPORT_SECONDS,
    )
    resource = Resource.create({"service.name": "blossomer", "service.version": version})
    _provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _api = trace
    _tracer = _provider.get_tracer("blossomer", version)
    log.info("tracing.on")


async def close_tracing() -> None:
    """Send what waits, and send nothing from now on."""
    global _tracer, _provider
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        await asyncio.to_thread(provider.shutdown)


def _headers(settings: Settings) -> dict[str, str]:
    given = settings.otel_exporter_otlp_headers
    pairs = given.get_secret_value().split(",") if given else []
    return {
        name.strip(): value.strip()
        for name, separator, value in (pair.partition("=") for pair in pairs)
        if separator
    }
