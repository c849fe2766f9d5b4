"""Is the server alive, and can it serve: what a monitor and a load balancer ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from blossomer.api.errors import ErrorBody, error_content
from blossomer.api.version import VERSION
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.runtime import Runtime, get_runtime

log = get_logger(__name__)

CHECK_SECONDS = 0.8
"""Longest wait for one part. A monitor gets an answer within a second though a part hangs."""

KEPT_SECONDS = 1.0
"""How long an answer serves those who ask next: anybody may ask, and each question costs others."""

RETRY_SECONDS = 5

_STARTED = time.monotonic()

Part = dict[str, Any]


class LiveAnswer(BaseModel):
    """The process is alive."""

    status: str = Field(description="Always `ok`.")
    version: str
    uptime_seconds: int


class ReadyAnswer(BaseModel):
    """How everything is that the server depends on."""

    status: str = Field(description="`ok` or `down`.")
    version: str
    database: Part = Field(description="`status`, and when it is ok the pool of connections.")
    redis: Part = Field(description="`status`: `ok`, `down`, or `off` where none is set.")
    website_reader: Part
    models: list[Part] = Field(description="In the order in which they are asked.")
    budget: Part = Field(description="Tokens of the day; `status` is `off` without a limit.")


class NotReadyAnswer(ReadyAnswer):
    """The same, with a failure in the shape of all others."""

    error: ErrorBody


_LIVE_EXAMPLE = {"status": "ok", "version": VERSION, "uptime_seconds": 86400}

_READY_EXAMPLE = {
    "status": "ok",
    "version": VERSION,
    "database": {
        "status": "ok",
        "latency_ms": 1.2,
        "version": "16.4",
        "pool": {"most": 15, "open": 5, "in_use": 1},
    },
    "redis": {"status": "ok", "latency_ms": 0.4},
    "website_reader": {"status": "ok", "name": "built-in", "reader": "built-in", "cache": "off"},
    "models": [
        {
            "provider": "openai",
            "model": "openai/gpt-4.1-mini",
            "state": "closed",
            "failures": 0,
            "failure_rate": 0.02,
            "recent_requests": 50,
            "recovery_seconds": 60.0,
            "retry_in_seconds": 0,
            "last_error": None,
        }
    ],
    "budget": {
        "status": "ok",
        "tokens_per_day": 5_000_000,
        "used": 1_204_331,
        "left": 3_795_669,
        "resets_in_seconds": 31_245,
    },
}


def health_router() -> APIRouter:
    """``/health`` and ``/health/ready``."""
    router = APIRouter(tags=["Operations"])
    readiness = Readiness(lambda: server_health(get_runtime()))

    # Many monitors ask with HEAD; FastAPI does not add it to a GET.
    @router.head("/health", include_in_schema=False)
    @router.get(
        "/health",
        summary="Whether the process is alive",
        description="Asks nothing of anything else, so that a database that is down does not have "
        "servers restarted that would be well. `/health/ready` says how the rest is.",
        response_class=JSONResponse,
        responses={
            200: {
                "model": LiveAnswer,
                "description": "It is.",
                "content": {"application/json": {"example": _LIVE_EXAMPLE}},
            }
        },
    )
    async def live() -> JSONResponse:
        uptime = round(time.monotonic() - _STARTED)
        return JSONResponse({"status": "ok", "version": VERSION, "uptime_seconds": uptime})

    @router.head("/health/ready", include_in_schema=False)
    @router.get(
        "/health/ready",
        summary="Whether the server can serve, and how all it depends on is",
        description="`status` is `ok`, or `down` when the database, or Redis where one is set, "
        "does not answer. The website reader, the models and the budget of tokens are reported and "
        "do not change it, since there is a way on without each of them. Of a model, `state` is "
        "that of its breaker, `failure_rate` the part of the `recent_requests` of the last five "
        "minutes (of the worker that answers) that failed, and `recovery_seconds` how long it is "
        "left alone.",
        response_class=JSONResponse,
        responses={
            200: {
                "model": ReadyAnswer,
                "description": "It can serve.",
                "content": {"application/json": {"example": _READY_EXAMPLE}},
            },
            503: {
                "model": NotReadyAnswer,
                "description": "`not_ready`: the database or Redis does not answer.",
                "content": {
                    "application/json": {
                        "example": {
                            **_READY_EXAMPLE,
                            "status": "down",
                            "database": {"status": "down", "detail": "no answer within 0.8 s"},
                            "error": {
                                "code": "not_ready",
                                "message": "The database does not answer.",
                                "action": "Ask again in a moment.",
                                "request_id": "0f8c2d4e6a1b4c3d9e7f5a6b7c8d9e0f",
                            },
                        }
                    }
                },
            },
        },
    )
    async def ready() -> JSONResponse:
        state = await readiness.state()
        if state["status"] == "ok":
            return JSONResponse(state)
        content = {**state, **error_content(_not_ready(state))}
        return JSONResponse(content, status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})

    return router


def _not_ready(state: dict[str, Any]) -> UserError:
    away = [
        name
        for part, name in (("database", "The database"), ("redis", "Redis"))
        if state[part]["status"] not in ("ok", "unknown", "off")
    ]
    return UserError(
        "not_ready",
        f"{' and '.join(away)} {'does' if len(away) == 1 else 'do'} not answer.",
        "Ask again in a moment.",
        status=503,
        retry_after=RETRY_SECONDS,
    )


class Readiness:
    """Looks at all parts, once for all who ask within ``KEPT_SECONDS``.

    Args:
        look: Looks at them.
    """

    def __init__(self, look: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._look = look
        self._lock = asyncio.Lock()
        self._state: dict[str, Any] = {}
        self._looked_at = float("-inf")

    async def state(self) -> dict[str, Any]:
        """The state of every part."""
        async with self._lock:
            if time.monotonic() - self._looked_at > KEPT_SECONDS:
                self._state = await self._look()
                self._looked_at = time.monotonic()
            return self._state


async def server_health(runtime: Runtime) -> dict[str, Any]:
    """The state of every part, asked at the same time, each within ``CHECK_SECONDS``."""
    database, redis, reader, budget = await asyncio.gather(
        _within(runtime.database_health) if runtime.database_health else _with_status("unknown"),
        _within(lambda: _redis_health(runtime)) if runtime.redis else _with_status("off"),
        _within(runtime.reader.health),
        _within(lambda: _budget_health(runtime)),
    )
    serves = database["status"] in ("ok", "unknown") and redis["status"] in ("ok", "off")
    return {
        "status": "ok" if serves else "down",
        "version": VERSION,
        "database": database,
        "redis": redis,
        "website_reader": {"name": runtime.reader.name, **reader},
        "models": runtime.router.health(),
        "budget": budget,
    }


async def _redis_health(runtime: Runtime) -> dict[str, Any]:
    assert runtime.redis is not None
    started = time.perf_counter()
    await cast(Awaitable[bool], runtime.redis.ping())
    return {"status": "ok", "latency_ms": round((time.perf_counter() - started) * 1000, 1)}


async def _budget_health(runtime: Runtime) -> dict[str, Any]:
    state = await runtime.budget.state()
    if not state.limit:
        return {"status": "off"}
    return {
        "status": "ok" if state.left else "used up",
        "tokens_per_day": state.limit,
        "used": state.used,
        "left": state.left,
        "resets_in_seconds": state.resets_in_seconds,
    }


async def _with_status(status: str) -> dict[str, Any]:
    return {"status": status}


async def _within(check: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    try:
        # Not wait_for: a check that ignores its cancellation would hold up the answer.
        task = asyncio.ensure_future(check())
        done, _ = await asyncio.wait({task}, timeout=CHECK_SECONDS)
        if not done:
            task.cancel()
            return {"status": "down", "detail": f"no answer within {CHECK_SECONDS} s"}
        return dict(task.result())
    except Exception as error:
        log.warning("health.check_failed", reason=type(error).__name__)
        return {"status": "down", "detail": "the check failed; see the log"}
