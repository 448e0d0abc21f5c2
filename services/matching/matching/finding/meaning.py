"""Turns phrases into vectors that lie near each other when they mean the same (all-MiniLM-L6-v2, quantised to int8)."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

DIMENSIONS = 384
MOST_TOKENS = 256
"""What the model was trained to read; what is longer is cut."""
MODEL_FILE = "all-minilm-l6-v2-q.onnx"
TOKENIZER_FILE = "all-minilm-l6-v2-q-tokenizer.json"
KEPT_PHRASES = 20_000


class Meaning(Protocol):
    """Gives each text its vector of length one."""

    digest: str
    """What tells one model from another."""

    def of(self, text: str) -> Floats:
        """Return a phrase's vector, float32 [384], of length one; it is kept."""

    def encode(self, text: str) -> Floats:
        """Return a text's vector, made anew."""


class MiniLm:
    """The model, run on one thread: the same text gives the same vector."""

    def __init__(self, folder: Path) -> None:
        """Load the model and its tokenizer from a folder; FileNotFoundError where they are not there."""
        for name in (MODEL_FILE, TOKENIZER_FILE):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"{name} is not in the model's folder")
        self.digest = _digest_of([folder / MODEL_FILE, folder / TOKENIZER_FILE])
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import onnxruntime  # type: ignore[import-untyped] # noqa: PLC0415 - 60 MB that a service without the model does without
        from tokenizers import Tokenizer  # noqa: PLC0415

        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        self._kept = lru_cache(maxsize=KEPT_PHRASES)(self.encode)

    def of(self, text: str) -> Floats:
        """Return a phrase's vector, float32 [384], of length one; it is kept, and must not be written to."""
        vector: Floats = self._kept(text)
        return vector

    def encode(self, text: str) -> Floats:
        """Return a text's vector, made anew: 1 ms for a phrase, 17 ms for the longest that is read."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean: Floats = self._session.run(None, inputs)[0][0].mean(axis=0)
        vector = (mean / np.linalg.norm(mean)).astype(np.float32)
        vector.setflags(write=False)
        return vector


def _digest_of(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()[:16]


def stacked(encode: Callable[[str], Floats], texts: Iterable[str]) -> Floats:
    """Return the vectors of texts, float32 [texts, 384]."""
    vectors: Sequence[Floats] = [encode(text) for text in texts]
    return np.stack(vectors) if vectors else np.zeros((0, DIMENSIONS), dtype=np.float32)
