"""Creates and updates ``.venv`` from the lock files. Starts no part of the product.

Run as a script by whatever Python >= 3.11 the machine has, so it uses the standard library only:

    python3 blossomer/launcher/environment.py run|test

``run`` needs ``requirements.lock``; ``test`` needs ``requirements-dev.lock``, which contains the
same and the tools of the tests. Whoever has the larger one keeps it when only ``run`` is asked for.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
LOCKS = {"run": PROJECT / "requirements.lock", "test": PROJECT / "requirements-dev.lock"}

# pip's settings and uv's names for the same: whoever has configured one has configured both.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


class InstallError(Exception):
    """The environment cannot be made. The message is one line."""


def main(wanted: str) -> int:
    """Bring ``.venv`` up to date for ``run`` or ``test``; returns the exit status."""
    try:
        # The lock is on the project's folder: it needs no file and ends with the process.
        folder = os.open(PROJECT, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        kind = _missing(wanted)
        if kind is not None:
            _install(kind)
    except InstallError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(
            f"The folder {error.filename or PROJECT} cannot be used ({error.strerror}): "
            "clone the project into a folder of yours.\n"
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _fingerprint(kind: str) -> str:
    return f"{kind} {hashlib.sha256(LOCKS[kind].read_bytes()).hexdigest()}"


def _missing(wanted: str) -> str | None:
    """Which of the lock files must be installed, if any."""
    installed = STAMP.read_text().strip() if STAMP.exists() and PYTHON.exists() else ""
    if installed in {_fingerprint(wanted), _fingerprint("test")}:
        return None
    return "test" if installed.startswith("test ") else wanted


def _install(kind: str) -> None:
    sys.stdout.write("Installing the environment (after a change only; about a minute)...\n")
    sys.stdout.flush()
    STAMP.unlink(missing_ok=True)
    if not PYTHON.exists() or _fails([str(PYTHON), "-m", "pip", "--version"]):
        shutil.rmtree(VENV, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(VENV)], os.environ.copy())
    environment = _without_home(os.environ.copy())
    _install_uv(environment)
    command = [str(VENV / "bin" / "uv"), "pip", "sync", "--quiet", "--require-hashes"]
    command += ["--python", str(PYTHON), str(LOCKS[kind])]
    _run(command, _like_pip(environment))
    STAMP.write_text(_fingerprint(kind) + "\n")


def _install_uv(environment: dict[str, str]) -> None:
    """Install uv by pip, from its hash-pinned lines in the lock."""
    lines = LOCKS["run"].read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("uv=="))
    end = start + 1
    while lines[end - 1].endswith("\\"):
        end += 1
    version = lines[start].split("==")[1].split()[0]
    uv = VENV / "bin" / "uv"
    if uv.exists() and f"uv {version} " in _output([str(uv), "--version"]) + " ":
        return
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
        requirement.write("\n".join(lines[start:end]) + "\n")
        requirement.flush()
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
        command += ["--no-user", "--disable-pip-version-check", "-r", requirement.name]
        _run(command, environment)


def _without_home(environment: dict[str, str]) -> dict[str, str]:
    """Keep the caches of uv and pip in ``.venv`` where the home folder is missing or closed."""
    home = Path(environment.get("XDG_CACHE_HOME") or Path("~").expanduser() / ".cache")
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        environment.setdefault("UV_CACHE_DIR", str(VENV / "cache"))
        environment.setdefault("PIP_CACHE_DIR", str(VENV / "cache-pip"))
    return environment


def _like_pip(environment: dict[str, str]) -> dict[str, str]:
    """Give uv what the user has configured for pip, where uv has no setting of its own."""
    environment = {"UV_PYTHON_DOWNLOADS": "never", **environment}
    found: dict[str, str] = {}
    for line in _output([str(PYTHON), "-m", "pip", "config", "list"]).splitlines():
        # For example: global.index-url='https://…'. Settings of the environment come last.
        name, separator, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if separator and section in {"global", "install", ":env:"} and option in UV_NAMES:
            words = shlex.split(value)
            found[option] = words[0] if words else ""
    for option, variable in UV_NAMES.items():
        value = found.get(option, "").replace("\n", " ").strip()
        if not value or variable in environment:
            continue
        if option == "find-links":
            value = ",".join(
                place for place in value.split() if "://" in place or Path(place).exists()
            )
        environment[variable] = value
        if option == "extra-index-url":
            # pip takes a package from any of its registries. The hashes say which file is right.
            environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return environment


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0  # noqa: S603


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603


def _run(command: list[str], environment: dict[str, str]) -> None:
    try:
        result = subprocess.run(command, env=environment, check=False)  # noqa: S603
    except OSError as error:
        raise InstallError(f"{command[0]} cannot be run ({error.strerror}).") from None
    if result.returncode != 0:
        raise InstallError(
            f"Installing failed at `{Path(command[0]).name} {' '.join(command[1:4])}`; the lines "
            "above say why. Is the package registry reachable, and is there space on the disk?"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
