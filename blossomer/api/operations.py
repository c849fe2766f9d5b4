"""What developers and operators ask: how the API is used, and what has been counted."""

from __future__ import annotations

import asyncio
import secrets
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from prometheus_client.metrics_core import Metric

from blossomer import metrics
from blossomer.api.docs_page import render_docs
from blossomer.api.errors import ErrorAnswer
from blossomer.errors import UserError
from blossomer.production import LOOPBACK
from blossomer.services.runtime import Runtime, get_runtime
from blossomer.settings import Settings

BREAKER_STATES = ("closed", "open", "half-open")


def operations_router(settings: Settings) -> APIRouter:
    """``/docs`` and ``/metrics``."""
    router = APIRouter(tags=["Operations"])

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

    @router.get(
        "/metrics",
        summary="What has been counted, for Prometheus",
        description="In Prometheus's text format. With `METRICS_TOKEN` it must be sent as "
        "`Authorization: Bearer …`; without it a server in development answers whoever is on its "
        "own machine, and one in production nobody.",
        response_class=Response,
        responses={
            200: {
                "description": "Everything that is counted, over all workers.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            401: {
                "model": ErrorAnswer,
                "description": "`metrics_closed`: without the right to read it.",
            },
        },
    )
    async def read_metrics(request: Request) -> Response:
        require_watcher(request, settings)
        looked_up = await looked_up_metrics(get_runtime())
        body = await asyncio.to_thread(metrics.render, looked_up)
        return Response(body, media_type=metrics.CONTENT_TYPE)

    return router


def require_watcher(request: Request, settings: Settings) -> None:
    """Refuse whoever may not read the metrics.

    Raises:
        UserError: ``metrics_closed`` (401).
    """
    if settings.metrics_token is not None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        expected = settings.metrics_token.get_secret_value()
        is_it = secrets.compare_digest(token.strip().encode(), expected.encode())
        if scheme.lower() == "bearer" and is_it:
            return
    elif settings.environment == "development":
        # The name too: a page of another site can point a name of its own at this machine.
        peer = request.client.host if request.client else ""
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
        if peer in LOOPBACK and host in LOOPBACK:
            return
    raise UserError(
        "metrics_closed",
        "These figures are not for everybody.",
        "Send METRICS_TOKEN as a bearer token. Whoever runs the server can set one.",
        status=401,
    )


async def looked_up_metrics(runtime: Runtime) -> list[Metric]:
    """What is not counted but looked up: breakers, and what is left of the budget."""
    models = runtime.router.health()
    budget = await runtime.budget.state()
    found = [
        metrics.gauge(
            "blossomer_breaker_state",
            "1 for the state in which the breaker of a model is.",
            (
                (
                    {"model": str(model["model"]), "state": state},
                    float(model["state"] == state),
                )
                for model in models
                for state in BREAKER_STATES
            ),
        ),
        metrics.gauge(
            "blossomer_breaker_retry_seconds",
            "Until a model is asked again.",
            (({"model": str(m["model"])}, float(str(m["retry_in_seconds"]))) for m in models),
        ),
        metrics.gauge(
            "blossomer_llm_failure_rate",
            "Part of the requests of the last five minutes that failed, of this worker.",
            (({"model": str(m["model"])}, float(str(m["failure_rate"]))) for m in models),
        ),
    ]
    if budget.limit:
        found += [
            metrics.gauge(
                "blossomer_llm_tokens_per_day", "LLM_TOKENS_PER_DAY.", [({}, budget.limit)]
            ),
            metrics.gauge(
                "blossomer_llm_tokens_left_today",
                "What is left of them today, of all servers together.",
                [({}, budget.left)],
            ),
        ]
    return found
