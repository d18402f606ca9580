"""What a study has to do: units of work from its settings, everything checked before anything runs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from equilingua.errors import InputError, Problems
from equilingua.evaluation.settings import SETTINGS
from equilingua.mixtures.read import PairsEntry, read_entries
from equilingua.studies.benchmarks import PlannedBenchmark, planned_benchmark, unanswerable
from equilingua.studies.config import StudyConfig
from equilingua.studies.tables import ArmConfig, EvaluationConfig, Merge
from equilingua.studies.trainings import problems_of
from equilingua.studies.trainings import trained as trained_by
from equilingua.studies.units import Centred, Making, Merged, PlannedEvaluation, Trained, Unit
from equilingua.studies.worker import CENTRING_TEXTS, trained_on
from equilingua.studies.workspace import Key, key_of
from equilingua.training.encoders import EncoderSpec
from equilingua.training.train import training_identity

if TYPE_CHECKING:
    from equilingua.pairs.store import ParallelPairs

    # None where they cannot be read, which is told.
    Stores = dict[tuple[PairsEntry, ...], ParallelPairs | None]

# Raised when the same model comes to have other results on the same texts: rankings, ties, measures, how it encodes.
_VERSION = 1


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """A study, checked.

    Attributes:
        study: its settings.
        data: the folder of its pairs and benchmarks.
        units: every arm with every seed; those that others are made from stand first.
        benchmarks: by evaluation.
        pairs: how many each trained arm is trained on.
        steps: of the optimizer, of each trained arm.
    """

    study: StudyConfig
    data: Path
    units: tuple[Unit, ...]
    benchmarks: Mapping[str, PlannedBenchmark]
    pairs: Mapping[str, int]
    steps: Mapping[str, int]


def plan_study(study: StudyConfig, *, data: Path, on_read: Callable[[str], None] | None = None) -> StudyPlan:
    """The units of a study's work.

    Args:
        study: its settings.
        data: the folder of its pairs and benchmarks.
        on_read: called with a line for every file of pairs and benchmark before it is read, which can take minutes.

    Raises:
        InputError: with every problem of its arms and evaluations: files that are missing, settings that are unknown,
            pairs that batches cannot be formed from, settings and languages of claims that benchmarks lack, arms that
            cannot be made from others.
    """
    problems = Problems(f"study {study.name!r}")
    report = on_read or (lambda _: None)
    trained: dict[str, Trained] = {}
    keys: dict[tuple[str, int], Key] = {}
    stores: Stores = {}
    benchmarks: dict[str, PlannedBenchmark] = {}
    steps: dict[str, int] = {}
    for name, arm in study.arms.items():
        if not arm.made_from:
            with _noted(problems, f"arms.{name}"):
                making = trained[name] = trained_by(study, arm, data)
                if making.entries not in stores:
                    report(f"Reading pairs: {', '.join(dict.fromkeys(entry.file for entry in making.entries))}")
                    stores[making.entries] = None
                    with _noted(problems, f"arms.{name}.pairs" if arm.pairs else "pairs"):
                        stores[making.entries] = read_entries(making.entries, data=data)
                pairs = stores[making.entries]
                if pairs is None:
                    continue
                for seed in study.seeds:
                    identity = training_identity(making.source, pairs, config=_seeded(making, seed).config)
                    keys[name, seed], steps[name] = key_of(identity), identity["config"]["steps"]
    for evaluation in study.evaluations:
        with _noted(problems, f"evaluations.{evaluation.key}"):
            report(f"Reading benchmark: {evaluation.key}")
            benchmarks[evaluation.key] = planned_benchmark(evaluation, data)
    for problem in (*unanswerable(study, benchmarks), *_unmakeable(study, trained, stores, benchmarks)):
        problems.add(problem)
    problems.raise_if_any()
    units = tuple(
        _unit(study, name, seed, trained, keys, benchmarks) for name in _in_order(study) for seed in study.seeds
    )
    counts = {name: _count(making, stores[making.entries]) for name, making in trained.items()}
    return StudyPlan(study, data, units, benchmarks, counts, steps)


def _count(making: Trained, pairs: "ParallelPairs | None") -> int:
    """Pairs that a training takes."""
    return len(trained_on(making, pairs)) if pairs is not None else 0


def _unmakeable(
    study: StudyConfig,
    trained: Mapping[str, Trained],
    stores: "Stores",
    benchmarks: Mapping[str, PlannedBenchmark],
) -> Iterator[str]:
    """Arms that cannot be made from those they are made from, each with its place."""
    readable = {name for name, making in trained.items() if stores.get(making.entries) is not None}
    for name, arm in study.arms.items():
        if arm.merge is not None and {arm.merge.first, arm.merge.second} <= readable:
            yield from (f"arms.{name}: {text}" for text in _unlike(arm.merge, trained))
        source = trained.get(arm.centre) if arm.centre is not None else None
        pairs = stores.get(source.entries) if source is not None else None
        if source is not None and pairs is not None:
            known = trained_on(source, pairs).languages
            asked = {
                tag
                for evaluation in study.evaluations
                if evaluation.key in benchmarks and (evaluation.arms is None or name in evaluation.arms)
                for tag in benchmarks[evaluation.key].languages
            }
            lacking = sorted(asked.difference(known))
            if lacking:
                yield (
                    f"arms.{name}: the pairs of {arm.centre!r} have no text in {', '.join(lacking)}, of which a mean "
                    "could be taken off. Evaluate it in other languages, or leave it out there with 'arms'"
                )


def _unlike(merge: Merge, trained: Mapping[str, Trained]) -> Iterator[str]:
    """What keeps the weights of two arms from being interpolated."""
    one, two = trained[merge.first], trained[merge.second]
    settings = ["prompts", "max_length"]
    if one.source != two.source:
        yield f"{merge.first!r} and {merge.second!r} start from different models, whose weights have no mean"
    elif isinstance(one.source, EncoderSpec):
        settings += ["languages", "sources", "where", "max_characters"]
        if one.entries != two.entries:
            yield f"{merge.first!r} and {merge.second!r} have tokenizers made of different pairs. Give both the same"
    for setting in settings:
        if getattr(one.config, setting) != getattr(two.config, setting):
            yield f"{merge.first!r} and {merge.second!r} differ in {setting}. Give both the same"


@contextmanager
def _noted(problems: Problems, place: str) -> Iterator[None]:
    """What cannot be used is noted with its place, and the check goes on."""
    try:
        yield
    except InputError as error:
        for problem in problems_of(error):
            problems.add(f"{place}: {problem}")


def _seeded(making: Trained, seed: int) -> Trained:
    config = making.config.model_copy(update={"seed": seed})
    return Trained(making.source, making.entries, config)


def _in_order(study: StudyConfig) -> list[str]:
    """Arms that are trained, then those made from them."""
    return sorted(study.arms, key=lambda name: bool(study.arms[name].made_from))


def _unit(
    study: StudyConfig,
    name: str,
    seed: int,
    trained: Mapping[str, Trained],
    keys: Mapping[tuple[str, int], Key],
    benchmarks: Mapping[str, PlannedBenchmark],
) -> Unit:
    arm = study.arms[name]
    making: Making
    if arm.merge is not None:
        making = Merged(keys[arm.merge.first, seed], keys[arm.merge.second, seed], arm.merge.weight)
        key = key_of({"merged": [making.first, making.second], "weight": making.weight})
    elif arm.centre is not None:
        making = Centred(keys[arm.centre, seed], _seeded(trained[arm.centre], seed))
        key = key_of({"centred": making.model} | _unless("texts", CENTRING_TEXTS, 2000))
    else:
        making, key = _seeded(trained[name], seed), keys[name, seed]
    evaluations = tuple(
        _planned(evaluation, arm, key, benchmarks[evaluation.key])
        for evaluation in study.evaluations
        if evaluation.arms is None or name in evaluation.arms
    )
    return Unit(name, seed, key, making, evaluations)


def _planned(config: EvaluationConfig, arm: ArmConfig, key: Key, benchmark: PlannedBenchmark) -> PlannedEvaluation:
    prompt = config.query_prompt if arm.query_prompt is None else arm.query_prompt
    what = {
        "model": key,
        "benchmark": config.benchmark,
        "hashes": dict(benchmark.hashes),
        "languages": config.languages,
        "settings": [setting for setting in SETTINGS if setting in config.settings],
        "measures": sorted(config.measures),
        "prompts": [prompt, config.passage_prompt],
    } | _unless("version", _VERSION, 1)
    return PlannedEvaluation(config, prompt, key_of(what))


def _unless(name: str, value: int, first: int) -> dict[str, int]:
    """A part of a key, left out while it is what it was when the first keys were made, so that they still hold."""
    return {} if value == first else {name: value}
