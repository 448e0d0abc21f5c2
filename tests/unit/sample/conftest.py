"""The sample's files as their readers find them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[3] / "deploy"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = DEPLOY.parents[1] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real data of ../shared/data, which is not here")
    return folder


@pytest.fixture(scope="session")
def directory() -> Any:
    return json.loads((DEPLOY / "sample" / "directory.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def services(directory: dict[str, Any]) -> Any:
    return directory["contents"]


@pytest.fixture(scope="session")
def programme() -> Any:
    return yaml.safe_load((DEPLOY / "programmes" / "dundee-sources-of-support.yaml").read_text("utf-8"))


@pytest.fixture(scope="session")
def referrals_folder() -> Path:
    return DEPLOY / "sample" / "referrals"


@pytest.fixture(scope="session")
def referrals(referrals_folder: Path) -> dict[str, dict[str, Any]]:
    files = sorted(path for path in referrals_folder.glob("*.json") if not path.name.endswith(".bundle.json"))
    return {path.stem: json.loads(path.read_text("utf-8")) for path in files}
