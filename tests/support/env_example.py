"""Writes ``.env.example`` from the settings: ``python -m tests.support.env_example``."""

import textwrap
from pathlib import Path

from blossomer.settings import Settings

FILE = Path(__file__).resolve().parents[2] / ".env.example"

HEAD = """\
# Every setting, with its meaning and its default. Copy what you change to a file named .env;
# variables of the environment win over the file.
"""


def render() -> str:
    """The text of the file as the settings demand it."""
    parts = [HEAD]
    for name, field in Settings.model_fields.items():
        meaning = textwrap.wrap(field.description or "", width=98)
        default = "" if field.default is None else field.default
        if isinstance(default, bool):
            default = str(default).lower()
        parts.append(
            "\n".join([*(f"# {line}" for line in meaning), f"#{name.upper()}={default}\n"])
        )
    return "\n".join(parts)


if __name__ == "__main__":
    FILE.write_text(render())
