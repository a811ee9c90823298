"""The lock files: what pip installs, in exact versions and with hashes, from whichever index the machine has."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bin.local import requirements
from bin.local.checkout import ROOT
from bin.local.engines import ENGINES
from bin.local.install import NODE_WHEEL

pytestmark = pytest.mark.unit

FILES = sorted(ROOT.glob("requirements*.txt"))
LOCKED = re.compile(r"[a-z0-9-]+==[0-9][\w.]* ;[^#]+?( --hash=sha256:[0-9a-f]{64})+")
LOCK = """\
# made by a command
one==1.0 ; sys_platform != 'win32' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via
    #   -r requirements.txt
    #   two
two==2.0 \\
    --hash=sha256:cc
    # via three
three==3.0 \\
    --hash=sha256:dd
    # via -r requirements.txt
four==4.0 ; python_full_version < '3.12' \\
    --hash=sha256:ee
    # via -r requirements.txt
four==4.1 ; python_full_version >= '3.12' \\
    --hash=sha256:ff
    # via -r requirements.txt
"""


def name(path: Path) -> str:
    return path.name


def lock_of(path: Path) -> str:
    return path.with_suffix(".lock").read_text()


def requirements_of(path: Path) -> list[str]:
    return requirements.requirement_lines(path.read_text())


def test_comments_are_not_requirements_and_not_a_reason_to_install_again() -> None:
    lines = requirements.requirement_lines("# why\ndjango~=5.2\n\n# more\nredis~=8.1\n")
    assert lines == ["django~=5.2", "redis~=8.1"]


def test_a_locked_version_of_a_package_is_one_line_without_comments() -> None:
    assert requirements.packages(LOCK) == {
        "one": ["one==1.0 ; sys_platform != 'win32' --hash=sha256:aa --hash=sha256:bb"],
        "two": ["two==2.0 --hash=sha256:cc"],
        "three": ["three==3.0 --hash=sha256:dd"],
        "four": [
            "four==4.0 ; python_full_version < '3.12' --hash=sha256:ee",
            "four==4.1 ; python_full_version >= '3.12' --hash=sha256:ff",
        ],
    }


@pytest.mark.parametrize(
    ("package", "installed"), [("three", ["one", "two", "three"]), ("two", ["one", "two"]), ("four", ["four"] * 2)]
)
def test_a_wheel_brings_all_that_it_needs_and_no_more(package: str, installed: list[str]) -> None:
    lines = requirements.with_dependencies(LOCK, package)
    assert [line.partition("==")[0] for line in lines] == installed


def test_what_several_groups_need_is_installed_once() -> None:
    assert requirements.deduplicated({"app": ["one", "two"], "dev": ["two", "three"]}) == ["one", "two", "three"]


@pytest.mark.parametrize("wheel", [*(engine.wheel for engine in ENGINES), NODE_WHEEL])
def test_each_wheel_of_an_engine_is_locked(wheel: str) -> None:
    (group,) = (lines for name, lines in requirements.locked_groups(wheels=[wheel]).items() if name == wheel)
    assert any(line.startswith(f"{wheel}==") for line in group)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_requirement_has_a_compatible_range_or_an_exact_version(path: Path) -> None:
    lines = requirements_of(path)
    assert lines
    # Exact versions are those of packages whose internals we use (tests/realtime/test_versions.py, tests/dynamodb).
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+(\[[a-z_,-]+\])?(~=|==)[\d.]+", line)] == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_lock_file_has_every_requirement_in_a_version_that_it_allows(path: Path) -> None:
    locked = requirements.packages(lock_of(path))
    for requirement in map(Requirement, requirements_of(path)):
        for line in locked[canonicalize_name(requirement.name)]:
            version = Requirement(line.partition(" ")[0]).specifier
            assert all(requirement.specifier.contains(exact.version) for exact in version), requirement


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_locked_package_has_hashes_and_the_file_names_no_index(path: Path) -> None:
    lock = lock_of(path)
    lines = [line for lines in requirements.packages(lock).values() for line in lines]
    assert [line for line in lines if not LOCKED.fullmatch(line)] == []
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links|--trusted-host|@", lock)


def test_packages_that_lock_files_share_have_the_versions_of_the_server() -> None:
    server = requirements.packages(lock_of(ROOT / "requirements.txt"))
    for path in FILES:
        for package, lines in requirements.packages(lock_of(path)).items():
            assert _versions(lines) <= _versions(server.get(package, lines))


def _versions(lines: list[str]) -> set[str]:
    return {line.split(" ")[0] for line in lines}
