"""Reads how much each part of a score counts from a file, so that it can be tried out and changed without a release."""

import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from difflib import get_close_matches
from pathlib import Path

import yaml

from matching.domain import AS_TUNED, Weights

NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})


class WeightsError(ValueError):
    """A file does not say how much the parts of a score count; the message names the line and what is wrong there."""


def read_weights(path: Path) -> Weights:
    """Read a YAML file of *name: points*; what it does not name stays as it was tuned.

    Raises:
        WeightsError: it cannot be read, names a part that there is not or one twice, or gives it no number from 0 on.
    """
    try:
        return weights_of(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(f"the file of weights cannot be read: {error}") from None
    except WeightsError as error:
        raise WeightsError(f"{path.name}: {error}") from None


def weights_of(text: str) -> Weights:
    """Read weights from YAML; WeightsError says where it is wrong."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise WeightsError(f"is not YAML: {error}") from None
    if root is None:
        return AS_TUNED
    if not isinstance(root, yaml.MappingNode):
        raise WeightsError("must be lines of name: points")
    points: dict[str, float] = {}
    for line, name, value in _lines(root):
        if name in points:
            raise WeightsError(f"line {line}: “{name}” stands twice")
        points[name] = _points(line, name, value)
    return replace(AS_TUNED, **points)


def _lines(root: yaml.MappingNode) -> Iterator[tuple[int, str, object]]:
    for key, value in root.value:
        is_number = isinstance(value, yaml.ScalarNode) and value.tag in NUMBERS
        yield key.start_mark.line + 1, str(key.value), yaml.safe_load(value.value) if is_number else None


def _points(line: int, name: str, value: object) -> float:
    known = sorted(asdict(AS_TUNED))
    if name not in known:
        near = get_close_matches(name, known, 1)
        meant = f"is it “{near[0]}”?" if near else f"there are {', '.join(known)}"
        raise WeightsError(f"line {line}: there is no part “{name}”; {meant}")
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise WeightsError(f"line {line}: “{name}” must be a number, 0 or more")
    if name == "need" and value == 0:
        raise WeightsError(f"line {line}: “need” must be more than 0: what has no points is not found")
    return float(value)
