"""Names who may sign in, which the server itself has no default for."""

import os


def name_sign_in() -> None:
    """Sets SIGN_IN where nobody has: Clerk where an instance is named, else a trial for this machine alone."""
    if not os.environ.get("SIGN_IN"):
        os.environ["SIGN_IN"] = "clerk" if os.environ.get("CLERK_ISSUER") else "trial"
