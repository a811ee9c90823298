"""Imports inside web/ go one way: shared parts < content < page and forms < views and forms of features < urls."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

WEB = Path(__file__).resolve().parent.parent.parent / "web"
# Modules by their path without its suffix; `*` is any feature's folder.
CONTENT = ("*/content", "*/charts", "*/composer", "*/commands", "*/running", "*/followed", "panel", "main", "excerpts")
# From the bottom up. Modules of one layer may import each other, but not in a circle.
LAYERS = (
    (
        "bundle",
        "clerk",
        "brand",
        "emoji_data",
        "fragments",
        "sidebar",
        "viewer",
        "languages",
        "said",
        "words",
        "templatetags/translating",
    ),
    (
        "ceremony",
        "content_security",
        "oidc_cookie",
        "session_cookie",
        "stale_forms",
        "clerk_handshake",
        "templatetags/web",
    ),
    ("shell",),
    CONTENT,
    ("page",),
    ("forms",),
    (
        "*/views",
        "*/forms",
        "*/sending",
        "*/writing",
        "*/links",
        "*/people",
        "*/arranging",
        "*/identity",
        "*/passkeys",
        "*/signing_in",
        "*/arriving",
        "*/departing",
    ),
    ("*/urls",),
    ("urls",),
)


def layer_of(module: str) -> int:
    for number, patterns in enumerate(LAYERS):
        if module in patterns or ("/" in module and f"*/{module.split('/')[1]}" in patterns):
            return number
    raise AssertionError(f"web/{module}.py is in no layer: give it a place in LAYERS")


def _modules() -> dict[str, Path]:
    paths = [path for path in sorted(WEB.rglob("*.py")) if path.name != "__init__.py"]
    return {path.relative_to(WEB).with_suffix("").as_posix(): path for path in paths}


def _imports(module: str, path: Path, known: set[str]) -> Iterator[str]:
    package = ["web", *module.split("/")[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            names = [stem, *(f"{stem}.{alias.name}" for alias in node.names)]
        else:
            continue
        imported = {name.removeprefix("web.").replace(".", "/") for name in names if name.startswith("web.")}
        yield from imported & known


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    modules = _modules()
    return {module: set(_imports(module, path, set(modules))) for module, path in modules.items()}


def test_imports_go_one_way(graph: dict[str, set[str]]) -> None:
    faults = [
        f"web/{module}.py imports web/{imported}.py"
        for module, imports in graph.items()
        for imported in imports
        if layer_of(imported) > layer_of(module)
    ]
    assert faults == []


def test_a_feature_uses_of_another_only_its_content(graph: dict[str, set[str]]) -> None:
    faults = [
        f"web/{module}.py imports web/{imported}.py"
        for module, imports in graph.items()
        for imported in imports
        if "/" in imported and module.split("/")[0] != imported.split("/")[0]
        if LAYERS[layer_of(imported)] != CONTENT and not imported.endswith("/urls")
    ]
    assert faults == []


def test_no_modules_import_in_a_circle(graph: dict[str, set[str]]) -> None:
    assert list(TopologicalSorter(graph).static_order())


def test_the_graph_is_read(graph: dict[str, set[str]]) -> None:
    assert "threads/content" in graph["conversation/sending"]
    assert {"page", "threads/content", "conversation/composer"} <= graph["conversation/sending"]
