"""The built files hold what their sources do, under names that change with what is in them."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from web import bundle

# An import of what is in chunks, as esbuild writes it.
_CHUNK = re.compile(r"""\bimport\s*(?:\{[^}]*\}\s*from\s*)?["']\.\./chunks/[^"']+["']""")
ROOT = Path(__file__).resolve().parent.parent.parent


def build_static(folder: Path, debug: str = "0") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", "build_static", "--stamp", "these sources"]
    environment = {**os.environ, "STATIC_ROOT": str(folder), "DEBUG": debug}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    run = build_static(folder)
    assert run.returncode == 0, run.stderr
    return folder


def test_the_script_and_the_style_are_one_file_each(built: Path) -> None:
    names = json.loads((built / "staticfiles.json").read_text())["paths"]
    for entry in bundle.ENTRIES:
        text = (built / names[entry]).read_text()
        # But for what the script shares with what it imports later.
        assert not re.search(r"""\bimport\s*["'{*](?!\.\./chunks/)|@import\b""", re.sub(_CHUNK, "", text))
        assert re.fullmatch(r".+\.[0-9a-f]{12}\.(js|css)", names[entry])
        assert gzip.decompress((built / f"{names[entry]}.gz").read_bytes()).decode() == text


def test_what_is_needed_later_is_apart_and_named_by_its_content(built: Path) -> None:
    names = json.loads((built / "staticfiles.json").read_text())["paths"]
    text = (built / names["web/js/app/main.js"]).read_text()
    later = re.findall(r"""\bimport\(["']\.\./chunks/([^"']+)["']\)""", text)
    at_once = [names[name].rpartition("/")[2] for name in bundle.shared_chunks(built)]
    assert any(name.startswith("panel-") for name in later)
    assert at_once == re.findall(r"""(?:from|import)\s*["']\.\./chunks/([^"']+)["']""", text)
    for name in (*later, *at_once):
        assert re.fullmatch(r".+\.[0-9a-f]{12}\.js", name)
        assert (built / "web/js/chunks" / name).is_file()


def test_it_is_stamped_with_what_its_sources_were(built: Path) -> None:
    assert (built / ".built").read_text() == "these sources"


def test_with_debug_nothing_is_built(tmp_path: Path) -> None:
    run = build_static(tmp_path, debug="1")
    assert run.returncode == 0, run.stderr
    assert "nothing is built" in run.stdout
    assert not list(tmp_path.iterdir())


def test_a_module_that_pages_name_apart_finds_what_it_imports(built: Path) -> None:
    names = json.loads((built / "staticfiles.json").read_text())["paths"]
    text = (built / names["web/status/live.js"]).read_text()
    (imported,) = re.findall(r"""from\s*["']([^"']+)["']""", text)
    assert (built / "web/status" / imported).resolve() == (built / names["web/js/sign_in/clerk.js"]).resolve()


def test_what_cannot_be_built_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "ENTRIES", ("web/js/app/nowhere.js",))
    with pytest.raises(bundle.BuildFailed, match="nowhere"):
        bundle.build(tmp_path)
