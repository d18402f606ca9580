import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.evaluation.centring import LanguageMeans, centred, language_means
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.scorer import BenchmarkVectors, benchmark_vectors
from equilingua.facts import facts_pairs
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs

LANGUAGES = ("de", "en", "th")
SIZES = {"de": 5, "en": 8, "th": 11}


class LookUp:
    """An encoder that knows a vector for each text."""

    def __init__(self, vectors: Mapping[str, Any], similarity: str = "cosine") -> None:
        self.vectors = vectors
        self.similarity_fn_name = similarity

    def encode_query(self, texts: list[str], **_: Any) -> np.ndarray:
        return np.array([self.vectors[text] for text in texts])

    encode_document = encode_query


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def as_benchmark(
    queries: Mapping[str, Any], passages: Mapping[str, Any], similarity: str = "cosine"
) -> BenchmarkVectors:
    single = [{tag: np.asarray(rows, np.float32) for tag, rows in side.items()} for side in (queries, passages)]
    return BenchmarkVectors(*single, model="a model", similarity=similarity, precision="fp32", prompts={})


def means_of(queries: Mapping[str, Any], passages: Mapping[str, Any], similarity: str = "cosine") -> LanguageMeans:
    single = [{tag: np.asarray(mean, np.float32) for tag, mean in side.items()} for side in (queries, passages)]
    return LanguageMeans(*single, dict.fromkeys(queries, 9), dict.fromkeys(passages, 7), similarity)


@pytest.fixture
def uneven() -> ParallelPairs:
    """Pairs of which Thai has all passages, English 8 and German 5, with a query in every other language with text."""
    pairs = []
    for number in range(max(SIZES.values())):
        tags = [tag for tag in LANGUAGES if number < SIZES[tag]]
        queries = {tag: f"{tag} query {number}" for tag in tags if tag != "th" or len(tags) == 1}
        passages = {tag: f"{tag} passage {number}" for tag in tags}
        pairs.append(ParallelPair(f"p{number}", "made up", queries, passages))
    return ParallelPairs.from_pairs(pairs)


@pytest.fixture
def look_up(uneven: ParallelPairs) -> LookUp:
    texts = [text for pair in uneven for text in (*pair.queries.values(), *pair.passages.values())]
    return LookUp(dict(zip(texts, np.random.default_rng(0).standard_normal((len(texts), 6)), strict=True)))


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_means_of_all_texts_are_those_of_a_loop(uneven: ParallelPairs, look_up: LookUp, similarity: str) -> None:
    look_up.similarity_fn_name = similarity
    found = language_means(look_up, uneven, languages=LANGUAGES, seed=0)
    for tag in LANGUAGES:
        for side, means, counts in (
            ("queries", found.queries, found.query_texts),
            ("passages", found.passages, found.passage_texts),
        ):
            total, count = [0.0] * 6, 0
            for pair in uneven:
                if tag in getattr(pair, side):
                    vector = look_up.vectors[getattr(pair, side)[tag]]
                    length = math.sqrt(sum(x * x for x in vector)) if similarity == "cosine" else 1
                    total = [sum_ + x / length for sum_, x in zip(total, vector, strict=True)]
                    count += 1
            assert counts[tag] == count
            np.testing.assert_allclose(means[tag], [sum_ / count for sum_ in total], atol=1e-6)
    assert found.similarity == similarity


def test_a_sample_is_drawn_by_the_seed_and_is_the_same_items_in_every_language() -> None:
    pairs = ParallelPairs.from_pairs(
        ParallelPair(f"p{n}", "s", {t: f"{t} q{n}" for t in LANGUAGES}, {t: f"{t} p{n}" for t in LANGUAGES})
        for n in range(40)
    )
    one_hot = {f"{tag} {side}{n}": np.eye(40)[n] for tag in LANGUAGES for side in "qp" for n in range(40)}
    found = language_means(LookUp(one_hot), pairs, languages=LANGUAGES, texts=10, seed=3)
    drawn = np.flatnonzero(found.queries["en"])
    assert len(drawn) == 10
    for mean in (*found.queries.values(), *found.passages.values()):
        np.testing.assert_array_equal(np.flatnonzero(mean), drawn)
    assert {*found.query_texts.values(), *found.passage_texts.values()} == {10}
    again, other = (language_means(LookUp(one_hot), pairs, languages=["en"], texts=10, seed=seed) for seed in (3, 4))
    np.testing.assert_array_equal(again.queries["en"], found.queries["en"])
    assert not np.array_equal(other.queries["en"], found.queries["en"])


