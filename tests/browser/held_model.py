"""A paced model that can be made to pause, so that a test can look at a page in the middle."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, cast

from tests.support.fake_models import PacedModel, PacedRecord, answer_from_prompt, field_ends

QUICK = 0.2
"""Seconds of an answer when a test is not about its making."""


FINE = 250
"""Pieces of an answer in a second: small ones, so that a hold comes right after its field."""


class HeldModel(PacedModel):
    """Like ``PacedModel``, with answers made from the prompt, and a hold.

    Attributes:
        texts: Its answers so far, in the order of ``records``.
        replacements: Fields that the next answers give instead of their own.
    """

    def __init__(self) -> None:
        super().__init__(self._remembered, QUICK, pieces_per_second=FINE)
        self.texts: list[str] = []
        self.replacements: dict[str, list[str]] = {}
        self._hold_after = ""
        self._released = threading.Event()

    def _remembered(self, body: Any) -> str:
        answer = json.loads(answer_from_prompt(body))
        answer.update(self.replacements)
        text = json.dumps(answer, ensure_ascii=False)
        self.texts.append(text)
        return text

    def forget(self) -> None:
        """Begin anew: no requests, no special answers, no waiting."""
        self.records.clear()
        self.texts.clear()
        self.replacements.clear()
        self.seconds = QUICK

    @contextmanager
    def held_after(self, field: str) -> Iterator[None]:
        """Pause answers when that top-level field has been sent, until the block ends."""
        self._hold_after = field
        self._released.clear()
        try:
            yield
        finally:
            self._hold_after = ""
            self._released.set()

    def sent_share(self, number: int) -> float:
        """Which share of answer ``number``'s characters has certainly been sent."""
        ended = self.records[number].field_ended_at
        ends = field_ends(self.texts[number])
        return max((ends[name] for name in ended), default=0) / len(self.texts[number])

    def answer_of(self, number: int) -> dict[str, Any]:
        """Answer ``number`` as data."""
        return cast(dict[str, Any], json.loads(self.texts[number]))

    async def _stream(
        self, text: str, model: str, usage: dict[str, int], record: PacedRecord
    ) -> AsyncIterator[bytes]:
        pieces = super()._stream(text, model, usage, record)
        async with aclosing(pieces):  # type: ignore[type-var]
            async for piece in pieces:
                yield piece
                while self._hold_after in record.field_ended_at and not self._released.is_set():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
