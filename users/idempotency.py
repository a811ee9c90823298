"""Idempotency-Key: a request that is sent again under its key is carried out once, and gets the same answer."""

import contextlib
import hashlib
import json
from collections.abc import Callable

from rest_framework.request import Request
from rest_framework.response import Response

from foundation.api import JsonRenderer, call_async, call_unhurried
from foundation.errors import Invalid, Unavailable

from . import answers
from .authentication import require_actor

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
MAX_KEY = 255
_KEPT_HEADERS = ("Location",)


def key_of(request: Request) -> str | None:
    """Return the request's key, if it has one; raises `Invalid`."""
    key: str | None = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise Invalid("Some headers are not valid.", fields={HEADER: [f"It is 1 to {MAX_KEY} ASCII characters."]})
    return key


def client_id_of(key: str) -> str:
    """Return the clientId of what is made under a key: what the key does not remember any more, the clientId does."""
    return key if len(key) <= 64 else hashlib.sha256(key.encode()).hexdigest()


def answer_once(request: Request, key: str, perform: Callable[[str], Response]) -> Response:
    """Carry the request out, or return the answer that its key has; what fails may be tried again under the key.

    Raises `IdempotencyConflict` when the key is that of another request, `Unavailable` while that is carried out.
    """
    user_id = require_actor(request).user_id
    kept = call_async(answers.begin, user_id=user_id, key=key, digest=_digest_of(request))
    if kept is not None:
        answer = json.loads(kept)
        return Response(answer["body"], status=answer["status"], headers={**answer["headers"], REPLAYED: "true"})
    try:
        response = perform(client_id_of(key))
    except BaseException:
        # Else the claim is taken over later.
        with contextlib.suppress(Unavailable):
            call_unhurried(answers.release, user_id=user_id, key=key)
        raise
    with contextlib.suppress(Unavailable):
        call_unhurried(answers.finish, user_id=user_id, key=key, answer=_to_keep(response))
    return response


def _to_keep(response: Response) -> str:
    headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
    body = JsonRenderer().render(response.data).decode() or "null"
    return f'{{"status":{response.status_code},"headers":{json.dumps(headers)},"body":{body}}}'


def _digest_of(request: Request) -> str:
    """Return a hash of what the request asks for; two bodies of the same form have different boundaries."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if not request.FILES:
        digest.update(json.dumps(request.data, sort_keys=True).encode())
        return digest.hexdigest()
    for name, values in sorted(request.POST.lists()):
        digest.update(json.dumps([name, values]).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(json.dumps([name, file.name, file.content_type, file.size]).encode())
            for piece in file.chunks():
                digest.update(piece)
            file.seek(0)
    return digest.hexdigest()
