"""Release contracts: `python -m shared.contracts.release` writes the schemas that later changes are held against."""

import json
import shutil
import sys
from pathlib import Path

from shared.contracts.compatibility import incompatibilities
from shared.contracts.registry import EVENTS
from shared.contracts.schema import Schema, schema_of

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER / "examples"
RELEASED = FOLDER / "released"
RELEASED_EXAMPLES = RELEASED / "examples"


def released_schemas() -> dict[str, Schema]:
    """Return the released schemas by type."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(RELEASED.glob("*.json"))}


def refusals() -> list[str]:
    """Say why the contracts of today may not be released; empty when they may."""
    told = []
    for event_type, released in released_schemas().items():
        if event_type in EVENTS:
            told += incompatibilities(released, schema_of(EVENTS[event_type]))
        else:
            told.append(f"{event_type}: the type was removed; new readers cannot take events still retained")
    return told


def release() -> list[str]:
    """Write the schema and the example of each type that is new or changed; return their names."""
    released = released_schemas()
    changed = [name for name, event in EVENTS.items() if released.get(name) != schema_of(event)]
    RELEASED_EXAMPLES.mkdir(parents=True, exist_ok=True)
    for name in changed:
        (RELEASED / f"{name}.json").write_text(json.dumps(schema_of(EVENTS[name]), indent=2, ensure_ascii=False) + "\n")
        shutil.copyfile(EXAMPLES / f"{name}.json", RELEASED_EXAMPLES / f"{name}.json")
    return changed


def main() -> int:
    """Release what may be released, or say what may not, and then write nothing."""
    if told := refusals():
        sys.stderr.write("\n".join((*told, "Nothing was released. A new meaning is a new version of the type.", "")))
        return 1
    for name in release():
        sys.stdout.write(f"released {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
