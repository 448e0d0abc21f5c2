"""What a person says to their link worker about organisations: how sharing stands now, or who may not know any more."""

from dataclasses import dataclass

from casework.domain.case import Case, Refused, may_change


@dataclass(frozen=True)
class Said:
    """How sharing stands now, or the one organisation whose part the person takes back."""

    sharing: str | None = None
    organisation: str | None = None

    @property
    def takes_back(self) -> bool:
        """Whether somebody who may know now may not any more."""
        return self.organisation is not None or self.sharing == "declined"


def may_record(case: Case, said: Said, version: int) -> Refused | None:
    """Refuse what is said of a case that is *not-open*, or *stale*; what is taken back is taken from any page."""
    refused = may_change(case, version)
    return None if refused and refused.reason == "stale" and said.takes_back else refused
