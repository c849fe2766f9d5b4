"""``make dev``: Reflex's development server, which reloads on change, with the real database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from blossomer.launcher.console import LauncherError, say
from blossomer.launcher.mode import address
from blossomer.launcher.pages import PROJECT, WEB
from blossomer.launcher.server import listen_address
from blossomer.launcher.toolchain import build_environment
from blossomer.settings import Settings

STOP_SECONDS = 10.0


def serve_development(settings: Settings, urls: dict[str, str]) -> None:
    """Serve until stopped; pages on PORT, the API on the port after it.

    Args:
        settings: The validated settings.
        urls: Environment variables with the addresses of the database.

    Raises:
        LauncherError: Reflex ended by itself.
    """
    WEB.mkdir(exist_ok=True)
    backend_port = settings.port + 1
    environment = build_environment(WEB) | urls
    environment["REFLEX_WEB_WORKDIR"] = str((WEB / "development").relative_to(PROJECT))
    environment["REFLEX_API_URL"] = f"http://localhost:{backend_port}"
    command = [sys.executable, "-m", "reflex", "run", "--env", "dev"]
    command += ["--frontend-port", str(settings.port), "--backend-port", str(backend_port)]
    command += ["--backend-host", listen_address(settings.host)]
    say(f"Pages at {address(settings)}, API at port {backend_port}; both reload on change.")
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        status = process.wait()
    finally:
        _end_group(process)
    raise LauncherError(f"The development server ended by itself (status {status}).")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End Reflex with its Node.js and reloader; they are one group of processes."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
