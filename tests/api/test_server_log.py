"""The server as it really starts: what it logs goes through the scrubbing."""

import json
import logging
from collections.abc import Iterator

import pytest

from blossomer.services.runtime import build_runtime, set_runtime
from tests.support.fake_models import model_settings
from tests.support.production import PRODUCTION


@pytest.fixture
def production() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_runtime(build_runtime(model_settings(**PRODUCTION)))
    yield
    set_runtime(None)
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("production")
async def test_what_a_form_held_is_not_in_the_log_of_the_running_server(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from blossomer.blossomer import lifespan

    async with lifespan():
        # As Reflex does for an argument that does not fit; it quotes the whole form.
        logging.getLogger("reflex_base.event.processor").warning(
            "Error transforming event argument 'form' with value '{'pasted_text': 'our plans'}'"
        )
        logging.getLogger("blossomer").info("words")
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["level"] for line in lines][:2] == ["warning", "info"]
    assert "our plans" not in written


def test_no_page_may_set_variables_by_name() -> None:
    from blossomer.blossomer import app, known_event

    names = app._registration_context.event_handlers
    setters = [name for name in names if name.endswith(".setvar")]
    assert setters
    assert not any(known_event(name) for name in setters)
    # What goes on by itself is begun by others; sent by a page it would go on without the page.
    background = [name for name, known in names.items() if known.handler.is_background]
    assert {name.rpartition(".")[2] for name in background} == {
        "follow",
        "run_generation",
        "run_mend",
        "run_suggestions",
    }
    assert not any(known_event(name) for name in background)
    assert all(known_event(name) for name in names if name not in {*setters, *background})
    assert not known_event("nothing.of_ours")
