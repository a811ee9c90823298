"""The key pair by which push services know this server (RFC 8292): made once, kept in the store, sealed.

Browsers subscribe for its public half: with another one all devices would have to subscribe anew.
"""

import time
from collections import OrderedDict

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from joserfc import jwt
from joserfc.jwk import ECKey

from accounts.sealing import seal, unseal
from dynamodb import store
from foundation import base64url
from foundation.per_loop import PerLoop
from notifications.preferences.models import load_rows
from notifications.rows import SERVER, VAPID, NotificationRow

# Seconds that a token is valid (RFC 8292 allows a day), and that it is used; and of how many push services one is kept.
_VALID, _USED, _MAX_TOKENS = 12 * 3600, 3600, 100


class Vapid:
    """Signs requests by one key pair."""

    def __init__(self, key: ECKey) -> None:
        self._key = key
        private = key.raw_value
        public = private.public_key() if isinstance(private, ec.EllipticCurvePrivateKey) else private
        self.public_key = base64url.encode(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        self._tokens: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def authorization(self, origin: str) -> str:
        """Return the header for requests to a push service, whose origin it names."""
        made_at, token = self._tokens.get(origin, (0.0, ""))
        moment = time.time()
        if moment - made_at > _USED:
            claims = {"aud": origin, "exp": int(moment) + _VALID, "sub": _contact()}
            token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, self._key)
            self._tokens[origin] = (moment, token)
            self._tokens.move_to_end(origin)
            if len(self._tokens) > _MAX_TOKENS:
                self._tokens.popitem(last=False)
        return f"vapid t={token}, k={self.public_key}"


def _contact() -> str:
    """Return whom a push service may ask about our requests."""
    sender = settings.DEFAULT_FROM_EMAIL
    return f"mailto:{sender}" if "@" in sender else settings.PUBLIC_URL


_known = PerLoop[list[Vapid]](list)


async def get_vapid() -> Vapid:
    """Return this server's key pair, made by the first process that asks; raises `Unavailable`."""
    known = _known()
    if not known:
        known.append(Vapid(ECKey.import_key(await _find_or_make())))
    return known[0]


async def _find_or_make() -> str:
    """Return the private key as PEM; of several processes that make one, the first one's is stored."""
    stored = await _stored()
    pem = unseal(stored) if stored else None
    if pem is not None:
        return pem
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    row = NotificationRow(SERVER, VAPID, key=seal(pem))
    # What was sealed with a SECRET_KEY that is gone is of no use.
    condition = NotificationRow.key == stored if stored else NotificationRow.key.does_not_exist()
    try:
        await store.call(row.save, condition)
    except store.ConditionFailed:
        return await _find_or_make()
    return pem


async def _stored() -> str | None:
    row = (await load_rows([(SERVER, VAPID)])).get((SERVER, VAPID))
    return row.key if row else None
