"""What a monitor and a developer ask: is it well, and how is it used."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from blossomer.api.docs_page import render_docs
from blossomer.log import get_logger
from blossomer.services.runtime import Runtime, get_runtime

log = get_logger(__name__)

CHECK_SECONDS = 0.8
"""Longest wait for one part. A monitor gets an answer within a second though a part hangs."""

_HEALTH_EXAMPLE = {
    "status": "ok",
    "version": "0.1.0",
    "database": {"status": "ok"},
    "website_reader": {"status": "ok", "name": "built-in"},
    "models": [
        {
            "provider": "openai",
            "model": "openai/gpt-4.1-mini",
            "state": "closed",
            "failures": 0,
            "retry_in_seconds": 0,
            "last_error": "",
        }
    ],
}


def app_version() -> str:
    """The version in ``pyproject.toml``, since the application runs from its folder."""
    file = Path(__file__).resolve().parents[2] / "pyproject.toml"
    try:
        return str(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, KeyError, ValueError):
        return "unknown"


VERSION = app_version()


def operations_router() -> APIRouter:
    """``/health`` and ``/docs``."""
    router = APIRouter(tags=["Operations"])

    # Many monitors ask with HEAD; FastAPI does not add it to a GET.
    @router.head("/health", include_in_schema=False)
    @router.get(
        "/health",
        summary="State of the server and of what it depends on",
        description="`status` is `ok`, or `down` when the database does not answer. The website "
        "reader and the models are reported and do not change it, since there is a way on without "
        "each of them.",
        responses={
            200: {
                "description": "It can serve.",
                "content": {"application/json": {"example": _HEALTH_EXAMPLE}},
            },
            503: {
                "description": "The database does not answer.",
                "content": {
                    "application/json": {
                        "example": {
                            **_HEALTH_EXAMPLE,
                            "status": "down",
                            "database": {"status": "down", "detail": "no answer within 0.8 s"},
                        }
                    }
                },
            },
        },
    )
    async def health() -> JSONResponse:
        state = await server_health(get_runtime())
        return JSONResponse(state, status_code=200 if state["status"] == "ok" else 503)

    @router.head("/docs", include_in_schema=False)
    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        return HTMLResponse(
            render_docs(request.app.openapi()),
            headers={
                # The page has no script and asks nothing of other servers.
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            },
        )

    return router


async def server_health(runtime: Runtime) -> dict[str, Any]:
    """The state of every part, asked at the same time, each within ``CHECK_SECONDS``."""
    database, reader = await asyncio.gather(
        _within(runtime.database_health) if runtime.database_health else _unknown(),
        _within(runtime.reader.health),
    )
    return {
        "status": "down" if database.get("status") not in ("ok", "unknown") else "ok",
        "version": VERSION,
        "database": database,
        "website_reader": {"name": runtime.reader.name, **reader},
        "models": runtime.router.health(),
    }


async def _unknown() -> dict[str, str]:
    return {"status": "unknown"}


async def _within(check: Any) -> dict[str, str]:
    try:
        # Not wait_for: a check that ignores its cancellation would hold up the answer.
        task = asyncio.ensure_future(check())
        done, _ = await asyncio.wait({task}, timeout=CHECK_SECONDS)
        if not done:
            task.cancel()
            return {"status": "down", "detail": f"no answer within {CHECK_SECONDS} s"}
        return dict(task.result())
    except Exception as error:
        log.warning("health.check_failed", exc_info=error)
        return {"status": "down", "detail": "the check failed; see the log"}
