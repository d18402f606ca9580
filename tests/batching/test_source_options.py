"""Which sources serve which examples, and how often."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from equilingua.batching.plan import BatchPlan
from equilingua.batching.stream import BatchStream
from equilingua.errors import InputError
from equilingua.pairs.store import ParallelPairs

SOURCES = ("big", "middle", "small", "lines")
WEIGHTS = {"big": 1.0, "middle": 3.0, "small": 2.0, "lines": 4.0}


def make_stream(pairs: ParallelPairs, kind: str, *, batch_size: int = 1, seed: int = 0, **options) -> BatchStream:
    return BatchStream(pairs.index, BatchPlan(kind, **options), batch_size=batch_size, seed=seed)


def sources(pairs: ParallelPairs, stream: BatchStream, batches: int = 3000) -> Counter:
    examples = (
        example for step in range(batches) for example in stream.numbering.unpack(stream.batch(0, step).examples)
    )
    return Counter(pairs[example.position].source for example in examples)


def assert_shares(counts: Counter, weights: dict[str, float]) -> None:
    assert set(counts) == set(weights)
    total = sum(counts.values())
    expected = [total * weight / sum(weights.values()) for weight in weights.values()]
    assert chisquare([counts[name] for name in weights], expected).pvalue > 1e-3


def test_examples_drawn_by_item_have_exactly_the_weights_of_the_sources_that_can_serve(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, "x-y", pair_drawing="by-item", source_weights=WEIGHTS)
    assert_shares(sources(uneven, stream), {"big": 1, "middle": 3, "lines": 4})


def test_inside_a_language_sources_are_drawn_by_weight(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, "en-en", source_weights=WEIGHTS)
    assert_shares(sources(uneven, stream), {"big": 1, "middle": 3, "small": 2})


def test_inside_an_ordered_pair_sources_are_drawn_by_weight(uneven: ParallelPairs) -> None:
    stream = make_stream(
        uneven.select(languages=["en", "de"]), "x-y", source_weights={"big": 1, "middle": 3, "small": 0}
    )
    assert_shares(sources(uneven.select(languages=["en", "de"]), stream), {"big": 1, "middle": 3})


def test_weights_are_relative(uneven: ParallelPairs) -> None:
    one = make_stream(uneven, "hybrid", batch_size=8, source_weights=WEIGHTS)
    other = make_stream(uneven, "hybrid", batch_size=8, source_weights={name: 8 * w for name, w in WEIGHTS.items()})
    assert all(np.array_equal(one.batch(0, step).examples, other.batch(0, step).examples) for step in range(20))


def test_no_options_of_sources_give_the_batches_of_all_sources_placed_everywhere(uneven: ParallelPairs) -> None:
    plain = make_stream(uneven, "hybrid", batch_size=8)
    placed = make_stream(uneven, "hybrid", batch_size=8, monolingual_sources=SOURCES, cross_lingual_sources=SOURCES)
    assert all(np.array_equal(plain.batch(0, step).examples, placed.batch(0, step).examples) for step in range(20))


some = st.none() | st.sets(st.sampled_from(SOURCES)).map(lambda names: tuple(sorted({"big", *names})))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(["hybrid", "within-batch", "x-y", "x-x", "x-x-mono"]),
    drawing=st.sampled_from(["uniform", "by-item"]),
    monolingual=some,
    cross=some,
    zero=st.none() | st.sampled_from(SOURCES[1:]),
    size=st.integers(1, 60),
    step=st.integers(0, 50),
)
def test_a_source_stands_in_no_example_it_may_not_serve_and_batches_stay_pure(
    uneven: ParallelPairs, kind: str, drawing: str, monolingual, cross, zero: str | None, size: int, step: int
) -> None:
    options = {
        "pair_drawing": drawing,
        "monolingual_sources": monolingual,
        "cross_lingual_sources": cross,
        "source_weights": WEIGHTS | {zero: 0.0} if zero else {},
    }
    stream = make_stream(uneven, kind, batch_size=size, **options)
    batch = stream.batch(1, step)
    examples = stream.numbering.unpack(batch.examples)
    assert len({example.position for example in examples}) == size
    for example in examples:
        placed = monolingual if example.query_language == example.passage_language else cross
        assert uneven[example.position].source in (placed or SOURCES)
        assert uneven[example.position].source != zero
    again = make_stream(uneven, kind, batch_size=size, **options)
    again.batch(0, 3)
    assert np.array_equal(again.batch(1, step).examples, batch.examples)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (
            "x-y",
            {"source_weights": {"big": 1, "middel": 1}},
            r"source weights: no pair has the source 'middel'\. Did you",
        ),
        ("x-y", {"source_weights": {"big": 1, "lines": 1}}, "source weights: no weight for 'middle', 'small'"),
        ("x-y", {"source_weights": {"big": -1.0}}, "'big' must weigh 0 or more, got -1"),
        ("x-y", {"source_weights": {"big": float("nan")}}, "'big' must weigh 0 or more, got nan"),
        ("x-y", {"source_weights": {"big": 0}}, "every source weighs 0"),
        ("x-y", {"source_weights": WEIGHTS, "source_temperature": 0.5}, r"temperature \(0\.5\) were both given"),
        ("x-y", {"cross_lingual_sources": ("bigg",)}, "cross-lingual sources: no pair has the source 'bigg'. Did you"),
        ("x-y", {"monolingual_sources": ()}, "monolingual sources: name at least one"),
        ("x-y", {"cross_lingual_sources": ("small",)}, r"no pair of the sources placed there \(small\) has them"),
        ("x-x-mono", {"monolingual_sources": ("lines",)}, r"no pair of the sources placed there \(lines\) has them"),
        (
            "en-en",
            {"source_weights": {"big": 0, "middle": 0, "small": 0, "lines": 1}},
            "no pair of a source with a weight above 0 has them",
        ),
    ],
)
def test_what_cannot_be_is_refused(uneven: ParallelPairs, kind: str, options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_stream(uneven, kind, **options)


def test_a_plan_describes_its_sources() -> None:
    described = BatchPlan(source_weights=WEIGHTS, monolingual_sources=("big",)).describe()
    assert described["source_weights"] == WEIGHTS
    assert (described["monolingual_sources"], described["cross_lingual_sources"]) == (["big"], None)
