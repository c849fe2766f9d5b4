"""The application: registers pages, mounts the API, starts and stops the parts. Nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import reflex as rx
from reflex.utils.prerequisites import get_web_dir
from starlette.types import ASGIApp

from blossomer.api.app import create_api
from blossomer.api.middleware import wrap
from blossomer.components import app_shell
from blossomer.db.check import check_database, database_health
from blossomer.db.engine import create_engine
from blossomer.log import configure_logging
from blossomer.pages import company, landing, not_found
from blossomer.services.runtime import get_runtime


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Start the parts with the server, and stop them with the server.

    Raises:
        DatabaseSetupError: The database would let one user see another's rows.
    """
    runtime = get_runtime()
    # Here and not at import: Reflex and the server have set up their own loggers by now.
    configure_logging(runtime.settings)
    url = runtime.settings.database_url
    engine = create_engine(url.get_secret_value()) if url else None
    try:
        if engine is not None:
            await check_database(engine)
            runtime.database_health = partial(database_health, engine)
            runtime.open_workspace(engine)
        await runtime.start()
        yield
    finally:
        await runtime.stop()
        if engine is not None:
            await engine.dispose()


def outside(inner: ASGIApp) -> ASGIApp:
    """The outermost layer, which knows the built pages and the names of all event handlers."""
    return wrap(
        inner,
        pages=get_web_dir() / "build" / "client",
        known_event=known_event,
    )


def known_event(name: str) -> bool:
    """Whether a page may send an event of that name.

    Reflex's generic setter of variables has a handler but no use here.
    """
    return name in app._registration_context.event_handlers and not name.endswith(".setvar")


app = rx.App(
    html_lang="en",
    stylesheets=["/styles.css"],
    head_components=app_shell.head(),
    # Reflex's toasts are evaluated as code by the browser; our policy forbids that.
    toaster=None,
    app_wraps={
        (55, "ErrorBoundary"): lambda stateful: app_shell.error_boundary(),
        (5, "Overlay"): lambda stateful: app_shell.overlay(),
    },
    backend_exception_handler=app_shell.backend_failure,
    frontend_exception_handler=app_shell.frontend_failure,
    api_transformer=[create_api(), outside],
)
app.register_lifespan_task(lifespan)
for page in (landing, company, not_found):
    page.add_to(app)
