"""Who somebody is: sign-in with Stack Auth or on this machine, sessions, tokens.

``open_identity`` puts the parts together; everything else is in the modules beside.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.log import get_logger
from blossomer.production import LOOPBACK
from blossomer.services.identity.cipher import Cipher, server_secret
from blossomer.services.identity.sessions import SessionService
from blossomer.services.identity.sign_in import SignIn
from blossomer.services.identity.stack import StackClient
from blossomer.services.identity.verifier import TokenVerifier

if TYPE_CHECKING:
    from blossomer.services.runtime import Runtime

log = get_logger(__name__)

LOCAL_ISSUER_PATH = "/local-issuer"
LOCAL_API_URL = f"http://localhost{LOCAL_ISSUER_PATH}"
"""Stands in the tokens of the local issuer, on whatever port it is: they outlive a change of it."""
LOCAL_PROJECT_ID = "local"


@asynccontextmanager
async def open_identity(
    runtime: Runtime, engine: AsyncEngine, *, local_issuer: Any = None
) -> AsyncIterator[None]:
    """Give a runtime its sessions and its way to sign in, as long as the context lasts.

    Args:
        runtime: Gets ``engine``, ``sessions`` and ``sign_in``.
        engine: The database, already checked.
        local_issuer: The ASGI application that signs people in on this machine. It is called in
            this process, with the same client that calls Stack Auth; None when that is configured.

    Raises:
        OSError: The secret of this server cannot be read or made.
        ValueError: There is no issuer at all.
    """
    settings = runtime.settings
    api_urls: tuple[str, ...]
    if settings.uses_local_issuer:
        if local_issuer is None:
            raise ValueError("without STACK_PROJECT_ID there must be a local issuer")
        transport = httpx.ASGITransport(
            # A fault of it is to be its answer, as it would be over a network.
            local_issuer,
            root_path=LOCAL_ISSUER_PATH,
            raise_app_exceptions=False,
        )
        http = httpx.AsyncClient(transport=transport)
        project_id, api_urls = LOCAL_PROJECT_ID, (LOCAL_API_URL,)
        browser_url = LOCAL_ISSUER_PATH
        if settings.host not in LOOPBACK:
            log.warning("identity.local_sign_in_is_open_to_the_network", host=settings.host)
    else:
        http = httpx.AsyncClient()
        project_id, api_urls = settings.stack_project_id, settings.accepted_api_urls
        browser_url = settings.stack_api_url
    secret = server_secret(settings)
    async with http:
        client = StackClient(
            http, settings, api_url=api_urls[0], browser_url=browser_url, project_id=project_id
        )
        verifier = TokenVerifier(project_id, api_urls, http)
        sessions = SessionService(
            engine, client, verifier, Cipher(secret, "refresh tokens"), settings, bus=runtime.bus
        )
        runtime.engine = engine
        runtime.sessions = sessions
        runtime.sign_in = SignIn(client, Cipher(secret, "sign-in under way"), bus=runtime.bus)
        try:
            yield
        finally:
            runtime.engine = runtime.sessions = runtime.sign_in = None
            await sessions.close()
            await verifier.close()
