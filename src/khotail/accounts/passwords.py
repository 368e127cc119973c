"""First passwords: drawn by lot, shown once to whoever creates the person, changed at the first sign-in."""

from __future__ import annotations

import secrets

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher

#: No letters or digits that are taken for one another when read aloud or from paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LENGTH = 4, 4
#: 16 characters drawn from 31 are 79 bits: guessing them is hopeless without a slow digest, and a list of two thousand
#: people is created within one request. The digest is renewed at full strength when the password is first used.
_ITERATIONS = 5_000


def first_password() -> str:
    """Such as `k7mp-x2dw-…`: four groups of four characters, 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(_GROUPS))


def digest_of_first(password: str) -> str:
    """What is stored for a first password."""
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return hasher.encode(password, hasher.salt(), _ITERATIONS)
    return hasher.encode(password, hasher.salt())
