"""The layout's rules, read from the syntax trees: each failure names the file and the line that breaks one."""

# Long: one table of rules, with what breaks each, which reads better in one piece.

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent
# From the ground up; packages on one floor do not import each other.
FLOORS = (
    ("foundation",),
    ("dynamodb", "realtime"),
    ("users",),
    ("workspace",),
    ("accounts",),
    ("groups",),
    ("presence", "files"),
    ("messaging",),
    ("moderation", "notifications", "search"),
    ("health",),
    ("web", "examples"),
    ("chatproject",),
)
PACKAGES = [package for floor in FLOORS for package in floor]
# The same inside realtime: a protocol knows its transport and what it carries, no transport knows what it is used for.
REALTIME_FLOORS = (
    ("transport",),
    ("engineio", "hub"),
    ("application",),
    ("connecting", "dispatcher"),
    ("client_event", "socketio", "jsonsocket"),
    ("consumer", "echo"),
)
APPS = (
    *("users", "workspace", "accounts", "groups", "presence", "files"),
    *("messaging", "moderation", "search", "notifications", "health", "web"),
)
ENTRY_POINTS = {"views", "consumers"}
# What knows the rules knows no transport.
INNER = {"models", "memberships", "access", "services", "selectors", "events", "updates", "proposals", "change_events"}
INNER |= {"link_models", "session_models"}
TRANSPORTS = ("rest_framework", "channels", "django.http")
VAGUE = {"utils", "util", "common", "core", "helpers", "misc"}
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 40
# How a comment at the top of a file or function that is longer begins.
REASON = "# Long:"
PYNAMODB = {
    *("dynamodb/store.py", "dynamodb/greenlets.py", "dynamodb/errors.py", "dynamodb/rows.py"),
    *(
        "users/handles.py",
        "users/rows.py",
        "users/models.py",
        "users/profiles.py",
        "users/statuses.py",
        "users/standings.py",
        "users/blocks.py",
    ),
    *("workspace/rows.py", "workspace/models.py", "workspace/audit/rows.py", "workspace/audit/models.py"),
    "groups/rows.py",
    *("groups/memberships.py", "groups/mark_rows.py", "groups/carry_over.py", "groups/asked.py"),
    *(f"accounts/{name}.py" for name in ("rows", "models", "link_models", "session_models", "passkey_models")),
    *("accounts/identity_models.py", "groups/provided/rows.py"),
    "groups/log/entry.py",
    "groups/log/proposal.py",
    "groups/log/writing.py",
    *("groups/proposals.py", "groups/blocking/proposals.py", "workspace/teams/models.py"),
    "groups/picture_proposal.py",
    *("groups/own_settings/listening.py", "notifications/rows.py", "notifications/outbox.py"),
    *("notifications/decisions.py", "notifications/devices/models.py", "notifications/preferences/models.py"),
    *("moderation/rows.py", "moderation/models.py", "moderation/notices/models.py"),
    *("groups/dissolving.py", "groups/services/creating.py", "groups/places/listing.py", "groups/places/proposals.py"),
    *("messaging/inbox/rows.py", "messaging/threads/rows.py", "messaging/saved/models.py"),
    *("users/due/rows.py", "messaging/later/rows.py"),
    *("messaging/proposals/change.py", "messaging/proposals/delete.py", "messaging/proposals/edit.py"),
    *("health/checks.py", "dynamodb/link_conditions.py", "groups/invitations/models.py"),
}


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, its text and its tree."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, text: str) -> "Source":
        return cls(PurePosixPath(path), text, ast.parse(text))

    @property
    def app(self) -> str:
        return self.path.parts[0]

    @property
    def name(self) -> str:
        return self.path.stem

    def at(self, line: int, what: str) -> str:
        return f"{self.path}:{line}: {what}"

    def imports(self) -> list[tuple[int, str]]:
        """Return (line, full dotted name) of everything imported; each name of a `from` counts as a module too."""
        return self._imports

    @cached_property
    def _imports(self) -> list[tuple[int, str]]:
        return list(self._walk_imports())

    def _walk_imports(self) -> Iterator[tuple[int, str]]:
        package = self.path.parent.parts
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else ()
                base = ".".join([*above, *([node.module] if node.module else [])])
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


