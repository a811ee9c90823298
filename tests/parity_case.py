"""An attempt that every entry point must answer alike."""

from dataclasses import dataclass
from typing import Any, ClassVar

from .entry_points import OK


@dataclass(frozen=True)
class Case:
    """Who attempts what with which input, the code that every entry point returns, and how many entries it stores."""

    actor: str
    operation: str
    data: dict[str, Any]
    expected: str = OK
    stores: int | None = None

    _STORING: ClassVar = {"send", "edit", "delete", "react", "pin", "forward"}

    @property
    def entries(self) -> int:
        if self.stores is None:
            return int(self.expected == OK and self.operation in self._STORING)
        return self.stores

    def __str__(self) -> str:
        shown = {name: f"{str(value)[:12]}..." if len(str(value)) > 40 else value for name, value in self.data.items()}
        return f"{self.actor} {self.operation} {shown or 'nothing'}: {self.expected}"
