"""Rules that the source text itself must keep."""

import re
import subprocess
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "blossomer"


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_generated_text_is_never_rendered_as_html_or_markdown() -> None:
    # The Reflex function that runs scripts, however it is imported; a field of campaigns has its
    # name and is neither taken from a module nor called.
    forbidden = re.compile(
        r"rx\.html|rx\.markdown|dangerouslySetInnerHTML|rx\.script|rx\.toast"
        r"|\.call_script\b|\bcall_script\(|import[^\n]*\bcall_script\b"
    )
    assert [str(path) for path in sources() if forbidden.search(path.read_text())] == []


def test_three_files_of_javascript_for_what_only_a_browser_can_do_and_no_more() -> None:
    scripts = [p.name for p in PACKAGE.rglob("*") if p.suffix in {".js", ".jsx", ".ts", ".tsx"}]
    assert sorted(scripts) == ["blocked_storage.js", "browser_drafts.jsx", "text_file.jsx"]


def test_only_settings_read_the_environment() -> None:
    allowed = {"settings.py"}
    reading = re.compile(r"os\.environ\b|os\.getenv\b|\bgetenv\(")
    found = {
        str(path.relative_to(PACKAGE))
        for path in sources()
        if reading.search(path.read_text()) and "launcher" not in path.parts
    }
    assert found <= allowed | {"services/llm/litellm_transport.py"}


def test_no_file_holds_a_secret() -> None:
    """They come from the environment alone. The tests have invented ones."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    looks_like_one = re.compile(
        r"\bsk-[\w-]{20,}|\bAKIA[A-Z0-9]{16}\b|\bgh[pousr]_\w{30,}|\bAIza[\w-]{30,}|\bxox[bp]-\w"
        r"|\beyJ[\w-]{20,}\.eyJ|-----BEGIN [A-Z ]*PRIVATE KEY|://[^\s:/@$]+:[^\s:/@$]{12,}@"
    )
    files = [PACKAGE.parent / name for name in listed if name and not name.startswith("tests/")]
    text = [file for file in files if file.suffix not in {".png", ".ico"} and file.is_file()]
    assert len(text) > 300
    assert [str(file) for file in text if looks_like_one.search(file.read_text())] == []


def test_every_module_says_what_lives_in_it() -> None:
    silent = [
        str(path)
        for path in sources()
        if path.read_text().strip() and not path.read_text().lstrip().startswith('"""')
    ]
    assert silent == []
