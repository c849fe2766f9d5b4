"""Encrypts what must survive outside of this process: refresh tokens, and sign-ins under way.

One secret for the server, one key from it for each purpose, so that what was made for one purpose
is worth nothing for another.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from blossomer.settings import Settings

SECRET_FILE = "secret.key"  # noqa: S105 - its name
LONGEST_SEALED = 16_000


class Cipher:
    """Encrypts and authenticates short texts (Fernet: AES-128-CBC with HMAC-SHA256).

    Args:
        secret: The server's secret, of any form, with at least 128 bits of randomness.
        purpose: What the texts are for.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"blossomer {purpose}".encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key.derive(secret.encode())))

    def seal(self, text: str) -> str:
        """Encrypt a text; the result is URL-safe ASCII."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The text that was sealed, or None when it was not sealed with this secret and purpose."""
        if len(sealed) > LONGEST_SEALED:
            return None
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError):
            return None


def server_secret(settings: Settings) -> str:
    """The secret of this server: ``SECRET_KEY``, or one that is made once and kept in DATA_DIR.

    Raises:
        OSError: The file cannot be read or written.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    return kept_secret(settings.data_dir / SECRET_FILE)


def kept_secret(file: Path) -> str:
    """A random secret in a file that only its owner can read; made if there is none.

    Args:
        file: Where. Two servers that start at once end up with the same.

    Raises:
        OSError: The file cannot be read or written.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_private(file, secrets.token_urlsafe(48), replace=False)
    return file.read_text(encoding="ascii").strip()


def write_private(file: Path, text: str, *, replace: bool = True) -> None:
    """Write a file whole or not at all, readable by its owner only.

    Args:
        file: Where.
        text: What.
        replace: Whether one that is there already gives way; otherwise it stays.

    Raises:
        OSError: It cannot be written.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        if replace:
            partial.replace(file)
            return
        try:
            file.hardlink_to(partial)  # fails, rather than replaces, when it is there
        except FileExistsError:
            return
        except OSError:  # some file systems have no links
            if not file.exists():
                partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
