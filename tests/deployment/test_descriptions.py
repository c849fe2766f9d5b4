"""What describes a deployment to other programs can be read, and names only what there is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from blossomer.db.check import check_database
from blossomer.db.cluster import find_binaries
from blossomer.db.embedded import EmbeddedServer
from blossomer.db.engine import create_engine
from blossomer.db.migrate import migrate
from blossomer.db.roles import APP, DATABASE, OWNER
from blossomer.settings import Settings
from tests.deployment.dockerfile import PROJECT, read_stages
from tests.support.production import PRODUCTION

SETTINGS = {name.upper() for name in Settings.model_fields}
COMPOSE = PROJECT / "compose.yaml"
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")

GIVEN = {
    "DOMAIN": "app.example.com",
    "SECRET_KEY": PRODUCTION["secret_key"],
    "STACK_PROJECT_ID": PRODUCTION["stack_project_id"],
    "POSTGRES_PASSWORD": "aa11",
    "OWNER_PASSWORD": "bb22",
    "APP_PASSWORD": "cc33",
}
"""What a person writes into .env for compose."""


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text()))


def filled_in(value: Any) -> Any:
    """With the variables of .env in their places, as compose does it."""
    if isinstance(value, dict):
        return {key: filled_in(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled_in(item) for item in value]
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: GIVEN[found[1]], value).replace("$$", "$")
    return value


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of compose.yaml."""
    return dict(filled_in(read(COMPOSE))["services"])


# compose.yaml


def test_compose_says_what_must_be_in_env() -> None:
    text = COMPOSE.read_text()
    assert {found[1] for found in VARIABLE.finditer(text)} == set(GIVEN)
    head = text.split("name:")[0]
    for name in GIVEN:
        assert name in head
        # Without it nothing starts, and what it is is said.
        assert re.search(rf"\$\{{{name}:\?.+?\}}", text)


def test_there_are_two_servers_and_each_part_waits_for_what_it_needs(
    services: dict[str, Any],
) -> None:
    servers = [name for name in services if name.startswith("app-")]
    assert len(servers) == 2
    for name in servers:
        assert (
            services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        )
        assert services[name]["read_only"] is True
        assert services[name]["stop_grace_period"] == "30s"
        assert services[name]["cap_drop"] == ["ALL"]
        assert "ports" not in services[name]
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert services["migrate"]["command"] == ["migrate"]
    assert {name for name, service in services.items() if "ports" in service} == {"caddy"}
    for name in ("postgres", "redis"):
        assert services[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["app-1", "app-2", "migrate"])
