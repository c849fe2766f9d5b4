"""The API on a port of its own, in a thread, for tools that ask over HTTP."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import uvicorn

from blossomer.api.app import create_api
from blossomer.api.middleware import wrap
from blossomer.db.engine import create_engine
from blossomer.services.identity import open_identity
from blossomer.services.identity.model import Tokens
from blossomer.services.runtime import Runtime, build_runtime, set_runtime
from blossomer.services.website.reader import WebsiteReader
from blossomer.settings import Settings
from tests.support.fake_models import model_settings
from tests.support.fake_stack import FakeStack, Person
from tests.support.played_network import PlayedResolver


class RunningRest:
    """A server and people who are signed in. A context manager.

    No name on the network exists for it, so no generated address leads anywhere.

    Args:
        database_url: A migrated database, as the serving role.
        stack: Signs people in.
    """

    def __init__(self, database_url: str, stack: FakeStack) -> None:
        self._database_url = database_url
        self._stack = stack
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runtime: Runtime | None = None
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60), "the server did not start"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(30)

    def somebody(self) -> tuple[str, str]:
        """Somebody new: an access token, and the header ``Cookie`` of a browser."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._sign_in(), self._loop).result(30)

    async def _sign_in(self) -> tuple[str, str]:
        assert self._runtime is not None
        assert self._runtime.sessions is not None
        self._stack.access_seconds = 24 * 3600
        self._stack.person = Person(id=str(uuid4()), email=f"{uuid4().hex[:8]}@example.com")
        refresh = self._stack.new_session()
        token = self._stack.token(refresh_token_id=refresh)
        secret, _, _ = await self._runtime.sessions.begin(Tokens(token, refresh))
        return token, f"blossomer={secret}"

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        with tempfile.TemporaryDirectory() as folder:
            settings = self._settings(Path(folder))
            runtime = build_runtime(
                settings, reader=WebsiteReader(settings, resolver=PlayedResolver({}))
            )
            set_runtime(runtime)
            self._runtime = runtime
            engine = create_engine(self._database_url)
            app = wrap(create_api(settings), settings=settings, pages=Path(folder))
            async with open_identity(runtime, engine):
                runtime.open_workspace(engine)
                # A pause of the tool is no reason to hang up on it just as it goes on.
                config = uvicorn.Config(
                    app, log_level="warning", lifespan="off", timeout_keep_alive=600
                )
                self._server = uvicorn.Server(config)
                self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
                self._ready.set()
                await self._server.serve(sockets=[self._socket])
                await runtime.stop()
            await engine.dispose()
        set_runtime(None)

    def _settings(self, folder: Path) -> Settings:
        return model_settings(
            data_dir=folder,
            website_cache_hours=0,
            api_requests_per_minute=10_000_000,
            anonymous_generations_per_hour=10_000_000,
            free_generations_per_hour=10_000_000,
            **self._stack.settings,
        )
