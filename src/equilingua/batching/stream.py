"""The batch stream: every batch a pure function of data, plan, seed, epoch and step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equilingua.batching.candidates import LanguagePair, by_item, candidates
from equilingua.batching.draws import CandidateTable, Drawn, Entry
from equilingua.batching.formable import check_formable
from equilingua.batching.plan import BatchPlan
from equilingua.batching.row_space import RowSpace
from equilingua.errors import InputError
from equilingua.pairs.profiles import ProfileIndex

# Times that rows left without an unused item draw other languages, before any unused item is taken.
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """One global batch.

    Attributes:
        rows: (size,) int64 row numbers (see ``RowSpace``), no pair twice.
        kind: ``monolingual``, ``cross-lingual`` or ``mixed``.
        language: the language of a monolingual batch, else None.
    """

    rows: NDArray[np.int64]
    kind: str
    language: str | None


@dataclass(frozen=True, slots=True)
class _Choice:
    """The candidates a row is drawn from, with their probabilities."""

    candidates: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    def pick(self, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
        return rng.choice(self.candidates, size, p=self.probabilities)


class BatchStream:
    """Batches of a plan over parallel pairs; holds no random state.

    Args:
        index: the pairs by profile (``ParallelPairs.index``).
        plan: how batches are composed.
        batch_size: rows in a global batch, over all processes.
        seed: with epoch and step it seeds each batch: ``default_rng([seed, epoch, step])``.
        total_steps: steps of the whole training, over which an alpha schedule runs; one epoch by default.

    Raises:
        InputError: if batches of the plan cannot be formed from the data; says which languages or pairs are short.
    """

    def __init__(
        self, index: ProfileIndex, plan: BatchPlan, *, batch_size: int, seed: int, total_steps: int | None = None
    ) -> None:
        if batch_size < 1:
            raise InputError(f"batch size must be at least 1, got {batch_size}")
        if seed < 0:
            raise InputError(f"seed must not be negative, got {seed}")
        self.plan, self.batch_size, self.seed = plan, batch_size, seed
        self.space = RowSpace(index)
        same, cross = self._candidates()
        self._table = CandidateTable(self.space, same | cross)
        self._same, self._cross = range(len(same)), range(len(same), len(same) + len(cross))
        self.items = self._table.items([*self._same, *self._cross])
        check_formable(plan, self._table, same=self._same, cross=self._cross, batch_size=batch_size)
        self._languages = self._choice([c for c in self._same if not self._is_short(c)])
        self._pairs = self._choice(self._cross)
        self.total_steps = total_steps or self.steps_per_epoch

    @property
    def steps_per_epoch(self) -> int:
        """Batches in which as many rows are drawn as there are items to draw from, rounded down; at least 1."""
        return max(1, self.items // self.batch_size)

    def alpha(self, epoch: int, step: int) -> float:
        """The share of monolingual batches or rows that holds at a step of an epoch."""
        return self.plan.alpha.at((epoch * self.steps_per_epoch + step) / max(1, self.total_steps - 1))

    def batch(self, epoch: int, step: int) -> Batch:
        """The batch of a step; the same for the same arguments, whatever was asked before."""
        rng = np.random.default_rng([self.seed, epoch, step])
        match self.plan.kind:
            case "x-y":
                return self._cross_batch(rng)
            case "en-en" | "x-x-mono":
                return self._monolingual_batch(rng)
            case "hybrid":
                monolingual = rng.random() < self.alpha(epoch, step)
                return self._monolingual_batch(rng) if monolingual else self._cross_batch(rng)
            case "x-x":
                return self._mixed_batch(rng, share=1.0)
            case "within-batch":
                return self._mixed_batch(rng, share=self.alpha(epoch, step))

    def _monolingual_batch(self, rng: np.random.Generator) -> Batch:
        language = self._languages.pick(1, rng)
        rows = self._fill(np.repeat(language, self.batch_size), [_Choice(language, np.ones(1))], rng)
        return Batch(rows, "monolingual", self._table.names[language[0]][0])

    def _cross_batch(self, rng: np.random.Generator) -> Batch:
        rows = self._fill(self._pairs.pick(self.batch_size, rng), [self._pairs], rng)
        return Batch(rows, "cross-lingual", None)

    def _mixed_batch(self, rng: np.random.Generator, *, share: float) -> Batch:
        """Each row monolingual with a probability, in a language of its own."""
        monolingual = rng.random(self.batch_size) < share
        wanted = np.empty(self.batch_size, dtype=np.int64)
        choices = []
        for choice, rows in ((self._languages, monolingual), (self._pairs, ~monolingual)):
            if rows.any():
                wanted[rows] = choice.pick(int(np.count_nonzero(rows)), rng)
                choices.append(choice)
        return Batch(self._fill(wanted, choices, rng), "mixed", None)

    def _fill(
        self, wanted: NDArray[np.int64], choices: Sequence[_Choice], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Rows of distinct items for the wanted candidates; where those run out of items, for others of the choices."""
        drawn = self._table.draw(wanted, rng, np.empty(0, dtype=np.int64))
        for attempt in range(_ATTEMPTS):
            missing = self.batch_size - len(drawn.rows)
            if not missing:
                break
            choice = choices[attempt % len(choices)]
            drawn = drawn + self._table.draw(choice.pick(missing, rng), rng, drawn.positions)
        else:
            # Nearly all items are in the batch: take what is left. Only a mixed batch may have to change a row's kind.
            drawn = self._complete(drawn, choices, rng)
            drawn = self._complete(drawn, (self._languages, self._pairs), rng)
        return drawn.rows

    def _complete(self, drawn: Drawn, choices: Sequence[_Choice], rng: np.random.Generator) -> Drawn:
        missing = self.batch_size - len(drawn.rows)
        everyone = np.concatenate([choice.candidates for choice in choices])
        return drawn + self._table.draw_any(missing, everyone, rng, drawn.positions) if missing else drawn

    def _candidates(self) -> tuple[dict[LanguagePair, list[Entry]], dict[LanguagePair, list[Entry]]]:
        """The monolingual and the cross-lingual candidates that the plan can ever use."""
        plan, tau = self.plan, self.plan.source_temperature
        low, high = plan.alpha.bounds() if plan.kind in ("hybrid", "within-batch") else (0.0, 1.0)
        same: dict[LanguagePair, list[Entry]] = {}
        cross: dict[LanguagePair, list[Entry]] = {}
        if plan.kind != "x-y" and high > 0:
            same = candidates(self.space, monolingual=True, source_temperature=tau)
        if plan.kind == "en-en":
            same = {pair: entries for pair, entries in same.items() if pair == ("en", "en")}
        if plan.kind in ("x-y", "hybrid", "within-batch") and low < 1:
            cross = candidates(self.space, monolingual=False, source_temperature=tau)
            if plan.pair_drawing == "by-item":
                cross = by_item(self.space, cross, source_temperature=tau)
        return same, cross

    def _is_short(self, candidate: int) -> bool:
        """Whether a language has too few items to fill a batch of its own."""
        return self.plan.monolingual and self._table.items([candidate]) < self.batch_size

    def _choice(self, numbers: Sequence[int]) -> _Choice:
        sizes = np.array([self._table.items([number]) for number in numbers], dtype=np.float64)
        weights = sizes**self.plan.language_temperature
        return _Choice(np.array(numbers, dtype=np.int64), weights / weights.sum() if len(weights) else weights)
