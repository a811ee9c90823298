"""Stands in for another process: it has an appender, and so a memory of logs' ends, of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from groups.log import appender


@contextmanager
def another_process() -> Iterator[None]:
    """What is appended meanwhile, this process's memory of logs' ends does not learn."""
    appenders = dict(appender.get_appenders())
    appender.get_appenders().clear()
    try:
        yield
    finally:
        appender.get_appenders().clear()
        appender.get_appenders().update(appenders)


def restart() -> None:
    """Forget what this process has in memory of logs' ends."""
    appender.get_appenders().clear()
