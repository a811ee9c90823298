"""bin/run builds what browsers load once for each state of its sources."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bin.local import static_files

pytestmark = pytest.mark.unit


def test_it_is_built_again_only_when_a_source_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Sequence[str]] = []

    def run(command: Sequence[str], environment: dict[str, str], folder: Path) -> int:
        runs.append(command[1:-1])
        Path(environment["STATIC_ROOT"]).mkdir(exist_ok=True)
        (Path(environment["STATIC_ROOT"]) / ".built").write_text(command[-1])
        return 0

    monkeypatch.setattr(static_files, "run_in_foreground", run)
    environment = {"STATIC_ROOT": str(tmp_path / "static")}
    for _ in range(2):
        assert static_files.build(environment) == environment
    assert runs == [["manage.py", "build_static", "--stamp"]]
    monkeypatch.setattr(static_files, "_digest", lambda: "of other sources")
    assert static_files.build(environment) == environment
    assert len(runs) == 2


def test_a_build_that_left_no_stamp_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Sequence[str]] = []

    def run(command: Sequence[str], environment: dict[str, str], folder: Path) -> int:
        runs.append(command)
        return 0

    monkeypatch.setattr(static_files, "run_in_foreground", run)
    for _ in range(2):
        static_files.build({"STATIC_ROOT": str(tmp_path)})
    assert len(runs) == 2
