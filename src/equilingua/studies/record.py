"""``study.json``: a study as it was run, how it was begun, which results are its own, and the claims it had before."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any

from pydantic import ValidationError

from equilingua.config_problems import problems_of
from equilingua.errors import InputError, Problems
from equilingua.files import whole_file
from equilingua.studies.caveats import ClaimList, claim_changes
from equilingua.studies.config import StudyConfig
from equilingua.studies.workspace import Key, Workspace

STUDY_FILE = "study.json"


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a study was begun, as far as its folder says.

    Attributes:
        file: the study's file, as the command named it, or its name alone; None where no command began it.
        changes: options that the command changed, such as ``training.steps=50``.
    """

    file: str | None = None
    changes: tuple[str, ...] = ()

    def command(self, name: str, *, output: str) -> str:
        """The command that begins the study of that name, in which DATA stands for the folder of its data."""
        file = self.file or f"{name}.toml"
        if PurePath(file).is_absolute() or PureWindowsPath(file).is_absolute():
            file = PureWindowsPath(file).name
        changes = "".join(f" --set {_quoted(change)}" for change in self.changes)
        return f"equilingua study {shlex.quote(file)}{changes} --data DATA --output {shlex.quote(output)}"

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"file": self.file, "set": list(self.changes)}


@dataclass(frozen=True, slots=True)
class OwnResult:
    """A result that a study consists of, and where it lies in the workspace.

    Attributes:
        arm: its name.
        seed: of the training.
        evaluation: its name.
        training: key of the model.
        result: key of the result.
    """

    arm: str
    seed: int
    evaluation: str
    training: Key
    result: Key


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """What stands in a study's folder; models and results lie in the workspace around it.

    Attributes:
        study: as it was run.
        results: its own, in the order of its arms, seeds and evaluations.
        invocation: how it was begun.
        earlier_claims: the lists of claims that it had before these when it had results, the oldest first.
    """

    study: StudyConfig
    results: tuple[OwnResult, ...]
    invocation: Invocation
    earlier_claims: tuple[ClaimList, ...] = ()

    def write(self, folder: Path) -> None:
        """Write it into a folder, whole or not at all."""
        content: dict[str, Any] = {
            "study": plain_study(self.study),
            "results": [asdict(result) for result in self.results],
            "asked": self.invocation.as_json(),
        }
        if self.earlier_claims:
            content["earlier_claims"] = self.earlier_claims
        with whole_file(folder / STUDY_FILE) as work:
            work.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def plain_study(study: StudyConfig) -> dict[str, Any]:
    """A study as JSON has it: options that nobody gave are left out."""
    return study.model_dump(mode="json", exclude_unset=True)


def read_study(folder: Path) -> StudyRecord:
    """The record in a study's folder.

    Raises:
        InputError: if there is none, it cannot be read, or its options are refused now.
    """
    path = folder / STUDY_FILE
    if not path.is_file():
        raise InputError(f"{folder}: holds no {STUDY_FILE}: is it a folder that `equilingua study` wrote?")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        study = StudyConfig.model_validate(content["study"])
        results = tuple(OwnResult(**row) for row in content["results"])
        invocation = Invocation(content["asked"]["file"], tuple(content["asked"]["set"]))
        return StudyRecord(study, results, invocation, tuple(content.get("earlier_claims", ())))
    except ValidationError as error:
        problems = Problems(f"{path}: made by another version, whose settings are refused now; mend the study's file")
        for problem in problems_of(error, StudyConfig):
            problems.add(str(problem))
        raise InputError(problems.report()) from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read ({type(error).__name__}). Give the command that began the study again; what is "
            "done is kept"
        ) from error


def earlier_claims(workspace: Workspace, study: StudyConfig) -> tuple[ClaimList, ...]:
    """The lists of claims that a study had before these when it had results, the oldest first.

    Nothing is known where its record is missing or cannot be read, and results that the record does not name do not
    count.
    """
    path = workspace.study(study.name) / STUDY_FILE
    try:
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        earlier, last = tuple(content.get("earlier_claims", ())), content["study"].get("claims", [])
        has_results = any(workspace.is_evaluated(row["result"]) for row in content["results"])
        changes = claim_changes((last, plain_study(study).get("claims", [])))
        return (*earlier, last) if has_results and changes else earlier
    except (OSError, AttributeError, KeyError, TypeError, ValueError):
        return ()


def _quoted(change: str) -> str:
    """A change as the command takes it, in double quotes wherever they do."""
    return shlex.quote(change) if any(sign in change for sign in '"$`\\!') else f'"{change}"'
