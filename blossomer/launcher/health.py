"""Is the server of this container alive? For its health check; uses the standard library only.

python -m blossomer.launcher.health
"""

from __future__ import annotations

import http.client
import os
import sys

SECONDS = 4.0


def main() -> int:
    """Ask ``GET /health``; the exit status is 0 when it is answered with success."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(os.environ.get("PORT") or "3000"), timeout=SECONDS
    )
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"The server does not answer: {error}\n")
        return 1
    finally:
        connection.close()
    if status != http.client.OK:
        sys.stderr.write(f"The server answers with status {status}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
