"""An alpha for each language."""

from collections import Counter
from functools import partial

import numpy as np
import pytest
from scipy.stats import chisquare

from equilingua import HybridBatchSampler
from equilingua.batching.alpha import parse_alpha
from equilingua.batching.dataset import TrainingExamples
from equilingua.batching.plan import BatchPlan
from equilingua.batching.stream import BatchStream
from equilingua.errors import InputError
from equilingua.pairs.store import ParallelPairs

TABLE = {"en": 0.9, "fi": 0.0, "default": 0.3}


def make_stream(pairs: ParallelPairs, alpha, kind: str = "hybrid", *, batch_size: int = 8, **options) -> BatchStream:
    return BatchStream(pairs.index, BatchPlan(kind, parse_alpha(alpha), **options), batch_size=batch_size, seed=0)


@pytest.mark.parametrize(("temperature", "weights"), [(0.0, (1, 1, 1)), (1.0, (130, 100, 60))])
def test_a_language_has_its_weight_times_its_alpha_of_all_batches(uneven, temperature: float, weights: tuple) -> None:
    stream = make_stream(uneven, TABLE, language_temperature=temperature)
    batches = 3000
    counts = Counter(stream.batch(0, step).language for step in range(batches))
    shares = {"en": 0.9 * weights[0] / sum(weights), "de": 0.3 * weights[1] / sum(weights)}
    assert stream.alpha(0, 0) == pytest.approx(sum(shares.values()))
    shares[None] = 1 - sum(shares.values())
    assert set(counts) == set(shares)
    assert chisquare([counts[name] for name in shares], [batches * s for s in shares.values()]).pvalue > 1e-3


def test_an_example_of_a_within_batch_is_monolingual_in_a_language_in_the_same_shares(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, TABLE, "within-batch", batch_size=1)
    examples = [example for step in range(3000) for example in stream.numbering.unpack(stream.batch(0, step).examples)]
    counts = Counter(
        example.query_language if example.query_language == example.passage_language else None for example in examples
    )
    assert set(counts) == {"en", "de", None}
    assert chisquare([counts[n] for n in ("en", "de", None)], [900, 300, 1800]).pvalue > 1e-3


@pytest.mark.parametrize("kind", ["hybrid", "within-batch"])
def test_the_same_alpha_for_every_language_gives_the_batches_of_that_alpha(kind: str, uneven: ParallelPairs) -> None:
    plain, table = make_stream(uneven, 0.4, kind), make_stream(uneven, {"en": 0.4, "default": 0.4}, kind)
    assert all(np.array_equal(plain.batch(0, s).examples, table.batch(0, s).examples) for s in range(50))


def test_a_full_batch_takes_no_monolingual_example_of_a_language_with_alpha_0(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, TABLE, "within-batch", batch_size=150)
    examples = stream.numbering.unpack(stream.batch(0, 0).examples)
    assert len({example.position for example in examples}) == 150
    assert ("fi", "fi") not in {(example.query_language, example.passage_language) for example in examples}


def test_a_language_with_alpha_0_need_not_fill_a_batch(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, {"en": 1, "de": 1, "fi": 0}, batch_size=80)
    assert {stream.batch(0, step).language for step in range(60)} == {"en", "de", None}
    with pytest.raises(InputError, match="but fi has 60"):
        make_stream(uneven, {"en": 1, "de": 1, "fi": 0.1}, batch_size=80)


def test_zero_for_every_language_leaves_cross_lingual_batches(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, {"default": 0})
    assert {stream.batch(0, step).kind for step in range(20)} == {"cross-lingual"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"en": 0.5, "fr": 0.5, "default": 0}, r"no monolingual example can be in 'fr'\. .*Allowed: de, en, fi\."),
        ({"en": 0.5, "de": 0.5}, "alpha: no number for 'fi'. Name it in the table, or give a default"),
        ({}, "alpha: an empty table"),
        ({"en": 1.5}, r"alpha of 'en' must lie in \[0, 1\], got 1\.5"),
        ({"default": -1}, r"alpha of 'default' must lie in \[0, 1\], got -1"),
        ({"en": "linear:1:0"}, "alpha of 'en' must be a number .* a schedule holds for all languages"),
        ({"en": True}, "alpha of 'en' must be a number"),
        (True, "alpha True: give a number"),
        ([0.5], r"alpha \[0\.5\]: give a number"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(uneven: ParallelPairs, table: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_stream(uneven, table)


def test_the_stock_trainers_partial_takes_a_table(uneven: ParallelPairs) -> None:
    make = partial(HybridBatchSampler, alpha=TABLE, cross_lingual_sources=["big"], source_weights=None)
    sampler = make(TrainingExamples(uneven), batch_size=5, drop_last=False)
    assert sampler.stream.plan.describe()["alpha"] == TABLE
    assert sampler.stream.plan.cross_lingual_sources == ("big",)
    assert all(len(batch) == 5 for batch in sampler)
