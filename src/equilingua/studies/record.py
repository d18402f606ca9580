"""``study.json``: a study as it was run, how it was begun, which results are its own, and the claims it had before."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from equilingua.config_problems import problems_of
from equilingua.documents import read_document
from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.evaluation.overlap import read_trained_on
from equilingua.evaluation.result import EvaluationResult
from equilingua.files import whole_file
from equilingua.studies.config import StudyConfig
from equilingua.studies.contamination import OfArms
from equilingua.studies.results import ResultPlace
from equilingua.studies.tables import ClaimConfig
from equilingua.studies.workspace import Key, Workspace
from equilingua.training.record import TrainingRecord, read_record

STUDY_FILE = "study.json"

PlainClaim = Mapping[str, Any]
"""A claim as JSON has it: options that nobody gave are left out."""

ClaimList = Sequence[PlainClaim]
"""The claims of a study at one time."""

_DEFAULTS = {
    name: field.get_default(call_default_factory=True)
    for name, field in ClaimConfig.model_fields.items()
    if not field.is_required()
}
_ALWAYS_TOLD = ("says", "test", "margin")


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
    """A result that a study consists of; the keys of its training and of itself say where they lie in the workspace."""

    arm: str
    seed: int
    evaluation: str
    training: Key
    result: Key


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """What stands in a study's folder; models and results lie in the workspace around it.

    Its results are in the order of its arms, seeds and evaluations; the earlier claims are the lists that it had before
    these when it had results, the oldest first; ``contamination`` is by evaluation and arm.
    """

    study: StudyConfig
    results: tuple[OwnResult, ...]
    invocation: Invocation
    earlier_claims: tuple[ClaimList, ...] = ()
    contamination: Mapping[str, OfArms] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it into a folder, whole or not at all."""
        content: dict[str, Any] = {
            "study": plain_study(self.study),
            "results": [asdict(result) for result in self.results],
            "asked": self.invocation.as_json(),
        }
        if self.contamination:
            content["trained_on"] = {
                evaluation: {arm: one.as_json() for arm, one in of_arms.items()}
                for evaluation, of_arms in self.contamination.items()
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
    again = "Give the command that began the study again; what is done is kept"
    with foreign_errors(f"{path}: cannot be read", advice=again):
        content = read_document(path)
        study = _recorded_study(content["study"], path)
        results = TypeAdapter(tuple[OwnResult, ...]).validate_python(content["results"])
        invocation = Invocation(content["asked"]["file"], tuple(content["asked"]["set"]))
        contamination = {
            evaluation: {arm: read_trained_on(one) for arm, one in of_arms.items()}
            for evaluation, of_arms in content.get("trained_on", {}).items()
        }
        return StudyRecord(study, results, invocation, tuple(content.get("earlier_claims", ())), contamination)


def _recorded_study(options: Any, path: Path) -> StudyConfig:
    try:
        return StudyConfig.model_validate(options)
    except ValidationError as error:
        problems = Problems(f"{path}: made by another version, whose options are refused now; mend the study's file")
        for problem in problems_of(error, StudyConfig):
            problems.add(str(problem))
        raise InputError(problems.report()) from error


@dataclass(frozen=True, slots=True)
class FinishedStudy:
    """All that the outcome of a study is computed from, in the study's order; results by label of the arm.

    Trainings are the records of those that are there still, by name of the arm and seed; arms made from others have
    none.
    """

    record: StudyRecord
    results: Mapping[ResultPlace, EvaluationResult]
    trainings: Mapping[tuple[str, int], TrainingRecord]


def finished_study(folder: Path) -> FinishedStudy:
    """What a study's folder and the workspace around it hold.

    Raises:
        InputError: if it is no study's folder, or the study is not finished.
    """
    record, workspace = read_study(folder), Workspace(folder.parent)
    missing = [own for own in record.results if not workspace.is_evaluated(own.result)]
    if missing:
        first, begun = missing[0], record.invocation.command(record.study.name, output=folder.parent.as_posix())
        raise InputError(
            f"{folder}: {len(missing)} of {len(record.results)} evaluations are not done (arm {first.arm!r}, seed "
            f"{first.seed}, on {first.evaluation!r}, ...). Go on with the command that began it (DATA is the folder of "
            f"its pairs and benchmarks): {begun}"
        )
    results = {
        (record.study.label(own.arm), own.seed, own.evaluation): EvaluationResult.load(workspace.result(own.result))
        for own in record.results
    }
    keys = {(own.arm, own.seed): own.training for own in record.results}
    trainings = {place: read_record(workspace.training(key)) for place, key in keys.items()}
    return FinishedStudy(record, results, {place: one for place, one in trainings.items() if one is not None})


def earlier_claims(workspace: Workspace, study: StudyConfig) -> tuple[ClaimList, ...]:
    """The lists of claims that a study had before these when it had results, the oldest first.

    Nothing is known where its record is missing or cannot be read, and results that the record does not name do not
    count.
    """
    path = workspace.study(study.name) / STUDY_FILE
    try:
        content: Mapping[str, Any] = read_document(path)
        earlier, last = tuple(content.get("earlier_claims", ())), content["study"].get("claims", [])
        has_results = any(workspace.is_evaluated(row["result"]) for row in content["results"])
        changes = claim_changes((last, plain_study(study).get("claims", [])))
        return (*earlier, last) if has_results and changes else earlier
    except (OSError, AttributeError, KeyError, TypeError, ValueError):
        return ()


def claim_changes(lists: Sequence[ClaimList]) -> tuple[str, ...]:
    """A sentence for every claim that was changed, taken out or added when results were there already.

    The oldest list of claims stands first and the present one last.

    >>> before = {"says": "It gains", "test": "not-worse", "margin": 0.05, "evaluation": "xquad-r"}
    >>> claim_changes([[before], [{**before, "margin": 0.1}]])
    ("Claims were changed when results were there already. Before: 'It gains' (not-worse, margin 0.05).",)
    """
    return tuple(line for before, after in pairwise(lists) for line in _changes(before, after))


def _changes(before: ClaimList, after: ClaimList) -> Iterator[str]:
    old, new = ([_DEFAULTS | dict(claim) for claim in claims] for claims in (before, after))
    gone, added = ([claim for claim in these if claim not in others] for these, others in ((old, new), (new, old)))
    for claim in gone:
        replacement = next((one for one in added if _replaces(one, claim)), None)
        if replacement is None:
            yield f"A claim was taken out when results were there already: {_in_words(claim, claim)}."
        else:
            added.remove(replacement)
            beside = replacement if replacement["says"] == claim["says"] else claim
            yield f"Claims were changed when results were there already. Before: {_in_words(claim, beside)}."
    yield from (f"Claims were added when results were there already: {_in_words(claim, claim)}." for claim in added)


def _replaces(claim: PlainClaim, gone: PlainClaim) -> bool:
    """Whether a claim is another one in new words, or with another test or margin, or the same words of other arms."""
    same = {name for name in claim if claim[name] == gone.get(name)}
    return "says" in same or claim.keys() - same <= set(_ALWAYS_TOLD)


def _in_words(claim: PlainClaim, beside: PlainClaim) -> str:
    """Its words, test and margin, and what else sets it apart from the claim beside it."""
    margin = "" if claim["margin"] is None else f", margin {claim['margin']:g}"
    apart = "".join(
        f", {name} {'not given' if value is None else json.dumps(value, ensure_ascii=False)}"
        for name, value in claim.items()
        if name not in _ALWAYS_TOLD and value != beside.get(name)
    )
    return f"'{' '.join(claim['says'].split())}' ({claim['test']}{margin}{apart})"


def _quoted(change: str) -> str:
    """A change as the command takes it, in double quotes wherever they do."""
    return shlex.quote(change) if any(sign in change for sign in '"$`\\!') else f'"{change}"'
