"""Tells the provider that somebody has left. In the background, since nobody can wait for it.

Here the session has ended already, so it need not succeed; it keeps refresh tokens, which last for
a year, from outliving what they were for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.identity.cipher import Cipher
from blossomer.services.identity.stack import StackClient

log = get_logger(__name__)

CLOSE_SECONDS = 3.0


class Farewell:
    """Ends sessions and accounts at the provider.

    Args:
        client: The provider.
        cipher: For refresh tokens.
    """

    def __init__(self, client: StackClient, cipher: Cipher) -> None:
        self._client = client
        self._cipher = cipher
        self._tasks: set[asyncio.Task[None]] = set()

    def to_session(self, refresh_token: str) -> None:
        """End one session.

        Args:
            refresh_token: Sealed.
        """
        self.do(self._revoke(refresh_token))

    def to_account(self, refresh_tokens: list[str]) -> None:
        """Delete an account; if the provider does not let people do that, end its sessions.

        Args:
            refresh_tokens: Those of its sessions, sealed.
        """
        self.do(self._delete(refresh_tokens))

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background, which ``close`` ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        """End what is under way, after a moment to finish."""
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("identity.background_failed", exc_info=error)

    async def _revoke(self, sealed: str) -> None:
        refresh_token = self._cipher.open(sealed)
        if refresh_token is None:
            return
        try:
            tokens = await self._client.refresh(refresh_token)
            await self._client.sign_out(tokens.access)
        except UserError as error:
            log.info("identity.not_revoked", code=error.code)

    async def _delete(self, sealed: list[str]) -> None:
        for refresh_token in filter(None, map(self._cipher.open, sealed)):
            try:
                tokens = await self._client.refresh(refresh_token)
                await self._client.delete_user(tokens.access)
            except UserError as error:
                log.info("identity.not_deleted_at_provider", code=error.code)
            else:
                return
        for each in sealed:
            await self._revoke(each)
