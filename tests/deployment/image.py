"""Follows the Dockerfile in a folder, without a container engine: copies, runs, sets variables.

The stage that is being made always lies at the same place, so that what is made in one stage still
fits when another copies it, as in an engine. Commands get the few programs that the base image has,
and none of this machine's others. What an engine does beyond that (layers, root, the base image
itself) is not here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.deployment.dockerfile import PROJECT, Instruction, Stage, context_files, read_stages

WORKDIR = "/app"

BASE_TOOLS = (
    "sh", "bash", "find", "rm", "test", "mkdir", "cp", "mv", "ln", "ls", "cat", "env", "sed",
    "grep", "chmod", "chown", "install", "dirname", "basename", "uname", "id", "tr", "cut", "head",
    "tail", "sort", "date", "sleep", "true", "false", "tar", "gzip", "getconf", "ldconfig",
    "readlink", "touch",
)  # fmt: skip
"""Programs of python:slim that a line may use."""

KEPT_VARIABLES = ("PIP_", "UV_", "NPM_CONFIG_", "NODE_EXTRA_CA", "SSL_CERT", "REQUESTS_CA")
"""Where packages come from: whoever builds an image behind a registry of their own sets these."""

REGISTRY_FILES = {
    "NPM_CONFIG_USERCONFIG": ".npmrc",
    "PIP_CONFIG_FILE": ".config/pip/pip.conf",
    "UV_CONFIG_FILE": ".config/uv/uv.toml",
}
"""The same in files of this account, by the variable that names each."""


@dataclass(frozen=True, slots=True)
class Image:
    """What came of it.

    Args:
        folder: The last stage's files, at the place of ``WORKDIR``.
        stage: The last stage.
        environment: Its variables, for running something in it.
    """

    folder: Path
    stage: Stage
    environment: dict[str, str]

    def files(self) -> list[Path]:
        """Every file, relative to ``WORKDIR``."""
        return [p.relative_to(self.folder) for p in self.folder.rglob("*") if not p.is_dir()]


class Builder:
    """Makes the stages in a folder of its own.

    Args:
        folder: Empty, and passable for the account that will serve.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._place = folder / "app"
        self._tools = folder / "bin"
        self._home = folder / "home"

    def build(self) -> Image:
        """Follow the whole Dockerfile.

        Raises:
            AssertionError: A line fails.
        """
        self._make_tools()
        stages = read_stages()
        for stage in stages:
            if self._place.exists():
                self._place.rename(self._folder / f"stage-{stages[stages.index(stage) - 1].name}")
            environment = self._variables(stage)
            for instruction in stage.instructions:
                self._follow(instruction, environment)
        return Image(self._place, stages[-1], self._variables(stages[-1]))

    def _variables(self, stage: Stage) -> dict[str, str]:
        """Those of this machine that a container would be given, and the stage's own."""
        kept = {k: v for k, v in os.environ.items() if k.upper().startswith(KEPT_VARIABLES)}
        kept |= {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
        for name, file in REGISTRY_FILES.items():
            if (path := Path("~").expanduser() / file).is_file():
                kept.setdefault(name, str(path))
        own = {name: self._moved(value) for name, value in stage.environment.items()}
        # The base image's programs are in one folder here.
        folders = own.pop("PATH", "").split(":")
        own_folders = [folder for folder in folders if folder.startswith(str(self._place))]
        return {
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            **kept,
            **own,
            "PATH": ":".join([*own_folders, str(self._tools)]),
        }

    def _moved(self, value: str) -> str:
        return ":".join(
            part.replace(WORKDIR, str(self._place), 1) if part.startswith(WORKDIR) else part
            for part in value.split(":")
        )

    def _follow(self, instruction: Instruction, environment: Mapping[str, str]) -> None:
        if instruction.keyword == "WORKDIR":
            assert instruction.text == WORKDIR, "another folder is not known here"
            self._place.mkdir(mode=0o755)
        elif instruction.keyword == "COPY":
            self._copy(instruction)
        elif instruction.keyword == "RUN":
            self._run(instruction, environment)
        # The others say how it is run, not what it is made of.

    def _copy(self, instruction: Instruction) -> None:
        *sources, target = instruction.words
        source_stage = instruction.flags.get("from")
        into = self._place / target
        for source in sources:
            if source_stage is None:
                self._copy_from_context(source, into, target, several=len(sources) > 1)
                continue
            place = self._folder / f"stage-{source_stage}" / Path(source).relative_to(WORKDIR)
            if place.is_dir():
                shutil.copytree(place, into, symlinks=True, dirs_exist_ok=True)
            else:
                end = into / place.name if target.endswith("/") or len(sources) > 1 else into
                end.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(place, end, follow_symlinks=False)

    def _copy_from_context(self, source: str, into: Path, target: str, *, several: bool) -> None:
        chosen = [
            name
            for name in context_files()
            if source in (".", name) or name.startswith(f"{source}/")
        ]
        assert chosen, f"COPY {source}: nothing of that name gets into the context"
        for name in chosen:
            if source == ".":
                end = into / name
            elif name == source:
                end = into / Path(name).name if target.endswith("/") or several else into
            else:
                end = into / Path(name).relative_to(source)
            end.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, end)

    def _run(self, instruction: Instruction, environment: Mapping[str, str]) -> None:
        command = instruction.words if instruction.is_exec_form else ["sh", "-c", instruction.text]
        finished = subprocess.run(
            command,
            cwd=self._place,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, (
            f"line {instruction.line}: {instruction.text}\n{finished.stdout[-8_000:]}"
        )

    def _make_tools(self) -> None:
        self._tools.mkdir(mode=0o755)
        for name in BASE_TOOLS:
            if found := shutil.which(name):
                (self._tools / name).symlink_to(found)
        python = base_python(read_stages()[0].base)
        for name in ("python", "python3"):
            (self._tools / name).symlink_to(python)
        self._home.mkdir(mode=0o755)


def base_python(base: str) -> Path:
    """A Python of this machine that stands for the base image's.

    It must make virtual environments, and when root runs the tests another account must be able to
    start it. The one with the image's version is taken if there is one.

    Raises:
        AssertionError: There is none.
    """
    version = base.partition(":")[2].partition("-")[0]
    names = [f"/usr/bin/python{version}", f"/usr/local/bin/python{version}", sys.executable]
    for name in [*names, shutil.which(f"python{version}") or "", shutil.which("python3") or ""]:
        path = Path(name).resolve() if name else Path()
        if name and path.is_file() and _is_for_everybody(path) and _makes_environments(path):
            return path
    raise AssertionError("The image needs a Python with its venv module that all accounts can run.")


def _is_for_everybody(path: Path) -> bool:
    if os.geteuid() != 0:
        return True
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


def _makes_environments(path: Path) -> bool:
    code = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    done = subprocess.run([str(path), "-c", code], capture_output=True, check=False)
    return done.returncode == 0
