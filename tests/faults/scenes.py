"""How each part is made to fail, and to be well again, and who does what meanwhile."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import psutil

from blossomer.entities import entity_config
from tests.faults.matrix import Cell
from tests.faults.people import CARD, DONE, LONGEST_SECONDS, LOST, PASTED, WAITS, Outcome
from tests.faults.world import Member, World

COMPANY = {"company_name": "Acme"}
"""Without a website a model must write what is below it."""

COMPANIES = entity_config("company").table

RECOVERY_SECONDS = 60.0


class Scene:
    """A part that works; the others derive from it.

    Args:
        world: Everything.
        member: Who is there.
        cell: What is to fail, and how.

    Attributes:
        texts: What the page has written into its company, and was told it is kept.
        described: The same of the program.
        tried: All that either has tried to write.
        documents: Ids of what was generated and shown.
        written: How many the program was given in this hour.
        counted: How many the page was.
        lost: How often the page was cut off in the middle of one.
        health: What ``GET /health/ready`` said while the part had failed.
    """

    def __init__(self, world: World, member: Member, cell: Cell) -> None:
        self.world, self.member, self.cell = world, member, cell
        self.texts: list[str] = []
        self.described: list[str] = []
        self.tried: list[str] = []
        self.documents: list[str] = []
        self.written, self.counted = member.used
        self.lost = 0
        self.health: dict[str, Any] = {}
        self._number = 0

    @property
    def known(self) -> set[str]:
        """Ids of all companies that the user is known to have."""
        return self.member.companies | set(self.documents)

    async def break_it(self) -> None:
        """Let the part fail."""

    async def mend(self) -> None:
        """Let it be well again."""

    async def meanwhile(self) -> dict[str, Outcome]:
        """Let it fail, and everybody do what they do; by what they do."""
        await self.break_it()
        told = await self.everybody()
        await self.look()
        return told

    async def look(self) -> None:
        """Ask how everything is, until it is said what has failed, or for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_SECONDS):
                while not self.cell.is_seen(self.health):
                    self.health = await self.world.health()
                    await asyncio.sleep(0.1)

    async def program_edits_again(self) -> Outcome:
        """An edit by the program when the database is just back, until it is heard of that."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                outcome = await self.program_edits()
                if outcome.what != "database_unavailable":
                    return outcome

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
        self.tried.append(text)
        outcome = await self.member.editing.edit(text)
        if outcome.what in (DONE, WAITS):
            self.texts.append(text)
        return outcome

    async def page_writes(self) -> Outcome:
        """A generation at the page."""
        return self._noted(await self.member.writing.generate(self.known, pasted_text=PASTED))

    async def program_edits(self) -> Outcome:
        """An edit by the program."""
        text = self._text("program")
        self.tried.append(text)
        outcome = await self.member.program.edit(self.member.account, text)
        if outcome.what == DONE:
            self.described.append(text)
        return outcome

    async def program_writes(self) -> Outcome:
        """A generation without an account."""
        outcome = await self.member.program.generate("accounts", company=COMPANY)
        return self._noted(outcome)

    def _noted(self, outcome: Outcome) -> Outcome:
        if outcome.what == LOST and not outcome.status:
            self.lost += 1
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
        """Everybody goes on with what they could not do, until it is done."""
        again: dict[str, Callable[[], Awaitable[None]]] = {
            "page_edits": lambda: self._page_gets_on(told["page_edits"]),
            "page_writes": lambda: self._page_gets_written(told["page_writes"]),
            "program_edits": lambda: self._until_done(self.program_edits),
            "program_writes": lambda: self._until_done(self.program_writes),
        }
        await asyncio.gather(*(act() for name, act in again.items() if told[name].what != DONE))

    async def _page_gets_on(self, told: Outcome) -> None:
        page = self.member.editing
        if told.what == WAITS:
            # Nobody does anything for it; a page that has loaded anew need not say anything.
            text = self.texts[-1]
            await page.shows(
                "that it is saved",
                lambda p: text in p.texts(CARD) and p.get("save_state") in ("", "saved"),
            )
        await page.shows("the document", lambda p: p.get("phase") == "ready")
        await self._until_done(self.page_edits)

    async def _page_gets_written(self, told: Outcome) -> None:
        page = self.member.writing
        await page.shows("the page", lambda p: p.get("phase") in ("ready", "empty"))

        async def again() -> Outcome:
            if not page.tab.failure:
                return await self.page_writes()
            return self._noted(await page.try_again(self.known))

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


class _FromWebsite(Scene):
    """Generations read the website, so that they can be held in the middle."""

    async def page_writes(self) -> Outcome:
        site = self.world.website
        return self._noted(await self.member.writing.generate(self.known, website_url=site))

    async def program_writes(self) -> Outcome:
        # Another page of it: who wants what is being read waits for the same read.
        body = {"website_url": f"{self.world.website}/customers"}
        return self._noted(await self.member.program.generate("companies", **body))

    async def held(self, act: Callable[[], Awaitable[Outcome]]) -> asyncio.Task[Outcome]:
        """A generation that has begun, and does not go on before ``go_on``."""
        site = self.world.lines["website"]
        site.hold(after=200)
        before = site.connections
        task = asyncio.ensure_future(act())
        await until(lambda: site.connections > before or task.done())
        return task

    def go_on(self) -> None:
        """Let what is held go on."""
        self.world.lines["website"].restore()


class Website(_FromWebsite):
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


class Provider(Scene):
    """A model, behind a line; the other providers turn down what they are asked."""

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

    async def all_is_well(self, told: dict[str, Outcome]) -> None:
        await super().all_is_well(told)
        self.world.every_provider()


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


class PostgresDies(_FromWebsite):
    """The database is killed when it has committed an edit and not said so, under a generation."""

    async def meanwhile(self) -> dict[str, Outcome]:
        line = self.world.lines["postgres"]
        writing = await self.held(self.page_writes)
        # A write is one statement, which is answered when it is committed.
        line.cut(once=lambda sent: f"{self.cell}, page".encode() in sent)
        editing = asyncio.ensure_future(self.page_edits())
        await asyncio.to_thread(line.has_cut.wait, LONGEST_SECONDS)
        await asyncio.to_thread(self.world.crash_postgres)
        told = {"page_edits": await editing, "program_edits": await self.program_edits()}
        await self.look()
        self.go_on()
        await asyncio.to_thread(self.world.start_postgres)
        line.cut(once=_committed(f"INSERT INTO {COMPANIES}".encode()))
        told["program_writes"] = await self.program_writes()
        await asyncio.to_thread(line.has_cut.wait, LONGEST_SECONDS)
        line.restore()
        told["page_writes"] = await writing
        return told

    async def mend(self) -> None:
        self.go_on()
        self.world.lines["postgres"].restore()


def _committed(words: bytes) -> Callable[[bytes], bool]:
    """Whether a client has had these words written, and has asked for that to be committed."""

    def told(sent: bytes) -> bool:
        _, found, rest = sent.rpartition(words)
        return bool(found) and b"COMMIT" in rest

    return told


class Redis(Scene):
    """Redis itself."""

    async def break_it(self) -> None:
        if self.cell.fault == "slow":
            self.world.redis.hang()
        else:
            self.kill()

    def kill(self) -> None:
        """What it has counted is gone with it."""
        self.world.redis.kill()
        self.counted = self.written = 0

    async def mend(self) -> None:
        if self.cell.fault == "slow":
            self.world.redis.go_on()
        else:
            self.world.redis.start()


class RedisDies(_FromWebsite, Redis):
    """Redis is killed under a generation, and under an edit that the database has not taken."""

    async def meanwhile(self) -> dict[str, Outcome]:
        database = self.world.lines["postgres"]
        writing = await self.held(self.page_writes)
        database.refuse()
        told = {"page_edits": await self.page_edits()}
        self.kill()
        told["page_writes"] = await writing
        database.restore()
        self.go_on()
        told["program_edits"] = await self.program_edits_again()
        told["program_writes"] = await self.program_writes()
        await self.look()
        return told

    async def mend(self) -> None:
        self.go_on()
        self.world.lines["postgres"].restore()
        await super().mend()

    async def _page_gets_written(self, told: Outcome) -> None:
        # It goes on without Redis, and is among the user's companies.
        page = self.member.writing

        def new(tab: Any) -> list[str]:
            return [c["id"] for c in tab.get("choices") or () if c["id"] not in self.known]

        await page.shows("what was generated", new)
        self.documents += new(page.tab)
        await super()._page_gets_written(told)


class Worker(_FromWebsite):
    """The worker on which everybody's connections are."""

    async def gather_on_one(self) -> None:
        """Bring all connections to one worker, as they may be by chance."""
        world, member = self.world, self.member
        self.process = world.worker_at(member.editing.tab.local_port)
        for page in (member.editing, member.writing):
            while world.worker_at(page.tab.local_port) != self.process:
                await page.connect_anew()
        await member.program.connect_anew()  # one connection, and not several
        while world.worker_at(await member.program.local_port()) != self.process:
            await member.program.connect_anew()

    async def meanwhile(self) -> dict[str, Outcome]:
        await self.world.all_workers_serve()
        await self.gather_on_one()
        if self.cell.fault == "slow":
            # Nobody lets it go on: the launcher has to notice.
            self.process.suspend()
            edits, writes, program = await asyncio.gather(
                self.page_edits(), self.page_writes(), self.program_writes()
            )
            await self._is_gone()
            return {
                "page_edits": edits,
                "page_writes": writes,
                "program_writes": program,
                "program_edits": await self.program_edits(),
            }
        writing, program = await self.held(self.page_writes), await self.held(self.program_writes)
        if self.cell.fault == "refused":
            return await self._told_to_stop(writing, program)
        database = self.world.lines["postgres"]
        database.refuse()
        told = {"page_edits": await self.page_edits()}
        self.process.kill()
        told["program_writes"] = await program
        await writing
        await self._is_gone()
        database.restore()
        self.go_on()
        told["program_edits"] = await self.program_edits_again()
        told["page_writes"] = await self._interrupted()
        return told

    async def _told_to_stop(
        self, writing: asyncio.Task[Outcome], program: asyncio.Task[Outcome]
    ) -> dict[str, Outcome]:
        # What the launcher does with all workers, and a rolling restart with one after the other.
        self.process.send_signal(signal.SIGUSR1)
        told = {"page_edits": await self.page_edits(), "program_edits": await self.program_edits()}
        told["program_writes"] = await program
        await writing
        self.process.terminate()
        told["page_writes"] = await self._interrupted()
        return told

    async def _is_gone(self) -> None:
        """Return when the worker's last socket is closed: until then it is given connections."""

        def has_ended() -> bool:
            try:
                return self.process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
            except psutil.NoSuchProcess:
                return True

        await until(has_ended)

    async def _interrupted(self) -> Outcome:
        page = self.member.writing
        await page.shows("that it was interrupted", lambda p: p.failure)
        return page.outcome(self.known)

    async def mend(self) -> None:
        self.go_on()
        self.world.lines["postgres"].restore()


async def until(condition: Callable[[], Any]) -> None:
    """Wait for something that happens in another thread or process."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while not condition():  # noqa: ASYNC110 - they set no event
            await asyncio.sleep(0.01)


def scene_of(cell: Cell) -> type[Scene]:
    """How a cell is played."""
    dies = cell.fault == "dies in the middle"
    match cell.part:
        case "Postgres":
            return PostgresDies if dies else Postgres
        case "Redis":
            return RedisDies if dies else Redis
        case "website":
            return Website
        case "worker":
            return Worker
    return Provider
