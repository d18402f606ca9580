"""The unit of a study's work: one arm with one seed, and everything that determines what comes of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equilingua.pairs.entries import PairsEntry
from equilingua.studies.configuration import EvaluationConfig
from equilingua.training.configuration import TrainingConfig
from equilingua.training.encoders import EncoderSpec

Key = str
"""Names an outcome by all that determines it: 20 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model to train.

    Attributes:
        source: what it starts from.
        entries: the pairs to train on.
        config: with the seed.
    """

    source: EncoderSpec | str
    entries: tuple[PairsEntry, ...]
    config: TrainingConfig


@dataclass(frozen=True, slots=True)
class Merged:
    """Two trained models' weights, interpolated.

    Attributes:
        first: key of the one that a weight of 0 gives.
        second: key of the other.
        weight: of the second.
    """

    first: Key
    second: Key
    weight: float


@dataclass(frozen=True, slots=True)
class Centred:
    """A trained model's vectors, less the mean of their language in the pairs it was trained on.

    Attributes:
        model: key of the trained model.
        trained: how it was trained.
    """

    model: Key
    trained: Trained


Making = Trained | Merged | Centred


@dataclass(frozen=True, slots=True)
class PlannedEvaluation:
    """An evaluation of a unit's model.

    Attributes:
        config: what is evaluated.
        query_prompt: before queries; None for the model's own.
        key: names its result.
    """

    config: EvaluationConfig
    query_prompt: str | None
    key: Key


@dataclass(frozen=True, slots=True)
class Unit:
    """One arm with one seed.

    Attributes:
        arm: its name.
        seed: of the training.
        key: names its model.
        making: how the model is made.
        evaluations: of the model.
    """

    arm: str
    seed: int
    key: Key
    making: Making
    evaluations: tuple[PlannedEvaluation, ...]


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where studies work; those that share one share their trainings and results.

    Attributes:
        folder: the output folder.
    """

    folder: Path

    def training(self, key: Key) -> Path:
        """The folder of a trained model."""
        return self.folder / "trainings" / key

    def result(self, key: Key) -> Path:
        """The folder of an evaluation's result."""
        return self.folder / "evaluations" / key

    def study(self, name: str) -> Path:
        """The folder of a study: its settings and its ledger."""
        return self.folder / name


def key_of(what: Mapping[str, Any]) -> Key:
    """The key of what these plain values determine.

    >>> key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:20]