def test_texts_without_a_known_token_do_not_draw_the_mean_to_zero(uneven: ParallelPairs, look_up: LookUp) -> None:
    known = language_means(look_up, uneven.select(languages=["de"]), languages=["de"], seed=0)
    blank = [ParallelPair(f"b{n}", "blank", {"de": f"?{n}"}, {"de": f"?{n}"}) for n in range(3)]
    more = ParallelPairs.from_pairs([*uneven.select(languages=["de"]), *blank])
    vectors = {**look_up.vectors, **{f"?{n}": np.zeros(6) for n in range(3)}}
    found = language_means(LookUp(vectors), more, languages=["de"], seed=0)
    np.testing.assert_allclose(found.queries["de"], known.queries["de"], atol=1e-7)
    assert found.query_texts == known.query_texts == {"de": 5}
    nothing = language_means(LookUp(vectors), ParallelPairs.from_pairs(blank), languages=["de"], seed=0)
    assert (nothing.query_texts, nothing.queries["de"].tolist()) == ({"de": 0}, [0.0] * 6)


def test_languages_without_text_are_named(uneven: ParallelPairs, look_up: LookUp) -> None:
    with pytest.raises(InputError, match=r"the pairs have no text in fi, sw\. .*Allowed: de, en, th"):
        language_means(look_up, uneven, languages=["sw", "en", "fi"], seed=0)
    with pytest.raises(InputError, match=r"languages: give a list such as \['en', 'de'\], not 'en'"):
        language_means(look_up, uneven, languages="en", seed=0)
    with pytest.raises(InputError, match="texts: 0 is too few"):
        language_means(look_up, uneven, languages=["en"], texts=0, seed=0)


def test_a_language_with_passages_only_can_be_centred_as_passages_only(look_up: LookUp) -> None:
    pairs = ParallelPairs.from_pairs(
        [ParallelPair(f"p{n}", "s", {"en": f"en query {n}"}, {"th": f"th passage {n}"}) for n in range(5)]
    )
    found = language_means(look_up, pairs, languages=["en", "th"], seed=0)
    assert (list(found.queries), list(found.passages)) == (["en"], ["th"])
    rows = np.eye(6)[:2]
    assert set(centred(as_benchmark({"en": rows}, {"th": rows}), found).passages) == {"th"}
    with pytest.raises(InputError, match=r"no mean of query vectors in th\. .*Allowed: en\. Name the language in"):
        centred(as_benchmark({"th": rows}, {"th": rows}), found)


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_centred_vectors_are_those_of_a_loop_and_zero_stays_zero(similarity: str) -> None:
    rng = np.random.default_rng(1)
    queries, passages = ({tag: unit(rng.standard_normal((6, 5))) for tag in LANGUAGES} for _ in range(2))
    queries["en"][2] = 0
    passages["th"][[0, 5]] = 0
    means = means_of(*({tag: 0.3 * rng.standard_normal(5) for tag in LANGUAGES} for _ in range(2)), similarity)
    given = as_benchmark(queries, passages, similarity)
    found = centred(given, means)
    for rows_by_language, of_side, result in (
        (queries, means.queries, found.queries),
        (passages, means.passages, found.passages),
    ):
        for tag, rows in rows_by_language.items():
            for row, vector in enumerate(rows):
                moved = [x - m for x, m in zip(vector, of_side[tag], strict=True)] if any(vector) else list(vector)
                length = math.sqrt(sum(x * x for x in moved)) if similarity == "cosine" and any(moved) else 1
                np.testing.assert_allclose(result[tag][row], [x / length for x in moved], atol=1e-6)
            assert result[tag].dtype == np.float32
    assert (found.model, found.similarity, found.precision) == ("a model (centred)", similarity, "fp32")
    np.testing.assert_array_equal(given.queries["de"], queries["de"].astype(np.float32))


def test_a_vector_at_its_languages_mean_becomes_zero() -> None:
    rows = unit(np.float32([[1, 2], [3, -1]]))
    found = centred(as_benchmark({"en": rows}, {"en": rows}), means_of({"en": rows[0]}, {"en": rows[1]}))
    assert found.queries["en"][0].tolist() == found.passages["en"][1].tolist() == [0, 0]
    assert np.linalg.norm(found.queries["en"][1]) == pytest.approx(1)


