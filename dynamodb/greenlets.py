"""Runs PynamoDB's blocking code on the event loop: where it would block, the loop goes on instead.

The code runs in a greenlet, which can be left in the middle of a function and resumed. Whenever it wants an answer of
DynamoDB, it is left with the request, the request is awaited like any other, and the code goes on with the answer.
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
    """Runs one function after another: a new greenlet for each, with a stack of its own, would double a call's cost."""

    def __init__(self) -> None:
        super().__init__(self._work)
        self._function: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        # What the function waits for; none when it has ended.
        self.request: tuple[str, dict[str, Any]] | None = None

    # --- outside -----------------------------------------------------------------------------------------------------
    def begin(self, function: Callable[[], Any]) -> None:
        """Run the function until it wants an answer, or to its end."""
        self._function = function
        self.parent = getcurrent()
        self.switch()

    def end(self) -> Any:
        """Return what the function returned, or raise what it raised; nothing of it is kept."""
        result, error = self._result, self._error
        self._result = self._error = None
        if error is not None:
            try:
                raise error
            finally:
                del error
        return result

    # --- inside ------------------------------------------------------------------------------------------------------
    def ask(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Leave with a request and return its answer, or raise what was thrown instead of one."""
        self.request = operation, arguments
        try:
            answer: dict[str, Any] = self.parent.switch()
            return answer
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


class _Idle(threading.local):
    """The workers of one thread: a greenlet cannot change threads."""

    def __init__(self) -> None:
        self.workers: list[_Worker] = []


_idle = _Idle()


async def run(function: Callable[[], T], send: Send) -> T:
    """Return what the function returns; its requests go out through `send`, one at a time."""
    idle = _idle.workers
    worker = idle.pop() if idle else _Worker()
    worker.begin(function)
    while worker.request:
        try:
            answer = await send(*worker.request)
        except BaseException as error:  # cancelled, too: the function must not be left in its middle
            worker.throw(error)
        else:
            worker.switch(answer)
    if len(idle) < _MAX_IDLE:
        idle.append(worker)
    result: T = worker.end()
    return result


class LoopConnection(Connection):
    """PynamoDB's connection; what is not called through `run`, such as making tables, blocks in botocore as ever."""

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        worker = getcurrent()
        if not isinstance(worker, _Worker):
            return super().dispatch(operation_name, operation_kwargs)
        if operation_name == "TransactWriteItems":
            # The service knows a repeated transaction by it.
            operation_kwargs.setdefault("ClientRequestToken", str(uuid4()))
        return worker.ask(operation_name, operation_kwargs)
