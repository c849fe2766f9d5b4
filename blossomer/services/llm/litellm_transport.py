"""One streamed request through LiteLLM: text pieces out, or one ``AttemptFailed``.

Carries only. It has no deadlines, no retries and no opinion about the answer; LiteLLM's own
retries are off, since it has no total deadline and reports cut streams as normal ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from blossomer.services.llm.failures import AttemptFailed, Cause
from blossomer.services.llm.merged_events import merge_events
from blossomer.services.llm.providers import Endpoint

TEMPERATURE = 0.2
"""Low: the answer reports what a site says. Not 0, at which some models repeat themselves."""

_NO_CREDIT = ("insufficient_quota", "credit balance is too low", "billing_hard_limit")
_FIRST_REQUEST_IMPORTS = (
    "openai.resources.chat.completions",
    "httpcore",
    "anyio._backends._asyncio",
    "litellm.litellm_core_utils.default_encoding",
)
"""What the first request would import in the event loop, a second of everyone's time."""

_loaded: Any = None
_client: Any = None
"""LiteLLM's HTTP client with ``merge_events`` in it. OpenAI's library gets it as the session of all
its clients, Anthropic's requests as an argument; Gemini sends few and large events anyway."""
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of an answer.

    Args:
        text: What is new; may be empty.
        alive: The model is at work: it wrote text, or is thinking. Keep-alive chunks are not.
        finish_reason: ``"length"`` when the model ran out of room; LiteLLM's ``"stop"`` means
            nothing, since it is also made up for streams that were cut.
        usage: (input tokens, output tokens) when the provider reported them.
    """

    text: str = ""
    alive: bool = False
    finish_reason: str | None = None
    usage: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent.

    Args:
        endpoint: To whom.
        messages: (role, content) in order.
        answer_schema: JSON schema of the answer.
        max_tokens: Most tokens of the answer.
        timeout: Seconds; only a second line behind the caller's own deadlines. Keep it constant:
            LiteLLM keeps one connection pool for each value.
    """

    endpoint: Endpoint
    messages: Sequence[tuple[str, str]]
    answer_schema: dict[str, Any]
    max_tokens: int
    timeout: float


async def load() -> Any:
    """Import LiteLLM once, in a thread: it takes seconds, and the event loop must go on."""
    if _loaded is None:
        await asyncio.to_thread(_load)
    return _loaded


def _load() -> None:
    global _loaded, _client  # noqa: PLW0603  a module imported late is a global by nature
    with _loading:
        if _loaded is not None:
            return
        # Without these it fetches a price list from the network and reads a .env file of its own.
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
        litellm: Any = importlib.import_module("litellm")
        litellm.telemetry = False
        litellm.callbacks = []
        litellm.success_callback = []
        litellm.failure_callback = []
        litellm.suppress_debug_info = True
        litellm.turn_off_message_logging = True
        litellm.disable_streaming_logging = True
        # It would load a tokenizer in the event loop; estimates are made by the caller.
        litellm.disable_token_counter = True
        # Plain httpx closes the connection at once when a stream is given up.
        litellm.disable_aiohttp_transport = True
        # Made by LiteLLM itself, so that proxies and certificates are handled as everywhere.
        http = importlib.import_module("litellm.llms.custom_httpx.http_handler")
        _client = http.AsyncHTTPHandler(event_hooks={"response": [merge_events]})
        litellm.aclient_session = _client.client
        # Its log lines quote prompts and providers' messages.
        for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
            logger = logging.getLogger(name)
            logger.setLevel(logging.CRITICAL + 1)
            logger.propagate = False
        for module in _FIRST_REQUEST_IMPORTS:
            with contextlib.suppress(ImportError):  # an inner name that has moved costs only time
                importlib.import_module(module)
        _loaded = litellm


async def stream_pieces(call: Call) -> AsyncGenerator[Piece, None]:
    """Send the request and yield the answer as it comes.

    Close the iterator (or cancel the task) to end the request at once.

    Raises:
        AttemptFailed: When the provider cannot be reached, refuses, or the stream breaks.
    """
    litellm = await load()
    stream: Any = None
    began = False
    try:
        stream = await litellm.acompletion(**_arguments(litellm, call))
        async for chunk in stream:
            piece = _piece(chunk)
            began = began or piece.alive
            yield piece
            if piece.finish_reason is not None and (usage := await _reported_usage(stream)):
                # The provider's stream has ended. Asked once more, LiteLLM would put the whole
                # answer together again and add up its price, only to say what was used.
                yield Piece(usage=usage)
                break
    except AttemptFailed:
        raise
    except Exception as error:
        raise _failure(error, began=began) from None
    finally:
        if stream is not None:
            await stream.aclose()


