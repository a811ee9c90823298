"""What was done with accounts, as lines of the log: never a password, a code or the token of a link."""

import logging

logger = logging.getLogger("accounts.audit")


def record(act: str, *, by: str, **about: object) -> None:
    """Log an act; `by` is the user id of who did it."""
    details = "".join(f" {name}={value}" for name, value in about.items() if value is not None)
    logger.info("%s by=%s%s", act, by, details)
