"""Several servers over one database and one Redis, as they are behind a proxy."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from blossomer.db.embedded import EmbeddedServer, start_embedded
from blossomer.db.roles import DatabaseUrls, prepare_database
from tests.browser.server import Server
from tests.support.balancer import Balancer
from tests.support.redis import RedisServer
from tests.support.socket_page import SocketPage

SECRET_KEY = "for-tests-only-for-tests-only-for-tests-only"


@dataclass
class Replicas:
    """What is running.

    Args:
        servers: The servers.
        balancer: The proxy in front of them.
        redis: Their Redis.
        database: Addresses of their database.
        postgres: Its server.
    """

    servers: list[Server]
    balancer: Balancer
    redis: RedisServer
    database: DatabaseUrls
    postgres: EmbeddedServer

    @property
    def url(self) -> str:
        """Where people reach them."""
        return self.balancer.url

    async def kill(self, number: int) -> None:
        """End one server at once, as a loss of power would: its launcher, too."""
        process = self.servers[number]._process
        assert process is not None
        launcher = psutil.Process(process.pid)
        for each in (launcher, *launcher.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.kill()
        await asyncio.to_thread(process.wait)

    def workers_of(self, number: int) -> list[psutil.Process]:
        """The processes of one server that serve."""
        process = self.servers[number]._process
        assert process is not None
        granian = psutil.Process(process.pid).children()
        return [worker for leader in granian for worker in leader.children()]

    def kill_worker_of(self, number: int, page: SocketPage) -> None:
        """End at once the worker of a server that has a page's connection."""
        for worker in self.workers_of(number):
            peers = {each.raddr.port for each in worker.net_connections() if each.raddr}
            if page.local_port in peers:
                worker.kill()
                return
        raise AssertionError("no worker has that page")


@asynccontextmanager
async def replicas(*workers: int, **settings: str) -> AsyncIterator[Replicas]:
    """Start everything, the servers at the same time, and stop it at the end.

    Args:
        workers: How many workers each server has; as many servers as there are numbers.
        settings: More environment variables of each.
    """
    folder = await asyncio.to_thread(_folder)
    async with AsyncExitStack() as parts:
        parts.callback(shutil.rmtree, folder, ignore_errors=True)
        redis = parts.enter_context(RedisServer())
        postgres = await asyncio.to_thread(start_embedded, folder)
        parts.callback(postgres.stop)
        urls = prepare_database(postgres)
        ports: list[int] = []
        balancer = await parts.enter_async_context(Balancer(ports))
        shared = {
            "DATABASE_URL": urls.app,
            "DATABASE_OWNER_URL": urls.owner,
            "REDIS_URL": redis.url,
            "SECRET_KEY": SECRET_KEY,
            "PUBLIC_URL": balancer.url,
            "API_REQUESTS_PER_MINUTE": "100000",
            "SOCKETS_PER_ADDRESS": "100000",
            **settings,
        }
        servers = [
            Server(folder / f"server-{number}", {**shared, "WORKERS": str(count)})
            for number, count in enumerate(workers)
        ]
        ports += [server.port for server in servers]
        for server in servers:
            parts.push_async_callback(server.stop)
        await asyncio.gather(*(server.start() for server in servers))
        yield Replicas(servers, balancer, redis, urls, postgres)


def _folder() -> Path:
    """One as the launcher makes it; a temporary one is closed to the database's account."""
    folder = Path(tempfile.mkdtemp(prefix="bl-"))
    folder.chmod(0o711)
    return folder
