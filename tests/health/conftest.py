"""The tables that the checks read."""

from tests.files.conftest import _stores

__all__ = ["_stores"]
