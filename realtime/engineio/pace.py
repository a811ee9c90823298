"""How fast a polling client may send: a POST too soon after many others is answered later, never refused."""

import asyncio

# POSTs that are answered at once, and seconds between two of those that follow.
FREE_POSTS, POST_INTERVAL = 50, 0.1


async def pace(paid_until: float) -> float:
    """Wait if need be, and return until when the client's POSTs are paid: 0 before its first one.

    A session takes one POST at a time, so that a client cannot send its next meanwhile.
    """
    now = asyncio.get_running_loop().time()
    paid_until = max(paid_until, now) + POST_INTERVAL
    if (wait := paid_until - now - FREE_POSTS * POST_INTERVAL) > 0:
        await asyncio.sleep(wait)
    return paid_until
