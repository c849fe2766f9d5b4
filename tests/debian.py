"""Installs a package of Debian's for the tests, where that needs no question. Nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess

INSTALL_SECONDS = 240

# A package that brings a service would start it now and at every start of the machine. The policy
# file keeps it from being started; one that is there already says what its owner wants.
_SCRIPT = r"""
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
install="apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=60"
timeout "$2" sh -c "apt-get update; exec $install $1"
[ -d /run/systemd/system ] || exit 0
dpkg -L "$1" | sed -n 's|.*/systemd/system/\(.*\.service\)$|\1|p' |
  xargs --no-run-if-empty systemctl --quiet disable
"""


def install(package: str) -> None:
    """Install a package as root, or with a sudo that asks for no password; else do nothing.

    Whether it worked is for the caller to see, by looking for what the package brings.
    """
    if shutil.which("apt-get") is None:
        return
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quietly([*as_root, "sh", "-c", _SCRIPT, "sh", package, str(INSTALL_SECONDS)])


def quietly(command: list[str]) -> None:
    """Run a command whose success shows elsewhere, for a bounded time and without a word."""
    try:
        subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=INSTALL_SECONDS + 30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
