"""The settings without which a server in production does not start."""

from typing import Any

PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "public_url": "https://app.example.com",
    "stack_project_id": "00000000-0000-4000-8000-000000000000",
    # Random, since production takes no other; made for the tests and used nowhere.
    "secret_key": "kJ2vQ9xT4mWz7RbYc0LfN6hGd3PsEa8u",
    "trusted_proxy_hops": 1,
}
