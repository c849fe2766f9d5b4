"""What the launcher tells the person at the terminal, and how it gives up. No decisions here."""

from __future__ import annotations

import sys


class LauncherError(Exception):
    """The start cannot go on. The message is one line: what is wrong and what to do."""


def say(line: str) -> None:
    """Write one line to the terminal at once, also when the output goes to a file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """Write one line about a failure to the error output."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
