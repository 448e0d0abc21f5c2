"""The one-shot job `setup` of compose.yaml: `python -m deploy.setup`; doing it again changes nothing.

Which files it applies is said by LINKWAY_PROGRAMME_FILE and LINKWAY_DIRECTORY_FILE, else it is the sample.
Practices' API keys are issued to LINKWAY_PRACTICE_KEYS_FILE, which only its owner may read; without it none are issued.
With LINKWAY_POSTCODES_FILE (a directory of postcodes that referral_intake.geography knows by its columns) homes are
placed to a kilometre, else by their postcode district.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[1]
PROGRAMME = DEPLOY / "programmes" / "dundee-sources-of-support.yaml"
DIRECTORY = DEPLOY / "sample" / "directory.json"
STEP_SECONDS = 120.0


@dataclass(frozen=True)
class Files:
    """What is applied, and where practices' keys go."""

    programme: str
    directory: str
    keys: str | None
    postcodes: str | None

    @classmethod
    def named_by(cls, environment: Mapping[str, str]) -> "Files":
        """Take the files that the environment names."""
        return cls(
            programme=environment.get("LINKWAY_PROGRAMME_FILE") or str(PROGRAMME),
            directory=environment.get("LINKWAY_DIRECTORY_FILE") or str(DIRECTORY),
            keys=environment.get("LINKWAY_PRACTICE_KEYS_FILE") or None,
            postcodes=environment.get("LINKWAY_POSTCODES_FILE") or None,
        )


@dataclass(frozen=True)
class Step:
    """One command of one service, and what it is for."""

    what: str
    command: tuple[str, ...]


class StepFailed(RuntimeError):
    """A command failed; its own words follow."""


def steps(files: Files) -> Iterator[Step]:
    """List the commands; a practice gets its key only after its programme is applied."""
    programme, directory = files.programme, files.directory
    yield Step("programme", ("referral_intake.programmes", "apply", programme))
    yield Step("directory", ("matching.directory", "load", directory))
    yield Step("staff", ("casework.staff", "apply", programme, directory))
    yield Step("menders", ("matching.curation.staff", "apply", programme, directory))
    yield Step("recipients", ("notifications.recipients", "apply", programme, directory))
    if files.postcodes:
        yield Step("postcodes", ("referral_intake.geography", "load", files.postcodes))
    if files.keys:
        issue = ("referral_intake.keys", "issue-all", "--programme-file", programme, "--out", files.keys)
        yield Step("practice keys", issue)


def partner_topics(organisations: str) -> Step:
    """Make a topic for each organisation that asked for one; as printed, one a line."""
    named = [word for organisation in organisations.split() for word in ("--partner", organisation)]
    return Step("topics", ("shared.messaging.topics", *named))


def run(step: Step) -> str:
    """Run one command and return what it printed.

    Raises:
        StepFailed: it did not end well, or not in time.
    """
    try:
        done = subprocess.run(
            (sys.executable, "-m", *step.command), capture_output=True, text=True, check=True, timeout=STEP_SECONDS
        )
    except subprocess.CalledProcessError as error:
        raise StepFailed(f"{step.what}: failed with {error.returncode}\n{error.stdout}{error.stderr}") from None
    except subprocess.TimeoutExpired:
        raise StepFailed(f"{step.what}: not done after {STEP_SECONDS:.0f} s") from None
    return done.stdout


def tell(step: Step, printed: str) -> None:
    """Print what a step did, in one line."""
    print(f"{step.what}: {'; '.join(printed.split(chr(10))).strip('; ') or 'done'}", flush=True)


def main() -> int:
    """Do every step; 1 after the first that fails."""
    files = Files.named_by(os.environ)
    try:
        topics = partner_topics(run(Step("partners", ("notifications.recipients", "partners", files.programme))))
        for step in (topics, *steps(files)):
            tell(step, run(step))
    except StepFailed as error:
        print(error, file=sys.stderr)
        return 1
    if files.keys is None:
        print("practice keys: none issued, LINKWAY_PRACTICE_KEYS_FILE is not set")
    return 0


if __name__ == "__main__":
    sys.exit(main())
