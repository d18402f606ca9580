"""One unit of a study, done: its model made and evaluated, unless that was done before."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from equilingua.benchmarks.load import load_benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scorer import BenchmarkVectors, benchmark_vectors
from equilingua.mixtures.read import read_entries
from equilingua.retrieval.encoding import EncodeOptions
from equilingua.studies.workspace import CENTRING_TEXTS, Centred, Merged, PlannedEvaluation, Trained, Unit, Workspace
from equilingua.training.load import selected_pairs

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from equilingua.benchmarks.benchmark import Benchmark


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """What came of a unit: macro means per evaluation and setting, and the seconds that training took now.

    Seconds are 0 where the model was there.
    """

    unit: Unit
    measures: Mapping[str, Mapping[str, Mapping[str, float]]]
    training_seconds: float


def perform(unit: Unit, *, data: Path, workspace: Workspace, model_wanted: bool = False) -> UnitOutcome:
    """Make the model of a unit and evaluate it; what lies in the workspace already is not done again.

    A model that is missing although all its evaluations are done is trained only if it is wanted.
    """
    missing = [planned for planned in unit.evaluations if not workspace.is_evaluated(planned.key)]
    began = time.perf_counter()
    model = _newly_trained(unit, data, workspace) if missing or model_wanted else None
    training_seconds = 0.0 if model is None else time.perf_counter() - began
    if missing:
        model = _loaded(unit, workspace) if model is None else model
        for planned in missing:
            _evaluate(unit, model, planned, data=data, workspace=workspace)
    measures = {
        planned.config.key: EvaluationResult.load(workspace.result(planned.key)).measures
        for planned in unit.evaluations
    }
    return UnitOutcome(unit, measures, training_seconds)


def _newly_trained(unit: Unit, data: Path, workspace: Workspace) -> "SentenceTransformer | None":
    """The model, trained; None where it is trained already or made from others."""
    from equilingua.training.train import train

    making, folder = unit.making, workspace.training(unit.key)
    if not isinstance(making, Trained):
        return None
    with _alone(folder):
        # Asked again behind the lock: another process may have trained it while this one waited.
        if workspace.is_trained(unit.key):
            return None
        pairs = read_entries(making.entries, data=data, progress=False)
        return train(making.source, pairs, output_dir=folder, config=making.config, resume=True).model


def _loaded(unit: Unit, workspace: Workspace) -> "SentenceTransformer":
    """The model of a unit; of a centred one, that whose vectors are centred."""
    from equilingua.training.merging import merge_models
    from equilingua.training.models import load_model

    match unit.making:
        case Trained(config=config):
            return load_model(workspace.training(unit.key), trust_remote_code=config.trust_remote_code)
        case Centred(model=key, trained=trained):
            return load_model(workspace.training(key), trust_remote_code=trained.config.trust_remote_code)
        case Merged(first=first, second=second, weight=weight):
            return merge_models(workspace.training(first), workspace.training(second), weight=weight)


def _evaluate(
    unit: Unit, model: "SentenceTransformer", planned: PlannedEvaluation, *, data: Path, workspace: Workspace
) -> None:
    config, folder = planned.config, workspace.result(planned.key)
    benchmark = load_benchmark(config.benchmark_in(data), data=data, languages=config.languages)
    with _alone(folder):
        if workspace.is_evaluated(planned.key):
            return
        options = EncodeOptions(
            query_prompt=planned.query_prompt,
            passage_prompt=config.passage_prompt,
            truncate_dim=config.truncate_dim,
            similarity=config.similarity,
        )
        result = evaluate(
            _vectors(unit, model, benchmark, data, options),
            benchmark,
            settings=config.settings,
            measures=config.measures,
            resamples=0,  # the study's intervals are over seeds and items
        )
        result.save(folder, overwrite=True)


def _vectors(
    unit: Unit, model: "SentenceTransformer", benchmark: "Benchmark", data: Path, options: EncodeOptions
) -> BenchmarkVectors:
    """The benchmark's vectors of the unit's model, named by its key: arms of several studies may share it."""
    from equilingua.evaluation.centring import centred, language_means

    vectors, making = benchmark_vectors(model, benchmark, options, model_name=unit.key), unit.making
    if not isinstance(making, Centred):
        return vectors
    means = language_means(
        model,
        selected_pairs(read_entries(making.trained.entries, data=data, progress=False), making.trained.config),
        languages=benchmark.languages,
        texts=CENTRING_TEXTS,
        seed=making.trained.config.seed,
        options=options,
    )
    return centred(vectors, means)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps other processes of this or another study from writing the folder at the same time."""
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f".{folder.name}.lock"):
        yield
