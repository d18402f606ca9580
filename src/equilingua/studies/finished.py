"""A study's folder read back: its settings, and the result and the training of every arm and seed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from equilingua.errors import InputError, Problems
from equilingua.evaluation.result import EvaluationResult
from equilingua.studies.changed_claims import EARLIER, told_changes
from equilingua.studies.config import StudyConfig
from equilingua.studies.invocation import Asked
from equilingua.studies.ledger import Entry, latest, read
from equilingua.studies.run import SETTINGS_FILE
from equilingua.studies.workspace import Key, Workspace
from equilingua.training.record import TrainingRecord, read_record

Place = tuple[str, int, str]
"""Arm, seed and evaluation."""


@dataclass(frozen=True, slots=True)
class FinishedStudy:
    """All that the outcome of a study is computed from.

    Attributes:
        study: its settings.
        asked: how it was begun.
        changed_claims: a sentence for each that was changed when results were there already.
        entries: the ledger's last line on every arm, seed and evaluation that the study has.
        results: that these lines name.
        records: of every training, by arm and seed.
    """

    study: StudyConfig
    asked: Asked
    changed_claims: tuple[str, ...]
    entries: Mapping[Place, Entry]
    results: Mapping[Place, EvaluationResult]
    records: Mapping[tuple[str, int], TrainingRecord]


def finished_study(folder: Path) -> FinishedStudy:
    """What a study's folder and the workspace around it hold.

    Raises:
        InputError: if it is no study's folder, or the study is not finished.
    """
    settings = folder / SETTINGS_FILE
    if not settings.is_file():
        raise InputError(f"{folder}: holds no {SETTINGS_FILE}: is it a folder that `equilingua study` wrote?")
    study, wanted, asked, changed_claims = _settings(settings)
    written = latest(read(folder))
    # In the study's order, not in that in which trainings happened to end: pages show their curves in it.
    entries = {
        place: written[place] for place, keys in wanted.items() if place in written and _keys(written[place]) == keys
    }
    _check_finished(wanted, entries, folder, begun=asked.command(study.name, output=folder.parent.as_posix()))
    workspace = Workspace(folder.parent)
    results = {
        (study.label(arm), seed, evaluation): EvaluationResult.load(workspace.result(entry.result_key))
        for (arm, seed, evaluation), entry in ((place, entries[place]) for place in wanted)
    }
    return FinishedStudy(study, asked, changed_claims, entries, results, _records(entries, workspace))


def _settings(path: Path) -> tuple[StudyConfig, dict[Place, tuple[Key, Key]], Asked, tuple[str, ...]]:
    """The study as it was run, the keys of its results, how it was begun, and what is told of changed claims."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        study = StudyConfig.model_validate(content["study"])
        rows = content["results"]
        wanted = {
            (str(row["arm"]), int(row["seed"]), str(row["evaluation"])): (str(row["training"]), str(row["result"]))
            for row in rows
        }
        said = dict(content.get("asked") or {})
        asked = Asked(said.get("file"), tuple(map(str, said.get("set") or ())))
        changed_claims = told_changes([*content.get(EARLIER, ()), content["study"].get("claims", ())])
    except ValidationError as error:
        problems = Problems(f"{path}: made by another version, whose settings are refused now; mend the study's file")
        for one in error.errors():
            problems.add(f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}")
        raise InputError(problems.report()) from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read ({type(error).__name__}). Give the command that began the study again; what is "
            "done is kept"
        ) from error
    return study, wanted, asked, changed_claims


def _keys(entry: Entry) -> tuple[Key, Key]:
    return entry.training_key, entry.result_key


def _check_finished(
    wanted: Mapping[Place, object], entries: Mapping[Place, Entry], folder: Path, *, begun: str
) -> None:
    missing = [place for place in wanted if place not in entries]
    if missing:
        arm, seed, evaluation = missing[0]
        raise InputError(
            f"{folder}: {len(missing)} of {len(wanted)} evaluations are not done (arm {arm!r}, seed {seed}, on "
            f"{evaluation!r}, ...). Go on with the command that began it (DATA is the folder of its pairs and "
            f"benchmarks): {begun}"
        )


def _records(entries: Mapping[Place, Entry], workspace: Workspace) -> dict[tuple[str, int], TrainingRecord]:
    """The record of every training, by arm and seed."""
    keys = {(arm, seed): entry.training_key for (arm, seed, _), entry in entries.items()}
    found = {place: read_record(workspace.training(key)) for place, key in keys.items()}
    return {place: record for place, record in found.items() if record is not None}
