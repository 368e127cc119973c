"""Personal numbers at rest: sealed with AES-256-GCM or SM4-GCM, found through a keyed digest.

The key is `settings.KHOTAIL_DATA_KEY` (32 bytes). Sealed text names its cipher, so that a setting can be changed while
old values still open: `a1:` AES-256-GCM, `s1:` SM4-GCM (GB/T 32907).
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import os
import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from khotail.facts.identity import normalise

_NONCE = 12
_TAG = 16
_NOT_DIGITS = re.compile(r"\D")


def seal(text: str) -> str:
    """`text` sealed, with a fresh nonce each time; "" stays ""."""
    if not text:
        return ""
    nonce = os.urandom(_NONCE)
    data = text.encode()
    if settings.KHOTAIL_CIPHER == "sm4":
        encryptor = Cipher(algorithms.SM4(_key("seal-sm4")[:16]), modes.GCM(nonce)).encryptor()
        sealed, kind = encryptor.update(data) + encryptor.finalize() + encryptor.tag, "s1:"
    else:
        sealed, kind = _aes(_key("seal")).encrypt(nonce, data, None), "a1:"
    return kind + base64.b64encode(nonce + sealed).decode()


def unseal(sealed: str) -> str:
    """The text. Raises cryptography's InvalidTag if the key is another or the value was altered."""
    if not sealed:
        return ""
    kind, raw = sealed[:3], base64.b64decode(sealed[3:])
    nonce, data = raw[:_NONCE], raw[_NONCE:]
    if kind == "s1:":
        mode = modes.GCM(nonce, data[-_TAG:])
        decryptor = Cipher(algorithms.SM4(_key("seal-sm4")[:16]), mode).decryptor()
        return (decryptor.update(data[:-_TAG]) + decryptor.finalize()).decode()
    return _aes(_key("seal")).decrypt(nonce, data, None).decode()


def is_sealed(text: str) -> bool:
    return text[:3] in ("a1:", "s1:")


def keyed_digest(text: str) -> str:
    """32 hexadecimal digits by which a number is found without being readable; "" stays ""."""
    if not text:
        return ""
    return hmac.digest(_key("digest"), text.strip().upper().encode(), "sha256").hex()[:32]


def id_digest(number: str) -> str:
    """By which a person is found: the keyed digest of the 18 characters that an ID and a disability card share."""
    return keyed_digest(normalise(number)[:18])


def phone_digest(number: str) -> str:
    """The keyed digest of a phone number's digits, without the country's 86 in front."""
    digits = _NOT_DIGITS.sub("", number)
    return keyed_digest(digits[2:] if len(digits) == 13 and digits.startswith("86") else digits)


def content_digest(content: str) -> str:
    """32 hexadecimal digits that say whether two statements are the same, and nothing else about them."""
    return hashlib.blake2b(content.encode(), key=_key("content"), digest_size=16).hexdigest()


def seal_bytes(content: bytes) -> bytes:
    """Content of a file, sealed with the installation's cipher; the first byte names it."""
    nonce = os.urandom(_NONCE)
    if settings.KHOTAIL_CIPHER == "sm4":
        encryptor = Cipher(algorithms.SM4(_key("seal-sm4")[:16]), modes.GCM(nonce)).encryptor()
        return b"s" + nonce + encryptor.update(content) + encryptor.finalize() + encryptor.tag
    return b"a" + nonce + _aes(_key("seal")).encrypt(nonce, content, None)


def unseal_bytes(sealed: bytes) -> bytes:
    """The content. Raises cryptography's InvalidTag if the key is another or the file was altered."""
    kind, nonce, data = sealed[:1], sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    if kind == b"s":
        mode = modes.GCM(nonce, data[-_TAG:])
        decryptor = Cipher(algorithms.SM4(_key("seal-sm4")[:16]), mode).decryptor()
        return decryptor.update(data[:-_TAG]) + decryptor.finalize()
    return _aes(_key("seal")).decrypt(nonce, data, None)


class SealedField(models.TextField):
    """Text that is sealed on its way into the database and opened on its way out."""

    def get_prep_value(self, value: str | None) -> str | None:
        return value if value is None or is_sealed(value) else seal(value)

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return value if value is None else unseal(value)


@functools.cache
def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()


def _key(purpose: str) -> bytes:
    return _derived(settings.KHOTAIL_DATA_KEY, purpose)


@functools.cache
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key)
