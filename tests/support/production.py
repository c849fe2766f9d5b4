"""The settings without which a server in production does not start."""

from typing import Any

PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "public_url": "https://app.example.com",
    "stack_project_id": "00000000-0000-4000-8000-000000000000",
    "secret_key": "for-tests-only-for-tests-only-for-tests-only",
}