def price(litellm: Any, model: str, input_tokens: int, output_tokens: int) -> float | None:
    """Price in US dollars by LiteLLM's local list; None for a model that is not in it."""
    try:
        costs = litellm.cost_per_token(
            model=model, prompt_tokens=input_tokens, completion_tokens=output_tokens
        )
    except Exception:  # it raises different things for different unknown models
        return None
    return float(costs[0]) + float(costs[1])


def _arguments(litellm: Any, call: Call) -> dict[str, Any]:
    endpoint = call.endpoint
    arguments: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": role, "content": content} for role, content in call.messages],
        "api_key": endpoint.api_key.get_secret_value() if endpoint.api_key else None,
        "api_base": endpoint.base_url,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": TEMPERATURE,
        "max_tokens": call.max_tokens,
        "timeout": call.timeout,
        "num_retries": 0,
        "max_retries": 0,
        # Some models know no temperature; that is no reason to fail.
        "drop_params": True,
    }
    if endpoint.provider == "anthropic":
        arguments["client"] = _client
    local = endpoint.provider in ("ollama", "ollama_chat")
    if local or litellm.supports_response_schema(model=endpoint.model):
        arguments["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": call.answer_schema, "strict": False},
        }
    if local:
        # Its default window is a few thousand tokens, and it cuts longer prompts silently.
        # 3 characters a token is on the safe side for European languages.
        characters = sum(len(content) for _, content in call.messages)
        arguments["num_ctx"] = characters // 3 + call.max_tokens
    elif endpoint.provider in ("openai", "gemini") and litellm.supports_reasoning(
        model=endpoint.model
    ):
        # Thinking counts as output and delays the first word; the task is reading, not reasoning.
        arguments["reasoning_effort"] = "low"
    return arguments


async def _reported_usage(stream: Any) -> tuple[int, int] | None:
    """What a provider has reported by the end of its answer, which LiteLLM keeps back.

    Some report all of it at the end, some the input first and the output later, some both again
    and again; the largest counts are the whole ones. OpenAI's format reports after the end.
    """
    chunks = [*stream.chunks]
    if stream.custom_llm_provider == "openai":
        with contextlib.suppress(Exception):  # the answer is complete, whatever comes now
            chunks += [chunk async for chunk in stream.completion_stream]
    counts = list(filter(None, map(_counts, chunks)))
    used = max((used for used, _ in counts), default=0)
    return (used, max(written for _, written in counts)) if used else None


def _counts(chunk: Any) -> tuple[int, int] | None:
    usage = getattr(chunk, "usage", None)
    if usage is None:
        return None
    return int(usage.prompt_tokens or 0), int(usage.completion_tokens or 0)


def _piece(chunk: Any) -> Piece:
    counts = _counts(chunk)
    usage = counts if counts and counts[0] else None
    if not chunk.choices:
        return Piece(usage=usage)
    choice = chunk.choices[0]
    text = choice.delta.content or ""
    thinking = getattr(choice.delta, "reasoning_content", None)
    return Piece(text, bool(text or thinking), choice.finish_reason, usage)


def _failure(error: Exception, *, began: bool) -> AttemptFailed:
    """Find the cause in the chain of exceptions; LiteLLM's outermost class often hides it."""
    status: int | None = None
    retry_after: float | None = None
    words = ""
    transport: httpx.TransportError | None = None
    for link in _chain(error):
        if isinstance(link, httpx.TransportError):
            transport = transport or link
        if status is None and isinstance(getattr(link, "status_code", None), int):
            status = int(link.status_code)  # type: ignore[attr-defined]
        if retry_after is None:
            retry_after = _retry_after(link)
        words = words or str(link).lower()
    detail = type(transport or error).__name__
    if transport is not None:
        return AttemptFailed(_transport_cause(transport), detail=detail)
    cause = _status_cause(status, words, began=began)
    return AttemptFailed(cause, status=status, retry_after=retry_after, detail=detail)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [getattr(link, "original_exception", None), link.__cause__, link.__context__]


def _transport_cause(error: httpx.TransportError) -> Cause:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return "unreachable"
    return "timeout" if isinstance(error, httpx.TimeoutException) else "cut_stream"


def _status_cause(status: int | None, words: str, *, began: bool) -> Cause:
    if any(sign in words for sign in _NO_CREDIT) or status == 402:
        return "no_credit"
    if status in (401, 403) or "api key not valid" in words:
        return "invalid_key"
    if status == 404:
        return "unknown_model"
    if status == 429:
        return "rate_limited"
    if status == 408:
        return "timeout"
    if status is not None and 400 <= status < 500:
        return "refused"
    return "cut_stream" if began else "server_error"


def _retry_after(error: BaseException) -> float | None:
    for source in (
        getattr(error, "litellm_response_headers", None),
        getattr(getattr(error, "response", None), "headers", None),
        getattr(error, "headers", None),
    ):
        value = source.get("retry-after") if isinstance(source, Mapping) else None
        if value is not None:
            try:
                return max(0.0, float(value))
            except ValueError:  # a date: rare among model providers, and the breaker copes
                continue
    return None
