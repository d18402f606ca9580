import math

import pytest

from equilingua.batching.candidates import TrainingExample
from equilingua.batching.plan import BatchPlan
from equilingua.batching.statistics import describe_stream, language_shortcut, preview_stream
from equilingua.batching.stream import BatchStream
from equilingua.pairs.store import ParallelPairs


def describe(pairs: ParallelPairs, kind: str, **options):
    stream = BatchStream(pairs.index, BatchPlan(kind, **options), batch_size=40, seed=0)
    return describe_stream(stream, [stream.batch(0, step) for step in range(50)])


def test_shares_of_a_stream_sum_to_one(uneven: ParallelPairs) -> None:
    found = describe(uneven, "hybrid")
    for shares in (found.kinds, found.query_languages, found.passage_languages, found.language_pairs, found.sources):
        assert math.isclose(sum(shares.values()), 1)
    assert (found.batches, found.examples) == (50, 2000)
    assert found.distinct_items == pytest.approx(155 / 2000, rel=0.05)


def test_monolingual_batches_give_no_shortcut_and_mixed_ones_a_large_one(uneven: ParallelPairs) -> None:
    assert describe(uneven, "x-x-mono").shortcut == 0
    assert describe(uneven, "x-x").shortcut == pytest.approx(2 / 3, abs=0.03)


def test_the_shortcut_of_mixed_same_language_batches_grows_with_the_languages() -> None:
    def mixed(languages: int) -> float:
        return language_shortcut([[TrainingExample(n, f"l{n % languages}", f"l{n % languages}") for n in range(64)]])

    assert mixed(2) == pytest.approx(1 / 2)
    assert mixed(8) == pytest.approx(7 / 8)


def test_independent_languages_give_no_shortcut() -> None:
    batch = [TrainingExample(n, f"l{n // 4}", f"l{n % 4}") for n in range(16)]
    assert language_shortcut([batch]) == pytest.approx(0, abs=1e-9)


def test_a_preview_shows_the_first_batches_with_their_texts_and_describes_no_more_than_the_training(
    uneven: ParallelPairs,
) -> None:
    stream = BatchStream(uneven.index, BatchPlan("x-x-mono"), batch_size=40, seed=0, total_steps=3)
    preview = preview_stream(uneven, stream, batches=5, statistics_over=200)
    per_epoch = stream.steps_per_epoch
    drawn = [stream.batch(*divmod(step, per_epoch)) for step in range(5)]
    assert per_epoch < 5
    assert preview.statistics == describe_stream(stream, drawn[:3])
    assert [batch.language for batch in preview.batches] == [batch.language for batch in drawn]
    first = stream.numbering.unpack(drawn[0].examples)[0]
    row = preview.batches[0].rows[0]
    assert (row.id, row.query_language) == (uneven[first.position].id, first.query_language)
    assert row.passage == uneven[first.position].passages[first.passage_language]
    assert preview.as_json()["statistics"]["rows"] == 3 * 40
