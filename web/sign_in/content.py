"""What the sign-in page shows: the form for a name and what was wrong with it, or Clerk's sign-in box."""

from typing import Any

from foundation.errors import Invalid
from web import clerk


def sign_in_context(*, next_path: str, name: str = "", problem: Invalid | None = None) -> dict[str, Any]:
    """Return the template's context; `next_path` is where to go after signing in."""
    return {"next": next_path, "name": name, "problem": _message(problem), "clerk": clerk.context()}


def _message(problem: Invalid | None) -> str:
    """Return the sentences about the field, or else about the whole form; empty when nothing was wrong."""
    if problem is None:
        return ""
    sentences = [text for texts in (problem.fields or {}).values() for text in texts]
    return " ".join(sentences) or problem.message
