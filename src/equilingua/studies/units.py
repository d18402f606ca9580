"""The unit of a study's work: one arm with one seed, and everything that determines what comes of it."""

from dataclasses import dataclass

from equilingua.mixtures.read import PairsEntry
from equilingua.studies.tables import EvaluationConfig
from equilingua.studies.workspace import Key
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import EncoderSpec


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
