"""Runs that another system made, evaluated in place of a model: the same figures, or a message that says why not."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.run_files import RunFiles
from equilingua.evaluation.scorer import benchmark_scorer
from equilingua.evaluation.trec import export_trec
from equilingua.files import content_hash
from equilingua.retrieval.precomputed import PrecomputedVectors

Vectors = Callable[..., PrecomputedVectors]


def exported(benchmark: Benchmark, vectors: PrecomputedVectors, folder: Path, *, depth: int = 1000) -> Path:
    export_trec(benchmark_scorer(vectors, benchmark), benchmark, folder, depth=depth)
    return folder


def means(result: EvaluationResult) -> dict[str, dict[str, float]]:
    return {setting: dict(of) for setting, of in result.measures.items()}


def test_runs_of_all_settings_give_the_figures_of_the_model(
    small_benchmark: Benchmark, vectors_for: Vectors, tmp_path: Path
) -> None:
    vectors = vectors_for(small_benchmark)
    folder = exported(small_benchmark, vectors, tmp_path / "trec")
    model, run = (evaluate(one, small_benchmark, resamples=0) for one in (vectors, RunFiles.of([folder])))
    assert list(means(run)) == list(means(model))
    for setting, of_setting in means(model).items():
        assert means(run)[setting] == pytest.approx(of_setting)
    assert run.language_bias is not None
    assert model.language_bias is not None
    assert run.language_bias.exposure == model.language_bias.exposure
    assert run.provenance["run"]["settings"] == dict.fromkeys(means(model), "a run of its own")


def test_from_a_run_of_the_mixed_pool_all_settings_are_told_and_the_derived_ones_said(
    small_benchmark: Benchmark, vectors_for: Vectors, tmp_path: Path
) -> None:
    vectors = vectors_for(small_benchmark)
    file = exported(small_benchmark, vectors, tmp_path) / "multilingual.run"
    fused = file.rename(tmp_path / "fused.trec")
    model, run = (evaluate(one, small_benchmark, resamples=0) for one in (vectors, RunFiles.of([fused])))
    for setting, of_setting in means(model).items():  # the whole pool is listed, so nothing is lost
        assert means(run)[setting] == pytest.approx(of_setting)
    assert run.model == "fused.trec"
    told = run.provenance["run"]
    assert told["files"] == {"fused.trec": content_hash(fused)}
    assert told["settings"]["monolingual"] == "derived from the run of the mixed pool"
    assert "Monolingual and cross-lingual figures are derived" in run.caveat
    assert EvaluationResult.load(run.save(tmp_path / "result")).caveat == run.caveat


def test_a_shallow_run_is_a_lower_bound(small_benchmark: Benchmark, vectors_for: Vectors, tmp_path: Path) -> None:
    vectors = vectors_for(small_benchmark)
    exported(small_benchmark, vectors, tmp_path, depth=10)
    model = evaluate(vectors, small_benchmark, resamples=0)
    run = evaluate(RunFiles.of([tmp_path / "multilingual.run"]), small_benchmark, resamples=0)
    assert run.measures["multilingual"]["R@10"] == pytest.approx(model.measures["multilingual"]["R@10"])
    assert run.measures["monolingual"]["R@10"] <= model.measures["monolingual"]["R@10"]
    assert "Lists end after 10 passages at most" in run.caveat


def test_one_setting_alone_gives_that_setting(small_benchmark: Benchmark, vectors_for: Vectors, tmp_path: Path) -> None:
    exported(small_benchmark, vectors_for(small_benchmark), tmp_path)
    for setting in ("monolingual", "cross-lingual"):
        run = (tmp_path / f"{setting}.run").rename(tmp_path / f"{setting[:5]}.txt")
        result = evaluate(RunFiles.of([f"{setting}={run}"]), small_benchmark, resamples=0)
        assert list(result.measures) == [setting]
        assert result.language_bias is None
        assert "(not: " in result.caveat


def test_scores_that_float32_cannot_tell_apart_still_rank(small_benchmark: Benchmark, tmp_path: Path) -> None:
    rows = []
    for language, asked in small_benchmark.queries.items():
        for query in asked.ids:
            relevant = [id_ for id_, grade in small_benchmark.qrels[language][query].items() if grade > 0]
            others = [id_ for corpus in small_benchmark.corpora.values() for id_ in corpus.ids if id_ not in relevant]
            for rank, id_ in enumerate([*relevant, *others], start=1):
                rows.append(f"{language}/{query} Q0 {id_} {rank} {1e9 - rank * 1e-3!r} x")
    path = tmp_path / "run.gz"
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    assert evaluate(RunFiles.of([path]), small_benchmark, resamples=0).measures["multilingual"]["mAP"] == 1.0


@pytest.fixture
def tiny() -> Benchmark:
    """Two languages whose queries share ids but one."""
    queries = {"de": Queries(("q1", "q2"), ("?", "??")), "en": Queries(("q1", "only"), ("?", "???"))}
    corpora = {"de": Corpus(("d1", "d2"), ("a", "b")), "en": Corpus(("e1",), ("c",))}
    qrels = {"de": {"q1": {"d1": 1}, "q2": {"d2": 1}}, "en": {"q1": {"e1": 1}, "only": {"d1": 1}}}
    return Benchmark("tiny", queries, corpora, qrels)


GOOD = ["de/q1 Q0 d1 1 3 x", "de/q2 Q0 d2 1 3 x", "en/q1 Q0 e1 1 3 x", "only Q0 d1 1 3 x"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([*GOOD, "de/q1 Q0 nowhere 2 1 x"], r"run.txt:5: passage 'nowhere' is in no corpus of 'tiny'"),
        ([*GOOD, "de/none Q0 d1 2 1 x"], r"run.txt:5: query 'de/none' is not among the queries of 'tiny'"),
        ([*GOOD, "q1 Q0 d2 2 1 x"], r"run.txt:5: query 'q1' stands in de, en: write LANGUAGE/q1"),
        ([*GOOD, "de/q1 Q0 d1 2 1 x"], r"run.txt:5: query 'de/q1' has passage 'd1' twice"),
        ([*GOOD, "de/q1 d2 1"], r"run.txt:5: 6 columns \(query Q0 passage rank score tag\) were expected, got 3"),
        ([*GOOD, "de/q1 Q0 d2 2 nan x"], r"run.txt:5: the score must be a finite number, got 'nan'"),
        ([*GOOD, "de/q1 Q0 d2 2 high x"], r"run.txt:5: the score must be a finite number, got 'high'"),
        ([*GOOD, "de/q1 Q0 d2 first 1 x"], r"run.txt:5: the rank must be a whole number, got 'first'"),
        (GOOD[1:], r"1 queries have no line, the first is 'de/q1'.*--nothing-found"),
        ([], r"no line"),
        (
            ["de/q1 Q0 d1 1 1 x", "de/q1 Q0 d2 2 2 x", *GOOD[1:]],
            r"scores grow with the rank, but a higher score has to be better",
        ),
    ],
)
def test_what_is_wrong_with_a_run_is_told_with_its_place(
    tiny: Benchmark, tmp_path: Path, lines: list[str], told: str
) -> None:
    path = tmp_path / "run.txt"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=told):
        evaluate(RunFiles.of([path]), tiny, resamples=0)


def test_a_query_of_one_language_needs_no_language_before_its_id(tiny: Benchmark, tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("\n".join(GOOD))
    result = evaluate(f"run:{path}", tiny, resamples=0)
    assert result.measures["multilingual"]["mAP"] == 1.0


def test_queries_for_which_nothing_was_found_may_be_left_out_where_that_is_said(
    tiny: Benchmark, tmp_path: Path
) -> None:
    path = tmp_path / "run.txt"
    path.write_text("\n".join(GOOD[1:]))
    result = evaluate(RunFiles.of([path], nothing_found=True), tiny, resamples=0)
    by_language = {pair.query_language: pair for pair in result.scores if pair.setting == "multilingual"}
    assert by_language["de"].values["R@1"].tolist() == [0.0, 1.0]


def test_passages_of_another_language_have_no_place_in_a_monolingual_run(tiny: Benchmark, tmp_path: Path) -> None:
    path = tmp_path / "mono.txt"
    path.write_text("\n".join([*GOOD, "de/q1 Q0 e1 2 1 x"]))
    with pytest.raises(InputError, match=r"mono.txt:4: passage 'd1' is in 'de', but 'only' is ranked in 'en'"):
        evaluate(RunFiles.of([f"monolingual={path}"]), tiny, resamples=0)


def test_a_query_in_two_files_is_told(tiny: Benchmark, tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("\n".join(GOOD))
    two.write_text("de/q1 Q0 d2 1 1 x")
    with pytest.raises(InputError, match=r"query 'de/q1' stands in .*one.txt too"):
        evaluate(RunFiles.of([one, two]), tiny, resamples=0)


def test_places_that_hold_no_run_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.trec: no such file"):
        RunFiles.of([tmp_path / "none.trec"])
    with pytest.raises(InputError, match=r"holds no run: neither monolingual.run nor"):
        RunFiles.of([tmp_path])


def test_random_fusion_of_two_models_is_what_its_lists_say(small_benchmark: Benchmark, tmp_path: Path) -> None:
    rng, rows, best = np.random.default_rng(0), [], []
    ids = [id_ for language in small_benchmark.passage_languages for id_ in small_benchmark.corpora[language].ids]
    for language, asked in small_benchmark.queries.items():
        for query in asked.ids:
            order = [ids[place] for place in rng.permutation(len(ids))[:20]]
            rows += [f"{language}/{query}\tQ0\t{id_}\t{rank}\t{1 / rank}\tfused" for rank, id_ in enumerate(order, 1)]
            relevant = {id_ for id_, grade in small_benchmark.qrels[language][query].items() if grade > 0}
            best.append((language, len(relevant & set(order[:10])) / len(relevant)))
    path = tmp_path / "fused.run"
    path.write_text("\n".join(rows))
    result = evaluate(RunFiles.of([path]), small_benchmark, resamples=0)
    expected = np.mean([np.mean([value for tag, value in best if tag == one]) for one in small_benchmark.queries])
    assert result.measures["multilingual"]["R@10"] == pytest.approx(expected)
