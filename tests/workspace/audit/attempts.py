"""What tests do with services to see that an administrative act is noted, and which services are none.

A new service joins one of the tables: an `Attempt`, or the reason why nobody administers anything by it.
"""

import ast
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from bin.local.checkout import ROOT
from workspace.audit.act import Act

from .reading import acts

Scene = TypeVar("Scene")

# Beside those that are called so, or lie in a folder that is, and what takes an `actor` elsewhere.
SERVICES = ("files/resumable.py", "groups/dissolving.py", "messaging/group_deletion.py", "users/impersonations.py")
# What one sees, and whether one may.
_ONLY_LOOK = ("selectors", "access")


@dataclass(frozen=True)
class Attempt(Generic[Scene]):
    """Do it, and return the id that the act is about, or of who did it; it is noted as `act`.

    `by` is a person of the scene, or what stands for somebody else.
    """

    act: str
    perform: Callable[[Scene], Awaitable[str]]
    by: str = "alice"


async def noted(attempt: Attempt[Scene], scene: Scene) -> Act:
    """Do it, and return the one act that was noted of it."""
    about = await attempt.perform(scene)
    found = [act for act in [*await acts(about=about), *await acts(by=about)] if act.act == attempt.act]
    assert len({act.key for act in found}) == 1, (attempt.act, found)
    return found[0]


def public_services(root: Path = ROOT, *, packages: Iterable[str]) -> set[str]:
    """Return the names of all public functions of services, such as `groups.services.members.add_members`."""
    found = set()
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            relative = path.relative_to(root)
            is_service = "services" in relative.with_suffix("").parts or relative.as_posix() in SERVICES
            module = ".".join(relative.with_suffix("").parts)
            functions = _public_functions(path.read_text())
            found |= {f"{module}.{each.name}" for each in functions if is_service or _acts(each, path.stem)}
    return found


_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _public_functions(text: str) -> list[_Function]:
    return [node for node in ast.parse(text).body if isinstance(node, _Function) and not node.name.startswith("_")]


def _acts(function: _Function, module: str) -> bool:
    """Return whether somebody does something by a function, which lies among no services."""
    return module not in _ONLY_LOOK and any(argument.arg == "actor" for argument in function.args.kwonlyargs)


def spelled_out(prefix: str, reasons: Mapping[str, str]) -> dict[str, str]:
    """Return reasons by the full names of functions; one reason may be for several names."""
    return {f"{prefix}.{name}": reason for names, reason in reasons.items() for name in names.split()}
