"""What stands in the place of a conversation: a feature's `content` loads it, `page` shows it."""

from collections.abc import Callable, Coroutine
from typing import Any

from users.actor import Actor

# Returns what its template needs: {"key", "title", "template", ...}.
MainLoader = Callable[[Actor], Coroutine[Any, Any, dict[str, Any]]]
