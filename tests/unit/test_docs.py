"""The documents are true where a program can tell: names, commands, paths, codes, links."""

import ast
import re
import struct
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from blossomer.api.app import create_api
from blossomer.api.auth import auth_router
from blossomer.api.demo import demo_router
from blossomer.api.documents import documents_router
from blossomer.api.errors import is_api_path
from blossomer.api.export import export_router
from blossomer.api.health import health_router
from blossomer.api.mcp.door import MCP_PATH
from blossomer.api.mcp.tools import all_tools
from blossomer.api.operations import operations_router
from blossomer.api.plan_export import plan_export_router
from blossomer.api.socket_guard import SOCKET_PATH
from blossomer.api.usage import usage_router
from blossomer.entities import ENTITIES
from blossomer.services.identity import LOCAL_ISSUER_PATH
from blossomer.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "blossomer"
README = PROJECT / "README.md"
TROUBLESHOOTING = PROJECT / "docs" / "troubleshooting.md"
DOCUMENTS = [README, *sorted((PROJECT / "docs").rglob("*.md"))]
EACH_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)

FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE_ENDINGS = (
    ".py", ".md", ".toml", ".txt", ".lock", ".j2", ".jsx", ".css", ".ini", ".log", ".json",
)  # fmt: skip


def spans(document: Path) -> list[str]:
    """What stands between backticks, outside of fenced blocks."""
    return SPAN.findall(FENCE.sub("", document.read_text()))


def code(document: Path) -> str:
    """Everything that is set as code: fenced blocks and spans."""
    return "\n".join([*FENCE.findall(document.read_text()), *spans(document)])


def table_rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| ---")
    ]


@cache
def words_of_the_project() -> frozenset[str]:
    """Every word of the sources, from which the documents may quote names."""
    found: set[str] = set()
    for folder in (PACKAGE, PROJECT / "tests", PROJECT / "alembic", PROJECT / "prompts"):
        for path in folder.rglob("*"):
            if path.suffix in {".py", ".jsx", ".j2"} and path != Path(__file__):
                found.update(re.findall(r"\w+", path.read_text()))
    return frozenset(found)


def make_targets() -> dict[str, str]:
    return dict(re.findall(r"^([a-z]+):.*## (.+)$", (PROJECT / "Makefile").read_text(), re.M))


def told_to_write(document: Path) -> set[str]:
    """Files that the document tells its reader to make, with their content below."""
    return set(re.findall(r"^Write `([^`]+)`:\n\n```", document.read_text(), re.MULTILINE))


def is_made_at_run_time(path: str) -> bool:
    """Whether git ignores the top-level name, as it does with everything the product makes."""
    ignored = {line.strip("/") for line in (PROJECT / ".gitignore").read_text().split()}
    return path.split("/", maxsplit=1)[0] in ignored


@EACH_DOCUMENT
def test_make_targets_exist(document: Path) -> None:
    named = set(re.findall(r"\bmake ([a-z]+)", code(document)))
    assert named <= set(make_targets())


def test_the_readme_explains_every_make_target() -> None:
    explained = {row[0] for row in table_rows(README.read_text()) if row[0].startswith("`make ")}
    assert explained == {f"`make {target}`" for target in make_targets()}


@EACH_DOCUMENT
def test_names_in_capitals_are_settings_or_names_of_the_source(document: Path) -> None:
    text = code(document)
    settings = {name.upper() for name in Settings.model_fields}
    assigned = set(re.findall(r"(?<![\w-])([A-Z][A-Z0-9_]*)=", text))
    of_make = set(re.findall(r"\$\(([A-Z]+)\)", (PROJECT / "Makefile").read_text()))
    of_compose = set(re.findall(r"\$\{([A-Z_]+)", (PROJECT / "compose.yaml").read_text()))
    assert assigned <= settings | of_make | of_compose
    named = set(re.findall(r"(?<![\w-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?!\w)", text))
    assert named <= settings | words_of_the_project()


@EACH_DOCUMENT
def test_paths_exist(document: Path) -> None:
    named = [span for span in spans(document) if is_path(span) and not is_made_at_run_time(span)]
    assert named
    told = told_to_write(document)
    assert [path for path in named if path not in told and not exists(path)] == []


def is_path(span: str) -> bool:
    """Paths end with a slash or a file's ending, or begin with a folder or a dot."""
    first, slash, _ = span.partition("/")
    looks_like_one = span.endswith(("/", *FILE_ENDINGS)) or span.startswith(".")
    return bool(re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", span)) and (
        looks_like_one or bool(slash and (PROJECT / first).is_dir())
    )


def exists(path: str) -> bool:
    """Whether the project has it; a bare file name may be that of a module described nearby."""
    if "/" not in path:
        return (PROJECT / path).is_file() or any(PACKAGE.rglob(path))
    place = PROJECT / path
    return place.is_dir() if path.endswith("/") else place.exists()


@EACH_DOCUMENT
def test_modules_exist(document: Path) -> None:
    named = re.findall(r"-m ([\w.]+)", code(document))
    files = [PROJECT / f"{name.replace('.', '/')}.py" for name in named]
    assert [str(file) for file in files if not file.exists()] == []


