"""Reads settings from the environment. What is wrong is collected, so that one start names all of it."""

import builtins
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import environ

Number = TypeVar("Number", builtins.int, builtins.float)

_TRUE, _FALSE = {"1", "true", "yes", "y", "on", "ok"}, {"0", "false", "no", "n", "off"}


class Environment:
    """Typed values by name; an empty variable counts as not set, a wrong one adds a sentence to `problems`.

    Sentences name the variable. They have its value only if it is a number or a switch: an address may hold a password.
    """

    def __init__(self) -> None:
        self.problems: builtins.list[builtins.str] = []
        self._env = environ.Env()

    def read_file(self, path: builtins.str) -> None:
        """Add the lines of a `.env` file, if there is one; what the environment has already takes precedence."""
        environ.Env.read_env(path)

    def str(self, name: builtins.str, default: builtins.str, **options: Any) -> builtins.str:
        value: builtins.str = self._env.str(name, default, **options)
        return value

    def list(self, name: builtins.str, default: builtins.list[builtins.str]) -> builtins.list[builtins.str]:
        """Return the parts between commas."""
        value: builtins.list[builtins.str] = self._env.list(name, default=default)
        return value

    def int(self, name: builtins.str, default: builtins.int, *, minimum: builtins.int = 0) -> builtins.int:
        return self._number(name, default, builtins.int, minimum)

    def float(self, name: builtins.str, default: builtins.float, *, minimum: builtins.float = 0.0) -> builtins.float:
        return self._number(name, default, builtins.float, minimum)

    def bool(self, name: builtins.str, default: builtins.bool) -> builtins.bool:
        text = self.str(name, "").strip()
        if not text:
            return default
        if text.lower() not in _TRUE | _FALSE:
            self.problems.append(f"{name}={_shown(text)} is neither 1 nor 0.")
        return text.lower() in _TRUE

    def choice(self, name: builtins.str, choices: Sequence[builtins.str]) -> builtins.str:
        """Return one of these words; the first is the default."""
        text = self.str(name, "").strip().lower() or choices[0]
        if text not in choices:
            self.problems.append(f"{name}={_shown(text)} is none of {', '.join(choices)}.")
            return choices[0]
        return text

    def json(self, name: builtins.str, default: Any) -> Any:
        text = self.str(name, "").strip()
        try:
            return json.loads(text) if text else default
        except ValueError:
            self.problems.append(f"{name} is not JSON.")
            return default

    def _number(
        self, name: builtins.str, default: Number, parse: Callable[[builtins.str], Number], minimum: Number
    ) -> Number:
        text = self.str(name, "").strip()
        if not text:
            return default
        try:
            value = parse(text)
        except ValueError:
            kind = "whole number" if parse is builtins.int else "number"
            self.problems.append(f"{name}={_shown(text)} is not a {kind}.")
            return default
        if not math.isfinite(value) or value < minimum:
            self.problems.append(f"{name}={_shown(text)} must be at least {minimum:g}.")
            return default
        return value


def _shown(text: builtins.str) -> builtins.str:
    return text if len(text) <= 20 else f"{text[:20]}..."
