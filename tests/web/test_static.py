"""The files that pages and modules name exist, and the script's imports go one way."""

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from web.templatetags.web import modules

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = ROOT / "web" / "static" / "web" / "js"
TEMPLATES = ROOT / "templates"
_IMPORT = re.compile(r"""\b(?:import|export)\b(?:[^"';]*?\bfrom\b)?\s*\(?\s*["']([^"']+)["']""")
_STATIC = re.compile(r"""\{%\s*static\s+['"]([^'"]+)['"]""")
_IMPORTED_STYLE = re.compile(r"""@import\s+["']([^"']+)["']""")
_TEMPLATE = re.compile(r"""\{%\s*(?:include|extends)\s+['"]([^'"]+)['"]""")
_RENDERED = re.compile(r"""['"]([\w/]+\.html)['"]""")

Graph = dict[str, set[str]]


def imported_by(text: str) -> list[str]:
    """Return what a module names in `import ... from`, `export ... from` and `import(...)`."""
    code = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", text, flags=re.DOTALL | re.MULTILINE)
    return _IMPORT.findall(code)


@pytest.fixture(scope="module")
def imports() -> Graph:
    """The imports of each module of the script, by its path under js/."""
    graph: Graph = {}
    for path in sorted(SCRIPTS.rglob("*.js")):
        relative = [name for name in imported_by(path.read_text()) if name.startswith(".")]
        targets = {(path.parent / name).resolve() for name in relative}
        graph[path.relative_to(SCRIPTS).as_posix()] = {target.relative_to(SCRIPTS).as_posix() for target in targets}
    return graph


def cycle_in(graph: Graph) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return []


def _reachable(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            todo += graph[module]
    return seen


def test_modules_do_not_import_in_a_circle(imports: Graph) -> None:
    assert cycle_in(imports) == []


def test_a_circle_is_found() -> None:
    assert set(cycle_in({"a.js": {"b.js"}, "b.js": {"c.js"}, "c.js": {"a.js"}, "d.js": set()})) == {
        "a.js",
        "b.js",
        "c.js",
    }


@pytest.mark.parametrize(
    "text",
    [
        'import { a } from "./b.js";',
        'import * as b from "./b.js";',
        'import "./b.js";',
        'import {\n  a,\n  c,\n} from "./b.js";',
        'export { a } from "./b.js";',
        "const b = await import('./b.js');",
    ],
)
def test_every_form_of_import_is_seen(text: str) -> None:
    assert imported_by(text) == ["./b.js"]


def test_a_comment_imports_nothing() -> None:
    assert imported_by('// import { a } from "./b.js";\n/* import "./c.js"; */\n') == []


def test_imported_modules_exist(imports: Graph) -> None:
    assert set().union(*imports.values()) <= imports.keys()


def test_no_module_is_left_over(imports: Graph) -> None:
    assert _reachable(imports, "app/main.js") == imports.keys()


def test_the_page_preloads_every_module_once(imports: Graph) -> None:
    addresses = modules()
    assert sorted(addresses) == sorted(
        [*(f"/static/web/js/{name}" for name in imports), "/static/socket.io/socket.io.esm.min.js"]
    )


def _named_in_templates(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        for name in pattern.findall(path.read_text()):
            yield path.relative_to(TEMPLATES).as_posix(), name


def test_static_files_that_templates_name_exist() -> None:
    named = list(_named_in_templates(_STATIC))
    assert named
    assert [(template, name) for template, name in named if finders.find(name) is None] == []


def test_templates_that_templates_name_exist() -> None:
    named = list(_named_in_templates(_TEMPLATE))
    assert named
    # A page of a library's extends the library's own template.
    assert all(get_template(name) for template, name in named)


def test_templates_that_views_name_exist() -> None:
    sources = [path for app in ("web", "chatproject") for path in sorted((ROOT / app).rglob("*.py"))]
    named = [(path.name, name) for path in sources for name in _RENDERED.findall(path.read_text())]
    assert named
    assert [(source, name) for source, name in named if not (TEMPLATES / name).is_file()] == []


def test_what_a_page_calls_the_workspace_is_its_name() -> None:
    sources = [*TEMPLATES.rglob("*.html"), *SCRIPTS.rglob("*.js")]
    assert [path.name for path in sources if "chatproject" in path.read_text()] == []


def test_no_style_sheet_is_left_over() -> None:
    static = ROOT / "web" / "static"
    named = {static / name for _, name in _named_in_templates(_STATIC) if name.endswith(".css")}
    todo = list(named)
    while todo:
        sheet = todo.pop()
        imported = {(sheet.parent / name).resolve() for name in _IMPORTED_STYLE.findall(sheet.read_text())}
        todo += imported - named
        named |= imported
    assert named == set(static.rglob("*.css"))
