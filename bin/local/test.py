"""bin/test: every check to run before a change is submitted, fastest first.

Of the tests that share a machine, a few may fail for want of time. Those are run once more, alone, and their names are
told: whatever fails then has failed. Many failures have one cause, and are not looked at again.
"""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bin.local.checkout import ROOT
from bin.local.console import print_line, run_command
from bin.local.engines import NO_ENGINES, named_engines
from bin.local.failed_tests import failed_tests
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
    note: str = ""


WITHOUT_ENGINES = (
    Step("Style: ruff check", ("ruff", "check", ".")),
    Step("Style: ruff format", ("ruff", "format", "--check", ".")),
    Step("Types: mypy", ("mypy", ".")),
    Step("Security: bandit", ("bandit", "-q", "-r", ".", "-ll", "-c", "pyproject.toml")),
    Step("Unit tests", ("pytest", "--unit", "-n", "2")),
)
OPENAPI_TOOLS = ROOT / "tests" / "chatproject" / "openapi" / "tools"
OIDC_PROVIDER = ROOT / "tests" / "accounts" / "oidc" / "provider"
# They often wait, for servers that start and for engines: three at a time keep two cores busy. The tests of a module
# run in one process, else each process would start its servers.
OTHER_TESTS = Step("All other tests", ("pytest", "-m", "not unit", "-n", "3", "--dist", "loadscope"))
ONCE_MORE = Step("Tests that failed beside others, alone", ("pytest",))
MAX_ONCE_MORE = 20
# pytest's exit code: it ran to its end, and some failed.
TESTS_FAILED = 1


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
        results += _run_on_engines(Step("Tests", ("pytest", *arguments)) if arguments else OTHER_TESTS, named)
    _print_summary(results)
    return next((result.code for result in results if result.code), 0)


def _run_on_engines(step: Step, named: Mapping[str, str]) -> list[Result]:
    chromium = _chromium()
    processes = ProcessGroup()
    with tempfile.TemporaryDirectory(prefix="chatproject-test-") as folder:
        home = Home(Path(folder) / "data", Path(folder) / "logs", throwaway=True, short_lived=True)
        try:
            with engines(processes, home, named) as addresses:
                environment = {**addresses, **chromium}
                return [_run(step, environment)] if step != OTHER_TESTS else _run_others(environment, Path(folder))
        finally:
            processes.stop()


def _run_others(environment: Mapping[str, str], folder: Path) -> list[Result]:
    cache = folder / "cache"
    result = _run(_with(OTHER_TESTS, "-o", f"cache_dir={cache}"), environment)
    failed = failed_tests(cache)
    if result.code != TESTS_FAILED or not 0 < len(failed) <= MAX_ONCE_MORE:
        return [result]
    print_line("\nFailed beside others:")
    for name in failed:
        print_line(f"  {name}")
    alone = _run(_with(ONCE_MORE, *failed), environment)
    return [replace(result, code=0, note=f"{len(failed)} of them failed, see below"), alone]


def _with(step: Step, *arguments: str) -> Step:
    return replace(step, command=(*step.command, *arguments))


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
        note = f": {result.note}" if result.note else ""
        print_line(f"{'✗' if result.code else '✓'} {result.step.title} ({result.seconds:.1f} s){note}")


if __name__ == "__main__":
    run_command(main)
