"""Stand-ins for language models, over real HTTP on loopback.

``FakeProviders`` is PyPI's llmock: the OpenAI, Anthropic and Gemini wire formats, able to fail in
every way. ``PacedModel`` is our own: it streams a given answer evenly over a given time, and knows
when each field of it ended. ``company_answer`` makes a valid answer for the company.

Runnable: ``python -m tests.support.fake_models --port 18080 --seconds 5 [--answer file.json]``
prints the base URL for OPENAI_BASE_URL and serves until it is stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import uvicorn
from llmock.journal import RequestRecord
from llmock.scenarios import Behavior, Delay, Fail, Match, Reply, SlowFirstToken, StreamFault
from llmock.testing import LLMockServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from blossomer.settings import Settings
from tests.support.fake_answers import answer_for_schema, pages_of_prompt, schema_of_prompt

MODELS = {
    "openai": "openai/gpt-4.1-mini",
    "anthropic": "anthropic/claude-sonnet-4-5",
    "gemini": "gemini/gemini-2.5-flash",
}
KEY = "sk-test-not-a-real-key"

_NO_MODELS: dict[str, Any] = {
    "llm_models": "",
    "openai_api_key": None,
    "openai_base_url": "",
    "anthropic_api_key": None,
    "anthropic_base_url": "",
    "gemini_api_key": None,
    "gemini_base_url": "",
}


def model_settings(**overrides: Any) -> Settings:
    """Settings with no model but the given ones, whatever this machine's environment says."""
    return Settings(_env_file=None, **{**_NO_MODELS, **overrides})  # type: ignore[call-arg]


class FakeProviders:
    """OpenAI, Anthropic and Gemini on one loopback port. A context manager.

    Behaviours are consumed in order by the requests of their provider; ``times=None`` stays.
    """

    def __init__(self) -> None:
        self._server = LLMockServer()

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        # It would wait for responses it still holds back, whose clients are long gone.
        running = self._server._server
        if running is not None:
            running.force_exit = True  # type: ignore[unreachable]
        self._server.stop()

    def base_url(self, provider: str) -> str:
        """The address for ``OPENAI_BASE_URL`` and its siblings."""
        return self._server.base_url(provider) + ("/v1beta" if provider == "gemini" else "")

    def settings(self, *providers: str, **overrides: Any) -> Settings:
        """Settings that ask the given providers here, in the given order."""
        values: dict[str, Any] = {"llm_models": ",".join(MODELS[name] for name in providers)}
        for name in providers:
            values[f"{name}_api_key"] = KEY
            values[f"{name}_base_url"] = self.base_url(name)
        return model_settings(**{**values, **overrides})

    def reset(self) -> None:
        """Forget requests and behaviours."""
        self._server.state.reset()

    def add(self, *behaviors: Behavior) -> None:
        """Queue behaviours of llmock as they are."""
        self._server.state.scenarios.add(*behaviors)

    def reply(self, provider: str, text: str, *, times: int | None = None, **rest: Any) -> None:
        """Answer with this text."""
        self.add(Reply(text=text, times=times, match=Match(provider=provider), **rest))

    def fail(
        self,
        provider: str,
        status: int,
        *,
        retry_after: float | None = None,
        times: int | None = None,
    ) -> None:
        """Answer with an HTTP error."""
        self.add(Fail(status, retry_after, times=times, match=Match(provider=provider)))

    def delay(self, provider: str, seconds: float, *, times: int | None = None) -> None:
        """Hold back the whole response, headers included."""
        self.add(Delay(seconds, times=times, match=Match(provider=provider)))

    def slow_first_token(self, provider: str, seconds: float, *, times: int | None = None) -> None:
        """Send the headers, then wait before the first chunk."""
        self.add(SlowFirstToken(seconds, times=times, match=Match(provider=provider)))

    def fault(
        self,
        provider: str,
        kind: str,
        *,
        after_chunks: int = 4,
        stall_seconds: float = 30.0,
        times: int | None = None,
    ) -> None:
        """Break the stream: ``disconnect``, ``truncate``, ``stall`` or ``malformed``."""
        self.add(
            StreamFault(
                kind,  # type: ignore[arg-type]
                after_chunks=after_chunks,
                stall_seconds=stall_seconds,
                times=times,
                match=Match(provider=provider),
            )
        )

    def requests(self, provider: str | None = None) -> list[RequestRecord]:
        """Requests so far, in order; waits up to 2 s for those still being served."""
        records = self._server.state.journal.records(wait=2.0)
        return [record for record in records if provider in (None, record.provider)]

    @property
    def in_flight(self) -> int:
        """Requests being served right now."""
        return int(self._server.state.journal.in_flight)


