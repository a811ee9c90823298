"""Asks an engine or a server on this machine whether it answers; also finds a free port for it."""

import socket
import urllib.error
import urllib.request

LOCALHOST = "127.0.0.1"
# One attempt; the caller tries again, and checks in between whether the engine's process still runs.
_ATTEMPT_MS = 200


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        port: int = probe.getsockname()[1]
        return port


def redis_answers(port: int) -> bool:
    """False also while it still loads its data from disk."""
    # These functions import what is installed after this module is loaded.
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    try:
        with redis.Redis(LOCALHOST, port, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def mongodb_answers(port: int) -> bool:
    """True once it has recovered its data; `hello` needs no sign-in."""
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    client = MongoClient[dict[str, object]](
        LOCALHOST, port, directConnection=True, serverSelectionTimeoutMS=_ATTEMPT_MS, socketTimeoutMS=1000
    )
    try:
        with client:
            client.admin.command("hello")
    except PyMongoError:
        return False
    return True


def dynamodb_answers(port: int) -> bool:
    return http_status(f"http://{LOCALHOST}:{port}/") is not None


def http_status(url: str, timeout: float = 5) -> int | None:
    """The status of any HTTP answer, None when there is none."""
    # Proxies are for other machines: without this, HTTP_PROXY would apply to localhost too.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as response:
            return int(response.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except (OSError, ValueError):
        return None
