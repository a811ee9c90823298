"""Runs PynamoDB's blocking code on the event loop, without blocking it.

The code runs in a greenlet, which can be suspended in the middle of a function. When it sends a request, the greenlet
is suspended, the event loop awaits the response, and the greenlet resumes with it. SQLAlchemy's asyncio does the same.
"""

import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import uuid4

from greenlet import getcurrent, greenlet
from pynamodb.connection import Connection

T = TypeVar("T")
Send = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]

_MAX_IDLE = 64


class _Worker(greenlet):  # type: ignore[misc] # greenlet has no types
    """Runs one function after another. It is reused: a new greenlet for each call would double the call's cost."""

    def __init__(self) -> None:
        super().__init__(self._work)
        self._function: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        # The request that the function waits for; None when the function has ended.
        self.request: tuple[str, dict[str, Any]] | None = None

    # --- called from outside the greenlet ----------------------------------------------------------------------------
    def start(self, function: Callable[[], Any]) -> None:
        """Run the function up to its first request, or to its end."""
        self._function = function
        self.parent = getcurrent()
        self.switch()

    def pop_result(self) -> Any:
        """Return what the function returned, or raise what it raised, and keep no reference to either."""
        result, error = self._result, self._error
        self._result = self._error = None
        if error is not None:
            try:
                raise error
            finally:
                # Break the reference cycle of the exception and this frame.
                del error
        return result

    # --- called inside the greenlet ----------------------------------------------------------------------------------
    def wait_for_response(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Suspend until the response is here; raises what `run` throws into the greenlet."""
        self.request = operation, arguments
        try:
            response: dict[str, Any] = self.parent.switch()
            return response
        finally:
            self.request = None

    def _work(self) -> None:
        while True:
            self._run()
            self.parent.switch()

    def _run(self) -> None:
        function, self._function = self._function, None
        try:
            self._result = function() if function else None
        except BaseException as error:
            self._error = error


class _IdleWorkers(threading.local):
    """The idle workers of each thread: a greenlet cannot move to another."""

    def __init__(self) -> None:
        self.workers: list[_Worker] = []


_idle = _IdleWorkers()


async def run(function: Callable[[], T], send: Send) -> T:
    """Return what the function returns or raise what it raises; `send` sends its requests, one at a time."""
    idle = _idle.workers
    worker = idle.pop() if idle else _Worker()
    worker.start(function)
    while worker.request:
        try:
            response = await send(*worker.request)
        except BaseException as error:  # cancellation too: the function must run to its end
            worker.throw(error)
        else:
            worker.switch(response)
    if len(idle) < _MAX_IDLE:
        idle.append(worker)
    result: T = worker.pop_result()
    return result


class LoopConnection(Connection):
    """PynamoDB's connection. Code outside of `run`, such as the creation of tables, blocks in botocore as usual."""

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        worker = getcurrent()
        if not isinstance(worker, _Worker):
            return super().dispatch(operation_name, operation_kwargs)
        if operation_name == "TransactWriteItems":
            # The idempotency token: DynamoDB executes a retried transaction once.
            operation_kwargs.setdefault("ClientRequestToken", str(uuid4()))
        return worker.wait_for_response(operation_name, operation_kwargs)
