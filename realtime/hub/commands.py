"""Runs a coroutine of a management command, which may publish."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from .hub import close_hub

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a management command's coroutine; what it publishes is sent before the loop ends."""

    async def main() -> T:
        try:
            return await coroutine
        finally:
            await close_hub()

    return asyncio.run(main())
