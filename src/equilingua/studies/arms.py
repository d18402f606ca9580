"""What records say of a study's arms: how they were trained, what it took, how losses fell, what was not held equal."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from equilingua.benchmarks.cards import Leak, benchmark_card, benchmark_names
from equilingua.evaluation.result import EvaluationResult
from equilingua.studies.config import StudyConfig
from equilingua.studies.tables import ArmConfig
from equilingua.training.load import load_training, recipe_file
from equilingua.training.record import TrainingRecord

Records = Mapping[tuple[str, int], TrainingRecord]
"""Of trainings, by name of the arm and seed; arms made from others have none."""

# With fewer, the interval's part for seeds rests on hardly anything.
_FEW_SEEDS = 5

# They change with --processes; machines that differ in nothing else are not other hardware.
_OF_PROCESSES = ("threads", "processes")


@dataclass(frozen=True, slots=True)
class ArmSetup:
    """What an arm (its label) was trained from and on and how, or, in words, what it was made of.

    The options are all of its training but the seed; pairs are files inside the data folder, with what was kept and
    made of them. The prompt stands before every query of an evaluation; None for what all arms have.
    """

    arm: str
    made_of: str = ""
    start: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    pairs: tuple[str, ...] = ()
    query_prompt: str | None = None


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The training loss of one training: at each step that was logged, its mean since the one before."""

    arm: str
    seed: int
    steps: tuple[int, ...]
    losses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ArmCost:
    """How many steps of the optimizer an arm took, on how many rows drawn from how many pairs.

    Seconds are those of one training's own steps, the mean over seeds.
    """

    arm: str
    steps: int
    rows: int
    pairs: int
    training_seconds: float


def arm_setups(study: StudyConfig, records: Records) -> Iterator[ArmSetup]:
    """Every arm, in the study's order."""
    known = _files(study)
    for name, arm in study.arms.items():
        label, made_of = study.label(name), _made_of(study, arm)
        record = next((records[place] for place in records if place[0] == name), None)
        if made_of or record is None:
            yield ArmSetup(label, made_of or "its training's record is gone", query_prompt=arm.query_prompt)
            continue
        options = {option: value for option, value in record.config.items() if option != "seed"}
        pairs = tuple(_inside(file, known) for file in record.data.files)
        yield ArmSetup(label, "", record.model, options, pairs, arm.query_prompt)


def pairs_hashes(study: StudyConfig, records: Records) -> dict[str, str]:
    """SHA-256 by name of all pairs that any arm was trained on, without the place of the data folder."""
    known = _files(study)
    return {_inside(file, known): sha for record in records.values() for file, sha in record.data.files.items()}


def learning_curves(study: StudyConfig, records: Records) -> Iterator[LearningCurve]:
    """The losses of every training."""
    for (arm, seed), record in records.items():
        logged = [entry for entry in (record.outcome.history if record.outcome else ()) if "loss" in entry]
        steps, losses = tuple(int(entry["step"]) for entry in logged), tuple(entry["loss"] for entry in logged)
        yield LearningCurve(study.label(arm), seed, steps, losses)


def arm_costs(study: StudyConfig, records: Records) -> Iterator[ArmCost]:
    """What every arm took that was trained."""
    for arm in study.arms:
        own = [record for (name, _), record in records.items() if name == arm]
        outcomes = [record.outcome for record in own if record.outcome is not None]
        if outcomes:
            seconds = sum(outcome.seconds for outcome in outcomes) / len(outcomes)
            yield ArmCost(study.label(arm), outcomes[0].steps, outcomes[0].pairs, own[0].data.pairs, seconds)


def not_controlled(
    study: StudyConfig, results: Sequence[EvaluationResult], trainings: Sequence[TrainingRecord]
) -> Iterator[str]:
    """What seeds, records and results show that differs between trainings, or is little."""
    count = len(study.seeds)
    if count < _FEW_SEEDS:
        yield (
            "One seed tells nothing of how much others would differ; the intervals are over items alone."
            if count == 1
            else f"{count} seeds tell little of how much other seeds would differ; the intervals are as wide as that "
            "makes them."
        )
    outcomes = [training.outcome for training in trainings if training.outcome is not None]
    for what, values in (
        ("optimizer steps", {outcome.steps for outcome in outcomes}),
        ("rows trained on", {outcome.pairs for outcome in outcomes}),
        ("numbers of pairs to draw from", {training.data.pairs for training in trainings}),
    ):
        if len(values) > 1:
            yield f"Arms differ in their {what}: {min(values):,} to {max(values):,}."
    yield from _differing_environments(results, trainings)


def _differing_environments(results: Sequence[EvaluationResult], trainings: Sequence[TrainingRecord]) -> Iterator[str]:
    versions = [training.versions for training in trainings] + [result.provenance["versions"] for result in results]
    hardware = [training.device for training in trainings] + [result.provenance["hardware"] for result in results]
    for what, of_each in (("versions", versions), ("hardware", hardware)):
        first, *others = [{name: one[name] for name in one if name not in _OF_PROCESSES} for one in of_each]
        if any(other != first for other in others):
            yield f"Not all trainings and evaluations ran with the same {what}."


def leaks(study: StudyConfig) -> dict[str, tuple[Leak, ...]]:
    """Of each evaluation whose benchmark has a card, the models known to have been trained on it."""
    return {
        evaluation.key: known
        for evaluation in study.evaluations
        if evaluation.benchmark in benchmark_names() and (known := benchmark_card(evaluation.benchmark).leaks)
    }


def _made_of(study: StudyConfig, arm: ArmConfig) -> str:
    if arm.merge is not None:
        first, second, weight = study.label(arm.merge.first), study.label(arm.merge.second), arm.merge.weight
        return f"weights interpolated, seed by seed: {1 - weight:g} x {first} + {weight:g} x {second}"
    if arm.centre is not None:
        return f"{study.label(arm.centre)}, its vectors less the mean of their language in the pairs it was trained on"
    return ""


def _files(study: StudyConfig) -> list[str]:
    """Names inside the data folder of all files that the study trains on, the longest first."""
    entries = [*study.pairs, *(entry for arm in study.arms.values() for entry in arm.pairs or ())]
    if study.recipe is not None:
        entries += load_training(recipe_file(study.recipe)).entries
    return sorted({entry.file for entry in entries if not PurePath(entry.file).is_absolute()}, key=len, reverse=True)


def _inside(file: str, known: list[str]) -> str:
    """What a record calls its pairs (a path, and behind it in brackets what was kept and made), less the data folder.

    >>> _inside("/data/pairs/a.jsonl (languages de)", ["pairs/a.jsonl"])
    'pairs/a.jsonl (languages de)'
    >>> _inside("/elsewhere/b.jsonl", ["pairs/a.jsonl"])
    'b.jsonl'
    """
    path = file.replace("\\", "/")
    for name in known:
        match = re.search(rf"(?:^|/){re.escape(name)}( \(.*\))?$", path)
        if match:
            return name + (match[1] or "")
    path, bracket, rest = path.partition(" (")
    return path.rpartition("/")[2] + bracket + rest