@EACH_DOCUMENT
def test_identifiers_occur_in_the_sources(document: Path) -> None:
    named = {
        part
        for span in spans(document)
        if re.fullmatch(r"[A-Za-z_][\w.]*", span) and not span.endswith(FILE_ENDINGS)
        for part in span.split(".")
    }
    settings = {name.upper() for name in Settings.model_fields}
    assert named - words_of_the_project() - settings - set(all_tools()) - {"make"} == set()


@EACH_DOCUMENT
def test_addresses_are_served(document: Path) -> None:
    text = code(document)
    named = set(re.findall(r"https?://localhost:3000(/[\w/.-]+)", text))
    named |= set(re.findall(r"(?:^|(?:GET|POST|PUT|PATCH|DELETE) )(/[\w/.-]*)$", text, re.M))
    named -= {path for path in named if path.startswith(("/var/", "/srv/", "/tmp"))}
    routes = [
        *demo_router().routes,
        *documents_router().routes,
        *auth_router(Settings()).routes,
        *export_router().routes,
        *plan_export_router().routes,
        *operations_router(Settings(_env_file=None)).routes,  # type: ignore[call-arg]
        *health_router().routes,
        *usage_router().routes,
    ]
    served = {str(route.path) for route in routes if isinstance(route, APIRoute)}
    pages = {f"/playground/{config.route}" for config in ENTITIES.values()}
    pages |= {"/auth", "/handler/error", "/handler/keep", "/account-settings"}
    pages |= {f"/app/{config.route}" for config in ENTITIES.values()}
    # Those of an entity that the document tells to write are used in tests/extending.
    new = {Path(path).stem for path in told_to_write(document)}
    named = {path for path in named if not any(f"/{entity}s" in path for entity in new)}
    # A mounted application of its own, whose tests are in tests/identity.
    named -= {path for path in named if path.startswith(f"{LOCAL_ISSUER_PATH}/")}
    besides = {create_api().openapi_url, MCP_PATH, SOCKET_PATH, "/assets/"}
    assert named - served - pages - besides == set()


def test_the_readme_names_every_path_of_the_api() -> None:
    paths = {path for path in create_api().openapi()["paths"] if is_api_path(path)}
    assert paths
    # One path for every entity, whichever there are.
    of_entity = re.compile(rf"^/(demo|api)/({'|'.join(c.path for c in ENTITIES.values())})(?=/|$)")
    general = {of_entity.sub(r"/\1/{path}", path) for path in paths}
    assert {path for path in general if path not in code(README)} == set()


def test_the_readme_and_the_architecture_name_every_part_of_the_package() -> None:
    parts = {
        f"blossomer/{path.name}{'/' if path.is_dir() else ''}"
        for path in PACKAGE.iterdir()
        if path.name not in {"__init__.py", "__pycache__"}
    }
    named = {*spans(README), *spans(PROJECT / "docs" / "architecture.md")}
    assert parts - named == set()


@EACH_DOCUMENT
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for link in LINK.findall(document.read_text()):
        target, _, anchor = link.partition("#")
        file = (document.parent / target).resolve() if target else document
        is_file = file.is_relative_to(PROJECT) and file.is_file()
        if not is_file or (anchor and anchor not in headings(file)):
            broken.append(link)
    assert broken == []


def headings(document: Path) -> set[str]:
    """The anchors that a document's headings get."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", document.read_text()), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_picture_is_light_enough_to_load_with_the_page() -> None:
    picture = (PROJECT / "docs" / "images" / "company.png").read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (1440, 900)
    assert len(picture) < 300_000


@cache
def trees() -> tuple[ast.Module, ...]:
    return tuple(ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py")))


def error_classes() -> set[str]:
    """``UserError`` and every class that comes from it."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"UserError"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


def codes_in_the_source() -> dict[str, set[str]]:
    """Every error code with the statuses it is answered with; ``varies`` for a computed one."""
    classes = error_classes()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id not in classes:
                continue
            code_node = node.args[0]
            # A computed code could not be documented.
            assert isinstance(code_node, ast.Constant), ast.unparse(node)
            status = next((k.value for k in node.keywords if k.arg == "status"), ast.Constant(400))
            fixed = str(status.value) if isinstance(status, ast.Constant) else "varies"
            found[str(code_node.value)].add(fixed)
    return dict(found)


def test_the_table_of_error_codes_is_that_of_the_source() -> None:
    after = TROUBLESHOOTING.read_text().split("## Error codes")[1]
    documented = {row[0].strip("`"): {row[1]} for row in table_rows(after) if row[0] != "code"}
    in_source = codes_in_the_source()
    assert len(in_source) > 30
    assert documented == in_source


def texts_of_the_source() -> list[str]:
    """Every text that a person may be shown; what is filled in becomes an ellipsis."""
    texts = [(PROJECT / "Makefile").read_text()]
    for tree in [*trees(), ast.parse((PROJECT / "tests" / "chromium.py").read_text())]:
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [n.value if isinstance(n, ast.Constant) else "…" for n in node.values]
                texts.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return texts


def test_messages_are_quoted_as_the_product_says_them() -> None:
    quoted = re.findall(r"“([^”]+)”", TROUBLESHOOTING.read_text())
    assert len(quoted) > 15
    texts = texts_of_the_source()
    assert [words for words in quoted if not any(words.rstrip("…") in t for t in texts)] == []
