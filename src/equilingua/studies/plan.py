"""What a study has to do: units of work, everything checked before anything runs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from equilingua.errors import InputError, Problems
from equilingua.evaluation.settings import SETTINGS
from equilingua.mixtures.config import PairsEntry
from equilingua.mixtures.read import read_entries
from equilingua.pairs.store import ParallelPairs
from equilingua.studies.config import StudyConfig
from equilingua.studies.contamination import OfArms, arms_trained_on
from equilingua.studies.feasibility import (
    PlannedBenchmark,
    evaluated_benchmark,
    planned_benchmark,
    unanswerable,
    unmakeable,
)
from equilingua.studies.tables import ArmConfig, EvaluationConfig
from equilingua.studies.workspace import (
    CENTRING_TEXTS,
    Centred,
    Key,
    Making,
    Merged,
    PlannedEvaluation,
    Trained,
    Unit,
    key_of,
)
from equilingua.training.load import combined_config, load_training, recipe_file, selected_pairs
from equilingua.training.train import training_identity

# Raised when the same model comes to have other results on the same texts: rankings, ties, measures, how it encodes.
_VERSION = 1


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """A study, checked, with the folder of its data, and its units: arms with seeds, those others are made from first.

    Benchmarks are by evaluation; pairs (their number) and steps of the optimizer by trained arm; ``contamination``,
    what of a benchmark an arm is trained on, is by evaluation and arm.
    """

    study: StudyConfig
    data: Path
    units: tuple[Unit, ...]
    benchmarks: Mapping[str, PlannedBenchmark]
    pairs: Mapping[str, int]
    steps: Mapping[str, int]
    contamination: Mapping[str, OfArms]


def plan_study(study: StudyConfig, *, data: Path, on_read: Callable[[str], None] | None = None) -> StudyPlan:
    """The units of a study's work, with the folder of its pairs and benchmarks.

    ``on_read`` is called with a line for every file of pairs and benchmark before it is read, which can take minutes.

    Raises:
        InputError: with every problem of its arms and evaluations: files that are missing, options that are unknown,
            pairs that batches cannot be formed from, settings and languages of claims that benchmarks lack, arms that
            cannot be made from others.
    """
    problems = Problems(f"study {study.name!r}")
    report = on_read or (lambda _: None)
    trained: dict[str, Trained] = {}
    stores: dict[tuple[PairsEntry, ...], ParallelPairs | None] = {}  # None where they cannot be read, which is told
    pairs: dict[str, ParallelPairs] = {}
    keys: dict[tuple[str, int], Key] = {}
    steps: dict[str, int] = {}
    for name, arm in study.arms.items():
        if arm.made_from:
            continue
        with _noted(problems, f"arms.{name}"):
            making = trained[name] = _trained(study, arm, data)
            if making.entries not in stores:
                report(f"Reading pairs: {', '.join(dict.fromkeys(entry.file for entry in making.entries))}")
                stores[making.entries] = None
                with _noted(problems, f"arms.{name}.pairs" if arm.pairs else "pairs"):
                    stores[making.entries] = read_entries(making.entries, data=data)
            store = stores[making.entries]
            if store is not None:
                pairs[name] = selected_pairs(store, making.config)
                for seed in study.seeds:
                    identity = training_identity(making.source, store, config=_seeded(making, seed).config)
                    # By what was resolved: a default that is spelled out gives no second training.
                    keys[name, seed], steps[name] = key_of(identity), identity["config"]["steps"]
    benchmarks: dict[str, PlannedBenchmark] = {}
    contamination: dict[str, OfArms] = {}
    for evaluation in study.evaluations:
        with _noted(problems, f"evaluations.{evaluation.key}"):
            report(f"Reading benchmark: {evaluation.key}")
            benchmark = evaluated_benchmark(evaluation, data)
            benchmarks[evaluation.key] = planned_benchmark(benchmark)
            contamination[evaluation.key] = arms_trained_on(benchmark, study.arms, trained, pairs)
    for problem in (*unanswerable(study, benchmarks), *unmakeable(study, trained, pairs, benchmarks)):
        problems.add(problem)
    problems.raise_if_any()
    # Those that others are made from stand first.
    names = sorted(study.arms, key=lambda name: bool(study.arms[name].made_from))
    units = tuple(_unit(study, name, seed, trained, keys, benchmarks) for name in names for seed in study.seeds)
    counts = {name: len(own) for name, own in pairs.items()}
    return StudyPlan(study, data, units, benchmarks, counts, steps, contamination)


@contextmanager
def _noted(problems: Problems, place: str) -> Iterator[None]:
    """What cannot be used is noted with its place, and the check goes on."""
    try:
        yield
    except InputError as error:
        for problem in error.problems:
            problems.add(f"{place}: {problem}")


def _trained(study: StudyConfig, arm: ArmConfig, data: Path) -> Trained:
    """The training of an arm, with any seed: what it sets itself, else its study, else the study's recipe."""
    recipe = load_training(recipe_file(study.recipe)) if study.recipe is not None else None
    start = arm if arm.model is not None or arm.encoder is not None else study
    source = start.encoder or start.model or (recipe.encoder if recipe else None)
    entries = arm.pairs or study.pairs or (recipe.entries if recipe else ())
    config = combined_config(*([recipe.config] if recipe else []), study.training, arm.training)
    validation = tuple(str(data / file) for file in config.validation)
    if source is None:
        raise InputError("neither it nor the study has a model or an encoder")
    return Trained(source, entries, config.model_copy(update={"validation": validation, "progress": False}))


def _seeded(making: Trained, seed: int) -> Trained:
    return replace(making, config=making.config.model_copy(update={"seed": seed}))


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
        key = key_of({"centred": making.model, "texts": CENTRING_TEXTS})
    else:
        making, key = _seeded(trained[name], seed), keys[name, seed]
    evaluations = tuple(
        _planned(evaluation, arm, key, benchmarks[evaluation.key])
        for evaluation in study.evaluations
        if evaluation.takes(name)
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
        "vectors": [config.truncate_dim, config.similarity],
        "version": _VERSION,
    }
    return PlannedEvaluation(config, prompt, key_of(what))
