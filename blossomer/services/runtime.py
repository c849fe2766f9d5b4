"""The parts of one running server, built once and shared by both doors.

Reads no environment, knows no Reflex and no FastAPI. ``blossomer.py`` starts and stops it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db.store import DatabaseStore
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.allowances import Allowances
from blossomer.services.at_once import AtOnce, Place
from blossomer.services.bus import Bus
from blossomer.services.doors import Doors
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Ideas,
    NotWritten,
    SuggestionEvent,
    SuggestionRequest,
    Written,
)
from blossomer.services.feed import Feed
from blossomer.services.generation import Generator, internal_error
from blossomer.services.identity.sessions import SessionService
from blossomer.services.identity.sign_in import SignIn
from blossomer.services.jobs import known_entity
from blossomer.services.limits import GenerationLimits, Ticket, too_few_left
from blossomer.services.llm.router import ModelRouter
from blossomer.services.mending import Mended, Mender, MendRequest
from blossomer.services.redis import open_redis
from blossomer.services.runs import Runs
from blossomer.services.saving import Saver
from blossomer.services.saving_journal import Journal
from blossomer.services.suggestion_runs import SuggestionRuns
from blossomer.services.suggestions import Suggester, most_of
from blossomer.services.tabs import Tabs
from blossomer.services.tickets import Tickets
from blossomer.services.token_budget import TokenBudget
from blossomer.services.website.reader import WebsiteReader
from blossomer.settings import Settings, get_settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = get_logger(__name__)

DatabaseHealth = Callable[[], Awaitable[dict[str, Any]]]
"""Answers with at least ``{"status": "ok"}`` or another status; see ``db/check.py``."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What signed-in users need on top: their documents, and what is going on with them.

    Args:
        engine: The database, as the serving role.
        feed: News for open pages.
        saver: Carries changes to the database.
        runs: Generations that outlive their page.
        suggestions: Suggestions of several documents, which do so too.
        is_shared: Whether other workers serve the same users.
    """

    engine: AsyncEngine
    feed: Feed
    saver: Saver
    runs: Runs
    suggestions: SuggestionRuns
    is_shared: bool = False

    def store(self, user_id: str) -> DatabaseStore:
        """The documents of one verified user."""
        return DatabaseStore(self.engine, user_id)

    async def stop(self) -> None:
        """Mark what runs as interrupted, and write what waits."""
        await self.suggestions.stop()
        await self.runs.stop()
        if not await self.saver.finish(FINISH_SECONDS):
            log.error("saving.given_up", reason="the database does not answer")


Keep = Callable[[Completed], Awaitable[Any]]
KeepOne = Callable[[Written], Awaitable[Any]]

FINISH_SECONDS = 5.0
"""How long a server that is being stopped waits for the database to take the last changes."""

INTERRUPTED = "interrupted"
"""With this word a generation is cancelled that ends because the server does (``runs.py``)."""


@dataclass(slots=True)
class Runtime:
    """What a door needs to serve.

    Args:
        settings: The settings it was built from.
        reader: Reads websites.
        router: Asks models.
        generator: The generation stream.
        suggester: Several generations for one parent.
        mender: Mends passages.
        limits: The count of generations.
        tickets: Those that are counted and not over.
        at_once: How many of them are going on.
        budget: Tokens that models may still use today.
        user_events: How fast the events of each signed-in user may come.
        redis: What all workers and replicas share; None without REDIS_URL.
        bus: The line to other workers.
        doors: The connections and requests of this one.
        tabs: Which tabs hold something of whom.
        database_health: Set by whoever opens the database; None when there is none.
        engine: The database; set by ``open_identity``, None before and without one.
        sessions: Who is signed in; the same.
        sign_in: Sign-ins under way; the same.
        workspace: Set by ``open_workspace``; None when there is no database.
    """

    settings: Settings
    reader: WebsiteReader
    router: ModelRouter
    generator: Generator
    suggester: Suggester
    mender: Mender
    limits: GenerationLimits
    tickets: Tickets
    at_once: AtOnce
    budget: TokenBudget
    user_events: Allowances
    redis: Redis | None = None
    bus: Bus = field(default_factory=Bus)
    doors: Doors = field(default_factory=Doors)
    tabs: Tabs = field(default_factory=Tabs)
    database_health: DatabaseHealth | None = None
    engine: AsyncEngine | None = None
    sessions: SessionService | None = None
    sign_in: SignIn | None = None
    workspace: Workspace | None = None

    async def start(self) -> None:
        """Load what the first generation would otherwise wait for: seconds, when models are asked.

        A server is ready when its first answer takes no longer than the others.
        """
        self.tickets.search()
        try:
            await self.router.warm_up()
        except Exception as error:
            # The first generation will load what is missing, or say why it cannot.
            log.warning("models.warm_up_failed", exc_info=error)

    async def leave(self) -> None:
        """Be about to stop: other workers take over, pages and requests are sent to them.

        What runs here goes on until ``stop``. A second call does nothing.
        """
        if not self.doors.is_leaving:
            await self.bus.leave()
            await self.doors.leave()

    async def stop(self) -> None:
        """End what has begun since ``start``."""
        await self.leave()
        workspace, self.workspace = self.workspace, None
        if workspace is not None:
            await workspace.stop()
        await self.at_once.close()
        await self.tickets.close()
        await self.budget.flush()
        if self.redis is not None:
            await self.redis.aclose()

    def open_workspace(self, engine: AsyncEngine) -> None:
        """Make the parts for signed-in users, on a database that has been checked."""
        bus = self.bus
        feed = Feed(bus)

        def store_for(user_id: str) -> DatabaseStore:
            return DatabaseStore(engine, user_id)

        saver = Saver(store_for, feed, Journal(bus) if bus.is_shared else None)
        saver.search()
        runs = Runs(self.generate, store_for, feed, saver, bus)
        self.workspace = Workspace(
            engine=engine,
            feed=feed,
            saver=saver,
            runs=runs,
            suggestions=SuggestionRuns(self.suggest, runs.keep_new, feed, bus),
            is_shared=bus.is_shared,
        )

    async def generate(
        self, request: GenerationRequest, *, key: str, keep: Keep | None = None
    ) -> AsyncGenerator[GenerationEvent, None]:
        """Generate, counted: the way for every door.

        The generation is counted before it starts and given back when it fails, or when its result
        cannot be kept. When the reader goes away in the middle it stays counted, since its cost has
        been caused; unless the server goes away, which is no fault of theirs.

        Args:
            request: What to generate.
            key: Who it counts for, for example from ``client_address.anonymous_key``.
            keep: Stores the result before it is yielded; what it raises becomes ``Failed``.

        Raises:
            Nothing; a refusal is a ``Failed`` event like any other.
        """
        try:
            place = await self.at_once.enter(key)
        except UserError as error:
            yield Failed(error)
            return
        ticket: Ticket | None = None
        try:
            try:
                ticket = await self.tickets.take(key)
            except UserError as error:
                yield Failed(error)
                return
            async with aclosing(self.generator.generate(request)) as events:
                async for event in events:
                    if isinstance(event, Completed) and keep is not None:
                        event = await kept(event, keep)  # noqa: PLW2901
                    if isinstance(event, Failed):
                        await self.tickets.give_back(ticket)
                    elif isinstance(event, Completed):
                        await self.tickets.keep(ticket)
                    yield event
                    if isinstance(event, Completed | Failed):
                        return
        except (asyncio.CancelledError, GeneratorExit) as left:
            if ticket is not None and (left.args == (INTERRUPTED,) or self.doors.is_leaving):
                await self.tickets.give_back(ticket)
            raise
        finally:
            if ticket is not None:
                await self.tickets.keep(ticket)
            await self.at_once.leave(place)

    async def suggest(
        self, request: SuggestionRequest, *, key: str, keep: KeepOne | None = None
    ) -> AsyncGenerator[SuggestionEvent, None]:
        """Suggest, counted: each document that is written counts as one generation.

        As many are counted beforehand as are left, up to the most that is wanted; what was not
        needed and what failed is given back. When the reader goes away in the middle, those that
        have begun stay counted, unless the server goes away. All together are one of those that are
        going on at once: they share what was read, and a person waits for all of them as for one.

        Args:
            request: For which parent.
            key: Who it counts for.
            keep: Stores a document before it is yielded; what it raises becomes ``NotWritten``.

        Raises:
            Nothing; a refusal is a ``Failed`` event.
        """
        tickets: list[Ticket] = []
        begun, written = 1, 0
        place: Place | None = None
        try:
            try:
                place = await self.at_once.enter(key)
                most = await self._take_several(request, key, tickets)
            except UserError as error:
                begun = 0
                yield Failed(error)
                return
            events = self.suggester.suggest(replace(request, most=most))
            async with aclosing(events) as open_events:
                async for event in open_events:
                    if isinstance(event, Written) and keep is not None:
                        event = await kept_one(event, keep)  # noqa: PLW2901
                    if isinstance(event, Ideas):
                        begun = len(event.names)
                    elif isinstance(event, Failed):
                        begun = written
                    elif isinstance(event, Written):
                        written += 1
                    elif isinstance(event, NotWritten):
                        begun -= 1
                    yield event
        except asyncio.CancelledError as cancelled:
            if cancelled.args == (INTERRUPTED,):
                begun = written
            raise
        finally:
            for ticket in tickets[begun:]:
                await self.tickets.give_back(ticket)
            for ticket in tickets[:begun]:
                await self.tickets.keep(ticket)
            if place is not None:
                await self.at_once.leave(place)

    async def _take_several(
        self, request: SuggestionRequest, key: str, tickets: list[Ticket]
    ) -> int:
        """Count as many generations as are left, up to the most that is wanted."""
        config = known_entity(request.entity)
        most = most_of(config, request)
        fewest = min(config.suggestions.fewest if config.suggestions else 1, most)
        try:
            while len(tickets) < most:
                tickets.append(await self.tickets.take(key))
        except UserError as error:
            if error.code != "rate_limited" or not tickets:
                raise
            if len(tickets) < fewest:
                raise too_few_left(error, len(tickets), fewest) from None
        return len(tickets)

    async def mend(self, request: MendRequest, *, key: str) -> Mended:
        """Mend a passage, counted as one generation and given back when it fails.

        Args:
            request: What to mend.
            key: Who it counts for.

        Raises:
            UserError: ``model_needed``, ``rate_limited`` or another of ``Mender.mend``.
        """
        self.mender.check(request)
        place = await self.at_once.enter(key)
        try:
            ticket = await self.tickets.take(key)
            try:
                return await self.mender.mend(request)
            except Exception:
                await self.tickets.give_back(ticket)
                raise
            finally:
                await self.tickets.keep(ticket)
        finally:
            await self.at_once.leave(place)


async def kept(event: Completed, keep: Keep) -> Completed | Failed:
    """A result that has been stored, or why it could not be."""
    try:
        await keep(event)
    except UserError as error:
        return Failed(error)
    except Exception as error:
        log.error("generation.not_kept", exc_info=error)
        return Failed(
            UserError(
                "internal_error",
                "Something went wrong on our side while this was being kept.",
                "Try again. What you had before is unchanged, and nothing was counted.",
                status=500,
            )
        )
    return event


async def kept_one(event: Written, keep: KeepOne) -> Written | NotWritten:
    """A suggested document that has been stored, or why it could not be."""
    try:
        await keep(event)
    except UserError as error:
        return NotWritten(event.index, error)
    except Exception as error:
        log.error("suggestion.not_kept", exc_info=error)
        return NotWritten(event.index, internal_error())
    return event


_current: Runtime | None = None


def get_runtime() -> Runtime:
    """The runtime of this process, built at the first call."""
    global _current  # noqa: PLW0603 - one per process is the point
    if _current is None:
        _current = build_runtime(get_settings())
    return _current


def set_runtime(runtime: Runtime | None) -> None:
    """Replace the runtime of this process (tests), or forget it with None."""
    global _current  # noqa: PLW0603
    _current = runtime


def build_runtime(settings: Settings, *, reader: WebsiteReader | None = None) -> Runtime:
    """Put the parts together. Opens no connection and loads no model library.

    Args:
        settings: What to build it from.
        reader: Another reader than the usual one.
    """
    reader = reader or WebsiteReader(settings)
    redis = open_redis(settings)
    budget = TokenBudget(settings.llm_tokens_per_day, redis=redis, folder=settings.data_dir)
    bus = Bus(settings)
    router = ModelRouter(settings, budget=budget, bus=bus)
    generator = Generator(settings, reader, router)
    limits = GenerationLimits(settings)
    return Runtime(
        settings=settings,
        reader=reader,
        router=router,
        generator=generator,
        suggester=Suggester(settings, generator, router),
        mender=Mender(router),
        limits=limits,
        tickets=Tickets(limits, bus),
        at_once=AtOnce(settings, redis),
        budget=budget,
        user_events=Allowances(settings.user_events_per_second),
        redis=redis,
        bus=bus,
        doors=Doors(bus),
        tabs=Tabs(bus),
    )
