"""Places in a list that tell nobody what is there: a guest goes on among people, and whoever searches among messages,
without learning of any that they may not see.

What comes back was made here, for the same person and the same search: a place of one's own choice would tell, by
whether there are more, who or what lies behind it.
"""

import base64
import binascii
import hashlib
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from foundation.errors import Invalid

# In bytes. All that are not longer look alike. Names have less; of a longer key its beginning will do: who else begins
# with all of that is shown once more.
_SIZE = 600
_INVALID = "This is no cursor of this list: pass `nextCursor` as it was returned."


@cache
def _cipher(secret: str) -> AESSIV:
    return AESSIV(hashlib.sha512(b"users.sealed_places\0" + secret.encode()).digest())


def seal(place: str, *bound: str, size: int = _SIZE) -> str:
    """Return a place, a sort key, as a text that says nothing; it is the same for the same place and `bound`.

    `size` is that of the longest place, in bytes.
    """
    text = place.encode()[:size].ljust(size, b"\0")
    return base64.urlsafe_b64encode(_cipher(settings.SECRET_KEY).encrypt(text, _encoded(bound))).decode()


def unseal(sealed: str, *bound: str) -> str:
    """Return the place; raises `Invalid` (`cursor`) for what was not sealed here with the same `bound`."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode())
        text = _cipher(settings.SECRET_KEY).decrypt(raw, _encoded(bound))
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise Invalid(_INVALID, fields={"cursor": [_INVALID]}) from error
    # A long one may end within a character.
    return text.rstrip(b"\0").decode(errors="ignore")


def _encoded(bound: tuple[str, ...]) -> list[bytes]:
    return [each.encode() for each in bound]
