"""System packages, installed with apt-get when we are root on Debian or Ubuntu."""

import os
import shutil
import subprocess
from collections.abc import Mapping

from bin.local.advice import missing_package
from bin.local.console import print_line
from bin.local.engines import MONGOD

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def apt_install(package: str) -> bool:
    """Returns whether the package is installed now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print_line(f"Installing the system package {package}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    # The package list that is there may do, and saves a slow update; in containers it is often missing or old.
    return _succeeds(install, quiet) or (_succeeds(["apt-get", "update", "-qq"], quiet) and _succeeds(install, quiet))


def mongod_runs() -> bool:
    """Whether mongod starts on this system; as root, installs the libraries that it lacks."""
    for _ in range(4):
        result = subprocess.run([MONGOD, "--version"], capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return True
        package = missing_package(result.stderr)
        if not package or not apt_install(package):
            return False
    return False


def find_chromium() -> str | None:
    """The browser for the web chat's tests: CHROMIUM, one that is installed, or Debian's package."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return _installed_chromium() or (_installed_chromium() if apt_install("chromium") else None)


def _installed_chromium() -> str | None:
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def _succeeds(command: list[str], env: Mapping[str, str]) -> bool:
    return subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0