@cache
def read_source(path: Path) -> Source:
    """Return the file, parsed once for all rules."""
    return Source.of(path.relative_to(ROOT).as_posix(), path.read_text())


Rule = Callable[[Source], Iterator[str]]


def _is(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def rules_know_no_transport(source: Source) -> Iterator[str]:
    inner = bool(INNER & set(source.path.with_suffix("").parts)) or source.path.is_relative_to("groups/log")
    if source.app in APPS and inner:
        for line, name in source.imports():
            if _is(name, *TRANSPORTS):
                yield source.at(line, f"imports {name}: only entry points know a transport")


def entry_points_know_no_models(source: Source) -> Iterator[str]:
    if source.app in APPS and (source.name in ENTRY_POINTS or source.app == "web"):
        for line, name in source.imports():
            if any(_is(name, f"{app}.models", f"{app}.log") for app in APPS):
                yield source.at(line, f"imports {name}: an entry point calls services and selectors")


def services_alone_publish(source: Source) -> Iterator[str]:
    if source.app not in APPS:
        return
    allowed = {"publish": {"services", "appender"}, "broadcast_transient": {"services"}, "publish_to_user": {"updates"}}
    parts = set(source.path.with_suffix("").parts)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and not parts & allowed.get(node.attr, parts):
            yield source.at(node.lineno, f"calls {node.attr}: only {' and '.join(sorted(allowed[node.attr]))} may")


def imports_go_downwards_only(source: Source) -> Iterator[str]:
    if source.app in PACKAGES:
        own = next(floor for floor in FLOORS if source.app in floor)
        forbidden = [package for floor in FLOORS[FLOORS.index(own) :] for package in floor if package != source.app]
        for line, name in source.imports():
            if _is(name, *forbidden):
                yield source.at(line, f"{source.app} imports {name}: imports go downwards only (see FLOORS)")


def imports_inside_realtime_go_downwards_only(source: Source) -> Iterator[str]:
    parts = source.path.with_suffix("").parts
    if source.app != "realtime" or parts[1] == "__init__":
        return
    own = next((floor for floor in REALTIME_FLOORS if parts[1] in floor), None)
    if own is None:
        yield source.at(1, "stands on no floor of REALTIME_FLOORS")
        return
    above = [f"realtime.{part}" for floor in REALTIME_FLOORS[REALTIME_FLOORS.index(own) :] for part in floor]
    above.remove(f"realtime.{parts[1]}")
    for line, name in source.imports():
        if _is(name, *above):
            yield source.at(line, f"realtime.{parts[1]} imports {name}: see REALTIME_FLOORS")


def modules_say_what_they_hold(source: Source) -> Iterator[str]:
    for part in source.path.with_suffix("").parts:
        if part in VAGUE:
            yield source.at(1, f"'{part}' says nothing about what is in it")


def _excused(top: list[str]) -> bool:
    return any(line.lstrip().startswith(REASON) for line in top)


def files_are_short(source: Source) -> Iterator[str]:
    lines = source.text.splitlines()
    if len(lines) > MAX_FILE_LINES and not _excused(lines[:10]):
        yield source.at(1, f"{len(lines)} lines: split it, or say why: {REASON} ...")


def functions_are_short(source: Source) -> Iterator[str]:
    lines = source.text.splitlines()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            top = lines[node.lineno - 2 : node.lineno + 4]
            if length > MAX_FUNCTION_LINES and not _excused(top):
                yield source.at(node.lineno, f"{node.name} has {length} lines: split it, or say why: {REASON} ...")


def pynamodb_stays_below(source: Source) -> Iterator[str]:
    if str(source.path) not in PYNAMODB and source.app in PACKAGES:
        for line, name in source.imports():
            if _is(name, "pynamodb"):
                yield source.at(line, f"imports {name}: see the list of modules that may")


# Each rule beside a file that breaks it: (path, text).
RULES: dict[Rule, tuple[str, str]] = {
    rules_know_no_transport: ("groups/log/later.py", "from rest_framework.exceptions import NotFound"),
    entry_points_know_no_models: ("files/views.py", "def f():\n    from . import models"),
    services_alone_publish: ("messaging/views.py", "get_hub().publish('room', [])"),
    imports_go_downwards_only: ("groups/models.py", "import messaging.services as later"),
    imports_inside_realtime_go_downwards_only: (
        "realtime/transport/outbox.py",
        "from realtime.hub.event_batch import EventBatch",
    ),
    modules_say_what_they_hold: ("groups/utils/text.py", ""),
    files_are_short: ("messaging/long.py", "x = 1\n" * (MAX_FILE_LINES + 1)),
    functions_are_short: ("users/long.py", "def f():\n" + "    x = 1\n" * MAX_FUNCTION_LINES),
    pynamodb_stays_below: ("messaging/services.py", "import pynamodb.models"),
}


def _name(rule: object) -> str:
    return getattr(rule, "__name__", "")


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    """Every Python file of the project, the tests too."""
    places = (*PACKAGES, "bin", "bench", "tests")
    paths = [path for place in places for path in sorted((ROOT / place).rglob("*.py"))]
    return [read_source(path) for path in paths]


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_the_code_keeps(rule: Rule, sources: list[Source]) -> None:
    faults = [fault for source in sources for fault in rule(source)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_a_file_that_breaks_a_rule_is_found(rule: Rule) -> None:
    path, text = RULES[rule]
    (fault,) = rule(Source.of(path, text))
    assert fault.startswith(f"{path}:")


def _imports_between(sources: list[Source]) -> dict[str, set[str]]:
    """Return the modules that each module imports, those under TYPE_CHECKING or inside a function included."""
    modules = {".".join(source.path.with_suffix("").parts).removesuffix(".__init__"): source for source in sources}
    edges: dict[str, set[str]] = {}
    for module, source in modules.items():
        # `from package import name` imports the module of that name if there is one, else the package.
        imported = (name if name in modules else name.rpartition(".")[0] for _, name in source.imports())
        edges[module] = {name for name in imported if name in modules and name != module}
    return edges


def _cycle(edges: dict[str, set[str]]) -> list[str]:
    """Return the modules of import cycles, and those between two cycles."""
    left = dict(edges)
    # Remove those that import nothing which is left, then those that nothing left imports: the rest is in cycles.
    while free := [module for module, imported in left.items() if not imported & left.keys()]:
        for module in free:
            del left[module]
    while free := [module for module in left if not any(module in imported for imported in left.values())]:
        for module in free:
            del left[module]
    return sorted(left)


def test_no_module_imports_itself_through_others(sources: list[Source]) -> None:
    edges = _imports_between([source for source in sources if source.app in PACKAGES])
    assert _cycle(edges) == []


def test_a_cycle_is_found_in_type_checking_imports_too() -> None:
    texts = {
        "users/a.py": "from . import b",
        "users/b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import A",
        "users/c.py": "from .a import A",
    }
    assert _cycle(_imports_between([Source.of(path, text) for path, text in texts.items()])) == ["users.a", "users.b"]


@pytest.mark.parametrize("rule", [files_are_short, functions_are_short], ids=_name)
def test_a_reason_excuses_length(rule: Rule) -> None:
    path, text = RULES[rule]
    assert list(rule(Source.of(path, f"{REASON} one table, which reads better in one piece.\n{text}"))) == []


def test_the_list_of_modules_that_use_pynamodb_is_no_longer_than_needed(sources: list[Source]) -> None:
    users = {str(source.path) for source in sources if any(_is(name, "pynamodb") for _, name in source.imports())}
    assert users >= PYNAMODB


def test_every_rule_looks_at_something(sources: list[Source]) -> None:
    names = {str(source.path) for source in sources}
    assert {
        "groups/log/writing.py",
        "messaging/views.py",
        "messaging/consumers.py",
        "web/conversation/views.py",
    } <= names
