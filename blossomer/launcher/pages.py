"""The production build of the pages: when it is made, where it lies. How it is served: server.py.

``.web/work`` is where Reflex and Vite work. A build that has succeeded is copied to
``.web/pages-<fingerprint>``, under a temporary name until it is whole; only such folders are
served, so a build that fails or is killed is never seen, and a running server keeps its pages while
new ones are built. The fingerprint is over everything that shapes the pages: the same sources are
never built twice.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from blossomer.launcher.console import LauncherError, say
from blossomer.launcher.toolchain import build_environment

PROJECT = Path(__file__).resolve().parents[2]
WEB = PROJECT / ".web"
KEPT_BUILDS = 3
# A new number rebuilds everybody's pages: raise it when this file changes what a build contains.
FORMAT = "1"

INPUTS = ("rxconfig.py", "requirements.lock", "assets", "blossomer")
# What npm installed, which the build itself brings up to date when a page needs another package.
PACKAGES = ("reflex.lock/package.json", "reflex.lock/package-lock.json")
# Parts of the product that no page is made of.
OUTSIDE = ("blossomer/api", "blossomer/db", "blossomer/launcher", "blossomer/processes.py")

# Where the compiled pages name the server they came from.
SERVER_ADDRESS = re.compile(r"([`\"'])(ws|http)://localhost:\d+(/[^`\"']*)\1")


def ready_pages() -> Path:
    """The folder of the pages for the present sources, built if there is none.

    Raises:
        LauncherError: The build failed; its last lines have been shown.
    """
    if (pages := _folder(fingerprint())).exists():
        return (
            pages  # whole, since it got its name last; no right to write is needed, as in an image
        )
    WEB.mkdir(exist_ok=True)
    with (WEB / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel lets it go when its holder dies
        sources = fingerprint()
        pages = _folder(sources)
        if not pages.exists():
            pages = _build(sources)
            _prune(pages)
        return pages


def fingerprint() -> str:
    """Sixteen hexadecimal digits that change when something that shapes the pages does."""
    digest = hashlib.sha256(FORMAT.encode())
    for path in _input_files():
        digest.update(f"\0{path.relative_to(PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    for name in sorted(name for name in os.environ if name.startswith("REFLEX_")):
        digest.update(f"\0{name}={os.environ[name]}".encode())
    return digest.hexdigest()[:16]


def packages_fingerprint() -> str:
    """The same for the JavaScript packages that ``reflex.lock/`` pins."""
    digest = hashlib.sha256()
    for name in PACKAGES:
        digest.update((PROJECT / name).read_bytes() if (PROJECT / name).exists() else b"")
    return digest.hexdigest()[:16]


def _folder(sources: str) -> Path:
    return WEB / f"pages-{sources}-{packages_fingerprint()}"


def _input_files() -> list[Path]:
    outside = tuple(PROJECT / part for part in OUTSIDE)
    files = []
    for name in INPUTS:
        path = PROJECT / name
        candidates = sorted(path.rglob("*")) if path.is_dir() else [path]
        files += [
            file
            for file in candidates
            if file.is_file()
            and file.suffix != ".pyc"
            and not any(file.is_relative_to(folder) for folder in outside)
            # Reflex links the files of components into here while it builds.
            and not file.is_relative_to(PROJECT / "assets" / "external")
        ]
    return files


def _build(sources: str) -> Path:
    """Build the pages of these sources and return their folder."""
    say("Building the pages (after a change only; about half a minute)...")
    work = WEB / "work"
    is_first = not work.exists()
    if not _export(work):
        # What an earlier, interrupted build left behind may be the reason: once more from nothing.
        if not is_first:
            shutil.rmtree(work)
        if is_first or not _export(work):
            log = (WEB / "build.log").read_text(errors="replace").splitlines()
            sys.stderr.write("\n".join(log[-25:]) + "\n")
            raise LauncherError(
                f"The pages could not be built; the lines above and {WEB / 'build.log'} say why."
            )
    pages = _folder(sources)
    partial = WEB / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(work / "build" / "client", partial / "build" / "client")
    shutil.copytree(work / "backend", partial / "backend")
    _follow_the_page(partial / "build" / "client")
    shutil.rmtree(pages, ignore_errors=True)
    partial.rename(pages)
    return pages


def _export(work: Path) -> bool:
    """Let Reflex compile and bundle the pages; True when it succeeded."""
    environment = build_environment(WEB)
    environment["REFLEX_WEB_WORKDIR"] = str(work.relative_to(PROJECT))
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    shutil.rmtree(work / "build", ignore_errors=True)
    with (WEB / "build.log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            command,
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that npm and Vite can be ended with it
        )
        try:
            status = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    return status == 0 and (work / "build" / "client" / "index.html").exists()


def _follow_the_page(client: Path) -> None:
    """Make the pages call the server that they came from, whatever its address.

    Reflex bakes in an address with a port; the same build must serve any PORT and any domain.
    """
    changed = 0
    for chunk in client.glob("assets/reflex-env-*.js"):
        text, number = SERVER_ADDRESS.subn(
            lambda found: (
                f'location.origin.replace(/^http/,"{found[2]}")+"{found[3]}"'
                if found[2] == "ws"
                else f'location.origin+"{found[3]}"'
            ),
            chunk.read_text(),
        )
        changed += number
        chunk.write_text(text)
        for sidecar in client.glob(f"assets/{chunk.name}.*"):
            sidecar.unlink()
        chunk.with_name(chunk.name + ".gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    if changed == 0:
        raise LauncherError(
            "The built pages do not name their server where they used to: Reflex has changed, and "
            "blossomer/launcher/pages.py must follow it."
        )


def _prune(current: Path) -> None:
    """Keep the newest few builds: a running server may still serve an earlier one."""
    builds = sorted(WEB.glob("pages-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in builds[KEPT_BUILDS:]:
        if path != current:
            shutil.rmtree(path, ignore_errors=True)
