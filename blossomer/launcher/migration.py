"""``make migration``: write the Alembic revision that brings the tables to what the code says.

On a database of its own that is thrown away afterwards; no data is touched.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from blossomer.launcher.console import LauncherError, say


def write_migration(message: str) -> Path:
    """Compare the migrated tables with those of the code and write the difference as a revision.

    Args:
        message: What the revision does, in a few words.

    Returns:
        The new file.

    Raises:
        LauncherError: There is no difference, or no message.
    """
    # Only here: it takes a second to import, which no other command needs.
    from alembic import command  # noqa: PLC0415

    from blossomer.db.embedded import start_embedded  # noqa: PLC0415
    from blossomer.db.migrate import alembic_config, migrate  # noqa: PLC0415
    from blossomer.db.roles import prepare_database  # noqa: PLC0415

    if not message.strip():
        raise LauncherError('Say what it does: make migration MESSAGE="the tables of battlecards".')
    folder = Path(tempfile.mkdtemp(prefix="blossomer-"))
    folder.chmod(0o711)  # PostgreSQL runs under another account when root starts it
    server = start_embedded(folder)
    try:
        urls = prepare_database(server)
        migrate(urls.owner, urls.app)
        scripts = command.revision(alembic_config(urls.owner), message.strip(), autogenerate=True)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    script = scripts[0] if isinstance(scripts, list) else scripts
    if script is None:
        raise LauncherError("The tables are what the code says: there is nothing to migrate.")
    path = Path(script.path)
    _bring_into_form(path)
    say(f"Written: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    return path


def _bring_into_form(path: Path) -> None:
    """Make a generated file pass ``make lint``, as far as the tool for that is installed."""
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        return
    for command in (["check", "--fix"], ["format"]):
        subprocess.run([str(ruff), *command, "--quiet", str(path)], check=True)  # noqa: S603
