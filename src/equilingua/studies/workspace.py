"""Units of a study's work (an arm with a seed), and where models and results lie, named by all that determines them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equilingua.mixtures.config import PairsEntry
from equilingua.studies.tables import EvaluationConfig
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import EncoderSpec

Key = str
"""Names an outcome by all that determines it: 20 hexadecimal digits."""

SHARED_FOLDERS = ("trainings", "evaluations")
"""Of a workspace, beside those of its studies."""

CENTRING_TEXTS = 2000
"""Texts of a language whose mean is taken off its vectors."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model to train, from its source on the pairs of the entries; the config has the seed."""

    source: EncoderSpec | str
    entries: tuple[PairsEntry, ...]
    config: TrainingConfig


@dataclass(frozen=True, slots=True)
class Merged:
    """Two trained models' weights, interpolated: a weight of 0 gives the first, 1 the second."""

    first: Key
    second: Key
    weight: float


@dataclass(frozen=True, slots=True)
class Centred:
    """A trained model's vectors, less the mean of their language in the pairs it was trained on."""

    model: Key
    trained: Trained


Making = Trained | Merged | Centred


@dataclass(frozen=True, slots=True)
class PlannedEvaluation:
    """An evaluation of a unit's model: its result's key, and the prompt before queries; None for the model's own."""

    config: EvaluationConfig
    query_prompt: str | None
    key: Key


@dataclass(frozen=True, slots=True)
class Unit:
    """One arm with one seed: its model's key, how that is made, and how it is evaluated."""

    arm: str
    seed: int
    key: Key
    making: Making
    evaluations: tuple[PlannedEvaluation, ...]

    @property
    def is_trained(self) -> bool:
        """Whether its model is trained, not made from others."""
        return isinstance(self.making, Trained)

    @property
    def sources(self) -> tuple[Key, ...]:
        """Of the trained models it is made from; none if it is trained."""
        match self.making:
            case Merged(first=first, second=second):
                return first, second
            case Centred(model=model):
                return (model,)
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """The output folder of studies; those that share one share their trainings and results."""

    folder: Path

    def is_trained(self, key: Key) -> bool:
        """Whether a training is finished."""
        from equilingua.training.record import read_record

        record = read_record(self.training(key))
        return record is not None and record.status == "finished"

    def is_evaluated(self, key: Key) -> bool:
        """Whether an evaluation is finished: the file that is looked for is written last, and whole."""
        from equilingua.evaluation.result import RESULT

        return (self.result(key) / RESULT).is_file()

    def training(self, key: Key) -> Path:
        """The folder of a trained model."""
        return self.folder / "trainings" / key

    def result(self, key: Key) -> Path:
        """The folder of an evaluation's result."""
        return self.folder / "evaluations" / key

    def study(self, name: str) -> Path:
        """The folder of a study, which holds its record."""
        return self.folder / name


def key_of(what: Mapping[str, Any]) -> Key:
    """The key of what these plain values determine.

    >>> key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:20]
