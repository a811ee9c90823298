"""Whether this process is about to end: it serves what it has, and a balancer should send it nothing new."""

_is_draining = False


def begin_draining() -> None:
    global _is_draining  # noqa: PLW0603 - of the process, which ends
    _is_draining = True


def is_draining() -> bool:
    return _is_draining
