"""Traces: what took how long within what, received by a collector over HTTP; and never a word."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import reflex as rx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer import tracing
from blossomer.api.app import create_api
from blossomer.api.middleware import wrap
from blossomer.db.store import DatabaseStore
from blossomer.errors import UserError
from blossomer.services.events import GenerationRequest, Partial
from blossomer.services.runtime import build_runtime, set_runtime
from blossomer.settings import Settings
from blossomer.state.account import AccountState
from blossomer.tracing import span
from tests.support.documents import CONFIG, company_document
from tests.support.fake_models import PacedModel, answer_from_prompt, model_settings
from tests.support.fixture_site import FixtureSite

MARK = "Only the page says this"
GENERATE = "/demo/companies/generate-ai"


class Collector:
    """An OpenTelemetry collector on loopback that keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                collector.headers.append({k.lower(): v for k, v in self.headers.items()})
                collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def spans(self) -> list[Span]:
        """Everything that has come, in the order of its beginning."""
        found = []
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    found += scope.spans
        return sorted(found, key=lambda each: each.start_time_unix_nano)


def attributes(one: Span) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, str(pair.value.WhichOneof("value")))
        for pair in one.attributes
    }


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
async def traced(collector: Collector) -> AsyncIterator[Collector]:
    """Traces are on; what waits is sent when ``close_tracing`` is called."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        otel_exporter_otlp_endpoint=collector.url,
        otel_exporter_otlp_headers="x-key=secret-1, x-team = blossomer",  # type: ignore[arg-type]
    )
    tracing.open_tracing(settings, "1.2.3")
    yield collector
    await tracing.close_tracing()


def tree(spans: list[Span]) -> dict[str, set[str]]:
    """Names of spans to the names of what they are directly within."""
    names = {each.span_id: each.name for each in spans}
    found: dict[str, set[str]] = {}
    for each in spans:
        found.setdefault(each.name, set()).add(names.get(each.parent_span_id, ""))
    return found


async def test_a_request_is_seen_with_its_stages_pages_and_attempts(
    traced: Collector, tmp_path: Any
) -> None:
    import httpx

    with FixtureSite() as site, PacedModel(answer_from_prompt, 0.05) as model:
        settings = model.settings(
            fetch_allow_hosts=site.host_port, website_cache_hours=0, openai_api_key="sk-secret-2"
        )
        set_runtime(build_runtime(settings))
        app = wrap(create_api(settings), settings=settings, pages=tmp_path)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            body = {"website_url": site.base_url, "user_inputted_context": MARK}
            answer = await client.post(GENERATE, json=body)
            assert answer.status_code == 200, answer.text
            await client.post(GENERATE, json={"pasted_text": f"{MARK}."})
        set_runtime(None)
    await tracing.close_tracing()
    spans = traced.spans()
    assert tree(spans) == {
        f"POST {GENERATE}": {""},
        "generation": {f"POST {GENERATE}"},
        "generation read": {"generation"},
        "website page": {"generation read"},
        "generation write": {"generation"},
        "model attempt": {"generation write"},
        "generation verify": {"generation"},
    }
    assert len({each.trace_id for each in spans}) == 2
    (attempt,) = [attributes(each) for each in spans if each.name == "model attempt"]
    assert attempt["model"] == "openai/paced"
    assert attempt["output_tokens"] > 0
    requests = [each for each in spans if each.name.startswith("POST")]
    assert [attributes(each)["status"] for each in requests] == [200, 422]
    assert attributes(requests[0])["request_id"] == answer.headers["x-request-id"]
    failed = [each for each in spans if each.name == "generation"][1]
    assert attributes(failed)["error.type"] == "pasted_text_too_short"
    assert failed.status.code == 2
    sent = b"".join(traced.bodies)
    for secret in (MARK, "Quayline", "sk-secret-2", "127.0.0.1:1"):
        assert secret.encode() not in sent, secret
    assert traced.headers[0]["x-key"] == "secret-1"
    assert traced.headers[0]["x-team"] == "blossomer"


async def test_transactions_are_seen_within_what_needs_them_and_not_by_themselves(
    traced: Collector, store: DatabaseStore, engine: AsyncEngine
) -> None:
    del engine
    await store.listed(CONFIG)
    with span("event Page.load", kind="server"):
        await store.create(CONFIG, company_document(MARK))
    await tracing.close_tracing()
    spans = traced.spans()
    assert tree(spans)["database transaction"] == {"event Page.load"}
    assert MARK.encode() not in b"".join(traced.bodies)


async def test_an_event_of_a_page_is_seen_by_its_handler(traced: Collector) -> None:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    set_runtime(build_runtime(model_settings()))
    await AccountState.tell_failure.fn(await root.get_state(AccountState), reference="abc")
    set_runtime(None)
    await tracing.close_tracing()
    (one,) = traced.spans()
    assert one.name == "event MemberMixin.tell_failure"
    assert one.kind == Span.SpanKind.SPAN_KIND_SERVER


async def test_a_failure_has_its_kind_and_not_its_words(traced: Collector) -> None:
    for error in (ValueError(MARK), UserError("not_found", MARK, MARK), asyncio.CancelledError()):
        with pytest.raises(type(error)), span("work"):
            raise error
    await tracing.close_tracing()
    told = [attributes(each) for each in traced.spans()]
    assert told == [{"error.type": "ValueError"}, {"error.type": "not_found"}, {"cancelled": True}]
    assert MARK.encode() not in b"".join(traced.bodies)


async def test_a_generation_that_is_given_up_is_seen_as_that_and_leaves_nothing_behind(
    traced: Collector,
) -> None:
    with PacedModel(answer_from_prompt, 60) as model:
        runtime = build_runtime(model.settings(openai_api_key="k"))
        text = "Quayline plans berths for container terminals before the ships arrive. " * 9
        request = GenerationRequest("company", {"pasted_text": text})
        async with aclosing(runtime.generate(request, key="anonymous:x")) as events:
            async for event in events:
                if isinstance(event, Partial):
                    break
    with span("afterwards"):
        pass
    await tracing.close_tracing()
    spans = {each.name: each for each in traced.spans()}
    assert attributes(spans["generation"])["cancelled"] is True
    assert spans["afterwards"].parent_span_id == b""


async def test_a_collector_that_is_away_disturbs_nothing(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "EXPORT_SECONDS", 0.3)
    collector.close()
    settings = model_settings(otel_exporter_otlp_endpoint=collector.url)
    tracing.open_tracing(settings, "1")
    with span("work"):
        pass
    async with asyncio.timeout(20):
        await tracing.close_tracing()


def test_without_the_setting_nothing_of_it_is_imported() -> None:
    code = (
        "import sys\n"
        "from blossomer import tracing\n"
        "from blossomer.settings import Settings\n"
        "from blossomer.services.runtime import build_runtime\n"
        "settings = Settings(_env_file=None)\n"
        "build_runtime(settings)\n"
        "tracing.open_tracing(settings, '1')\n"
        "with tracing.span('work') as spanned: spanned.set(a=1); spanned.fail('x')\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
