"""Runs what management commands ask of services."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from asgiref.sync import async_to_sync
from django.core.management.base import CommandError

from dynamodb import store
from foundation.errors import AppError
from workspace.audit import close_audit

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return its result; raises `CommandError` with the sentence of an `AppError`."""

    async def run_and_close() -> T:
        try:
            return await coroutine
        finally:
            await close_audit()
            await store.close()

    try:
        return async_to_sync(run_and_close)()
    except AppError as error:
        raise CommandError(error.message) from error
