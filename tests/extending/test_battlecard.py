"""docs/extending.md, followed to the letter in a copy of the project, and what comes of it.

The copy is made once, with its pages built, which takes a minute or more. What is then asked of the
new entity stands in ``of_battlecards.py``, and in tests that run over every entity, the browser's
journey among them. All of these run in the copy.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.extending.steps import PROJECT, apply, read_steps

STEPS = read_steps()
TOOLS = Path(sys.executable).parent
ENTITY = "blossomer/entities/battlecard.py"
REGISTRY = "blossomer/entities/__init__.py"
MOST_ENTITY_LINES = 60
SECONDS = 900


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the project in which the document's steps have been done.

    Args:
        folder: Where it is.
        added: Files that are new, without what git ignores.
        changed: Existing files that are different now.
    """

    folder: Path
    added: set[str]
    changed: set[str]

    def run(self, *command: str, **environment: str) -> str:
        """Run something in it; returns what it printed, and fails when it fails."""
        finished = subprocess.run(
            command,
            cwd=self.folder,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
                "PYTHONPATH": str(self.folder),
                "PYTHONDONTWRITEBYTECODE": "",  # one process after the other loads the same
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert finished.returncode == 0, f"{command}\n{finished.stdout[-12_000:]}"
        return finished.stdout

    def pytest(self, *arguments: str, **environment: str) -> str:
        """Run tests of it; returns the closing lines."""
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)
        return self.run(*command, **environment)[-2_000:]


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    folder = Path(tempfile.mkdtemp(prefix="blossomer-extending-"))
    folder.chmod(0o711)  # PostgreSQL runs under another account when root starts it
    # What git knows or would know: work that has not been committed is tested too.
    listed = git(PROJECT, "ls-files", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        source, target = PROJECT / name, folder / name
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    apply(STEPS, folder)
    message = re.fullmatch(r'make migration MESSAGE="([^"]+)"', STEPS.command)
    assert message, STEPS.command
    Copy(folder, set(), set()).run(*migration_command(message[1]))
    yield Copy(
        folder,
        added=names(git(folder, "ls-files", "--others", "--exclude-standard")),
        changed=names(git(folder, "diff", "--name-only")),
    )
    shutil.rmtree(folder, ignore_errors=True)


def git(folder: Path, *arguments: str) -> str:
    separated = ["-z"] if "ls-files" in arguments or "diff" in arguments else []
    return subprocess.run(
        ["git", *arguments, *separated], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def names(listed: str) -> set[str]:
    return set(filter(None, listed.split("\0")))


def migration_command(message: str) -> tuple[str, ...]:
    """What the Makefile runs for ``make migration``, after its look at the environment."""
    makefile = (PROJECT / "Makefile").read_text()
    recipe = re.search(r"^migration: .*\n\t@exec \$\(PYTHON\) (.+)$", makefile, re.MULTILINE)
    assert recipe, "the Makefile has no recipe for make migration"
    words = recipe[1].replace('"$(MESSAGE)"', "MESSAGE").split()
    return (sys.executable, *(message if word == "MESSAGE" else word for word in words))


def test_nothing_but_the_registry_is_changed(copy: Copy) -> None:
    assert copy.changed == {REGISTRY}
    migrations = {name for name in copy.added if name.startswith("alembic/versions/")}
    assert len(migrations) == 1
    assert copy.added - migrations == set(STEPS.files)
    assert len((copy.folder / ENTITY).read_text().splitlines()) <= MOST_ENTITY_LINES
    difference = git(copy.folder, "diff", "--numstat").split()
    assert difference[:2] == ["2", "0"], "two lines more, none less"


def test_the_migration_protects_the_table(copy: Copy) -> None:
    (path,) = copy.folder.glob("alembic/versions/*battlecards*.py")
    text = path.read_text()
    for statement in (
        "ALTER TABLE battlecards ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE battlecards FORCE ROW LEVEL SECURITY",
        "CREATE POLICY own_rows ON battlecards",
        "CREATE TRIGGER words AFTER INSERT OR UPDATE OF name, battlecard_data ON battlecards",
    ):
        assert statement in text


def test_it_passes_lint(copy: Copy) -> None:
    (migration,) = (str(path) for path in copy.folder.glob("alembic/versions/*battlecards*.py"))
    files = [ENTITY, REGISTRY, migration]
    copy.run(str(TOOLS / "ruff"), "check", *files)
    copy.run(str(TOOLS / "ruff"), "format", "--check", *files)
    # The file and what it imports; everything else is the same as here.
    copy.run(str(TOOLS / "mypy"), "-p", "blossomer.entities")


def test_it_is_kept_written_edited_and_exported(copy: Copy) -> None:
    assert " passed" in copy.pytest("tests/extending/of_battlecards.py")


@pytest.mark.parametrize(
    "tests",
    [
        (
            "tests/unit/state/test_no_data_loss.py",
            "tests/unit/test_hostile_texts.py",
            "tests/unit/export",
            "tests/unit/basic_analysis/test_general.py",
            "tests/api/test_demo_below.py",
            "tests/api/test_operations.py",
            "-k",
            "battlecard",
        ),
        ("tests/database/test_row_security.py",),
        ("tests/rest/test_documents.py", "-k", "battlecard"),
    ],
    ids=lambda tests: Path(tests[0]).stem,
)
def test_what_holds_for_every_entity_holds_for_it(copy: Copy, tests: tuple[str, ...]) -> None:
    assert " passed" in copy.pytest(*tests)


@pytest.mark.skipif(
    not os.environ.get("EXTENDING_IN_BROWSER"),
    reason="Building the pages once more takes minutes: make extending does it.",
)
def test_a_person_uses_it_in_a_browser(copy: Copy) -> None:
    build_pages(copy)
    (pages,) = copy.folder.glob(".web/pages-*")
    journey = ("tests/browser/test_journey.py", "-k", "battlecard")
    assert "2 passed" in copy.pytest(*journey, PAGES_DIR=str(pages))


def build_pages(copy: Copy) -> None:
    """Build the copy's pages, with the JavaScript packages that are here already."""
    work = PROJECT / ".web" / "work"
    if work.is_dir():
        web = copy.folder / ".web"
        web.mkdir()
        # The packages are thousands of files that no build changes; all else is the copy's own.
        shutil.copytree(
            work / "node_modules",
            web / "work" / "node_modules",
            symlinks=True,
            copy_function=link_or_copy,
            ignore=shutil.ignore_patterns(".cache", ".vite"),
        )
        for path in work.iterdir():
            if path.name not in {"node_modules", "build"}:
                copy_of = shutil.copytree if path.is_dir() else shutil.copy2
                copy_of(path, web / "work" / path.name)
    copy.run(sys.executable, "-m", "blossomer.launcher", "build")


def link_or_copy(source: str, target: str) -> None:
    """The same file in another place, for which most disks need no room."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
