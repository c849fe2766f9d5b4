"""schemathesis against the running API: what is sent, what is expected, and how much of it.

    .venv/bin/python -m tests.rest.fuzzing [--examples 30] [--who token] [--paths companies]

(``make fuzz``) sends everything, to every path, as nobody, with a token and with a cookie. The
tests send a part of it (``test_fuzzing.py``): the paths of the entities are made by the same code
from their configuration, so not every one of them needs every case each time.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from blossomer.db.embedded import start_embedded
from blossomer.db.migrate import migrate
from blossomer.db.roles import prepare_database
from blossomer.entities import ENTITIES
from tests.rest.running import RunningRest
from tests.support.fake_stack import FakeStack

PROJECT = Path(__file__).resolve().parents[2]
SEED = 20_261_125

_PATHS = "|".join(config.path for config in ENTITIES.values())
SOME = rf"^(?!/(demo|api)/({_PATHS})(/|$))|^/api/companies(/|$)"
"""The paths that are not those of an entity, and those of one."""

ALL = "^/"

ENDS_THE_SESSION = "^/auth/(logout|delete-account)$"
"""What a browser's session does not survive: tried last, with one of its own."""

# What a website says, what is stored, and what a person has decided is no matter of a schema: a
# request that fits it can be refused in words all the same. Everywhere else it must be accepted.
_CONFIGURATION = f"""
seed = {SEED}
continue-on-failure = true
max-redirects = 0
hooks = "tests.rest.schemathesis_hooks"

[warnings]
enabled = false

[generation]
deterministic = true
max-examples = {{examples}}

[phases]
coverage.enabled = {{coverage}}
fuzzing.enabled = true
examples.enabled = {{given}}
stateful.enabled = {{stateful}}
stateful.max-steps = 8
stateful.generation.max-examples = {{stories}}

[checks]
enabled = true
# As by default, and 413: what is too long is refused for its size before it is looked at.
negative_data_rejection.expected-statuses = [
  "400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "503",
]

[[operations]]
include-path-regex = "generate-ai|/suggest$|/export$|/fields/|^/api/(import|{_PATHS})$"
checks.positive_data_acceptance.expected-statuses = [
  "2xx", "3xx", "400", "401", "403", "404", "409", "422", "429", "503",
]
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503"]

[[operations]]
exclude-path-regex = "{{off}}"
phases.coverage.enabled = false

[[operations]]
include-method = "PATCH"
checks.positive_data_acceptance.expected-statuses = [
  "2xx", "3xx", "401", "403", "404", "409", "412", "422", "429",
]
"""


@dataclass(frozen=True, slots=True)
class Load:
    """How much is sent in one run.

    Args:
        who: ``nobody``, ``token`` or ``cookie``.
        examples: Random requests for each operation.
        coverage: A pattern of the paths to which the edges of their schemas are sent too; empty for
            none.
        given: Whether the document's own examples are sent too.
        stateful: How often operations are called one after another, each with what those before
            it have made.
        only: A pattern of paths; empty for all.
    """

    who: str
    examples: int
    coverage: str = ""
    given: bool = True
    stateful: int = 0
    only: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Args:
        is_good: Whether nothing was found.
        cases: How many requests were sent.
        text: What schemathesis says.
    """

    is_good: bool
    cases: int
    text: str


def send(rest: RunningRest, load: Load) -> Outcome:
    """Send one load of requests, and look at the answers with every check there is."""
    token, cookie = rest.somebody()
    headers = {
        "nobody": [],
        "token": [f"Authorization: Bearer {token}"],
        "cookie": [f"Cookie: {cookie}", f"Origin: {rest.url}"],
    }[load.who]
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "schemathesis.toml"
        configuration.write_text(
            _CONFIGURATION.format(
                examples=load.examples,
                coverage=str(bool(load.coverage)).lower(),
                given=str(load.given).lower(),
                off=load.coverage or "^$",
                stateful=str(load.stateful > 0).lower(),
                stories=max(1, load.stateful),
            )
        )
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration)]
        command += ["run", f"{rest.url}/openapi.json"]
        for header in headers:
            command += ["-H", header]
        if load.only:
            command += ["--include-path-regex", load.only]
        elif load.who == "cookie":
            command += ["--exclude-path-regex", ENDS_THE_SESSION]
        done = subprocess.run(
            command,
            cwd=folder,  # where it keeps what it remembers
            env={**os.environ, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1", "COLUMNS": "140"},
            capture_output=True,
            text=True,
            check=False,
        )
    text = done.stdout + done.stderr
    found = re.search(r"([\d,]+) generated", text)
    cases = int(found[1].replace(",", "")) if found else 0
    return Outcome(done.returncode == 0 and cases > 0, cases, text)


def everything(examples: int) -> list[Load]:
    """All that ``make fuzz`` sends."""
    return [
        *(
            Load(who, examples, coverage=ALL, stateful=0 if who == "nobody" else 20 * examples)
            for who in ("nobody", "token", "cookie")
        ),
        Load("cookie", examples, coverage=ALL, only=ENDS_THE_SESSION),
    ]


def main() -> int:
    """Send everything to a server of our own; 1 when something was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=30, help="random requests per operation")
    parser.add_argument("--who", choices=("nobody", "token", "cookie"), help="one of them only")
    parser.add_argument("--paths", default="", help="a pattern of paths; all without it")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bl-"))
    folder.chmod(0o711)
    server = start_embedded(folder)
    found = total = 0
    began = time.monotonic()
    try:
        urls = prepare_database(server, "fuzzing")
        migrate(urls.owner, urls.app)
        with FakeStack() as stack, RunningRest(urls.app, stack) as rest:
            loads = everything(wanted.examples)
            for load in (each for each in loads if wanted.who in (None, each.who)):
                outcome = send(rest, replace(load, only=load.only or wanted.paths))
                total += outcome.cases
                found += not outcome.is_good
                print(f"{load}: {outcome.cases:,} requests, ", end="")  # noqa: T201
                print("nothing found" if outcome.is_good else outcome.text)  # noqa: T201
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() + children.ru_utime + children.ru_stime
    print(  # noqa: T201
        f"{total:,} requests in {time.monotonic() - began:,.0f} s ({seconds:,.0f} s of a processor)"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
