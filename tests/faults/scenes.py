"""How each part is made to fail, and to be well again, and who does what meanwhile."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import psutil

from tests.faults.matrix import Cell
from tests.faults.people import DONE, LONGEST_SECONDS, LOST, PASTED, WAITS, Outcome
from tests.faults.world import Member, World

COMPANY = {"company_name": "Acme"}
"""Without a website a model must write what is below it."""

RECOVERY_SECONDS = 25.0


class Scene:
    """A part that works; the others derive from it.

    Args:
        world: Everything.
        member: Who is there.
        cell: What is to fail, and how.

    Attributes:
        texts: What the page has written into its company, and was told it is kept.
        described: The same of the program.
        documents: Ids of what was generated and shown.
        written: How many the program was given.
    """

    def __init__(self, world: World, member: Member, cell: Cell) -> None:
        self.world, self.member, self.cell = world, member, cell
        self.texts: list[str] = []
        self.described: list[str] = []
        self.documents: list[str] = []
        self.written = 0
        self.counted = 0
        self._number = 0

    async def break_it(self) -> None:
        """Let the part fail."""

    async def mend(self) -> None:
        """Let it be well again."""

    async def meanwhile(self) -> dict[str, Outcome]:
        """Let it fail, and everybody do what they do; by what they do."""
        await self.break_it()
        return await self.everybody()

    async def everybody(self) -> dict[str, Outcome]:
        """The four things that are done, at the same time."""
        acts = {
            "page_edits": self.page_edits(),
            "page_writes": self.page_writes(),
            "program_edits": self.program_edits(),
            "program_writes": self.program_writes(),
        }
        async with asyncio.timeout(LONGEST_SECONDS * 2):
            return dict(zip(acts, await asyncio.gather(*acts.values()), strict=True))

    async def page_edits(self) -> Outcome:
        """An edit, in words that no other has."""
        text = self._text("page")
        outcome = await self.member.editing.edit(text)
        if outcome.what in (DONE, WAITS):
            self.texts.append(text)
        return outcome

    async def page_writes(self) -> Outcome:
        """A generation at the page."""
        return self._noted(await self.member.writing.generate(pasted_text=PASTED))

    async def program_edits(self) -> Outcome:
        """An edit by the program."""
        text = self._text("program")
        outcome = await self.member.program.edit(self.member.account, text)
        if outcome.what == DONE:
            self.described.append(text)
        return outcome

    async def program_writes(self) -> Outcome:
        """A generation without an account."""
        outcome = await self.member.program.generate("accounts", company=COMPANY)
        return self._noted(outcome)

    def _noted(self, outcome: Outcome) -> Outcome:
        if outcome.what.startswith(DONE):
            if outcome.status:
                self.written += 1
            else:
                self.documents.append(outcome.document)
                self.counted += 1
        return outcome

    def _text(self, who: str) -> str:
        self._number += 1
        return f"{self.cell}, {who} {self._number}"

    async def all_is_well(self, told: dict[str, Outcome]) -> None:
        """Everybody goes on with what they did, until it is done."""
        await asyncio.gather(
            self._page_gets_on(told["page_edits"]),
            self._page_gets_written(told["page_writes"]),
            self._until_done(self.program_edits),
            self._until_done(self.program_writes),
        )

    async def _page_gets_on(self, told: Outcome) -> None:
        page = self.member.editing
        if told.what == WAITS:
            # Nobody does anything for it.
            await page.shows("that it is saved", lambda p: p.get("save_state") == "saved")
        await page.shows("the document", lambda p: p.get("phase") == "ready")
        await self._until_done(self.page_edits)

    async def _page_gets_written(self, told: Outcome) -> None:
        page = self.member.writing
        if told.what.startswith(DONE):
            await self._until_done(self.page_writes)
            return
        await page.shows("the page", lambda p: p.get("phase") in ("ready", "empty"))

        async def again() -> Outcome:
            error = page.tab.get("error") or {}
            if not error.get("code"):
                return await self.page_writes()
            return self._noted(await page.try_again())

        await self._until_done(again)

    async def _until_done(self, act: Callable[[], Awaitable[Outcome]]) -> None:
        last = None
        try:
            async with asyncio.timeout(RECOVERY_SECONDS):
                while last is None or last.what != DONE:
                    last = await act()
                    if last.what != DONE:
                        await asyncio.sleep(0.3)
        except TimeoutError:
            raise AssertionError(f"{act} does not recover: {last}") from None


class Postgres(Scene):
    """The database, behind a line."""

    async def break_it(self) -> None:
        line = self.world.lines["postgres"]
        if self.cell.fault == "slow":
            line.hold()
        else:
            line.refuse()

    async def mend(self) -> None:
        self.world.lines["postgres"].restore()


class Redis(Scene):
    """Redis itself."""

    async def break_it(self) -> None:
        if self.cell.fault == "slow":
            self.world.redis.hang()
        else:
            self.world.redis.kill()
            self.forget_counts()

    def forget_counts(self) -> None:
        """What Redis has counted is gone with it."""
        self.counted = self.written = 0

    async def mend(self) -> None:
        if self.cell.fault == "slow":
            self.world.redis.go_on()
        else:
            self.world.redis.start()


class Provider(Scene):
    """A model, behind a line; the other providers have no time."""

    @property
    def name(self) -> str:
        return self.cell.part.lower()

    async def break_it(self) -> None:
        self.world.only(self.name)
        line = self.world.lines[self.name]
        match self.cell.fault:
            case "slow":
                line.hold(after=1_500)
            case "refused":
                line.refuse()
            case _:
                line.cut(after=1_500)

    async def mend(self) -> None:
        self.world.lines[self.name].restore()


class Website(Scene):
    """A company's website, behind a line."""

    async def break_it(self) -> None:
        line = self.world.lines["website"]
        match self.cell.fault:
            case "slow":
                line.hold()
            case "refused":
                line.refuse()
            case _:
                line.cut(after=600)

    async def mend(self) -> None:
        self.world.lines["website"].restore()

    async def page_writes(self) -> Outcome:
        return self._noted(await self.member.writing.generate(website_url=self.world.website))

    async def program_writes(self) -> Outcome:
        body = {"website_url": self.world.website}
        return self._noted(await self.member.program.generate("companies", **body))
