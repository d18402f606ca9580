"""The batch stream: every batch a pure function of data, plan, seed, epoch and step."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equilingua.batching.alpha import LanguageAlphas
from equilingua.batching.candidates import CandidateTable, Drawn, ExampleNumbering, candidates
from equilingua.batching.plan import BatchPlan
from equilingua.errors import InputError
from equilingua.pairs.profiles import ProfileIndex

# Times that examples left without an unused item draw other languages, before any unused item is taken.
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """One global batch.

    Attributes:
        examples: (size,) int64 example numbers (see ``ExampleNumbering``), no pair twice.
        kind: ``monolingual``, ``cross-lingual`` or ``mixed``.
        language: the language of a monolingual batch, else None.
    """

    examples: NDArray[np.int64]
    kind: str
    language: str | None


@dataclass(frozen=True, slots=True)
class _Choice:
    """The candidates an example is drawn from, with their probabilities."""

    candidates: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    def pick(self, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
        return rng.choice(self.candidates, size, p=self.probabilities)


class BatchStream:
    """Batches of a plan over parallel pairs; holds no random state.

    Args:
        index: the pairs by profile (``ParallelPairs.index``).
        plan: how batches are composed.
        batch_size: examples in a global batch, over all processes.
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
        self._index = index
        self.numbering = ExampleNumbering(index)
        plan.check_sources({profile.source for profile in index.profiles})
        same, cross = candidates(self.numbering, plan)
        self._table = CandidateTable(self.numbering, {**same, **cross})
        self._same, self._cross = range(len(same)), range(len(same), len(same) + len(cross))
        used = [c for c in self._same if not plan.mixes or plan.alpha.highest(self._language(c)) > 0]
        self.items = self._table.items([*used, *self._cross])
        self._check_formable(used)
        # A language with too few items to fill a batch of its own stays out of batches that hold one language only.
        short = [c for c in used if plan.fills_batches_with_a_language and self._table.items([c]) < batch_size]
        self._languages = self._choice([c for c in self._same if c not in short])
        self._refill = self._in_proportion_to_alpha(self._languages)
        self._pairs = self._choice(self._cross)
        self.total_steps = total_steps or self.steps_per_epoch

    @property
    def steps_per_epoch(self) -> int:
        """Batches in which as many examples are drawn as there are items to draw from, rounded down; at least 1."""
        return max(1, self.items // self.batch_size)

    def alpha(self, epoch: int, step: int) -> float:
        """The share of monolingual batches or examples that holds at a step of an epoch."""
        alpha = self.plan.alpha
        if isinstance(alpha, LanguageAlphas):
            return float(self._alphas(epoch, step)[self._languages.candidates] @ self._languages.probabilities)
        # Steps count from 0, so the last is total - 1, and it has to reach the schedule's end.
        return alpha.at((epoch * self.steps_per_epoch + step) / max(1, self.total_steps - 1))

    def _alphas(self, epoch: int, step: int) -> NDArray[np.float64]:
        """Alpha of each monolingual candidate."""
        alpha = self.plan.alpha
        if isinstance(alpha, LanguageAlphas):
            return np.array([alpha.of(self._language(candidate)) for candidate in self._same])
        return np.full(len(self._same), self.alpha(epoch, step))

    def batches(self) -> Iterator[Batch]:
        """Every batch from the first on, epoch after epoch, without end."""
        return (self.batch(epoch, step) for epoch in itertools.count() for step in range(self.steps_per_epoch))

    def batch(self, epoch: int, step: int) -> Batch:
        """The batch of a step; the same for the same arguments, whatever was drawn before."""
        rng = np.random.default_rng([self.seed, epoch, step])
        match self.plan.kind:
            case "x-y":
                return self._cross_batch(rng)
            case "en-en" | "x-x-mono":
                return self._monolingual_batch(self._languages.pick(1, rng), rng)
            case "hybrid":
                return self._hybrid_batch(self._alphas(epoch, step), rng)
            case "x-x":
                return self._mixed_batch(np.ones(len(self._same)), rng)
            case "within-batch":
                return self._mixed_batch(self._alphas(epoch, step), rng)

    def _hybrid_batch(self, alphas: NDArray[np.float64], rng: np.random.Generator) -> Batch:
        # One number is held against the alpha of whatever language is drawn after it, and none is drawn where no alpha
        # reaches it: so a table with the same alpha for all languages gives the batches of that alpha.
        drawn = rng.random()
        if drawn < alphas.max(initial=0):
            language = self._languages.pick(1, rng)
            if drawn < alphas[language[0]]:
                return self._monolingual_batch(language, rng)
        return self._cross_batch(rng)

    def _monolingual_batch(self, language: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        examples = self._fill(np.repeat(language, self.batch_size), [_Choice(language, np.ones(1))], rng)
        return Batch(examples, "monolingual", self._language(language[0]))

    def _cross_batch(self, rng: np.random.Generator) -> Batch:
        examples = self._fill(self._pairs.pick(self.batch_size, rng), [self._pairs], rng)
        return Batch(examples, "cross-lingual", None)

    def _mixed_batch(self, alphas: NDArray[np.float64], rng: np.random.Generator) -> Batch:
        """Each example monolingual in a language of its own, with the alpha of that language."""
        drawn = rng.random(self.batch_size)
        wanted = np.empty(self.batch_size, dtype=np.int64)
        # As in a hybrid batch: languages are drawn only where some alpha is reached, so equal alphas give one stream.
        monolingual = np.flatnonzero(drawn < alphas.max(initial=0))
        if len(monolingual):
            wanted[monolingual] = self._languages.pick(len(monolingual), rng)
            monolingual = monolingual[drawn[monolingual] < alphas[wanted[monolingual]]]
        crossing = np.setdiff1d(np.arange(self.batch_size), monolingual)
        if len(crossing):
            wanted[crossing] = self._pairs.pick(len(crossing), rng)
        choices = [c for c, places in ((self._refill, monolingual), (self._pairs, crossing)) if len(places)]
        return Batch(self._fill(wanted, choices, rng), "mixed", None)

    def _fill(
        self, wanted: NDArray[np.int64], choices: Sequence[_Choice], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Examples of distinct items for the wanted candidates; where these run out, for others of the choices."""
        drawn = self._table.draw(wanted, rng, np.empty(0, dtype=np.int64))
        for attempt in range(_ATTEMPTS):
            missing = self.batch_size - len(drawn.examples)
            if not missing:
                break
            choice = choices[attempt % len(choices)]
            drawn = drawn + self._table.draw(choice.pick(missing, rng), rng, drawn.positions)
        else:
            # Nearly all items are in the batch: take what is left. Only in a mixed batch may an example's kind change.
            drawn = self._complete(drawn, choices, rng)
            drawn = self._complete(drawn, (self._refill, self._pairs), rng)
        return drawn.examples

    def _complete(self, drawn: Drawn, choices: Sequence[_Choice], rng: np.random.Generator) -> Drawn:
        missing = self.batch_size - len(drawn.examples)
        everyone = np.concatenate([choice.candidates for choice in choices])
        return drawn + self._table.draw_any(missing, everyone, rng, drawn.positions) if missing else drawn

    def _language(self, candidate: int) -> str:
        """The language of a monolingual candidate."""
        return self._table.names[candidate][0]

    def _in_proportion_to_alpha(self, choice: _Choice) -> _Choice:
        """The languages as monolingual examples have them in a batch that mixes them with others."""
        if not (self.plan.mixes and isinstance(self.plan.alpha, LanguageAlphas)):
            return choice
        # A table holds for the whole training, so the first step says what every step has.
        shares = choice.probabilities * self._alphas(0, 0)[choice.candidates]
        used = shares > 0
        return _Choice(choice.candidates[used], shares[used] / shares.sum())

    def _choice(self, numbers: Sequence[int]) -> _Choice:
        sizes = np.array([self._table.items([number]) for number in numbers], dtype=np.float64)
        # Of a language pair likewise: its size is the number of items that have both.
        weights = sizes**self.plan.language_temperature
        return _Choice(np.array(numbers, dtype=np.int64), weights / weights.sum() if len(weights) else weights)

    def _check_formable(self, languages: Sequence[int]) -> None:
        """Raise ``InputError`` if a batch could not be filled with different items; ``languages`` are candidates."""
        plan = self.plan
        if plan.needs_monolingual and not languages:
            where = "in English" if plan.kind == "en-en" else "in the same language"
            raise InputError(
                f"{plan.kind} batches need pairs with a query and a passage {where}; "
                f"no pair{_of(plan, plan.monolingual_sources)} has them"
            )
        if plan.needs_cross_lingual and not self._cross:
            same, _ = self._index.language_counts()
            enough = max(same.values(), default=0) > 1
            raise InputError(
                f"{plan.kind} batches need pairs with a query in one language and a passage in another; "
                f"no pair{_of(plan, plan.cross_lingual_sources)} has them. Add translations"
                + (", or take kind 'x-x-mono'." if enough else ", and more pairs: a batch takes at least 2.")
            )
        if plan.fills_batches_with_a_language:
            self._check_languages(languages)
        groups = {"monolingual": languages, "cross-lingual": self._cross}
        if plan.kind == "within-batch":
            groups = {"any": [*languages, *self._cross]}
        for sort, numbers in groups.items():
            items = self._table.items(numbers)
            if numbers and items < self.batch_size:
                stand = "1 pair can" if items == 1 else f"{items:,} pairs can"
                advice = f"Take a batch size of at most {items:,}, or add pairs." if items > 1 else self._more_pairs()
                raise InputError(
                    f"a batch of {self.batch_size:,} examples is larger than the data: {stand} stand in "
                    f"{sort} examples of {plan.kind} batches. {advice}"
                )

    def _check_languages(self, languages: Sequence[int]) -> None:
        counts = {self._language(number): self._table.items([number]) for number in languages}
        short = [f"{language} has {count:,}" for language, count in counts.items() if count < self.batch_size]
        if short and (self.plan.short == "error" or len(short) == len(counts)):
            raise InputError(
                f"a monolingual batch of {self.batch_size:,} examples needs as many pairs with a query and a passage "
                f"in its language, but {', '.join(short)}. {self._mend(counts, skippable=len(short) < len(counts))}"
            )

    def _mend(self, counts: Mapping[str, int], *, skippable: bool) -> str:
        """What can be done about languages with too few pairs for a batch, none of which leads to a batch of one."""
        skip = "in monolingual batches with short='skip' (--short skip)"
        cross = self._table.items(self._cross) if self._cross else self.batch_size
        least, most = (min(cross, count) for count in (min(counts.values()), max(counts.values())))
        size = most if self.plan.short == "skip" else least
        if skippable:
            smaller = f"Take a batch size of at most {size:,}, leave" if size > 1 else "Leave"
            return f"{smaller} these languages out, or skip them {skip}."
        if size > 1:
            return f"Take a batch size of at most {size:,}, or add pairs."
        if most > 1:
            return f"Take a batch size of at most {most:,} and skip languages with fewer pairs {skip}, or add pairs."
        return self._more_pairs()

    def _more_pairs(self) -> str:
        """The advice where a batch would have one example, with the kinds of batches that the pairs are enough for."""
        same, cross = self._index.language_counts()
        enough = {"x-x-mono": max(same.values(), default=0), "x-y": cross, "x-x": sum(same.values())}
        # One pair in two languages is still one: its texts answer each other, so they are no negatives.
        enough = {kind: min(count, int(self._index.counts.sum())) for kind, count in enough.items()}
        kinds = [f"'{kind}'" for kind, count in enough.items() if count > 1 and kind != self.plan.kind]
        why = "A batch takes at least 2, as the other pairs of a batch are the negatives of each: add pairs"
        return f"{why}, or take kind {' or '.join(kinds)}." if kinds else f"{why}, a hundred or more to learn anything."


def _of(plan: BatchPlan, placed: Sequence[str] | None) -> str:
    """Which pairs the plan lets stand in such examples, where not all may."""
    which = "" if placed is None else f" of the sources placed there ({', '.join(placed)})"
    return which + (" of a source with a weight above 0" if 0 in plan.source_weights.values() else "")
