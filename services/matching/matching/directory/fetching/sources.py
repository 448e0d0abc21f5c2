"""Sources as data: which directories are fetched, from where, how often, and under which terms."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from matching.directory.imports.recording import Origin
from matching.domain import Area
from shared.clocks import Clock
from shared.contracts.words import GssCode, Slug


class SourcesError(Exception):
    """The file of sources cannot be used; nothing was fetched."""


def _clock(text: str) -> str:
    Clock.read(text)
    return text


class Source(BaseModel):
    """A directory that is fetched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Slug
    format: Literal["aliss", "hsds-api", "file"]
    """ALISS's API, an Open Referral UK or HSDS API, or one file of any format that `load` reads."""
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]
    """Of an API the address of its services, without a page."""
    every: Annotated[str, AfterValidator(_clock)] = "1 day"
    enabled: bool = True
    priority: int = 0
    """Of two directories that state a field of one service, the one with the higher is believed."""
    licence: str | None = None
    attribution: str | None = None
    area: GssCode | None = None
    """Where listings work that state no area, as those of a council's own directory."""
    area_name: str = ""
    per_page: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How many services to ask for on a page; else what the source gives by itself."""
    full_records: Literal["when-short", "always", "never"] = "when-short"
    """Of an HSDS API, whether each service is fetched by its id too, because the pages hold short ones."""
    parameters: Mapping[str, str] = Field(default_factory=dict)
    """What else its address is asked with, as a subset of the directory that is wanted."""

    @property
    def origin(self) -> Origin:
        """What is to be said of all its records."""
        area = (Area("gss", self.area, name=self.area_name),) if self.area else ()
        return Origin(self.name, self.priority, area, self.licence, self.attribution)

    def page(self, number: int) -> dict[str, str]:
        """Return the parameters of a page, from 1; a file has none."""
        if self.format == "file":
            return dict(self.parameters)
        size = "per_page" if self.format == "hsds-api" else "page_size"
        sized = {size: str(self.per_page)} if self.per_page else {}
        return {**self.parameters, **sized, "page": str(number)}


def read_sources(path: Path) -> tuple[Source, ...]:
    """Read the file of sources: YAML or JSON, a list, or one under `sources`.

    Raises:
        SourcesError: it cannot be read, a source is not of its form, or two have one name.
    """
    try:
        body = yaml.safe_load(path.read_text("utf-8-sig"))
        listed = body.get("sources") if isinstance(body, dict) else body
        if not isinstance(listed, list):
            raise SourcesError(f"{path.name} is no list of sources")
        found = tuple(Source.model_validate(each) for each in listed)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SourcesError(f"{path.name} cannot be read: {type(error).__name__}") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise SourcesError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if len({source.name for source in found}) < len(found):
        raise SourcesError(f"{path.name}: two sources have one name")
    return found
