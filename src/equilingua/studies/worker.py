"""One unit of a study, done: its model made and evaluated, unless that was done before."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.benchmarks.load import load_benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.mixtures.read import read_entries
from equilingua.studies.tables import EvaluationConfig
from equilingua.studies.units import Centred, Merged, PlannedEvaluation, Trained, Unit
from equilingua.studies.workspace import Workspace

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from equilingua.benchmarks.benchmark import Benchmark
    from equilingua.pairs.store import ParallelPairs

CENTRING_TEXTS = 2000
"""Texts of a language whose mean is taken off its vectors."""


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """What came of a unit.

    Attributes:
        unit: what was done.
        measures: per evaluation and setting, the macro means.
        training_seconds: spent on the model now; 0 where it was there.
        evaluation_seconds: per evaluation, spent now; 0 where its result was there.
    """

    unit: Unit
    measures: Mapping[str, Mapping[str, Mapping[str, float]]]
    training_seconds: float
    evaluation_seconds: Mapping[str, float]


def perform(unit: Unit, *, data: Path, workspace: Workspace, model_wanted: bool = False) -> UnitOutcome:
    """Make the model of a unit and evaluate it; what lies in the workspace already is not done again.

    Args:
        unit: what to do.
        data: the folder of pairs and benchmarks.
        workspace: where models and results lie.
        model_wanted: whether a model that is missing is trained although all its evaluations are done.
    """
    began = time.perf_counter()
    missing = [planned for planned in unit.evaluations if not workspace.is_evaluated(planned.key)]
    maker = _Maker(unit, data, workspace)
    if missing or model_wanted:
        maker.prepare()
    training_seconds = time.perf_counter() - began if maker.worked else 0.0
    seconds = dict.fromkeys((planned.config.key for planned in unit.evaluations), 0.0)
    for planned in missing:
        began = time.perf_counter()
        _evaluate(maker, planned, data=data, workspace=workspace)
        seconds[planned.config.key] = time.perf_counter() - began
    measures = {
        planned.config.key: EvaluationResult.load(workspace.result(planned.key)).measures
        for planned in unit.evaluations
    }
    return UnitOutcome(unit, measures, training_seconds, seconds)


class _Maker:
    """Makes the model of a unit once, when it is first needed."""

    def __init__(self, unit: Unit, data: Path, workspace: Workspace) -> None:
        self.unit = unit
        self.worked = False
        self._data = data
        self._workspace = workspace
        self._model: SentenceTransformer | None = None

    def prepare(self) -> None:
        """Train what is to be trained and is not; other models are made when they are evaluated."""
        from equilingua.training.train import train

        making = self.unit.making
        if not isinstance(making, Trained):
            return
        folder = self._workspace.training(self.unit.key)
        with _alone(folder):
            if self._workspace.is_trained(self.unit.key):
                return
            self.worked = True
            pairs = read_entries(making.entries, data=self._data, progress=False)
            self._model = train(making.source, pairs, output_dir=folder, config=making.config, resume=True).model

    def scorer(self, benchmark: "Benchmark") -> Any:
        """What ``evaluate`` takes for this unit's model."""
        from equilingua.evaluation.centring import centred, language_means
        from equilingua.evaluation.vectors import benchmark_vectors

        model, making = self.model, self.unit.making
        if not isinstance(making, Centred):
            return model
        read = read_entries(making.trained.entries, data=self._data, progress=False)
        means = language_means(
            model,
            trained_on(making.trained, read),
            languages=benchmark.languages,
            texts=CENTRING_TEXTS,
            seed=making.trained.config.seed,
        )
        return centred(benchmark_vectors(model, benchmark, model_name=self.unit.key), means)

    @property
    def model(self) -> "SentenceTransformer":
        """The model; of a centred one, that whose vectors are centred."""
        from equilingua.training.merging import merge_models
        from equilingua.training.models import load_model

        if self._model is None:
            match self.unit.making:
                case Trained():
                    self._model = load_model(self._workspace.training(self.unit.key))
                case Centred(model=key):
                    self._model = load_model(self._workspace.training(key))
                case Merged(first=first, second=second, weight=weight):
                    folders = (self._workspace.training(key) for key in (first, second))
                    self._model = merge_models(*folders, weight=weight)
        return self._model


def _evaluate(maker: _Maker, planned: PlannedEvaluation, *, data: Path, workspace: Workspace) -> None:
    config, folder = planned.config, workspace.result(planned.key)
    benchmark = benchmark_of(config, data)
    prompts = {"query": planned.query_prompt, "document": config.passage_prompt}
    with _alone(folder), _prompts(maker.model, prompts):
        if workspace.is_evaluated(planned.key):
            return
        result = evaluate(
            maker.scorer(benchmark),
            benchmark,
            settings=config.settings,
            measures=config.measures,
            model_name=maker.unit.key,  # arms of several studies may share it
            resamples=0,  # the study's intervals are over seeds and items
        )
        result.save(folder, overwrite=True)


def trained_on(trained: Trained, pairs: "ParallelPairs") -> "ParallelPairs":
    """What a training takes of its pairs."""
    config = trained.config
    return pairs.select(
        languages=config.languages, sources=config.sources, where=config.where, max_characters=config.max_characters
    )


def benchmark_of(config: EvaluationConfig, data: Path) -> "Benchmark":
    """The benchmark of an evaluation: a path inside the data folder, or a name."""
    inside = data / config.benchmark
    named = inside if inside.exists() and ("/" in config.benchmark or "." in config.benchmark) else config.benchmark
    return load_benchmark(named, data=data, languages=config.languages)


@contextmanager
def _prompts(model: "SentenceTransformer", asked: Mapping[str, str | None]) -> Iterator[None]:
    """The model with other prompts, where they are asked for."""
    own = dict(model.prompts)
    model.prompts.update({name: prompt for name, prompt in asked.items() if prompt is not None})
    try:
        yield
    finally:
        model.prompts = own


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps other processes of this or another study from writing the folder at the same time."""
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f".{folder.name}.lock"):
        yield


def begin_worker() -> None:
    """Make this process end cleanly when asked to, and at once when the one that started it is gone."""
    signal.signal(signal.SIGTERM, _leave)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()  # also if it was gone before this one had started
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _leave(number: int, _: object) -> None:
    # A process that is ended by the signal itself would leave semaphores and temporary files behind.
    raise SystemExit(128 + number)
