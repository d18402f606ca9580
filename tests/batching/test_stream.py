from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from equilingua.batching.alpha import AlphaSchedule, parse_alpha
from equilingua.batching.candidates import TrainingExample
from equilingua.batching.plan import BatchPlan
from equilingua.batching.stream import Batch, BatchStream
from equilingua.errors import InputError
from equilingua.pairs.store import ParallelPairs

KINDS = ("en-en", "x-x", "x-x-mono", "x-y", "hybrid", "within-batch")


def make_stream(pairs: ParallelPairs, kind: str, *, batch_size: int = 8, seed: int = 0, **options) -> BatchStream:
    if "alpha" in options:
        options["alpha"] = parse_alpha(options["alpha"])
    return BatchStream(pairs.index, BatchPlan(kind, **options), batch_size=batch_size, seed=seed)


def languages(stream: BatchStream, batch: Batch) -> list[tuple[str, str]]:
    return [(example.query_language, example.passage_language) for example in stream.numbering.unpack(batch.examples)]


any_stream = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "batch_size": st.integers(1, 60),
        "seed": st.integers(0, 2**40),
        "alpha": st.sampled_from(["0", "0.3", "0.5", "1", "linear:1:0", {"en": 1, "fi": 0, "default": 0.5}]),
        "pair_drawing": st.sampled_from(["uniform", "by-item"]),
        "language_temperature": st.sampled_from([0.0, 0.5, 1.0]),
        "source_temperature": st.sampled_from([0.0, 0.5, 1.0]),
        "short": st.just("skip"),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(options=any_stream, epoch=st.integers(0, 3), step=st.integers(0, 50))
def test_every_batch_keeps_the_promise_of_its_kind(uneven: ParallelPairs, options: dict, epoch: int, step: int) -> None:
    stream = make_stream(uneven, options.pop("kind"), **options)
    batch = stream.batch(epoch, step)
    examples = stream.numbering.unpack(batch.examples)
    assert len(examples) == options["batch_size"]
    assert len({example.position for example in examples}) == len(examples), "an item stands twice"
    for example in examples:
        pair = uneven[example.position]
        assert example.query_language in pair.queries
        assert example.passage_language in pair.passages
        assert not (pair.sentences and example.query_language == example.passage_language)
    seen = languages(stream, batch)
    match stream.plan.kind, batch.kind:
        case "en-en", _:
            assert set(seen) == {("en", "en")}
        case _, "monolingual":
            assert set(seen) == {(batch.language, batch.language)}
        case _, "cross-lingual":
            assert all(query != passage for query, passage in seen)
        case "x-x", _:
            assert all(query == passage for query, passage in seen)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(options=any_stream, other=st.integers(0, 30))
def test_a_batch_depends_on_nothing_but_seed_epoch_and_step(uneven: ParallelPairs, options: dict, other: int) -> None:
    kind = options.pop("kind")
    first = make_stream(uneven, kind, **options)
    expected = first.batch(1, 7).examples
    second = make_stream(uneven, kind, **options)
    second.batch(0, other)
    assert np.array_equal(second.batch(1, 7).examples, expected)


def test_seeds_epochs_and_steps_do_not_collide(uneven: ParallelPairs) -> None:
    batches = [
        tuple(make_stream(uneven, "hybrid", seed=seed).batch(epoch, step).examples)
        for seed in range(4)
        for epoch in range(4)
        for step in range(4)
    ]
    assert len(set(batches)) == len(batches)


def test_hybrid_makes_monolingual_batches_with_probability_alpha(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, "hybrid", alpha="0.3")
    kinds = Counter(stream.batch(0, step).kind for step in range(2000))
    assert chisquare([kinds["monolingual"], kinds["cross-lingual"]], [600, 1400]).pvalue > 1e-3


def test_a_schedule_moves_alpha_over_the_training(uneven: ParallelPairs) -> None:
    plan = BatchPlan("hybrid", AlphaSchedule.parse("linear:1:0"))
    stream = BatchStream(uneven.index, plan, batch_size=8, seed=0, total_steps=101)
    epochs, step = divmod(50, stream.steps_per_epoch)
    assert stream.alpha(0, 0) == 1
    assert stream.alpha(epochs, step) == pytest.approx(0.5)
    assert stream.batch(0, 0).kind == "monolingual"
    assert stream.batch(*divmod(100, stream.steps_per_epoch)).kind == "cross-lingual"


def test_within_batch_makes_examples_monolingual_with_probability_alpha(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, "within-batch", alpha="0.25")
    examples = [pair for step in range(400) for pair in languages(stream, stream.batch(0, step))]
    monolingual = sum(query == passage for query, passage in examples)
    assert (
        chisquare([monolingual, len(examples) - monolingual], [len(examples) / 4, 3 * len(examples) / 4]).pvalue > 1e-3
    )


def share_of(stream: BatchStream, value, batches: int = 600) -> Counter:
    return Counter(
        value(example) for step in range(batches) for example in stream.numbering.unpack(stream.batch(0, step).examples)
    )


def assert_shares(counts: Counter, expected: dict) -> None:
    total, weights = sum(counts.values()), sum(expected.values())
    observed = [counts[name] for name in expected]
    assert chisquare(observed, [total * weight / weights for weight in expected.values()]).pvalue > 1e-3


@pytest.mark.parametrize(("temperature", "weights"), [(0.0, (1, 1, 1)), (1.0, (130, 100, 60)), (0.5, (130, 100, 60))])
def test_languages_are_drawn_with_weight_size_to_the_temperature(uneven, temperature: float, weights: tuple) -> None:
    stream = make_stream(uneven, "x-x-mono", batch_size=1, language_temperature=temperature)
    expected = {tag: weight**temperature for tag, weight in zip(("en", "de", "fi"), weights, strict=True)}
    assert_shares(share_of(stream, lambda example: example.query_language, 4000), expected)


