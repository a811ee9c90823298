"""The condition under which a link may be used once more, for the transaction that uses it."""

import time
from typing import Any

from pynamodb.expressions.condition import Condition

from foundation.link_tokens import digest_of


def may_be_used(row: Any, token: str) -> Condition:
    """Return the condition that the link is the token's, not used up and not over.

    `row` is the mapping of a table with `digest`, `used`, `uses`, and `expires_at` in seconds since 1970.
    """
    usable: Condition = (row.digest == digest_of(token)) & (row.used < row.uses)
    usable &= row.expires_at > int(time.time())
    return usable
