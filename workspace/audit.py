"""The administrative acts, and what was done with accounts: never a password, a code or the token of a link."""

import logging

logger = logging.getLogger("workspace.audit")


async def record(act: str, *, by: str, **about: object) -> None:
    """Note an act that has been done, such as `invitation.make`; `by` is the user id of who did it. Raises nothing."""
    details = "".join(f" {name}={value}" for name, value in about.items() if value is not None)
    logger.info("%s by=%s%s", act, by, details)
