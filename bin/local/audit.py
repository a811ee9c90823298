"""bin/audit: asks the advisory databases about all dependencies; `--sbom` lists them instead, as CycloneDX JSON."""

import os
import sys
import sysconfig
from pathlib import Path

from bin.local.checkout import ROOT
from bin.local.console import print_line, run_command
from bin.local.install import install_venv
from bin.local.processes import run_step
from bin.local.requirements import requirement_lines

_REQUIREMENTS = ROOT / "bin" / "local" / "audit-requirements.txt"
_NPM_FOLDERS = (ROOT, ROOT / "bench" / "reference")
_SBOMS = ROOT / ".engines" / "sbom"
USAGE = """bin/audit: are there known vulnerabilities in what is installed? Its exit code is not 0 if there are.
bin/audit --sbom: writes what is installed to .engines/sbom/, and asks nobody."""


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--sbom"]):
        print_line(USAGE)
        return 2
    tools = install_venv("bin/audit", requirement_lines(_REQUIREMENTS.read_text())).parent
    commands = _sbom_commands(tools) if arguments else _audit_commands(tools)
    # All of them run, whatever the first one finds.
    return max([_run(command, folder) for command, folder in commands])


def _audit_commands(tools: Path) -> list[tuple[list[str], Path]]:
    python = [str(tools / "pip-audit"), "--strict", "--path", sysconfig.get_path("purelib")]
    return [(python, ROOT), *((["npm", "audit", "--package-lock-only"], folder) for folder in _NPM_FOLDERS)]


def _sbom_commands(tools: Path) -> list[tuple[list[str], Path]]:
    _SBOMS.mkdir(parents=True, exist_ok=True)
    listing = [str(tools / "cyclonedx-py"), "environment", "-o", str(_SBOMS / "python.json"), sys.executable]
    npm = "npm sbom --package-lock-only --sbom-format cyclonedx > "
    return [
        (listing, ROOT),
        *((["sh", "-c", f"{npm}'{_SBOMS / folder.name}.npm.json'"], folder) for folder in _NPM_FOLDERS),
    ]


def _run(command: list[str], folder: Path) -> int:
    print_line(f"\n== {Path(command[0]).name} in {folder.relative_to(ROOT.parent)}")
    return run_step(command, os.environ, folder)


if __name__ == "__main__":
    run_command(main)
