"""The documentation names files that exist: links, paths in backticks, and the decisions' numbers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
HEADINGS = ["## Status", "## Context", "## Decision", "## Consequences"]
# Folders whose files are code or prose of ours; what is installed or generated has no place here.
FOLDERS = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").is_file())
FOLDERS += ["bin", "docs", "templates"]
SUFFIXES = ("py", "md", "js", "mjs", "css", "html", "svg", "sh", "toml", "txt", "yml", "xml", "example")

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_BACKTICKS = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*|[\w./-]+\.(?:{'|'.join(SUFFIXES)})")
_CITED = re.compile(r"decisions/(\d{4})")


def links(page: Path) -> Iterator[str]:
    """Yield the targets of a page's links to files, without their fragment."""
    for target in _LINK.findall(_FENCED.sub("", page.read_text())):
        path = target.partition("#")[0]
        if path and not re.match(r"[a-z]+:", path):
            yield path


def named_paths(text: str) -> Iterator[str]:
    """Yield the paths in backticks; a command's is its first word, and installed files are none of ours."""
    for code in _BACKTICKS.findall(_FENCED.sub("", text)):
        word = code.split()[0] if code.split() else ""
        if _PATH.fullmatch(word) and "node_modules" not in word:
            yield word


def exists(path: str, page: Path) -> bool:
    """Return whether a path exists from the root or beside the page, or is the end of a path in one of our folders."""
    if (ROOT / path).exists() or (page.parent / path).exists():
        return True
    return path.partition("/")[0] not in FOLDERS and any(next((ROOT / name).rglob(path), None) for name in FOLDERS)


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    assert [path for path in links(page) if not (page.parent / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_path_in_backticks_exists(page: Path) -> None:
    assert [path for path in named_paths(page.read_text()) if not exists(path, page)] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=_name)
def test_a_decision_has_its_number_and_the_usual_headings(decision: Path) -> None:
    lines = decision.read_text().splitlines()
    assert lines[0].startswith(f"# {decision.name[:4]}: ")
    assert [line for line in lines if line.startswith("## ")] == HEADINGS


def test_decisions_are_numbered_without_a_gap_and_listed_in_the_readme() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    listed = [path for path in links(ROOT / "README.md") if path.startswith("docs/decisions/")]
    assert listed == [_name(path) for path in DECISIONS]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_link_to_a_decision_has_its_number_as_text(page: Path) -> None:
    for text, target in re.findall(r"\[(?:decisions/)?(\d{4})\]\(([^)]+)\)", page.read_text()):
        assert Path(target).name.startswith(f"{text}-")


def test_code_cites_decisions_that_exist() -> None:
    numbers = {path.name[:4] for path in DECISIONS}
    sources = [source for folder in FOLDERS for source in sorted((ROOT / folder).rglob("*.py"))]
    cited = {(_name(source), number) for source in sources for number in _CITED.findall(source.read_text())}
    assert cited
    assert {citation for citation in cited if citation[1] not in numbers} == set()


def test_only_paths_count_as_named() -> None:
    text = "`bin/manage token` `foundation/ids.py` `.env.example` `/api/health` `read#a/b` `store.call` `docs/`"
    assert list(named_paths(text)) == ["bin/manage", "foundation/ids.py", ".env.example", "docs/"]


def test_a_missing_path_is_found() -> None:
    page = ROOT / "README.md"
    assert not exists("foundation/nothing.py", page)
    assert not exists("no_such_module.py", page)
    assert exists("hub.py", page)
