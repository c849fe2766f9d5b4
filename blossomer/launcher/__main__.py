"""``make run`` and ``make dev``: the order in which the parts start and stop. The parts are beside.

python -m blossomer.launcher [run | dev | build | migrate | migration MESSAGE]
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from blossomer.launcher.console import LauncherError, complain, say
from blossomer.launcher.counting import counting_together
from blossomer.launcher.development import serve_development
from blossomer.launcher.migration import write_migration
from blossomer.launcher.mode import address, describe_mode
from blossomer.launcher.pages import ready_pages
from blossomer.launcher.server import Server, check_port
from blossomer.launcher.watching import Watch
from blossomer.settings import Settings, SettingsError, load_settings

PREDECESSOR_SECONDS = 6.0


class Stop(BaseException):
    """Ctrl-C or SIGTERM: the person wants it to end. Not an error."""


def main() -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="blossomer")
    commands = ["run", "dev", "build", "migrate", "migration"]
    parser.add_argument("command", nargs="?", choices=commands, default="run")
    parser.add_argument("message", nargs="?", default="", help="what a migration does")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the program that started this ends"
    )
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        if arguments.command == "build":
            ready_pages()
            return 0
        if arguments.command == "migration":
            write_migration(arguments.message)
            return 0
        if arguments.command == "migrate":
            # Imported here for the same reason as in _serve.
            from blossomer.launcher.database import migrate_database  # noqa: PLC0415

            migrate_database(load_settings())
            return 0
        parent = os.getppid() if arguments.with_parent else None
        _serve(load_settings(), development=arguments.command == "dev", parent=parent)
    except SettingsError as error:
        if len(error.problems) == 1:
            complain(f"A setting is wrong: {error}")
        else:
            complain("\n  - ".join(["These settings are wrong:", *error.problems]))
        return 2
    except LauncherError as error:
        complain(str(error))
        return 1
    except Stop:
        say("Blossomer has stopped.")
        return 0
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    # What follows is tidying up, which a second Ctrl-C must not cut short.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stop


def _serve(settings: Settings, *, development: bool, parent: int | None) -> None:
    data_dir = _data_folder(settings.data_dir)
    _check_workers(settings)
    server = Server(
        data_dir,
        settings.host,
        settings.port,
        settings.workers,
        page_silence=settings.page_silence_seconds,
    )
    with ExitStack() as parts:
        parts.enter_context(_only_one(data_dir))
        if server.take_over():
            say("Stopped the server that an earlier start had left behind.")
        check_port(settings.host, settings.port)
        # Only now: it takes a second to import, which what is wrong so far need not wait for.
        from blossomer.launcher.database import start_database  # noqa: PLC0415

        if not development:
            pages = ready_pages()
        database = start_database(settings, data_dir)
        parts.callback(database.stop)
        # For the owner's address the server gets the serving role's: it must not have the owner's.
        urls = {"DATABASE_URL": database.app_url, "DATABASE_OWNER_URL": database.app_url}
        urls["DATA_DIR"] = str(data_dir)
        urls |= counting_together(settings, data_dir)
        if development:
            serve_development(settings, urls)
            return
        parts.callback(server.stop)
        watch = Watch(settings, data_dir)
        server.start(pages, urls)
        server.wait_until_ready()
        say(f"Blossomer is ready at {address(settings)} ({describe_mode(settings, database)})")
        while parent is None or os.getppid() == parent:
            server.check_alive()
            watch.look()
            database.keep_running()
            time.sleep(0.5)


def _check_workers(settings: Settings) -> None:
    """Several workers need a place that all of them can reach."""
    if settings.workers > 1 and settings.redis_url is None:
        raise LauncherError(
            f"WORKERS is {settings.workers}, and several workers share what they know through "
            "Redis: set REDIS_URL, for example `make run WORKERS=4 "
            "REDIS_URL=redis://localhost:6379/0`, or leave WORKERS at 1."
        )


def _data_folder(path: Path) -> Path:
    """The existing, writable data folder."""
    try:
        if not path.exists():
            path.mkdir(parents=True)
            # Others may pass through to what is theirs (the cluster, when root starts it) only.
            path.chmod(0o711)
        probe = path / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise LauncherError(
            f"The data folder {path} cannot be written to ({error.strerror}): make it writable, or "
            "choose another one, for example `make run DATA_DIR=/path/to/a/folder`."
        ) from None
    return path.resolve()


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder's lock, which the kernel frees however its holder ends."""
    with (data_dir / "launcher.lock").open("a+") as file:
        # A predecessor may be on its way out; give it a moment.
        deadline = time.monotonic() + PREDECESSOR_SECONDS
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > deadline:
                file.seek(0)
                raise LauncherError(
                    f"Blossomer already runs with the data folder {data_dir} (process "
                    f"{file.read().strip() or 'unknown'}): stop it, or choose another DATA_DIR."
                )
            time.sleep(0.1)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


if __name__ == "__main__":
    sys.exit(main())
