"""Requests that are carried out once, however often they are sent: by a key that the client names.

A client that got no answer sends the request again with the same key, and gets the answer of the
first one. Who carries a request out is known to all workers: for users in the database
(``db/idempotency.py``), for others in Redis or in memory (``anonymous_answers.py``). Only
what went well is kept; a request that was refused or failed has done nothing and can be repeated.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import NAMESPACE_OID, uuid5

from blossomer.db.idempotency import Claimed, Given, Known
from blossomer.errors import UserError
from blossomer.log import get_logger

log = get_logger(__name__)

HEARTBEAT_SECONDS = 3.0
"""How often whoever carries a request out says so."""

NOTING_SECONDS = 60.0
"""How long it is tried to note an answer that was given."""

NOTING_PAUSE = 0.5


class Answers(Protocol):
    """Where the answers of one caller are."""

    async def claim(self, key: str, fingerprint: str) -> Claimed | Known:
        """Begin to carry out a request, unless another one has done so, or is doing so."""

    async def is_alive(self, key: str, claimed: Claimed) -> None:
        """Say that the request is still being carried out."""

    async def give(self, key: str, claimed: Claimed, given: Given) -> None:
        """Note what was answered."""

    async def give_up(self, key: str, claimed: Claimed) -> None:
        """Forget a request of which nothing has come."""


@dataclass(slots=True)
class Once:
    """A request that is being carried out for the first time.

    Args:
        answers: Where its answer is to be noted.
        key: As the client named it.
        claimed: That it is ours.
    """

    answers: Answers
    key: str
    claimed: Claimed

    @property
    def document_id(self) -> str:
        """The id for what is made: the same one when the request is begun once more.

        So whoever takes over finds what the one before has made and could not tell of.
        """
        return str(uuid5(NAMESPACE_OID, f"{self.claimed.since} {self.key}"))

    async def carry_out(self, work: Callable[[], Awaitable[Given]]) -> Given:
        """Do the work, and note its answer. What the work raises is raised, and nothing is noted.

        When the caller is cancelled, the work goes on: the client that comes back wants its answer.
        """
        task = asyncio.create_task(self._carry_out(work))
        _working.add(task)
        task.add_done_callback(_is_done)
        return await asyncio.shield(task)

    async def give_up(self) -> None:
        """Nothing has come of it, and it can be tried again."""
        with suppress(UserError):  # whoever asks again finds that it has fallen silent
            await self.answers.give_up(self.key, self.claimed)

    async def _carry_out(self, work: Callable[[], Awaitable[Given]]) -> Given:
        try:
            async with self._said_to_be_alive():
                given = await work()
        except BaseException:
            await self.give_up()
            raise
        await self._note(given)
        return given

    @asynccontextmanager
    async def _said_to_be_alive(self) -> AsyncIterator[None]:
        async def say_so() -> None:
            while True:
                await asyncio.sleep(HEARTBEAT_SECONDS)
                with suppress(UserError):
                    await self.answers.is_alive(self.key, self.claimed)

        task = asyncio.create_task(say_so())
        try:
            yield
        finally:
            task.cancel()

    async def _note(self, given: Given) -> None:
        deadline = time.monotonic() + NOTING_SECONDS
        while True:
            try:
                await self.answers.give(self.key, self.claimed, given)
                return
            except UserError as error:
                if time.monotonic() > deadline:
                    log.error("idempotency.not_noted", code=error.code)
                    return
                await asyncio.sleep(NOTING_PAUSE)


_working: set[asyncio.Task[Given]] = set()
"""What is being carried out, which nothing else holds on to when its client is gone."""


def _is_done(task: asyncio.Task[Given]) -> None:
    _working.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        # Whoever waits for it is told; with nobody waiting this is all that is said.
        log.info("idempotency.nothing_came", reason=type(error).__name__)


async def claim_once(answers: Answers, key: str, fingerprint: str) -> Once | Given:
    """Begin to carry out a request, or get the answer that was given to it before.

    Args:
        answers: Where the answers of the caller are.
        key: As the client named it.
        fingerprint: Digest of what it asks for.

    Raises:
        UserError: ``idempotency_key_reused`` (422): the key was used for something else;
            ``still_working`` (409): the first request is still being carried out; or where the
            answers are cannot be reached (503).
    """
    found = await answers.claim(key, fingerprint)
    if isinstance(found, Claimed):
        return Once(answers, key, found)
    if found.fingerprint != fingerprint:
        raise UserError(
            "idempotency_key_reused",
            "Another request has used this Idempotency-Key.",
            "Make a new key for every request that is to be carried out, and use the same one only "
            "to repeat a request without any change.",
            status=422,
        )
    if found.given is None:
        raise UserError(
            "still_working",
            "The first request with this Idempotency-Key is still being carried out.",
            "Send it again in some seconds: you will get its answer.",
            status=409,
            retry_after=2,
        )
    return found.given
