"""Sealing: what is sealed opens with its key and its context, and with nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing import SealError, open_sealed, seal

KEY = bytes(range(32))


@given(plaintext=st.binary(max_size=2000), context=st.binary(max_size=50))
def test_what_is_sealed_opens_again(plaintext: bytes, context: bytes) -> None:
    assert open_sealed(KEY, seal(KEY, plaintext, context), context) == plaintext


def test_the_same_plaintext_is_never_sealed_to_the_same_bytes() -> None:
    assert seal(KEY, b"Morag", b"person") != seal(KEY, b"Morag", b"person")


@given(data=st.data())
def test_changed_or_cut_bytes_do_not_open(data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, b"a letter about a person", b"letter"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    cut = data.draw(st.booleans())
    if cut:
        sealed = sealed[:at]
    else:
        sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        open_sealed(KEY, bytes(sealed), b"letter")


@pytest.mark.parametrize(("key", "context"), [(bytes(32), b"letter"), (KEY, b"person")])
def test_another_key_or_context_does_not_open(key: bytes, context: bytes) -> None:
    sealed = seal(KEY, b"a letter", b"letter")
    with pytest.raises(SealError):
        open_sealed(key, sealed, context)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"short", b"", b"")
