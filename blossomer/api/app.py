"""The API as one FastAPI application, into which Reflex mounts the pages.

Its own lifespan never runs there; what must start and stop is in ``services/runtime.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI, Request
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp

from blossomer.api.auth import auth_router
from blossomer.api.demo import demo_router
from blossomer.api.documents import documents_router
from blossomer.api.errors import (
    API_PREFIXES,
    METHODS,
    PAGES_AMONG_THEM,
    error_response,
    install_error_handlers,
    method_not_allowed,
    not_found,
)
from blossomer.api.export import export_router
from blossomer.api.health import health_router
from blossomer.api.mcp import McpDoor, mcp_router
from blossomer.api.openapi import install_openapi
from blossomer.api.operations import operations_router
from blossomer.api.plan_export import plan_export_router
from blossomer.api.usage import usage_router
from blossomer.api.version import VERSION
from blossomer.api.watching import NoteRoute
from blossomer.services.identity import LOCAL_ISSUER_PATH
from blossomer.settings import Settings, get_settings

_DESCRIPTION = """\
Blossomer turns a company's website into a go-to-market plan: structured, sourced, editable.

Every failure has the same shape, `{"error": {"code", "message", "action", "request_id"}}`, and
`X-Request-ID` names the request in the server's log.

`/api/` is for whoever is signed in: with an access token in `Authorization: Bearer`, or with the
cookie of a browser. A request that makes something may carry an `Idempotency-Key`: sent again with
the same key within 24 hours it is not carried out again, and gets the same answer.
"""


class _AnyButEmpty(PathConvertor):
    regex = ".+"


register_url_convertor("rest", _AnyButEmpty())


def create_api(
    settings: Settings | None = None,
    *,
    local_issuer: ASGIApp | None = None,
    mcp: McpDoor | None = None,
) -> FastAPI:
    """Build the API.

    Args:
        settings: Those of the process by default.
        local_issuer: Signs people in on this machine; None when Stack Auth does.
        mcp: Where AI clients come in; whoever made it stops it.
    """
    settings = settings or get_settings()
    app = FastAPI(
        title="Blossomer API",
        version=VERSION,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    install_error_handlers(app)
    app.add_middleware(NoteRoute)
    install_openapi(app, settings)
    # In this order a route is looked for; the documents have a hundred of them.
    routers = (
        demo_router(settings),
        documents_router(),
        auth_router(settings),
        export_router(),
        plan_export_router(),
        usage_router(),
        health_router(),
        operations_router(settings),
        *([mcp_router(mcp)] if mcp else []),
    )
    for router in routers:
        app.include_router(router)
    if local_issuer is not None:
        app.mount(LOCAL_ISSUER_PATH, local_issuer)
    known = [*app.routes, *(route for router in routers for route in router.routes)]
    app.include_router(_nothing_else(known))
    return app


def _nothing_else(known: Sequence[BaseRoute]) -> APIRouter:
    """Answers what is left under the API's paths, which would otherwise fall through to a page."""
    router = APIRouter(include_in_schema=False)

    async def nothing_here(request: Request) -> Response:
        allowed = _methods_at(request, known)
        if allowed:
            return error_response(method_not_allowed(allowed), {"Allow": ", ".join(allowed)})
        return error_response(not_found())

    for prefix in API_PREFIXES:
        rest = "rest" if prefix in PAGES_AMONG_THEM else "path"
        paths = [f"{prefix}{{path:{rest}}}"] if prefix.endswith("/") else [prefix, f"{prefix}/"]
        for path in paths:
            router.add_api_route(path, nothing_here, methods=list(METHODS))
    return router


def _methods_at(request: Request, known: Sequence[BaseRoute]) -> list[str]:
    """The methods that the path of a request does take."""
    methods: set[str] = set()
    for route in known:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return sorted(methods)
