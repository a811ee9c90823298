"""The layout's rules for `bin` and `bench`, in the style of test_architecture.py."""

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.test_architecture import PACKAGES, ROOT, Rule, Source, _is, _name, read_source

pytestmark = pytest.mark.unit

TOOLS = ("bin", "bench")


def _forbidden_imports(source: Source, *packages: str) -> Iterator[str]:
    for line, name in source.imports():
        if _is(name, *packages):
            yield source.at(line, f"{source.app} imports {name}")


def bin_imports_only_itself(source: Source) -> Iterator[str]:
    """It runs before the product's packages are installed."""
    if source.app == "bin":
        yield from _forbidden_imports(source, "bench", "tests", *PACKAGES)


def bench_imports_no_tests(source: Source) -> Iterator[str]:
    if source.app == "bench":
        yield from _forbidden_imports(source, "tests")


def the_product_imports_no_tools(source: Source) -> Iterator[str]:
    if source.app in PACKAGES:
        yield from _forbidden_imports(source, *TOOLS, "tests")


# Each rule beside a file that breaks it: (path, text).
RULES: dict[Rule, tuple[str, str]] = {
    bin_imports_only_itself: ("bin/local/later.py", "from groups.models import Member"),
    bench_imports_no_tests: ("bench/later.py", "import tests.serving"),
    the_product_imports_no_tools: ("messaging/services.py", "def f():\n    from bin.local.console import print_line"),
}


def import_cycle(sources: Sequence[Source]) -> list[str]:
    """Return the modules of an import cycle, counting imports inside functions too; empty without one."""
    modules = {".".join(source.path.with_suffix("").parts): source for source in sources}
    imports = {
        module: {imported for _, name in source.imports() if (imported := _module(name, modules)) != module}
        for module, source in modules.items()
    }
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return []


def _module(name: str, modules: dict[str, Source]) -> str:
    """Return the module that the imported name is or belongs to; "" when it is not among the modules."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def sources_of(*packages: str) -> list[Source]:
    paths = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    paths = [path for path in paths if "node_modules" not in path.parts]
    return [read_source(path) for path in paths]


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_the_code_keeps(rule: Rule) -> None:
    faults = [fault for source in sources_of(*TOOLS, *PACKAGES) for fault in rule(source)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_a_file_that_breaks_a_rule_is_found(rule: Rule) -> None:
    path, text = RULES[rule]
    (fault,) = rule(Source.of(path, text))
    assert fault.startswith(f"{path}:")


@pytest.mark.parametrize("package", TOOLS)
def test_there_is_no_import_cycle(package: str) -> None:
    sources = sources_of(package)
    assert len(sources) > 10
    assert import_cycle(sources) == []


def test_an_import_cycle_is_found() -> None:
    first = Source.of("bench/first.py", "from bench.load import second")
    second = Source.of("bench/load/second.py", "def f():\n    from ..first import g")
    assert set(import_cycle([first, second])) == {"bench.first", "bench.load.second"}