def test_centring_restores_the_ranking_that_language_offsets_hide() -> None:
    """Meanings of mean zero, then an offset for each language that swamps them."""
    rng = np.random.default_rng(2)
    half = rng.standard_normal((100, 16))
    meanings = np.concatenate([half, -half])  # no offset of their own
    offsets = {tag: 4 * rng.standard_normal(16) for tag in LANGUAGES}
    asked = meanings[::10] + 0.1 * rng.standard_normal((20, 16))
    blind = as_benchmark(dict.fromkeys(LANGUAGES, asked), dict.fromkeys(LANGUAGES, meanings), "dot")
    biased = as_benchmark(
        {tag: asked + offset for tag, offset in offsets.items()},
        {tag: meanings + offset for tag, offset in offsets.items()},
        "dot",
    )
    texts = {f"{tag} {n}": meanings[n] + offset for tag, offset in offsets.items() for n in range(len(meanings))}
    pairs = ParallelPairs.from_pairs(
        ParallelPair(f"p{n}", "s", side, side)
        for n in range(len(meanings))
        if (side := {tag: f"{tag} {n}" for tag in LANGUAGES})
    )
    restored = centred(biased, language_means(LookUp(texts, "dot"), pairs, languages=LANGUAGES, seed=0))

    def best(vectors: BenchmarkVectors, query_language: str) -> np.ndarray:
        return np.argsort(-vectors.pool.scores(vectors.queries[query_language]), axis=1)[:, :3] % len(meanings)

    for tag in LANGUAGES:
        np.testing.assert_array_equal(best(restored, tag), best(blind, tag))
        assert (best(biased, tag) != best(blind, tag)).mean() > 0.5
        np.testing.assert_allclose(restored.queries[tag], blind.queries[tag], atol=1e-4)


def test_means_of_another_model_are_refused() -> None:
    rows = np.eye(3)[:2]
    with pytest.raises(InputError, match=r"query vectors of 'en' have width 3, their mean 2\. Take both"):
        centred(as_benchmark({"en": rows}, {"en": rows}), means_of({"en": [0, 0]}, {"en": [0, 0]}))
    with pytest.raises(InputError, match="the vectors of 'a model' are for dot, the means for cosine"):
        centred(as_benchmark({"en": rows}, {"en": rows}, "dot"), means_of({"en": rows[0]}, {"en": rows[0]}))


def test_means_are_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    means = means_of({"en": [0.1, 0.2], "zh-Hans": [3, 4]}, {"th": [0.5, 0.25]}, "dot")
    loaded = LanguageMeans.load(means.save(tmp_path / "new" / "means.npz"))
    for before, after in ((means.queries, loaded.queries), (means.passages, loaded.passages)):
        assert list(before) == list(after)
        for tag, mean in before.items():
            np.testing.assert_array_equal(after[tag], mean)
            assert after[tag].dtype == np.float32
    assert (loaded.query_texts, loaded.passage_texts) == ({"en": 9, "zh-Hans": 9}, {"th": 7})
    assert loaded.similarity == "dot"
    one_sided = LanguageMeans.load(means_of({"en": [1, 2]}, {}).save(tmp_path / "one.npz"))
    assert (list(one_sided.queries), list(one_sided.passages)) == (["en"], [])


def test_files_that_hold_no_means_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"means: means are written to a file that ends in \.npz"):
        means_of({}, {}).save(tmp_path / "means")
    with pytest.raises(InputError, match=r"nowhere\.npz: no such file"):
        LanguageMeans.load(tmp_path / "nowhere.npz")
    np.savez(tmp_path / "other.npz", vectors=np.eye(2))
    np.savez(tmp_path / "objects.npz", query_languages=np.array([{"en": 1}], dtype=object))
    np.save(tmp_path / "single.npy", np.eye(2))
    (tmp_path / "single.npy").rename(tmp_path / "single.npz")
    (tmp_path / "text.npz").write_text("no arrays")
    whole = means_of({"en": [1, 2]}, {}).save(tmp_path / "cut.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    for name in ("other", "objects", "single", "text", "cut"):
        with pytest.raises(InputError, match=rf"{name}\.npz: holds no means that LanguageMeans\.save wrote: .+ Take"):
            LanguageMeans.load(tmp_path / f"{name}.npz")


def test_a_centred_static_encoder_is_evaluated_on_the_built_in_facts(static_model: Callable[..., Any]) -> None:
    languages = ["de", "en"]
    pairs = ParallelPairs.from_pairs(facts_pairs("train")).select(languages=languages)
    texts = [text for pair in pairs for text in (*pair.queries.values(), *pair.passages.values())]
    model = static_model(texts, width=16)
    benchmark = load_benchmark("facts", languages=languages)
    vectors = benchmark_vectors(model, benchmark, model_name="tiny")
    means = language_means(model, pairs, languages=languages, texts=200, seed=0)
    result = evaluate(centred(vectors, means), benchmark, resamples=0, measures=["mAP"], probes=True)
    before = evaluate(vectors, benchmark, resamples=0, measures=["mAP"], probes=True)
    assert result.model == "tiny (centred)"
    assert result.counts == before.counts
    assert result.language_bias.probes.centroid_distance["de"]["en"] < (
        0.5 * before.language_bias.probes.centroid_distance["de"]["en"]
    )
