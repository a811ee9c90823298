"""bin/test: every check to run before a change is submitted, fastest first."""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bin.local.checkout import ROOT
from bin.local.console import print_line, run_command
from bin.local.engines import NO_ENGINES, named_engines
from bin.local.install import install, install_folder, install_server
from bin.local.processes import ProcessGroup, run_step
from bin.local.running import Home, engines
from bin.local.system import find_chromium


@dataclass(frozen=True)
class Step:
    title: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    step: Step
    code: int
    seconds: float


WITHOUT_ENGINES = (
    Step("Style: ruff check", ("ruff", "check", ".")),
    Step("Style: ruff format", ("ruff", "format", "--check", ".")),
    Step("Types: mypy", ("mypy", ".")),
    Step("Security: bandit", ("bandit", "-q", "-r", ".", "-ll", "-c", "pyproject.toml")),
    Step("Unit tests", ("pytest", "--unit")),
)
OPENAPI_TOOLS = ROOT / "tests" / "chatproject" / "openapi" / "tools"
OIDC_PROVIDER = ROOT / "tests" / "accounts" / "oidc" / "provider"
OTHER_TESTS = Step("All other tests", ("pytest", "-m", "not unit", "-n", "2", "--dist", "loadgroup"))


def main(arguments: list[str]) -> int:
    if "--unit" in arguments:
        install_server("bin/test", dev=True)
        results = [_run(Step("Unit tests", ("pytest", *arguments)), NO_ENGINES)]
    else:
        # Tests ignore REDIS_URL and the like, which name the developer's engines; they use TEST_REDIS_URL and the like.
        named = named_engines(os.environ, prefix="TEST_")
        install("bin/test", named=named, dev=True)
        install_folder("bin/test", OPENAPI_TOOLS, "the tools for OpenAPI")
        install_folder("bin/test", OIDC_PROVIDER, "the provider of OpenID Connect")
        results = [] if arguments else [_run(step, NO_ENGINES) for step in WITHOUT_ENGINES]
        last = Step("Tests", ("pytest", *arguments)) if arguments else OTHER_TESTS
        results.append(_run_on_engines(last, named))
    _print_summary(results)
    return next((result.code for result in results if result.code), 0)


def _run_on_engines(step: Step, named: Mapping[str, str]) -> Result:
    chromium = _chromium()
    processes = ProcessGroup()
    with tempfile.TemporaryDirectory(prefix="chatproject-test-") as folder:
        home = Home(Path(folder) / "data", Path(folder) / "logs", throwaway=True, short_lived=True)
        try:
            with engines(processes, home, named) as addresses:
                return _run(step, {**addresses, **chromium})
        finally:
            processes.stop()


def _chromium() -> dict[str, str]:
    if path := find_chromium():
        return {"CHROMIUM": path}
    print_line("Chromium was not found, so the browser tests cannot run. Debian, Ubuntu: sudo apt-get install chromium")
    print_line("  Elsewhere: install it, or set its path: CHROMIUM=/path/to/chrome bin/test")
    return {}


def _run(step: Step, environment: Mapping[str, str]) -> Result:
    print_line(f"\n== {step.title}")
    start = time.monotonic()
    # The types are checked with the settings, which do not work without it.
    env = {**os.environ, "SIGN_IN": "trial", **environment}
    code = run_step([sys.executable, "-m", *step.command], env, ROOT)
    return Result(step, code, time.monotonic() - start)


def _print_summary(results: list[Result]) -> None:
    print_line()
    for result in results:
        print_line(f"{'✗' if result.code else '✓'} {result.step.title} ({result.seconds:.1f} s)")


if __name__ == "__main__":
    run_command(main)
