"""Ports on loopback that are nobody's: to be served on later, again and again, or never."""

from __future__ import annotations

import random
import socket

FIRST, LAST = 11_000, 32_000
"""Below those that Linux gives to whoever connects (32768 and up): while nobody listens on one of
these, a client that tries it again and again is given it at last, and is connected to itself."""


def unused_port() -> int:
    """A port on which nobody listens, and that no connection is given."""
    while True:
        port = random.randint(FIRST, LAST)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