def test_a_server_starts_with_what_compose_gives_it(
    services: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = read_stages()[-1].environment
    given = {**image, **services[name]["environment"]}
    assert set(services[name]["environment"]) <= SETTINGS
    for setting in SETTINGS:
        monkeypatch.delenv(setting, raising=False)
    monkeypatch.chdir(tmp_path)
    for key, value in given.items():
        if key in SETTINGS:
            monkeypatch.setenv(key, str(value))
    settings = Settings()
    assert settings.environment == "production"
    assert settings.public_url == "https://app.example.com"
    assert settings.redis_url is not None
    # The owner's password is in the step of the release alone.
    assert (settings.database_owner_url is not None) is (name == "migrate")
    assert ("bb22" in str(services[name])) is (name == "migrate")


def test_caddy_leads_to_both_servers_at_their_port(services: dict[str, Any]) -> None:
    text = (PROJECT / "deploy" / "Caddyfile").read_text()
    port = read_stages()[-1].environment["PORT"]
    servers = [name for name in services if name.startswith("app-")]
    assert f"reverse_proxy {' '.join(f'{name}:{port}' for name in servers)} {{" in text
    assert services["app-1"]["environment"]["TRUSTED_PROXY_HOPS"] == "1"
    assert "health_uri /health\n" in text
    assert services["caddy"]["environment"] == {"DOMAIN": "app.example.com"}


@pytest.mark.skipif(shutil.which("caddy") is None, reason="There is no caddy on this machine.")
def test_caddy_accepts_its_file() -> None:
    done = subprocess.run(
        ["caddy", "validate", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"],
        cwd=PROJECT,
        env={**os.environ, "DOMAIN": "localhost"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_file_that_compose_mounts_is_there(services: dict[str, Any]) -> None:
    mounts = [mount for service in services.values() for mount in service.get("volumes", [])]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert files
    assert [file for file in files if not (PROJECT / file).is_file()] == []
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith("./")}
    assert named == set(read(COMPOSE)["volumes"])


def run_as_the_container_does(
    script: str, postgres: EmbeddedServer, database: str
) -> subprocess.CompletedProcess[str]:
    """Run the script that PostgreSQL's container runs at its first start."""
    return subprocess.run(
        ["bash", "-c", script],
        env={
            "PATH": f"{find_binaries(None)}:{os.environ['PATH']}",
            "PGHOST": str(postgres.socket),
            "PGPASSWORD": postgres.passwords.superuser,
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": database,
            "OWNER_PASSWORD": "it's \"the\" owner's",
            "APP_PASSWORD": "cc33",
        },
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_roles_of_the_container_are_those_of_the_product(
    services: dict[str, Any], postgres: EmbeddedServer
) -> None:
    """The script that makes them, run as the container runs it, and the product on top of it."""
    name = "of_compose"
    with postgres.connect() as connection:
        # Those of the embedded server have the same names; the script makes its own.
        connection.execute(f"CREATE DATABASE {name}")
    script = (PROJECT / "deploy" / "roles.sh").read_text()
    own = script.replace(OWNER, f"{OWNER}_2").replace(APP, f"{APP}_2")
    assert own != script
    done = run_as_the_container_does(own, postgres, name)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    with psycopg.connect(
        host=str(postgres.socket), user=f"{OWNER}_2", password="it's \"the\" owner's", dbname=name
    ) as connection:
        connection.execute("SELECT 1")
    with postgres.connect() as connection:
        connection.execute(f"ALTER ROLE {OWNER}_2 PASSWORD 'bb22'")
    owner, app = (
        services["migrate"]["environment"][key] for key in ("DATABASE_OWNER_URL", "DATABASE_URL")
    )
    assert owner == f"postgresql://{OWNER}:bb22@postgres/{DATABASE}"
    assert app == f"postgresql://{APP}:cc33@postgres/{DATABASE}"
    assert services["postgres"]["environment"]["POSTGRES_DB"] == DATABASE
    here = f"@/{name}?host={postgres.socket}"
    owner = owner.replace(OWNER, f"{OWNER}_2").replace(f"@postgres/{DATABASE}", here)
    app = app.replace(APP, f"{APP}_2").replace(f"@postgres/{DATABASE}", here)
    migrate(owner, app)
    engine = create_engine(app)
    try:
        await check_database(engine)
    finally:
        await engine.dispose()


# render.yaml


def test_the_blueprint_names_settings_and_services_that_there_are() -> None:
    services = {one["name"]: one for one in read(PROJECT / "render.yaml")["services"]}
    server = services["blossomer"]
    assert server["runtime"] == "docker"
    assert server["numInstances"] == 2
    assert server["autoDeployTrigger"] == "checksPass"
    assert server["maxShutdownDelaySeconds"] == 30
    variables = {one["key"]: one for one in server["envVars"]}
    assert set(variables) <= SETTINGS
    needed = {"PUBLIC_URL", "SECRET_KEY", "STACK_PROJECT_ID", "DATABASE_URL", "TRUSTED_PROXY_HOPS"}
    assert needed <= set(variables)
    # The owner's address is in the workflow's environment alone.
    assert "DATABASE_OWNER_URL" not in variables
    assert variables["MIGRATE_AT_START"]["value"] == "false"
    for name, one in variables.items():
        if "fromService" in one:
            assert one["fromService"]["name"] in services
        if any(word in name for word in ("KEY", "URL", "SECRET")):
            assert "value" not in one, "no secret stands in the file"


# The workflows


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_can_do_no_more_than_it_must(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 45
        for step in job["steps"]:
            if "uses" in step:
                # By the commit, not by a name that somebody can move.
                assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
                assert re.search(rf"{re.escape(step['uses'])} # v\d", path.read_text())
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
            # What somebody else has written must not become a part of a command.
            assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_a_workflow_runs_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.M))
    workflow = read(path)
    lines = [
        line.strip()
        for job in workflow["jobs"].values()
        for step in job["steps"]
        for line in step.get("run", "").splitlines()
    ]
    assert lines
    for line in lines:
        if found := re.fullmatch(r"make (\w+)", line):
            assert found[1] in targets
        if found := re.search(r"-m ([\w.]+)", line):
            module = PROJECT / found[1].replace(".", "/")
            assert module.with_suffix(".py").exists() or (module / "__main__.py").exists()
        if found := re.match(r"python (\S+\.py)", line):
            assert (PROJECT / found[1]).is_file()


def test_everything_that_must_hold_is_run() -> None:
    jobs = read(PROJECT / ".github" / "workflows" / "test.yml")["jobs"]
    commands = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    assert {"make test", "make audit"} <= set(commands)
    assert any("docker build" in command for command in commands)
    given = next(command for command in commands if "docker compose up" in command)
    assert all(name in given for name in GIVEN)


def test_the_migrations_are_looked_at_before_they_run_at_neon() -> None:
    workflow = read(PROJECT / ".github" / "workflows" / "migrate.yml")
    # YAML reads the key "on" as a truth value.
    assert workflow[True] == {"push": {"branches": ["main"]}}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    (job,) = workflow["jobs"].values()
    assert job["environment"] == "production"
    assert set(job["env"]) == {"DATABASE_OWNER_URL", "DATABASE_URL"} <= SETTINGS
    assert all(re.fullmatch(r"\$\{\{ secrets\.\w+ \}\}", value) for value in job["env"].values())
    runs = [step["run"] for step in job["steps"] if "run" in step]
    upgrade = next(n for n, run in enumerate(runs) if run.endswith("alembic upgrade head"))
    before = "\n".join(runs[:upgrade])
    assert ".venv/bin/alembic check" in before
    assert ".venv/bin/alembic current" in before
    assert "blossomer.launcher migrate" in "\n".join(runs[upgrade:])
    # The check before is on another database.
    (check,) = [step for step in job["steps"] if "alembic check" in step.get("run", "")]
    assert check["env"] == {"DATABASE_OWNER_URL": "", "DATABASE_URL": ""}
