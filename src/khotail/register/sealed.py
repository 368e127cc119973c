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
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from khotail.facts.identity import normalise

_NONCE = 12
_TAG = 16
#: already half-width, upper case and without spaces
_PLAIN_ID = re.compile(r"[0-9]{17}[0-9X]")
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


def seal_all(texts: Sequence[str]) -> list[str]:
    """Each text sealed with a nonce of its own; none may be ""."""
    if settings.KHOTAIL_CIPHER == "sm4":
        return [seal(text) for text in texts]
    encrypt, nonces = _aes(_key("seal")).encrypt, os.urandom(_NONCE * len(texts))
    sealed = []
    for at, text in enumerate(texts):
        nonce = nonces[at * _NONCE : (at + 1) * _NONCE]
        sealed.append("a1:" + b2a_base64(nonce + encrypt(nonce, text.encode(), None), newline=False).decode())
    return sealed


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


def opened(value: Any) -> Any:
    """What a sealed text seals; anything else as it is, and so are words that only begin like a sealed text."""
    if not isinstance(value, str) or not is_sealed(value):
        return value
    try:
        return unseal(value)
    except (InvalidTag, ValueError):
        return value


def keyed_digest(text: str) -> str:
    """32 hexadecimal digits by which a number is found without being readable; "" stays ""."""
    return _keyed(text, *_hmac_begun(_key("digest"))) if text else ""


def id_digest(number: str) -> str:
    """By which a person is found: the keyed digest of the 18 characters that an ID and a disability card share."""
    return keyed_digest(_id_said(number))


def phone_digest(number: str) -> str:
    """The keyed digest of a phone number's digits, without the country's 86 in front."""
    return keyed_digest(_phone_said(number))


def id_digests(numbers: Iterable[str | None]) -> list[str | None]:
    """`id_digest` of each; None stays None."""
    return _each_keyed(_id_said, numbers)


def phone_digests(numbers: Iterable[str | None]) -> list[str | None]:
    """`phone_digest` of each; None stays None."""
    return _each_keyed(_phone_said, numbers)


def _id_said(number: str) -> str:
    return (number if _PLAIN_ID.match(number) else normalise(number))[:18]


def _phone_said(number: str) -> str:
    digits = _NOT_DIGITS.sub("", number)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def _each_keyed(said: Callable[[str], str], numbers: Iterable[str | None]) -> list[str | None]:
    begun, finish = _hmac_begun(_key("digest"))
    texts = [number and said(number) for number in numbers]
    return [_keyed(text, begun, finish) if text else text for text in texts]


def _keyed(text: str, begun: Any, finish: Any) -> str:
    inner, outer = begun.copy(), finish.copy()
    inner.update(text.strip().upper().encode())
    outer.update(inner.digest())
    return outer.hexdigest()[:32]


def content_digests(contents: Iterable[bytes | None]) -> list[str]:
    """Of each, 32 hexadecimal digits which say whether two contents are the same, and nothing else; "" of None."""
    begun = hashlib.blake2b(key=_key("content"), digest_size=16)
    digests = []
    for content in contents:
        if content is None:
            digests.append("")
            continue
        state = begun.copy()
        state.update(content)
        digests.append(state.hexdigest())
    return digests


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
        return value if value is None or opened(value) is not value else seal(value)

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return value if value is None else unseal(value)


@functools.cache
def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()


def _key(purpose: str) -> bytes:
    return _derived(settings.KHOTAIL_DATA_KEY, purpose)


@functools.cache
def _hmac_begun(key: bytes) -> tuple[Any, Any]:
    """HMAC-SHA256 with its key already taken in: the inner and the outer hash (RFC 2104)."""
    padded = key.ljust(64, b"\x00")
    return (
        hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)),
        hashlib.sha256(bytes(byte ^ 0x5C for byte in padded)),
    )


@functools.cache
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key)
