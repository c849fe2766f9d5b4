"""A generation that is carried out by another worker: seen from there, and shown from here.

The worker that carries it out tells what it has so far for as long as somebody elsewhere says that
they watch. What became of it is in its row in ``generations`` in any case; that is looked at now
and then, so that nobody waits for a worker that is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from blossomer.db.generations import GenerationLog
from blossomer.errors import UserError
from blossomer.services.bus import Bus, Message
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Partial,
    StageEvent,
)

WATCH_SECONDS = 3.0
"""How often whoever watches says so, and looks at the row."""

YOUNG_SECONDS = 2.0
"""How long a run may need to be listened for, after it has begun."""

WATCHED_SECONDS = 10.0
"""How long it is told to others after they have last said so."""


class Teller:
    """Tells others of one run of this worker.

    Args:
        bus: To the others.
        run_id: Of the run.
        cancel: Called when somebody elsewhere cancels it.
        so_far: What is to be told to whoever has just come: the last stage and the last text.
    """

    def __init__(
        self,
        bus: Bus,
        run_id: str,
        cancel: Callable[[], None],
        so_far: Callable[[], list[GenerationEvent]],
    ) -> None:
        self._bus = bus
        self._run_id = run_id
        self._cancel = cancel
        self._so_far = so_far
        self._watched_until = 0.0
        bus.listen(_to_runner(run_id), self._hear)

    def tell(self, event: GenerationEvent, document_id: str) -> None:
        """Tell what has happened, if anybody listens."""
        is_last = isinstance(event, Completed | Failed)
        if is_last or asyncio.get_running_loop().time() < self._watched_until:
            message = {"event": _written(event), "document_id": document_id}
            self._bus.tell(_of_run(self._run_id), message)

    def end(self) -> None:
        """Nothing more will happen."""
        self._bus.ignore(_to_runner(self._run_id), self._hear)
        self._bus.tell(_of_run(self._run_id), {"over": True})

    def _hear(self, message: Message) -> None:
        if message.get("do") == "cancel":
            self._cancel()
        elif message.get("do") == "watch":
            now = asyncio.get_running_loop().time()
            is_new = message.get("first") or now > self._watched_until
            self._watched_until = now + WATCHED_SECONDS
            if is_new:
                for event in self._so_far():
                    self.tell(event, "")


def tell_to_cancel(bus: Bus, run_id: str) -> None:
    """Have whoever carries a run out cancel it at once; its row must say so already."""
    bus.tell(_to_runner(run_id), {"do": "cancel"})


async def end_if_abandoned(row: Mapping[str, Any], bus: Bus, log: GenerationLog) -> bool:
    """Mark a run as interrupted whose worker is gone, before its silence tells; whether it was.

    Whoever carries one out listens to be told to cancel it, from soon after its beginning.

    Raises:
        UserError: ``database_unavailable`` (503).
    """
    is_young = datetime.now(UTC) - row["started_at"] < timedelta(seconds=YOUNG_SECONDS)
    if row["status"] != "running" or is_young or not bus.is_shared:
        return False
    if await bus.is_heard(_to_runner(str(row["id"]))):
        return False
    await log.end(row["id"], "interrupted", {})
    return True


@dataclass(slots=True)
class RemoteRun:
    """A run of another worker, from its row.

    Args:
        id: Of its row.
        user_id: Whose it is.
        request: What is generated, as far as the row says: texts above are not in it.
        document_id: The document that is written again; of a new one, once it is kept.
    """

    id: str
    user_id: str
    request: GenerationRequest
    document_id: str
    _bus: Bus
    _log: GenerationLog
    _heard: asyncio.Queue[Message] = field(default_factory=lambda: asyncio.Queue(1_000))

    @classmethod
    def of(cls, row: Mapping[str, Any], bus: Bus, log: GenerationLog) -> RemoteRun:
        """The run of a row."""
        document_id = str(row["entity_id"] or "")
        return cls(str(row["id"]), row["user_id"], request_of(row), document_id, bus, log)

    async def events(self) -> AsyncIterator[GenerationEvent]:
        """What is known so far, then what happens; ends with ``Completed`` or ``Failed``.

        That of a run which was cancelled or interrupted just ends. When the other worker cannot be
        heard, only the end is told, from the row and without the text.
        """
        channel = _of_run(self.id)
        self._bus.listen(channel, self._hear)
        try:
            await self._bus.joined(channel)
            self._watch(first=True)
            while True:
                try:
                    async with asyncio.timeout(WATCH_SECONDS):
                        message = await self._heard.get()
                except TimeoutError:
                    message = await self._looked_up()
                    self._watch()
                if message.get("over"):
                    message = await self._looked_up()
                if message.get("ended"):
                    return
                if "event" not in message:
                    continue
                self.document_id = message["document_id"] or self.document_id
                event = _read(message["event"])
                yield event
                if isinstance(event, Completed | Failed):
                    return
        finally:
            self._bus.ignore(channel, self._hear)

    def _hear(self, message: Message) -> None:
        if self._heard.full():
            self._heard.get_nowait()  # each says all there is
        self._heard.put_nowait(message)

    def _watch(self, *, first: bool = False) -> None:
        self._bus.tell(_to_runner(self.id), {"do": "watch", "first": first})

    async def _looked_up(self) -> Message:
        """What the row says: how it ended, or nothing while it runs or nobody can know."""
        try:
            row = await self._log.one(self.request.entity, UUID(self.id))
            if row is not None and await end_if_abandoned(row, self._bus, self._log):
                return {"ended": True}
        except UserError:
            return {}
        if row is None or row["status"] in ("cancelled", "interrupted"):
            return {"ended": True}
        if row["status"] == "completed":
            return {"event": _written(Completed({})), "document_id": str(row["entity_id"] or "")}
        if row["status"] == "failed":
            return {"event": {"kind": "Failed", **row["error"]}, "document_id": ""}
        return {}


def request_of(row: Mapping[str, Any]) -> GenerationRequest:
    """What a row of the log asked for, as far as it stands there: texts above do not."""
    is_again = row["entity_id"] is not None and row["status"] != "completed"
    return GenerationRequest(
        entity=row["entity"],
        inputs=dict(row["inputs"]),
        only=row["only"] or None,
        current={} if is_again else None,
        parents={entity: str(key) for entity, key in dict(row["parents"]).items()},
    )


def _of_run(run_id: str) -> str:
    return f"run:{run_id}"


def _to_runner(run_id: str) -> str:
    return f"runner:{run_id}"


def _written(event: GenerationEvent) -> dict[str, Any]:
    kind = type(event).__name__
    match event:
        case StageEvent():
            return {"kind": kind, "key": event.key, "detail": event.detail}
        case Partial():
            return {"kind": kind, "data": event.data, "writing": event.writing}
        case Completed():
            return {"kind": kind}  # the text is in the database by now
        case Failed(error):
            return {"kind": kind, **error.as_told}


def _read(content: dict[str, Any]) -> GenerationEvent:
    match content["kind"]:
        case "StageEvent":
            return StageEvent(content["key"], content["detail"])
        case "Partial":
            return Partial(content["data"], content["writing"])
        case "Completed":
            return Completed({})
    return Failed(UserError.of_words(content))
