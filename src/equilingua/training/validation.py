"""The batches that a validation loss is taken of: the same every time, whatever the training's batches are."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sentence_transformers.base.sampler import DefaultBatchSampler

from equilingua.batching.plan import BatchPlan, Kind
from equilingua.batching.stream import BatchStream
from equilingua.errors import EquilinguaWarning, InputError

if TYPE_CHECKING:
    from equilingua.pairs.store import ParallelPairs

# One seed for all trainings, so that validation losses of different arms and seeds are of the same batches.
_VALIDATION_SEED = 0

# Pairs in one language, or across languages, are left out where they fill less than this share of a batch: they would
# make every batch that small, and a loss over few candidates tells little.
_USEFUL_SHARE = 0.25


class FixedBatches(DefaultBatchSampler):
    """The same batches, as numbers of their examples, every time: what a validation loss is comparable by."""

    def __init__(self, batches: tuple[tuple[int, ...], ...]) -> None:
        # The base class wants a dataset to measure; nothing of it is read, as the batches are given.
        super().__init__(range(len(batches)), batch_size=len(batches[0]), drop_last=True)
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[list[int]]:
        return (list(batch) for batch in self._batches)


def validation_batches(pairs: "ParallelPairs", *, batch_size: int, most: int) -> FixedBatches:
    """Batches of validation pairs, independent of the training's kind, alpha and seed.

    They are hybrid (alpha 0.5, languages with too few pairs only across) where the pairs allow it, monolingual for
    pairs in one language, and cross-lingual for parallel sentences. Batches are smaller where there are fewer pairs; of
    pairs in one language and pairs across, those that fill less than a quarter of a batch are left out with a warning.

    Raises:
        InputError: if there are neither two pairs in one language nor two across languages.
    """
    same, cross = pairs.index.language_counts()
    kind, size = _kind_and_size(max(same.values(), default=0), cross, batch_size)
    stream = BatchStream(pairs.index, BatchPlan(kind=kind, short="skip"), batch_size=size, seed=_VALIDATION_SEED)
    steps = min(most, stream.steps_per_epoch)
    return FixedBatches(tuple(tuple(stream.batch(0, step).examples.tolist()) for step in range(steps)))


def _kind_and_size(same: int, cross: int, batch_size: int) -> tuple[Kind, int]:
    """What batches can be formed of pairs in one language (of the largest one) and of pairs across languages."""
    full = min(batch_size, max(same, cross))
    counts = f"{same:,} in one language, {cross:,} across languages"
    if full < 2:
        raise InputError(f"validation: too few pairs for a batch with negatives: {counts}. Give at least 2 of either")
    useful = max(2, full * _USEFUL_SHARE)
    if min(same, cross) >= useful:
        # Not the full size: the scarcer side has to fill a batch of its own.
        return "hybrid", min(full, same, cross)
    if min(same, cross):
        short, other = ("in one language", "across") if same < cross else ("across languages", "in one language")
        warnings.warn(
            f"validation: too few pairs {short} for batches of {full:,} examples ({counts}), so the loss is only of "
            f"examples {other}. Add pairs, or take a smaller batch size.",
            EquilinguaWarning,
            stacklevel=3,
        )
    return ("x-y", full) if same < cross else ("x-x-mono", full)
