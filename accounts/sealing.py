"""Seals what the server must read again, such as the secret of a second factor: a copy of the table alone is useless.

The key comes from SECRET_KEY; SECRET_KEY_FALLBACKS are tried too.
"""

import base64
import hashlib
import logging

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

logger = logging.getLogger(__name__)
_PURPOSE = b"accounts.sealing:"


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Return what was sealed; None where SECRET_KEY was replaced, which is logged."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        logger.error("SECRET_KEY is not the one that a second factor was stored with: only recovery codes work for it.")
        return None


def _fernet() -> MultiFernet:
    return MultiFernet([_fernet_of(str(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet_of(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(_PURPOSE + key.encode()).digest()))
