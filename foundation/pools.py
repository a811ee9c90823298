"""How many connections to an engine a process has."""

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakSet

import redis.asyncio as redis


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """Connections that are open, those of them in use, and how many there may be."""

    open: int = 0
    busy: int = 0
    max: int = 0


def sum_pools(pools: Iterable[PoolFigures]) -> PoolFigures:
    listed = list(pools)
    return PoolFigures(
        sum(pool.open for pool in listed), sum(pool.busy for pool in listed), sum(pool.max for pool in listed)
    )


# Of the clients that a process keeps; those that are made for one call are not worth counting.
_redis_pools: WeakSet[redis.ConnectionPool] = WeakSet()


def count_pool(pool: redis.ConnectionPool) -> None:
    """Have a pool of connections to Redis counted for as long as it is there."""
    _redis_pools.add(pool)


def counted(client: redis.Redis) -> redis.Redis:
    """Return the client; its pool is counted from now on."""
    count_pool(client.connection_pool)
    return client


def redis_figures() -> PoolFigures:
    """Return the figures of all counted pools of this process together."""
    return sum_pools(map(_figures_of, list(_redis_pools)))


def _figures_of(pool: redis.ConnectionPool) -> PoolFigures:
    (free, _), (used, _) = pool.get_connection_count()
    return PoolFigures(free + used, used, pool.max_connections)
