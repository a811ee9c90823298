"""The second factor: codes of an authenticator (TOTP, RFC 6238), and recovery codes for who has lost it."""

import hashlib
import hmac
import re
import time
import unicodedata

import pyotp

ISSUER = "chatproject"
DIGITS = 6
# Steps of 30 s before and after the present one whose codes count too: clocks differ.
_DRIFT = 1
RECOVERY_CODES = 10
# 80 bits each: a plain digest of one cannot be reversed.
_RECOVERY_LENGTH = 16
_SEPARATORS = re.compile(r"[\s-]")


def new_secret() -> str:
    """Return 160 random bits in base 32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, login: str) -> str:
    """Return what an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def matching_step(secret: str, code: str) -> int | None:
    """Return the latest step of 30 s whose code this is, near the present one, or None; `code` is normalized."""
    if not is_totp(code):
        # Digits of other scripts among them: what is no ASCII cannot be compared.
        return None
    generator = pyotp.TOTP(secret)
    present = int(time.time()) // generator.interval
    steps = range(present - _DRIFT, present + _DRIFT + 1)
    matching = [step for step in steps if hmac.compare_digest(generator.generate_otp(step), code)]
    return matching[-1] if matching else None


def normalized(code: str) -> str:
    """Return a code as it is compared: people type spaces, hyphens, small letters, and digits of full width."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", code)).upper()


def is_totp(code: str) -> bool:
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def is_recovery(code: str) -> bool:
    return len(code) == _RECOVERY_LENGTH and code.isascii()


def new_recovery_codes() -> list[str]:
    """Return the codes as their owner writes them down: four groups of four characters."""
    codes = [pyotp.random_base32(32)[:_RECOVERY_LENGTH] for _ in range(RECOVERY_CODES)]
    return ["-".join(code[at : at + 4] for at in range(0, _RECOVERY_LENGTH, 4)) for code in codes]


def recovery_digest(code: str) -> str:
    return hashlib.sha256(normalized(code).encode()).hexdigest()