def test_uniform_pair_drawing_gives_every_ordered_pair_the_same_share(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, "x-y", batch_size=1)
    pairs = [
        ("en", "de"),
        ("de", "en"),
        ("en", "fi"),
        ("fi", "en"),
        ("de", "fi"),
        ("fi", "de"),
        ("fi", "th"),
        ("th", "fi"),
    ]
    assert_shares(
        share_of(stream, lambda example: (example.query_language, example.passage_language), 4000),
        dict.fromkeys(pairs, 1),
    )


def test_drawing_by_item_gives_every_item_the_same_share_and_its_pairs_alike(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, "x-y", batch_size=1, pair_drawing="by-item")
    counts = share_of(stream, lambda example: (example.query_language, example.passage_language), 4000)
    # 60 items share six ordered pairs, 40 items have en-de and de-en, 25 items fi-th and th-fi.
    expected = {
        ("en", "de"): 30,
        ("de", "en"): 30,
        ("en", "fi"): 10,
        ("fi", "en"): 10,
        ("de", "fi"): 10,
        ("fi", "de"): 10,
    }
    assert_shares(counts, expected | {("fi", "th"): 12.5, ("th", "fi"): 12.5})


@pytest.mark.parametrize(("temperature", "weights"), [(0.0, (1, 1, 1)), (1.0, (60, 40, 30)), (0.5, (60, 40, 30))])
def test_sources_are_drawn_with_weight_size_to_the_temperature(uneven, temperature: float, weights: tuple) -> None:
    stream = make_stream(uneven, "en-en", batch_size=1, source_temperature=temperature)

    def source(example: TrainingExample) -> str:
        return uneven[example.position].source

    expected = {name: size**temperature for name, size in zip(("big", "middle", "small"), weights, strict=True)}
    assert_shares(share_of(stream, source, 3000), expected)


def test_items_of_a_language_are_drawn_alike(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, "en-en", batch_size=30)
    counts = share_of(stream, lambda example: example.position, 600)
    assert len(counts) == 130
    assert chisquare(list(counts.values())).pvalue > 1e-3


@pytest.mark.parametrize("kind", ["x-x-mono", "x-y", "x-x", "within-batch", "en-en"])
def test_a_batch_may_hold_every_item_there_is(kind: str, uneven: ParallelPairs) -> None:
    size = {"x-x-mono": 130, "x-y": 125, "x-x": 130, "within-batch": 155, "en-en": 130}[kind]
    stream = make_stream(uneven, kind, batch_size=size, short="skip", alpha="0.9")
    assert len({example.position for example in stream.numbering.unpack(stream.batch(0, 0).examples)}) == size


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (
            "x-x-mono",
            {"batch_size": 61},
            r"but fi has 60\. Take a batch size of at most 60, leave these languages out, or skip",
        ),
        ("x-x-mono", {"batch_size": 131}, r"but de has 100, en has 130, fi has 60\. .* or add pairs"),
        (
            "x-y",
            {"batch_size": 126},
            r"a batch of 126 examples is larger than the data: 125 pairs can stand in cross-lingual",
        ),
        ("x-x", {"batch_size": 131}, r"larger than the data: 130 pairs"),
        ("hybrid", {"batch_size": 0}, "batch size must be at least 1, got 0"),
        ("hybrid", {"seed": -1}, "seed must not be negative, got -1"),
        ("hybird", {}, r"kind 'hybird' is unknown\. Did you mean 'hybrid'\?"),
        ("x-y", {"pair_drawing": "item"}, "pair drawing 'item' is unknown"),
        ("x-y", {"source_temperature": -1.0}, r"source temperature must lie in \[0, 10\], got -1"),
    ],
)
def test_what_cannot_be_formed_is_said_with_what_is_short(uneven, kind: str, options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_stream(uneven, kind, **options)


def test_a_kind_the_data_cannot_give_at_all_is_refused(uneven: ParallelPairs) -> None:
    with pytest.raises(
        InputError, match="x-y batches need pairs with a query in one language and a passage in another"
    ):
        make_stream(uneven.select(sources=["small"]), "x-y")
    with pytest.raises(InputError, match="x-x-mono batches need pairs with a query and a passage in the same language"):
        make_stream(uneven.select(sources=["lines"]), "x-x-mono")
    with pytest.raises(InputError, match="en-en batches need pairs with a query and a passage in English"):
        make_stream(uneven.select(languages=["fi"]), "en-en")


def test_alpha_at_its_ends_asks_only_for_what_it_uses(uneven: ParallelPairs) -> None:
    english = uneven.select(sources=["small"])
    sentences = uneven.select(sources=["lines"])
    assert make_stream(english, "hybrid", alpha="1").batch(0, 0).kind == "monolingual"
    assert make_stream(sentences, "hybrid", alpha="0").batch(0, 0).kind == "cross-lingual"


def test_skipped_short_languages_still_stand_in_cross_lingual_examples(uneven: ParallelPairs) -> None:
    stream = make_stream(uneven, "hybrid", batch_size=61, short="skip")
    batches = [stream.batch(0, step) for step in range(60)]
    assert {batch.language for batch in batches} == {None, "de", "en"}
    crossed = {tag for batch in batches if batch.language is None for pair in languages(stream, batch) for tag in pair}
    assert "fi" in crossed


def test_an_epoch_draws_as_many_examples_as_there_are_items(uneven: ParallelPairs) -> None:
    assert make_stream(uneven, "hybrid", batch_size=50).steps_per_epoch == 155 // 50
    assert make_stream(uneven, "x-y", batch_size=100).steps_per_epoch == 1
