"""Seal bytes at rest with AES-256-GCM, so that a table or a backup without its key holds nothing readable."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12  # the length GCM is specified for (NIST SP 800-38D, 5.2.1.1)
KEY_BYTES = 32
TAG_BYTES = 16


class SealError(Exception):
    """Sealed bytes do not open with this key and context."""


def new_key() -> bytes:
    """Return a fresh key of 32 bytes."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Return version byte, random nonce, ciphertext and tag; `context` is bound to it and must be given to open it."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + _cipher(key).encrypt(nonce, plaintext, VERSION + context)


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Return the plaintext of sealed bytes.

    Raises:
        SealError: another key, another context, another version, or bytes that were changed or cut.
    """
    if sealed[:1] != VERSION or len(sealed) < len(VERSION) + NONCE_BYTES + TAG_BYTES:
        raise SealError
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return _cipher(key).decrypt(nonce, body, VERSION + context)
    except InvalidTag:
        raise SealError from None


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError("a sealing key has 32 bytes")
    return AESGCM(key)
