"""Reflex's own configuration: names, plugins, and what shapes the build of the pages."""

import reflex as rx
from reflex_base.plugins.sitemap import SitemapPlugin

from blossomer.settings import load_settings
from blossomer.web_origins import allowed_origins

settings = load_settings()

config = rx.Config(
    app_name="blossomer",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # One process keeps the state of its visitors; all that must last is in a store.
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    # Seconds after its last event that a page may still be worked on without loading it again.
    redis_token_expiration=4 * 3600,
    # A list, never a string: a string would be used as a substring test.
    cors_allowed_origins=allowed_origins(settings),
    trusted_proxy_hops=settings.trusted_proxy_hops,
    frontend_compression_formats=["gzip", "brotli"],
    default_color_mode="system",
    plugins=[
        rx.plugins.TailwindV4Plugin(
            {
                "theme": {
                    "extend": {
                        "colors": {
                            name: f"var(--color-{name})"
                            for name in (
                                "canvas",
                                "surface",
                                "raised",
                                "sunken",
                                "line",
                                "line-strong",
                                "ink",
                                "muted",
                                "faint",
                                "accent",
                                "accent-strong",
                                "accent-soft",
                                "on-accent",
                                "good",
                                "good-soft",
                                "info",
                                "info-soft",
                                "warn",
                                "warn-soft",
                                "bad",
                                "bad-soft",
                            )
                        },
                    }
                },
                "plugins": [],
            }
        )
    ],
    disable_plugins=[SitemapPlugin],
)
