"""How far behind the followers are: cheaply, from Redis, or exactly, from the directory and all logs."""

import time
from dataclasses import dataclass

import redis.asyncio as redis

from groups.log.heads import find_heads

from . import places, registrations
from .follower import Follower, registered
from .places import GroupPlaces
from .registrations import Registration
from .wake_queue import PARTITIONS, QueueState, wake_queue

# How many logs' ends are looked up together.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class FollowerLag:
    """How many groups a follower has to do something in, and for how many seconds the first of them has waited.

    `set_aside` is how many entries it has set aside since it was built, or since Redis has forgotten. All three are
    None while Redis is away.
    """

    name: str
    groups: int | None = None
    seconds: float | None = None
    set_aside: int | None = None


async def find_lags() -> list[FollowerLag]:
    """Return the lag of each follower, by two calls to Redis whatever the number of groups; raises nothing.

    A group that nobody has woken, because its process was killed, is not in it until the sweep finds it.
    """
    names = [follower.name for follower in registered()]
    try:
        state = await wake_queue().state(names)
    except redis.RedisError:
        return [FollowerLag(name) for name in names]
    return [_lag(name, state) for name in names]


def _lag(name: str, state: QueueState) -> FollowerLag:
    groups, since = state.behind[name]
    behind = time.time() - since if since is not None else 0.0
    seconds = round(max(behind, state.waited, 0.0), 3)
    return FollowerLag(name, max(groups, state.due), seconds, state.set_aside.get(name, 0))


@dataclass(slots=True)
class ExactLag:
    """How many entries, of how many groups, a follower has not handled; `set_aside` has entries: `<groupId>.<seq>`."""

    follower: Follower
    registration: Registration
    entries: int
    groups: int
    set_aside: list[str]


async def find_exact_lags() -> list[ExactLag]:
    """Read the whole directory and the end of each log; raises `Unavailable`."""
    followers = registered()
    there = await registrations.load(followers)
    lags = [ExactLag(follower, there[follower.name], 0, 0, []) for follower in followers]
    for partition in range(PARTITIONS):
        after = None
        while True:
            found, after = await places.find_in_partition(partition, after=after)
            for start in range(0, len(found), _CHUNK):
                await _add(found[start : start + _CHUNK], lags)
            if after is None:
                break
    return lags


async def _add(found: list[GroupPlaces], lags: list[ExactLag]) -> None:
    heads = await find_heads([known.group_id for known in found])
    for known in found:
        if known.group_id not in heads:
            continue
        for lag in lags:
            place = registrations.current_place(known, lag.follower.name, lag.registration)
            if place is None:
                place = await registrations.first_place(known, lag.follower, lag.registration)
            behind = heads[known.group_id].seq - place.seq
            lag.entries += max(0, behind)
            lag.groups += behind > 0
            lag.set_aside += [f"{known.group_id}.{seq}" for seq in place.set_aside]
