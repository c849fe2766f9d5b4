"""The application: registers pages, mounts the API, starts and stops the parts. Nothing else."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import reflex as rx
from reflex.utils.prerequisites import get_web_dir
from starlette.types import ASGIApp

from blossomer.api.app import create_api
from blossomer.api.local_issuer import create_local_issuer
from blossomer.api.mcp import McpDoor
from blossomer.api.middleware import wrap
from blossomer.api.page_guard import PageGuard
from blossomer.api.version import VERSION
from blossomer.components import app_shell
from blossomer.db.check import check_when_there, database_health
from blossomer.db.engine import create_engine
from blossomer.db.removal import purge_daily
from blossomer.log import configure_logging
from blossomer.pages import account_settings, auth, entities, keep, landing, not_found
from blossomer.services.feed import SignedOut
from blossomer.services.identity import open_identity
from blossomer.services.runtime import Runtime, get_runtime
from blossomer.services.signs_of_life import give_signs_of_life
from blossomer.state.farewell import forget_tabs
from blossomer.state.shared_pages import keep_open_tabs, share_pages
from blossomer.tracing import close_tracing, open_tracing

COLLECTION = (20_000, 20, 20)
"""When the garbage collector looks: far more seldom than by default, since nearly everything that
an event makes is gone with it."""


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Start the parts with the server, and stop them with the server.

    Raises:
        DatabaseSetupError: The database would let one user see another's rows.
    """
    runtime = get_runtime()
    # Here and not at import: Reflex and the server have set up their own loggers by now.
    configure_logging(runtime.settings)
    open_tracing(runtime.settings, VERSION)
    url = runtime.settings.database_url
    async with AsyncExitStack() as parts:
        parts.push_async_callback(close_tracing)
        await runtime.bus.start()
        parts.push_async_callback(runtime.bus.stop)
        if url is not None:
            engine = create_engine(url.get_secret_value(), runtime.settings.database_answer_seconds)
            parts.push_async_callback(engine.dispose)
            await check_when_there(engine)
            parts.callback(asyncio.create_task(purge_daily(engine, runtime.bus.first)).cancel)
            runtime.database_health = partial(database_health, engine)
            await parts.enter_async_context(
                open_identity(runtime, engine, local_issuer=local_issuer)
            )
            runtime.open_workspace(engine)
            _tell_pages_of_ended_sessions(runtime)
        parts.push_async_callback(runtime.stop)
        parts.push_async_callback(mcp.stop)
        parts.callback(asyncio.create_task(keep_open_tabs(app)).cancel)
        _leave_when_told(runtime)
        await runtime.start()
        alive = asyncio.create_task(give_signs_of_life(runtime.settings.data_dir))
        parts.callback(alive.cancel)
        _settle_memory()
        yield


def _settle_memory() -> None:
    """Take what is loaded out of the garbage collector's sight.

    It stays as long as the process does. Looking through all of it would stop every event for a
    fifth of a second, again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTION)


def _leave_when_told(runtime: Runtime) -> None:
    """Send pages and requests away as soon as the launcher says that this worker is to stop.

    The server itself ends a worker only when its last request has been answered, and kills it when
    that takes long.
    """
    tasks: set[asyncio.Task[None]] = set()

    def leave() -> None:
        tasks.add(asyncio.create_task(runtime.leave()))

    with suppress(ValueError, RuntimeError):  # not in a thread of somebody's own
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, leave)


def _tell_pages_of_ended_sessions(runtime: Runtime) -> None:
    """Pages that are open hear of it, and what the server holds of closed ones is dropped."""
    sessions, workspace = runtime.sessions, runtime.workspace
    if sessions is None or workspace is None:
        return

    async def tell(session_id: str, user_id: str) -> None:
        workspace.feed.publish(user_id, SignedOut(session_id))
        await forget_tabs(app, user_id)

    sessions.on_end.append(tell)


def outside(inner: ASGIApp) -> ASGIApp:
    """The outermost layer, which knows the built pages and the names of all event handlers."""
    return wrap(
        PageGuard(inner, lambda: get_runtime().sessions),
        pages=get_web_dir() / "build" / "client",
        known_event=known_event,
        doors=lambda: get_runtime().doors,
    )


def known_event(name: str) -> bool:
    """Whether a page may send an event of that name.

    Reflex's generic setter of variables has a handler but no use here. Background handlers are
    begun by others: one that a page could send would go on when the page is gone.
    """
    known = app._registration_context.event_handlers.get(name)
    return known is not None and not known.handler.is_background and not name.endswith(".setvar")


local_issuer = create_local_issuer()
mcp = McpDoor()
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
    api_transformer=[create_api(local_issuer=local_issuer, mcp=mcp), outside],
)
share_pages(app, get_runtime().settings, get_runtime().bus)
app.register_lifespan_task(lifespan)
for page in (landing, entities, auth, keep, account_settings, not_found):
    page.add_to(app)