@dataclass
class PacedRecord:
    """What happened with one request. Times are ``time.time()``.

    Args:
        started_at: The request had been read.
        field_ended_at: Top-level field to the time at which its last character had been sent.
        ended_at: The response was over; None while it runs.
        finished: False while it runs and when the client went away before the end.
        prompt: The user's message.
    """

    started_at: float
    field_ended_at: dict[str, float] = field(default_factory=dict)
    ended_at: float | None = None
    finished: bool = False
    prompt: str = ""


Answer = str | Callable[[Mapping[str, Any]], str]


Pace = float | Callable[[str], float]


class PacedModel:
    """A model that writes a given answer evenly over a given time, in OpenAI's wire format.

    A context manager; any number of requests at once, each at its own pace. ``GET /records``
    gives the records as JSON to other processes.

    Args:
        answer: The JSON text, or a function of the request's body that makes it.
        seconds: From the request to the last character; or a function of the answer that gives it.
        pieces_per_second: Chunks a second; real models send 30 to 100.
        port: 0 takes a free one.
    """

    def __init__(
        self, answer: Answer, seconds: Pace, *, pieces_per_second: float = 40, port: int = 0
    ) -> None:
        self.answer = answer
        self.seconds = seconds
        self.pieces_per_second = pieces_per_second
        self.records: list[PacedRecord] = []
        self._port = port
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """The address for ``OPENAI_BASE_URL``."""
        return f"http://127.0.0.1:{self._port}/v1"

    def settings(self, **overrides: Any) -> Settings:
        """Settings that ask this model alone."""
        values = {"openai_base_url": self.base_url, "openai_model": "openai/paced"}
        return model_settings(**{**values, **overrides})

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", self._port))
        self._port = self._socket.getsockname()[1]
        app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/records", self._records, methods=["GET"]),
            ]
        )
        config = uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        return self  # the socket listens already: early requests wait in its queue

    def __exit__(self, *_: object) -> None:
        if self._server and self._thread and self._socket:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(timeout=5)
            self._socket.close()

    def wait(self) -> None:
        """Serve until the process is told to stop."""
        assert self._thread is not None
        self._thread.join()

    def _seconds_for(self, text: str) -> float:
        return self.seconds(text) if callable(self.seconds) else self.seconds

    async def _records(self, request: Request) -> Response:
        return JSONResponse([asdict(record) for record in self.records])

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        prompt = str(body["messages"][-1]["content"])
        text = self.answer if isinstance(self.answer, str) else self.answer(body)
        record = PacedRecord(time.time(), prompt=prompt)
        self.records.append(record)
        asked = sum(len(str(message["content"])) for message in body["messages"])
        usage = {"prompt_tokens": asked // 4 + 1, "completion_tokens": len(text) // 4 + 1}
        usage["total_tokens"] = sum(usage.values())
        if body.get("stream"):
            pieces = self._stream(text, str(body["model"]), usage, record)
            return StreamingResponse(pieces, media_type="text/event-stream")
        await asyncio.sleep(self._seconds_for(text))
        record.ended_at, record.finished = time.time(), True
        record.field_ended_at = dict.fromkeys(field_ends(text), record.ended_at)
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return JSONResponse(_envelope("chat.completion", body["model"], [choice], usage))

    async def _stream(
        self, text: str, model: str, usage: dict[str, int], record: PacedRecord
    ) -> AsyncIterator[bytes]:
        ends = list(field_ends(text).items())
        seconds = self._seconds_for(text)
        steps = max(1, round(seconds * self.pieces_per_second))
        began = time.monotonic()
        sent = 0
        try:
            yield _event(model, {"role": "assistant", "content": ""})
            for step in range(1, steps + 1):
                # By the clock rather than by equal sleeps, so that a busy machine does not slow it.
                await asyncio.sleep(max(0.0, began + seconds * step / steps - time.monotonic()))
                upto = len(text) * step // steps
                if upto > sent:
                    yield _event(model, {"content": text[sent:upto]})
                    sent = upto
                while ends and ends[0][1] <= sent:
                    record.field_ended_at[ends.pop(0)[0]] = time.time()
            yield _event(model, {}, "stop")
            yield _sse(_envelope("chat.completion.chunk", model, [], usage))
            record.finished = True
            yield b"data: [DONE]\n\n"
        finally:
            record.ended_at = time.time()


def _envelope(
    kind: str, model: str, choices: list[dict[str, Any]], usage: dict[str, int] | None
) -> dict[str, Any]:
    created = int(time.time())
    head = {"id": f"paced-{created}", "object": kind, "created": created, "model": model}
    return {**head, "choices": choices, "usage": usage}


def _event(model: str, delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _sse(_envelope("chat.completion.chunk", model, [choice], None))


def _sse(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def field_ends(text: str) -> dict[str, int]:
    """Where each top-level field of a JSON object ends, as an offset in its text, in order."""
    decoder = json.JSONDecoder()
    ends: dict[str, int] = {}
    position = text.find("{") + 1
    while (
        key := re.compile(r'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*').match(text, position)
    ) is not None:
        _, position = decoder.raw_decode(text, key.end())
        ends[json.loads(key.group(1))] = position
    return ends


_CARDS: dict[str, Sequence[tuple[str, str]]] = {
    "business_profile_insights": (
        ("Category", "Workflow software for specialised teams"),
        ("Business Model", "Sells subscriptions to companies, by seat and by year"),
        ("Existing Customers", "Teams named on the website use it every day"),
    ),
    "capabilities": (
        ("Shared workspace", "Keeps every step of the work in one place"),
        ("Automatic checks", "Finds mistakes before they reach a customer"),
        ("Open interfaces", "Connects to the systems a team already has"),
        ("Reports", "Shows what was done, by whom, and when"),
    ),
    "positioning_insights": (
        ("Key Market Belief", "Teams lose time to tools that were made for someone else"),
        ("Unique Approach", "Starts from the daily work instead of from a data model"),
        ("Language Used", "Plain words of the trade, few superlatives"),
    ),
    "use_case_analysis_insights": (
        ("Process Impact", "Handing work over takes minutes instead of days"),
        ("Problems Addressed", "Duplicate entry, lost requests, late reports"),
        ("Current State", "Spreadsheets and e-mail, kept together by hand"),
    ),
    "target_customer_insights": (
        ("Target Accounts", "Companies of 50 to 500 people with several locations"),
        ("Key Personas", "Heads of operations, and the team leads who work with it"),
    ),
    "objections": (
        ("Effort of change", "Moving the present data takes attention from the daily work"),
        ("Cost", "Another subscription has to replace something"),
        ("Fit", "A process that is unusual may need configuration"),
    ),
}


def company_answer(
    pages: Mapping[str, str], *, name: str = "Acme", url: str = "https://acme.example"
) -> dict[str, Any]:
    """A full and valid answer for the company, in the order a model is asked to write it.

    Every card has items; as far as the pages go, each item has a sentence of one of them as its
    evidence, copied exactly.

    Args:
        pages: Page URL to visible text.
        name: The company's name.
        url: The website as entered.
    """
    quotes = [
        (page, sentence)
        for page, text in pages.items()
        for line in text.splitlines()
        for sentence in re.findall(r"[^.!?]{25,240}[.!?]", line.lstrip("#-*• \t"))
    ]
    answer: dict[str, Any] = {
        "company_name": name,
        "company_url": url,
        "description": f"{name} makes software for teams. It keeps their work in one place.",
    }
    evidence = []
    for key, items in _CARDS.items():
        answer[key] = [f"{title}: {sentence}." for title, sentence in items]
        for text in answer[key]:
            if quotes:
                page, quote = quotes[len(evidence) % len(quotes)]
                evidence.append(
                    {"field": key, "text": text, "quote": quote.strip(), "page_url": page}
                )
    answer["confidence"] = dict.fromkeys(_CARDS, "high" if quotes else "medium")
    answer["assumptions"] = ["Prices are assumed to be by seat, since the site names none."]
    answer["discovery_gaps"] = ["How long does it take a new team to start?"]
    answer["evidence"] = evidence
    return answer


def answer_from_prompt(body: Mapping[str, Any]) -> str:
    """A valid answer to whatever a prompt asks for, as a paced answer.

    Its quotes stand in the website text of the prompt.
    """
    # Not the last one: a request to mend an answer has no schema of its own.
    prompt = next(str(m["content"]) for m in body["messages"] if m.get("role", "user") == "user")
    schema = schema_of_prompt(prompt)
    texts = pages_of_prompt(prompt)
    # A persona has objections too, and is told of its company.
    is_company = next(iter(schema["properties"])) in _CARDS and "[[BEGIN company " not in prompt
    if is_company or "company_url" in schema["properties"]:
        exact = re.search(r"^Exactly: (\S+)$", prompt, re.M)
        website = exact.group(1) if exact else next(iter(texts), "https://acme.example")
        return json.dumps(company_answer(texts, url=website), ensure_ascii=False)
    return json.dumps(answer_for_schema(schema, texts), ensure_ascii=False)


def main() -> None:
    """Serve a paced model until stopped."""
    parser = argparse.ArgumentParser(description="A fake model in OpenAI's wire format.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seconds", type=float, default=5.0, help="time of one answer")
    parser.add_argument("--answer", type=Path, help="JSON file; default: made from the prompt")
    options = parser.parse_args()
    answer: Answer = options.answer.read_text("utf-8") if options.answer else answer_from_prompt
    with PacedModel(answer, options.seconds, port=options.port) as model:
        print(model.base_url, flush=True)  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            model.wait()


if __name__ == "__main__":
    main()
